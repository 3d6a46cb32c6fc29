"""What the text of foreign code tells before it is called: of functions, of classes, of what is done with targets."""
