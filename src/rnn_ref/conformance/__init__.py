"""The instrument: checks anybody's implementation against the reference."""
