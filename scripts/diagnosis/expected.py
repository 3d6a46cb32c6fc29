"""What the report should say of each mistake."""

# Verdicts that say all there is to say, with or without a name: what is right to float32, or right but for what it
# leaves behind in an argument, has a verdict of its own in the specification.
SAYS_ALL = {
    "low-precision": "low-precision",
    "mutates-input": "mutates-input",
    "upstream-mutated": "mutates-input",
}

# What cannot be made again explains nothing for sure: it is never the only mistake.
BY_CHANCE = {"not-repeatable"}

# Mistakes that show on frozen checks alone: a seed's are the plain cross-entropy, of logits that nothing overflows.
FROZEN_TOO = {
    *("unstable-softmax", "log-epsilon", "gradients-clipped", "option-ignored", "ignored-targets-counted"),
    *("weight-not-in-mean", "weight-not-in-smoothing", "smoothing-by-target-weight", "smoothing-over-others"),
    *("smoothing-added", "probabilities-as-classes", "averaged-by-weight", "averaged-over-classes"),
    "ignores-loss-fn",  # a seed hands over the cross-entropy
    "mean-over-steps",  # in the cross-entropy it is a sum where the mean was asked for, or the reverse
}

# Slugs that are the same map in some function, so that either name is right: {function: [(slug, slug), ...]}. None
# was found when the outputs of all mistakes, here and in the catalogue, were compared on two seeds and the frozen
# vectors. On some cases two agree: axes swapped and rows mixed where T = B (elsewhere one raises); a gradient divided
# by V and a mean by all weights where there are none (but who takes no weights cannot be wrong about them).
# An input that is emptied may be the gradient from above, which has a name of its own.
SAME: dict[str, list[tuple[str, str]]] = {
    function: [("mutates-input", "upstream-mutated")] for function in ("rnn_cell_backward", "rnn_backward")
}


def names(function: str, slug: str) -> set[str]:
    """Return the names that are right for this mistake."""
    return {slug} | {other for pair in SAME.get(function, []) if slug in pair for other in pair}
