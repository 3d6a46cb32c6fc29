"""Mistakes in the gradients of a network, and those of its stack, forward and back, that it makes as well."""

from collections.abc import Iterator, Sequence

from ...mistake import Entry, Words, form, mistake, more
from . import back, directions, layers, lengths, starts
from .text import BPTT, CALL, DOWN

RETURNED = "return loss, (dX_seq, tuple(dstates0), dlayers"
GRADIENT = "getattr(found, name)"
OF_START = ("h0-ignored", "c0-ignored", "state-of-first-layer", "state-of-forward-direction", "h0-batch-first")
OF_ENDS = ("padding-computed", "padding-in-last-state", "padding-in-last-memory", "padding-resets-state",
           "length-off-by-one", "lengths-sorted-only")  # fmt: skip
OF_LAST = ("backward-state-at-end", "last-layer-only", "last-states-swapped")
OF_BACK = ("gradient-stops-between-layers", "averaged-over-batch", "one-direction-back", "dX-averaged-over-directions",
           "not-turned-back", "dh-not-turned", "directions-swapped", "dstates0-missing")  # fmt: skip
FORWARD = (starts, layers, directions, lengths)


def _made_here_too(slugs: Sequence[str], entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the mistakes of one function of the stack as mistakes of the network: by the same edits."""
    for entry in entries:
        slug, _, function = entry.key.partition(":")
        if slug in slugs:
            forms = [one._replace(functions=BPTT) for one in entry.forms]
            yield mistake(f"{slug}:{BPTT[0]}", entry.words, *forms) if function and entry.words else more(slug, *forms)


ENTRIES: tuple[Entry, ...] = (
    *(one for file in FORWARD for one in _made_here_too((*OF_START, *OF_ENDS, *OF_LAST), file.ENTRIES)),
    *_made_here_too(OF_BACK, back.ENTRIES),
    mistake(
        "layer-gradient-missing",
        Words(
            found="the weights of some layers get no gradient",
            matters="They stay as they were drawn. The loss falls all the same, for the others learn around them, and "
            "nothing raises.",
            look="Which layers does the loop back visit, and whose gradients are handed to the optimiser?",
            right="every layer and direction has gradients of its own",
            wrong="dW_xh, dW_hh, db_h of some layer = 0",
        ),
        form(BPTT, (GRADIENT, f"{GRADIENT} * (k >= directions)"), variant="of the first"),
        form(BPTT, (GRADIENT, f"{GRADIENT} * (k < len(layers) - directions)"), variant="of the top one"),
        form(BPTT, (GRADIENT, f"{GRADIENT} * (k < directions)"), variant="of all but the first"),
        form(BPTT, (GRADIENT, f"{GRADIENT} * (not backward)"), variant="of the second direction"),
    ),
    mistake(
        "averaged-over-layers",
        Words(
            found="the gradients are divided by the number of layers",
            matters="The loss is no sum over layers: each has its gradient whole. The deeper the network, the slower "
            "it learns, and the direction is right.",
            look="Over what is a mean taken where the gradients of the layers are collected?",
            right="dW of layer l = d loss / d W of layer l",
            wrong="dW of layer l = (1/L) d loss / d W of layer l",
        ),
        form(BPTT, (GRADIENT, f"{GRADIENT} / (len(layers) // directions)")),
        form(BPTT, (GRADIENT, f"{GRADIENT} / len(layers)"), variant="and of directions"),
    ),
    mistake(
        "upstream-at-every-layer:stack_bptt",
        Words(
            found="every layer is given the gradient of the top layer's states",
            matters="Only those reach the loss. For the other layers it is a gradient of nothing, in the right shape, "
            "and the network learns something.",
            look="Of two layers, which one does W_hy^T dlogits reach, and what has to reach the other?",
            right="what reaches layer l-1 is dL/d(input) of layer l",
            wrong="what reaches layer l-1 is W_hy^T dlogits",
        ),
        form(BPTT, (DOWN, "dabove = dz @ W_hy if first else dbelow")),
    ),
    mistake(
        "layers-reversed:stack_bptt",
        Words(
            found="the gradients of the weights come back from the top layer down",
            matters="They were appended in the order in which the way back meets the layers. Where sizes agree, every "
            "layer is updated with another one's gradients.",
            look="The loop runs from the top layer down. In which order do its results end up in the list?",
            right="layers[0] of the gradients belongs to layers[0]",
            wrong="layers[0] of the gradients belongs to layers[-1]",
        ),
        form(BPTT, (RETURNED, f"{RETURNED}[::-1]")),
    ),
    more(
        "layers-share-weights",
        form(BPTT, (CALL, "run(read, *starts, **layers[k % directions])"),
             ("read, *starts, **layers[k])", "read, *starts, **layers[k % directions])")),
    ),
)  # fmt: skip
