"""Layers and directions of any recurrent network, and sequences of different lengths."""
