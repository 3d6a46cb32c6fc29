"""What is known of the equation: that a line, a slope or a step is another than is due."""
