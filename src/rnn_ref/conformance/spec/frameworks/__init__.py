"""What the calls of a framework have in common, whatever family they are of; a file for each framework."""
