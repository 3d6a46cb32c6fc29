"""Mistakes in the losses, a file for each kind; of two that explain the same answers the first one is named."""

from . import axes, means, options, reductions, rows, shares, softmax

FILES = (softmax, reductions, options, axes, rows, shares, means)
