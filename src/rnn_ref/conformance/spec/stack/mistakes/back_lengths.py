"""Mistakes on the way back in sequences of different lengths, and with what reaches their last states."""

from ...mistake import Entry, Words, form, mistake, more
from .text import BACK, BELOW_BACK, DABOVE, DENDS, DLAST, ENDS, INSIDE, TURN

UNCUT_BACK = f"np.where(real, {BELOW_BACK}, 0)", f"np.array({BELOW_BACK})"
FIRST_UNCUT = UNCUT_BACK[0], f"np.where(real, {BELOW_BACK}, 0) if first else X_seq"
OWN_INSIDE = (
    "[[one + 0 * X_seq.sum(-1, keepdims=True) if k < directions else one for one in every] "
    "for k, every in enumerate(run.inside)]"
)

ENTRIES: tuple[Entry, ...] = (
    mistake(
        "dstates_T-ignored",
        Words(
            found="what reaches the last states is left out",
            matters="An encoder is trained by what its last states are used for, by nothing else. Of networks whose "
            "outputs alone are used it is right.",
            look="The last states go on into something else. Where is the gradient of that added?",
            right="dL/d(last state) is added to the last step of every layer",
            wrong="dL/d(last state) is ignored",
        ),
        form(BACK, (DLAST, "pass")),
        form(BACK, (DENDS, "for dstate, dlast in zip(dstates[:1], dstates_T)"), variant="but for the first kind"),
    ),
    mistake(
        "dstates_T-at-T",
        Words(
            found="what reaches the last states is added at T, behind the ends of short sequences",
            matters="There it meets padding. Only sequences of full length are right, so a batch of equal lengths "
            "hides it.",
            look="At which step did each sequence leave the state that was returned as its last?",
            right="dL/d(last state) is added at step length",
            wrong="dL/d(last state) is added at step T",
        ),
        form(BACK, (DLAST, "dstate[-1] += dlast[k]")),
    ),
    mistake(
        "dstates_T-swapped",
        Words(
            found="the gradients of the last state and the last memory are exchanged",
            matters="Both have one shape. Where neither is used afterwards, both are zeros and the exchange is not "
            "seen.",
            look="In which order do last states come out of the layer, and in which do their gradients come back?",
            right="dh_T is added to dh, dc_T to dc",
            wrong="dc_T is added to dh, dh_T to dc",
        ),
        form(BACK, (DENDS, "for dstate, dlast in zip(dstates, dstates_T[::-1])")),
    ),
    mistake(
        "padding-gradients-counted",
        Words(
            found="gradients from above count behind the ends of the sequences",
            matters="What is shown there is zeros, whatever the weights are, so no gradient goes back from it. A loss "
            "without a mask sends one all the same.",
            look="What is the derivative of a zero that was put behind the end of a sequence?",
            right="dh_states counts where t < length",
            wrong="dh_states counts everywhere",
        ),
        form(BACK, (DABOVE, "dabove = np.array(dh_states)")),
    ),
    mistake(
        "padding-in-gradients",
        Words(
            found="right if the padding of sequences is finite: it is multiplied into gradients, by 0",
            matters="Their factor is zero, so it is right while the padding is finite. Zero times inf or nan is nan, "
            "and one such entry makes every weight nan.",
            look="Put nan behind the end of a sequence. Which products read it?",
            right="dW_xh = sum da_t^T x_t over t < length",
            wrong="dW_xh = sum da_t^T x_t over all t   (da_t = 0 behind the end)",
        ),
        form(BACK, UNCUT_BACK),
        form(BACK, FIRST_UNCUT, (INSIDE, OWN_INSIDE), variant="with states of its own, that have read it"),
    ),
    mistake(
        "padding-computed:stack_backward",
        Words(
            found="lengths are ignored on the way back, and every sequence ends at T",
            matters="Gradients go through steps of padding, which the way forward did not count. A batch of equal "
            "lengths hides it.",
            look="Which argument says where a sequence ends, and is it read on the way back?",
            right="the way back of each sequence begins at its own end",
            wrong="the way back of every sequence begins at T",
        ),
        form(BACK, (ENDS, "np.full(B, T)")),
    ),
    mistake(
        "padding-turned-too:stack_backward",
        Words(
            found="the second direction's arrays are turned round as a whole, with the padding first",
            matters="Its states then stand beside inputs and gradients of other steps, in all sequences but those of "
            "full length.",
            look="A sequence of 2 elements stands in an array of 5. Where are its elements after it was turned?",
            right="each sequence is turned round within its own length",
            wrong="the whole padded array is turned round",
        ),
        form(BACK, (TURN, "T - 1 - t + 0 * ends")),
    ),
    more(
        "length-off-by-one",
        form(BACK, (ENDS, "np.full(B, T) if lengths is None else np.maximum(np.asarray(lengths) - 1, 1)"),
             variant="one too few"),
        form(BACK, (ENDS, "np.full(B, T) if lengths is None else np.minimum(np.asarray(lengths) + 1, T)"),
             variant="one too many"),
    ),
    more(
        "lengths-sorted-only",
        form(BACK, (ENDS, "np.full(B, T) if lengths is None else np.sort(np.asarray(lengths))[::-1]")),
    ),
)  # fmt: skip
