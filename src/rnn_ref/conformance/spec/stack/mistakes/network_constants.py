"""Constants that are too many in a network: a factor, a bound of its gradients, a multiple of its weights in them.

Which constant it is stands in no list; it is solved for. The words are those of one layer's functions.
"""

from collections.abc import Iterator

from ...constants import ADDED, CLIPPED, DECAY, FACTOR
from ...mistake import Entry, Form, Number, form, more
from .text import BPTT, DOWN, DZ, LOSS

END = "dX_seq = dabove"  # where the gradients are finished
WEIGHTS = (
    "dlayers = [{{n: {0} for n, d in one.items()}} for one in dlayers]",
    "dW_hy, db_y = [{0} for d in (dW_hy, db_y)]",
)
STARTS, INPUTS = "dstates0 = [{0} for d in dstates0]", "dX_seq = [{0} for d in [dX_seq]][0]"
WHOSE = {  # as of rnn_bptt: h0 is a parameter, the input is none
    "weights": WEIGHTS,
    "all": (*WEIGHTS, STARTS, INPUTS),
    "all parameters": (*WEIGHTS, STARTS),
}
EACH = {  # the gradients that a factor is put to, and how they are told
    "dlayers": (WEIGHTS[0], "the layers' gradients"),
    "dstates0": (STARTS, "dstates0"),
    "dX_seq": (INPUTS, "dX_seq"),
    "dW_hy": ("dW_hy = NUMBER * dW_hy", "dW_hy"),
    "db_y": ("db_y = NUMBER * db_y", "db_y"),
    "weights": (" ; ".join(WEIGHTS), "all weights' gradients"),
}
SQUARES = {
    "weights": "*(d for one in dlayers for d in one.values()), dW_hy, db_y",
    "all": "*(d for one in dlayers for d in one.values()), dW_hy, db_y, *dstates0, dX_seq",
    "all parameters": "*(d for one in dlayers for d in one.values()), dW_hy, db_y, *dstates0",
}
OF_THE_STACK = (
    "dlayers = [{n: d + NUMBER * weights[n] for n, d in one.items()} for one, weights in zip(dlayers, layers)]"
)
OF_MATRICES = OF_THE_STACK.replace("NUMBER *", "NUMBER * (d.ndim > 1) *")
DECAYED = {  # the weights of which a multiple is left in their gradients
    "the layers": (OF_THE_STACK,),
    "all weights": (OF_THE_STACK, "dW_hy, db_y = dW_hy + NUMBER * W_hy, db_y + NUMBER * b_y"),
    "matrices": (OF_MATRICES, "dW_hy = dW_hy + NUMBER * W_hy"),
    "matrices of the layers": (OF_MATRICES,),
    "W_hy": ("dW_hy = dW_hy + NUMBER * W_hy",),
}


def _at_the_end(*lines: str) -> tuple[str, str]:
    return END, "".join(f"{line}\n    " for line in (END, *lines)).rstrip()


def _clipped() -> Iterator[Form]:
    """Yield the forms in which finished gradients are clipped, by their size or their norm."""
    for kind, (shown, told, made) in CLIPPED.items():
        for whose, lines in WHOSE.items():
            if "joint" in kind:
                norm = f"norm = np.sqrt(sum((d**2).sum() for d in ({SQUARES[whose]})))"
                below = "(norm + 1e-6)" if "PyTorch" in kind else "max(norm, 1e-300)"
                every = (norm, *(line.format(f"d * min(1, NUMBER / {below})") for line in lines))
            else:
                every = tuple(line.format(made) for line in lines)
            yield form(BPTT, _at_the_end(*every), variant=f"{kind}, {whose}", number=Number(shown, told))


ENTRIES: tuple[Entry, ...] = (
    more(
        "constant-factor",
        form(BPTT, (LOSS, f"{LOSS} * NUMBER"), variant="loss", number=FACTOR._replace(told="of {} in the loss")),
        form(BPTT, (LOSS, f"{LOSS} * NUMBER"), (DZ, f"{DZ} * NUMBER"), variant="loss and gradients", number=FACTOR),
        form(BPTT, (DZ, f"{DZ} * NUMBER"), variant="all", number=FACTOR._replace(told="of {} in all gradients")),
        *(
            form(
                BPTT,
                _at_the_end(line.format("NUMBER * d")),
                variant=name,
                number=FACTOR._replace(told=f"of {{}} in {told}"),
            )
            for name, (line, told) in EACH.items()
        ),
        form(
            BPTT,
            (DOWN, "dabove = NUMBER * dbelow"),
            variant="from layer to layer",
            number=Number(0.5, "of {} below each layer", 1e-3, 1e3),
        ),
    ),
    more("constant-shift", form(BPTT, (LOSS, f"{LOSS} + NUMBER"), variant="loss", number=ADDED)),
    more("gradients-clipped", *_clipped()),
    more(
        "weight-decay",
        *(form(BPTT, _at_the_end(*lines), variant=told, number=DECAY) for told, lines in DECAYED.items()),
    ),
)
