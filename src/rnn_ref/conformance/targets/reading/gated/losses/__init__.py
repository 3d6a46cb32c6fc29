"""Losses of cells with gates and their gradients in one function, read as ways back."""
