"""To be emptied."""
