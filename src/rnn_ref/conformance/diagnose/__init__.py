"""Which mistake it is, whose fault it is, and what is known of one that has no name."""
