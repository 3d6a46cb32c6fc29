"""Constants that are too many: a factor, a shift, a scale of an argument or of a term, a leak, a bound of gradients.

Which constant it is stands in no list; it is solved for.
"""

from collections.abc import Iterator, Mapping, Sequence

from .losses.mistakes.softmax import DZ, LOG_P, PICK, SHIFT
from .mistake import (
    BACK,
    BPTT,
    CELL_BACK,
    FORWARD,
    LOSS,
    LOSS_BACK,
    OUTPUT,
    STEP,
    SUM,
    SUM_BACK,
    Form,
    Number,
    Words,
    form,
    mistake,
)

LOOPS, BACKS = FORWARD + BPTT, BACK + BPTT
TANH, LOGITS, END, GRADIENT = "np.tanh(z_t)", "h_states @ W_hy.T + b_y", "dh0 = dh_next", "p[rows, y] -= 1"
USUAL = (-1, 2, 0.5)
FACTOR = Number(1.5, "of {}", linear=True, common=USUAL)
CARRIED = Number(1.5, "of {}", 1e-3, 1e3, common=USUAL)  # in a loop a product is not linear in it
SHIFTED = Number(0.5, "of {}", 1e-6, 1e2, signed=True)
ADDED = SHIFTED._replace(linear=True)
SCALE = Number(1.5, ": times {}", 1e-3, 1e3, signed=True, common=USUAL)
DECAY = Number(1e-4, ": {} times it is added", linear=True, common=(1e-3, 0.01, 0.1))
FINISHED = {  # where the gradients are finished, by their names
    "rnn_cell_backward": ("dh_prev = dz_t @ W_hh", "dx_t dh_prev dW_xh dW_hh db_h"),
    "rnn_backward": (END, "dX dh0 dW_xh dW_hh db_h"),
    "rnn_output_backward": ("db_y = dz.sum(0)", "dh_states dW_hy db_y"),
    "rnn_bptt": (END, "dX dh0 dW_xh dW_hh db_h dW_hy db_y"),
}


def _of_gradients() -> list[Form]:
    """Return the forms in which one gradient is off by a factor, and those in which all are."""
    found = []
    for function, (line, names) in FINISHED.items():
        found += [
            form((function,), (line, f"{line}\n    {name} = NUMBER * {name}"), variant=name,
                 number=FACTOR._replace(told=f"of {{}} in {name}"))
            for name in names.split()
        ]  # fmt: skip
        some = names.replace(" ", ", ")
        every = f"{line}\n    {some} = (NUMBER * d for d in ({some}))"
        found.append(form((function,), (line, every), variant="all", number=FACTOR))
    return found


DECAYED = {  # the weights of which a multiple is left in their gradients
    "rnn_cell_backward": ("W_xh", "W_hh", "W_xh W_hh", "W_xh W_hh b_h"),
    "rnn_backward": ("W_xh", "W_hh", "W_xh W_hh", "W_xh W_hh b_h"),
    "rnn_output_backward": ("W_hy", "W_hy b_y"),
    "rnn_bptt": ("W_xh", "W_hh", "W_hy", "W_xh W_hh", "W_xh W_hh W_hy", "W_xh W_hh b_h W_hy b_y"),
}


def _decayed() -> Iterator[Form]:
    """Yield the forms in which a multiple of some weights is left in their gradients; and in the loss as well."""
    for function, every in DECAYED.items():
        line, _ = FINISHED[function]
        for names in every:
            made = "".join(f"\n    d{name} = d{name} + NUMBER * {name}" for name in names.split())
            yield form((function,), (line, line + made), variant=names, number=DECAY)
            if function in BPTT:
                penalty = " + ".join(f"({name}**2).sum()" for name in names.split())
                lost = f"\n    loss = loss + NUMBER / 2 * ({penalty})"
                yield form(
                    (function,), (line, line + made + lost), variant=f"{names}, in the loss as well", number=DECAY
                )


