"""Pictures of a recurrent network: how far gradients reach, what a prediction looks back at, where an answer is wrong.

Each is text first, which needs nothing, and a drawing for those who have matplotlib. ``picture`` is what they have in
common; everything else is a file of its own for each.
"""
