"""Which checks there are, and which are asked: the frozen ones, fresh ones for a seed, live PyTorch."""
