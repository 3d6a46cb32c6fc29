"""What more the text of foreign code tells: of classes, and of what is done with targets."""
