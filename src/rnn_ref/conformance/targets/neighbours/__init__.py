"""A target's own functions among themselves: calls, right answers in their place, what one keeps for another."""
