"""From the text of a target to what it names."""
