"""Automatic differentiation of a file's own: classes that wrap arrays or numbers, and the way back through them."""