SUMMED, NEXT = "dh_states[t] + dh_next", "dh_next = dz_t @ W_hh"
SLOPED = "dh_t * slope"
BOUND = Number(5, "at {}", points=4)  # what is clipped on the way need not grow with the bound
PARTS = "dW_xh, dW_hh, db_h"  # the recurrent weights' gradients; in rnn_bptt the output layer's are there as well
WHOSE = ("weights", "all", "all parameters")  # h0 is a parameter, the input is none
PLACES = {  # a line behind which the gradients are finished, and those of the weights, of all, and of all parameters
    "rnn_cell_backward": ("dh_prev = dz_t @ W_hh", PARTS, f"dx_t, dh_prev, {PARTS}"),
    "rnn_backward": (END, PARTS, f"dX, dh0, {PARTS}", f"dh0, {PARTS}"),
    "rnn_output_backward": ("db_y = dz.sum(0)", "dW_hy, db_y", "dh_states, dW_hy, db_y"),
    "rnn_bptt": (END, f"{PARTS}, dW_hy, db_y", f"dX, dh0, {PARTS}, dW_hy, db_y", f"dh0, {PARTS}, dW_hy, db_y"),
}
NORM = "np.sqrt(sum((d**2).sum() for d in ({})))"
CLIPPED = {  # each gradient d of several, clipped
    "finished": (5, "at {}, when they are finished", "np.clip(d, -NUMBER, NUMBER)"),
    "norm of each": (1, "to a norm of {} each", "d * min(1, NUMBER / max(np.linalg.norm(d), 1e-300))"),
    "joint norm": (1, "to a joint norm of {}", f"d * min(1, NUMBER / max({NORM}, 1e-300))"),
    "joint norm, as PyTorch": (1, "to a joint norm of {}", f"d * min(1, NUMBER / ({NORM} + 1e-6))"),
}


def finished(places: Mapping[str, Sequence[str]]) -> list[Form]:
    """Return the forms in which finished gradients are clipped: a habit of training that is put into the derivative.

    By function stand the line in which they are finished, and those of the weights, of all, and of all parameters.
    """
    return [
        form((function,), (line, f"{line}\n    {some} = [{made.format(some)} for d in ({some})]"),
             variant=f"{kind}, {whose}", number=Number(shown, told))
        for function, (line, *every) in places.items()
        for kind, (shown, told, made) in CLIPPED.items()
        for whose, some in zip(WHOSE, every, strict=False)
    ]  # fmt: skip


