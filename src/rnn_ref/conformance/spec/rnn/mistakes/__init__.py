"""Mistakes in the tanh network, a file for each kind; of two that explain the same answers the first one is named."""

from . import (
    activations,
    both_ways,
    elsewhere,
    gradients,
    joined,
    left_out,
    relu,
    slopes,
    states,
    step,
    sums,
    through_time,
)

FORWARDS = step, activations, states
BACKWARDS = gradients, through_time, slopes, sums, joined, left_out, relu, elsewhere, both_ways
