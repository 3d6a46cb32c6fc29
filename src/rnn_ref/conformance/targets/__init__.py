"""Finding and loading somebody else's implementation, and the conventions in which it is written."""