ENTRIES = [
    mistake("constant-factor", Words(
        found="a result is off by a constant factor",
        matters="The pattern is right and the size is not. In a gradient it acts as another learning rate; in a state "
        "or in logits whatever comes after works with other numbers than it was trained for.",
        look="Search for a constant that is multiplied with or divided by, and for a step that is made twice.",
        right="result = f(inputs)",
        wrong="result = c * f(inputs)"),
        form(STEP, (TANH, f"NUMBER * {TANH}"), variant="state", number=FACTOR),
        form(LOOPS, (TANH, f"NUMBER * {TANH}"), variant="state", number=CARRIED),
        form(FORWARD, ("return h_states", "return [NUMBER * h for h in h_states]"), variant="on the way out",
             number=FACTOR),
        form(OUTPUT, (LOGITS, f"NUMBER * ({LOGITS})"), variant="logits", number=FACTOR),
        form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = NUMBER * log_p"), variant="loss", number=FACTOR),
        form(BPTT, (PICK, f"NUMBER * ({PICK})"), variant="loss", number=FACTOR._replace(told="of {} in the loss")),
        form(BPTT, (PICK, f"NUMBER * ({PICK})"), (GRADIENT, f"{GRADIENT}\n    p = NUMBER * p"),
             variant="loss and gradients", number=FACTOR),
        form(LOSS_BACK, (DZ, f"{DZ}\n    dz = NUMBER * dz"), number=FACTOR),
        form(SUM, ("sum(losses)", "NUMBER * sum(losses)"), number=FACTOR),
        form(SUM_BACK, ("np.array(dlogits)", "NUMBER * np.array(dlogits)"), number=FACTOR),
        *_of_gradients()),

    mistake("constant-shift", Words(
        found="a constant is added to a result",
        matters="All entries are off by the same amount. The gradient of a loss does not feel it; states and "
        "everything that is computed from them do.",
        look="Which number is added that is neither an input nor a parameter?",
        right="result = f(inputs)",
        wrong="result = f(inputs) + c"),
        form(STEP + LOOPS, (TANH, f"{TANH} + NUMBER"), variant="state", number=SHIFTED),
        form(STEP + LOOPS, (TANH, "np.tanh(z_t + NUMBER)"), variant="sum", number=SHIFTED),
        form(OUTPUT, (LOGITS, f"{LOGITS} + NUMBER"), variant="logits", number=ADDED),
        form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = log_p - NUMBER"), variant="loss", number=ADDED),
        form(BPTT, (PICK, f"{PICK} + NUMBER"), variant="loss", number=ADDED),
        form(SUM, ("sum(losses)", "sum(losses) + NUMBER"), number=ADDED)),

    mistake("scaled-argument", Words(
        found="the argument of a function is scaled first",
        matters="tanh of 2 z saturates sooner, a softmax of z / 2 is less sure: the function has the right form and "
        "another scale. Trained that way it works; with weights from elsewhere it gives other results.",
        look="Between the sum and the function that is applied to it: does a number, or a root of a size, stand there?",
        right="h_t = tanh(z_t)      p = softmax(logits)",
        wrong="h_t = tanh(c * z_t)  p = softmax(c * logits)"),
        form(STEP + LOOPS, (TANH, "np.tanh(NUMBER * z_t)"), variant="of tanh", number=SCALE),
        form(LOSS + LOSS_BACK + BPTT, (SHIFT, f"{SHIFT}\n    z = NUMBER * z"), variant="of the softmax", number=SCALE),
        form(LOSS_BACK, (SHIFT, f"{SHIFT}\n    z = NUMBER * z"), (DZ, f"{DZ}\n    dz = NUMBER * dz"),
             variant="of the softmax, with its gradient", number=SCALE),
        form(BPTT, (SHIFT, f"{SHIFT}\n    z = NUMBER * z"), (GRADIENT, f"{GRADIENT}\n    p = NUMBER * p"),
             variant="of the softmax, with its gradient", number=SCALE)),

    mistake("scaled-term", Words(
        found="one term of a sum is scaled",
        matters="It is as if its weights were others. The network trains around it, and weights that are taken over "
        "from PyTorch give other numbers.",
        look="Compare the terms one by one: which of them carries a number, or a sign, that the formula has not?",
        right="z_t = W_xh x_t + W_hh h_prev + b_h",
        wrong="z_t = W_xh x_t + c * W_hh h_prev + b_h   (or another term)"),
        *(form(functions, (old, new), variant=told, number=SCALE._replace(told=f": {told} times {{}}"))
          for functions, told, old, new in (
              (STEP + LOOPS, "W_xh x_t", "x_t @ W_xh.T", "x_t @ (NUMBER * W_xh.T)"),
              (STEP + LOOPS, "W_hh h_prev", "@ W_hh.T", "@ (NUMBER * W_hh.T)"),
              (STEP + LOOPS, "b_h", " + b_h", " + NUMBER * b_h"),
              (OUTPUT + BPTT, "W_hy h_t", "@ W_hy.T", "@ (NUMBER * W_hy.T)"),
              (OUTPUT + BPTT, "b_y", " + b_y", " + NUMBER * b_y")))),

    mistake("leaky-state", Words(
        found="a part of the old state is added to the new one",
        matters="Such a leak or shortcut is a network of its own kind, which forgets more slowly. It is not this one, "
        "and 1 - h_t^2 is no longer the slope of what it computes.",
        look="In how many places of a step does the old state appear? In the formula it is one.",
        right="h_t = tanh(z_t)",
        wrong="h_t = (1 - c) h_prev + c tanh(z_t)   (or tanh(z_t) + c h_prev)"),
        *(form(functions, (TANH, whole.format(state, TANH)), variant=told,
               number=Number(shown, text, 1e-3, 1e2, common=common))
          for functions, state in ((STEP, "h_prev"), (LOOPS, "h_t"))
          for told, shown, whole, text, common in (
              ("leak", 0.25, "(1 - NUMBER) * {} + NUMBER * {}", ": the new one counts {}", (0.5, 0.1, 0.9)),
              ("shortcut", 1, "NUMBER * {} + {}", ": {} of it", (0.5,))))),

    mistake("weight-decay", Words(
        found="a multiple of the weights is left in their gradient",
        matters="Weight decay belongs to the optimiser, or to a loss that says so. Here the gradient is that of "
        "another function than the loss that is returned, by a little; a gradient check finds it at once.",
        look="Which term of the gradient is there even where nothing comes from above?",
        right="dW_hh = sum_t dz_t h_prev^T",
        wrong="dW_hh = sum_t dz_t h_prev^T + c W_hh"),
        *_decayed()),

    mistake("gradients-clipped", Words(
        found="gradients are clipped inside the backward pass",
        matters="As long as they are small it is exact, and where they are large, in the very case it was meant for, "
        "what comes out is not the gradient. Clipping belongs between the gradient and the optimiser.",
        look="Search for clip, minimum and maximum. May the function that computes a derivative change it?",
        right="dh_next = W_hh^T dz_t,   whatever its size",
        wrong="dh_next = clip(W_hh^T dz_t, -c, c)"),
        form(BACKS, (NEXT, "dh_next = np.clip(dz_t @ W_hh, -NUMBER, NUMBER)"), variant="dh", number=BOUND),
        form(CELL_BACK, ("dz_t = dh_t", "dz_t = np.clip(dh_t, -NUMBER, NUMBER)"), variant="dh", number=BOUND),
        form(BACKS, (SUMMED, f"np.clip({SUMMED}, -NUMBER, NUMBER)"), variant="dh with its own", number=BOUND),
        form(CELL_BACK + BACKS, (SLOPED, f"np.clip({SLOPED}, -NUMBER, NUMBER)"), variant="dz", number=BOUND),
        form(BACKS, (NEXT, f"{NEXT}\n        dh_next *= min(1, NUMBER / max(np.linalg.norm(dh_next), 1e-300))"),
             variant="norm of dh", number=Number(1, "to a norm of {}", points=4)),
        *finished(PLACES)),
]  # fmt: skip
