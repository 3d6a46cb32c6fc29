"""Automatic differentiation of a file's own: arrays and numbers wrapped in its class, and gradients had by it."""
