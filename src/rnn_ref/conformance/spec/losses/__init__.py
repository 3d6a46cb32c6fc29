"""The losses: the cross-entropy with its options, and the sum over time."""
