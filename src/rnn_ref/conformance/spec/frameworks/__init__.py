"""What the calls of a framework share, whatever family they are of, a file for each; and what PyTorch answers."""
