"""A character model trained from scratch: its text, its baselines, its training, and what is kept of it on disk."""
