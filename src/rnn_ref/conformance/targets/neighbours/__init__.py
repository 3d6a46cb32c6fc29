"""A target's own functions among themselves: the calls between them, and right answers in their place."""
