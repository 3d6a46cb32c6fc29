"""Gradients of code that no reading fits, held against differences of its own loss, as its author's own run has both.

Whatever the network is, its gradients are to be the derivatives of its loss. The program is run once as it stands, as
``__main__``, and watched: which function leaves gradients, beside which weights. Then it is run again up to the call
from which weights are used, and copies of the process go on from there, each with one weight moved a little, to where
the loss is known. Nothing of it can be written or sent, and it has a few seconds.
"""
