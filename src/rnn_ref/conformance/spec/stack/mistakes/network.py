"""Mistakes in the loss of a network, and in the output layer on top of its stack."""

from ...mistake import Entry, Words, form, mistake, more
from .text import BPTT, COUNT, COUNTED, DABOVE_OF_LOSS, DZ, LOGITS, LOSS, TARGETS, P

BY = (("T", "T"), ("B", "B"), ("(T * B)", "T * B"), ("int(real.sum())", "all steps"))
OWN = "np.take_along_axis(log_p, (y % V)[..., None], -1)[..., 0]"  # whatever the step
NOT_IGNORED = "(y != ignore_index)"
EACH = 'np.maximum(counted.sum(0) if reduction == "mean" else 1, 1).astype(z.dtype)'
ONE = "(np.arange(below.shape[-1]) // (below.shape[-1] // directions) == {})"
TOP = "h_states, states_T = below, "

OF_THE_LOSS = (
    mistake(
        "sign:stack_bptt",
        Words(
            found="the sign of the loss, of the gradients, or of both is wrong",
            matters="With wrong gradients training climbs; with a wrong loss alone it works, and what you watch rises "
            "when it ought to fall. A pair that agrees passes any gradient check.",
            look="Is the loss positive? And does a small step against the gradient make it smaller?",
            right="loss = -sum ln p[y],   dlogits = p - onehot(y)",
            wrong="loss = sum ln p[y],   or dlogits = onehot(y) - p",
        ),
        form(BPTT, ("loss = -np", "loss = np"), variant="of the loss"),
        form(BPTT, (P, "p = right - np.exp(log_p)"), variant="of the gradients"),
        form(BPTT, ("loss = -np", "loss = np"), (P, "p = right - np.exp(log_p)"), variant="of both"),
    ),
    mistake(
        "mean-over-steps:stack_bptt",
        Words(
            found="the loss is divided by the number of steps or sequences, here it is the sum",
            matters="It is off by exactly T, B or T*B. If the gradients are not divided alike, they belong to another "
            "function than the loss; if they are, the learning rate means something else.",
            look="The default of `reduction` is the sum. Where does your loss divide, and do the gradients as well?",
            right="loss = -sum_t ln p_t[y_t],   summed over the batch as well",
            wrong="loss = -(1/T) sum_t ln p_t[y_t]   (or 1/B, 1/(T*B))",
        ),
        *(form(BPTT, (LOSS, f"{LOSS} / {by}"), variant=f"by {told}, the loss alone") for by, told in BY),
        *(form(BPTT, (LOSS, f"{LOSS} / {by}"), (DZ, f"{DZ} / {by}"), variant=f"by {told}") for by, told in BY),
        form(BPTT, (COUNT, "int(counted.sum())"), variant="mean for sum"),
    ),
    more("averaged-over-steps", form(BPTT, (DZ, f"{DZ} / T"), variant="all")),
    more("averaged-over-batch", form(BPTT, (DZ, f"{DZ} / B"), variant="all")),
    more("dlogits-averaged", form(BPTT, (DZ, f"{DZ} / V"))),
    mistake(
        "option-ignored:stack_bptt",
        Words(
            found="an option is accepted and changes nothing, in the loss or in the gradients",
            matters="Training then minimises another loss than was asked for, or than is reported. Where only the loss "
            "is a mean, the steps taken are as many times too large as there are targets.",
            look="The gradients start from dlogits. Which options has it met by then, and which has the loss met?",
            right='"mean": loss and dlogits are divided by the number of targets kept',
            wrong='"mean": as "sum", in loss, dlogits or both   (or ignore_index unused)',
        ),
        form(BPTT, (COUNT, "1"), variant="reduction"),
        form(BPTT, (LOSS, LOSS.removesuffix(" / count")), variant="reduction, in the loss"),
        form(BPTT, (DZ, DZ.removesuffix(" / count")), variant="reduction, in the gradients"),
    ),
)
OF_STEPS = (
    mistake(
        "padding-in-loss",
        Words(
            found="steps behind the ends of the sequences count in the loss",
            matters="Short sequences are trained on targets that are not there, and the loss of a text depends on what "
            "it was batched with. Where all are equally long it is right.",
            look="What is the loss of a batch when one of its sequences is padded with two more steps?",
            right="loss = -sum ln p_t[y_t] over t < length",
            wrong="loss = -sum ln p_t[y_t] over all t",
        ),
        form(BPTT, (COUNTED, f"{NOT_IGNORED} & (t < T)")),
        form(BPTT, (f"counted, {LOSS}", f"{NOT_IGNORED}, {OWN}, 0).sum() / count"), variant="in the loss alone"),
        form(
            BPTT,
            (
                DZ,
                f"{DZ}\n    dz = np.where({NOT_IGNORED}[..., None], np.exp(log_p) - (y[..., None] == "
                "np.arange(V)), 0) / count",
            ),
            variant="in the gradients alone",
        ),
    ),
    mistake(
        "padding-in-mean",
        Words(
            found="the mean is taken over steps of padding as well, which add nothing to it",
            matters="The more a batch was padded, the smaller is its loss, and with it its gradients. Batches of equal "
            "lengths hide it, and curves look smooth.",
            look="What does the mean divide by: the size of an array, or the number of targets that count?",
            right="loss = sum over t < length / number of those steps",
            wrong="loss = sum over t < length / (T * B)",
        ),
        form(BPTT, (COUNT, f'int({NOT_IGNORED}.sum()) if reduction == "mean" else 1')),
        form(BPTT, (COUNT, 'T * B if reduction == "mean" else 1'), variant="whatever is ignored"),
        form(
            BPTT,
            (LOSS, f"{LOSS} * (counted.sum() / (T * B) if reduction == 'mean' else 1)"),
            variant="in the loss alone",
        ),
    ),
    mistake(
        "mean-by-sequence",
        Words(
            found="the mean is taken of every sequence first, and then of the sequences",
            matters="A step of a short sequence weighs more than one of a long one. Some do so on purpose; PyTorch's "
            "mean gives every target the same weight.",
            look="Two sequences have 2 and 8 steps. What is the weight of the first one's loss in the mean?",
            right="loss = sum of all steps / number of all steps",
            wrong="loss = (1/B) sum_b (sum of b's steps / number of b's steps)",
        ),
        form(
            BPTT,
            (COUNT, 'B if reduction == "mean" else 1'),
            (LOSS, f"log_p[right].reshape(T, B) / {EACH}, 0).sum() / count"),
            (DZ, f"{DZ} / np.reshape({EACH}, (-1, 1))"),
        ),
    ),
    more(
        "ignored-targets-counted",
        form(BPTT, (COUNT, 'int(real.sum()) if reduction == "mean" else 1'), variant="in the mean's denominator"),
        form(BPTT, (COUNTED, "real[..., 0] & (y >= 0)"), variant="as the class it is"),
        form(BPTT, (TARGETS, "np.maximum(targets_seq, 0)"), variant="as class 0"),
    ),
    more("last-step-only", form(BPTT, (COUNTED, f"{COUNTED} & (t == ends - 1)"))),
    more("first-step-only", form(BPTT, (COUNTED, f"{COUNTED} & (t == 0)"))),
    more(
        "targets-shifted",
        form(BPTT, (TARGETS, "np.roll(targets_seq, -1, 0)"), variant="to the next step"),
        form(BPTT, (TARGETS, "np.roll(targets_seq, 1, 0)"), variant="to the step before"),
    ),
)
OF_THE_OUTPUT_LAYER = (
    more("output-bias-missing", form(BPTT, (LOGITS, "h_states @ W_hy.T"))),
    mistake(
        "output-of-one-direction",
        Words(
            found="the output layer reads one of the two directions alone",
            matters="Half of its weights have no effect and no gradient. A network of two directions then knows at "
            "each step only what one of them has read.",
            look="How many columns does W_hy have, and how many of them meet a number that is not 0?",
            right="logits_t = W_hy [h_forward, h_backward] + b_y",
            wrong="logits_t = W_hy [h_forward, 0] + b_y   (or [0, h_backward])",
        ),
        *(
            form(
                BPTT,
                (TOP, f"h_states, states_T = below * {ONE.format(d)}, "),
                (DABOVE_OF_LOSS, f"{DABOVE_OF_LOSS} * {ONE.format(d)}"),
                variant=f"the {told}",
            )
            for d, told in ((0, "first"), ("directions - 1", "second"))
        ),
    ),
)
ENTRIES: tuple[Entry, ...] = (*OF_THE_LOSS, *OF_STEPS, *OF_THE_OUTPUT_LAYER)  # fmt: skip
