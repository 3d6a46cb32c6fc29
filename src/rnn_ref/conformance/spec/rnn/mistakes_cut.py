"""Mistakes on the way back through time: how far a gradient is carried, and bounds that it may not pass."""

from ..mistake import BACK, BPTT, CELL_BACK, Form, Number, Words, form, mistake

LOOPS = BACK + BPTT
SUMMED, NEXT, END = "dh_states[t] + dh_next", "dh_next = dz_t @ W_hh", "dh0 = dh_next"
SLOPED = "dh_t * (1 - h_t**2)"
START = "dh_next = np.zeros_like(h0)"


def _behind(step: int, T: int) -> list[int]:
    """Return how many rows are right, where that step is the last that is wrong."""
    return [T - 1 - step] if step < T - 1 else []


def _chunks(step: int, T: int) -> list[int]:
    """Return the lengths of chunks of which that step ends one."""
    return [k for k in range(max(2, T - 1 - step), step + 2) if (step + 1) % k == 0]


def _window(step: int, T: int) -> list[int]:
    """Return how many steps back a gradient goes, where that step is the last that one does not reach."""
    return [T - 2 - step] if step < T - 2 else []


AFTER = Number(3, "but ends {} steps from the end", steps=True, at_step=_behind)
EACH = Number(3, "but ends at the border of every {} steps", steps=True, at_step=_chunks)
BACKWARDS = Number(3, "but ends every {} steps from the end", steps=True, at_step=_behind)
WINDOW = Number(2, "but {} steps back from each", steps=True, at_step=_window)
BOUND = Number(5, "at {}", points=4)  # what is clipped on the way need not grow with the bound
PARTS = "dW_xh, dW_hh, db_h"  # the recurrent weights' gradients; in rnn_bptt the output layer's are there as well
PLACES = {  # a line behind which the gradients are finished, those of the weights, and those of all
    "rnn_cell_backward": ("dh_prev = dz_t @ W_hh", PARTS, f"dx_t, dh_prev, {PARTS}"),
    "rnn_backward": (END, PARTS, f"dX, dh0, {PARTS}"),
    "rnn_output_backward": ("db_y = dz.sum(0)", "dW_hy, db_y", "dh_states, dW_hy, db_y"),
    "rnn_bptt": (END, f"{PARTS}, dW_hy, db_y", f"dX, dh0, {PARTS}, dW_hy, db_y"),
}
NORM = "np.sqrt(sum((d**2).sum() for d in ({})))"
FINISHED = {  # each gradient d of several, clipped
    "finished": (5, "at {}, when they are finished", "np.clip(d, -NUMBER, NUMBER)"),
    "norm of each": (1, "to a norm of {} each", "d * min(1, NUMBER / max(np.linalg.norm(d), 1e-300))"),
    "joint norm": (1, "to a joint norm of {}", f"d * min(1, NUMBER / max({NORM}, 1e-300))"),
    "joint norm, as PyTorch": (1, "to a joint norm of {}", f"d * min(1, NUMBER / ({NORM} + 1e-6))"),
}


def _finished() -> list[Form]:
    """Return the forms in which finished gradients are clipped: a habit of training that is put into the derivative."""
    return [
        form((function,), (line, f"{line}\n    {some} = [{made.format(some)} for d in ({some})]"),
             variant=f"{kind}, {whose}", number=Number(shown, told))
        for function, (line, *two) in PLACES.items()
        for kind, (shown, told, made) in FINISHED.items()
        for whose, some in zip(("weights", "all"), two, strict=True)
    ]  # fmt: skip


ENTRIES = [
    mistake("truncated", Words(
        found="the gradient is not carried back through all steps",
        matters="What happened longer ago than the cut has no influence on training, so a dependence over more steps "
        "cannot be learnt. Sequences shorter than that are exact. Truncation is a method, but not this gradient.",
        look="How many rows of dX are right, counted from the end? Search for that number, or for a reset.",
        right="dh_next = W_hh^T dz_t   handed back until t = 0",
        wrong="dh_next = 0   after k steps, or at every k-th"),
        form(LOOPS, (NEXT, f"{NEXT} * (t > T - NUMBER)"), variant="cut once", number=AFTER),
        form(LOOPS, (NEXT, f"{NEXT} * (t != T - NUMBER)"), variant="one link cut", number=AFTER),
        form(LOOPS, ("reversed(range(T))", "reversed(range(T)[-NUMBER:])"), variant="stops", number=AFTER),
        form(LOOPS, ("reversed(range(T))", "reversed(range(T)[-NUMBER:])"), (END, f"{END} * (T <= NUMBER)"),
             variant="stops, dh0 not reached", number=AFTER),
        form(LOOPS, (NEXT, f"{NEXT} * (t % NUMBER > 0)"), variant="chunks", number=EACH),
        form(LOOPS, (NEXT, f"{NEXT} * (t % NUMBER > 0 or t == 0)"), variant="chunks, dh0 reached", number=EACH),
        form(LOOPS, (NEXT, f"{NEXT} * ((T - t) % NUMBER > 0)"), variant="chunks from the end", number=BACKWARDS),
        form(LOOPS, (NEXT, f"{NEXT} * ((T - t) % NUMBER > 0 or t == 0)"), variant="chunks from the end, dh0 reached",
             number=BACKWARDS),
        *(form(LOOPS, (START, f"{START}\n    dh0 = 0 * h0"),
               ("for t in reversed(range(T)):",
                "for s, t in ((s, t) for s in range(T) for t in range(s, max(-1, s - NUMBER - 1), -1)):"),
               (SUMMED, "dh_next if t < s else dh_states[t]"), ("dX[t] = dz_t", "dX[t] += dz_t"),
               (NEXT, f"{NEXT}\n        dh0 = dh0 + {reached} * dh_next"), (END, "dh0 = dh0 + 0"),
               variant=f"a window from each step{told}", number=WINDOW)
          for reached, told in (("(t == 0)", ""), ("0", ", dh0 not reached")))),

    mistake("gradients-clipped", Words(
        found="gradients are clipped inside the backward pass",
        matters="As long as they are small it is exact, and where they are large, in the very case it was meant for, "
        "what comes out is not the gradient. Clipping belongs between the gradient and the optimiser.",
        look="Search for clip, minimum and maximum. May the function that computes a derivative change it?",
        right="dh_next = W_hh^T dz_t,   whatever its size",
        wrong="dh_next = clip(W_hh^T dz_t, -c, c)"),
        form(LOOPS, (NEXT, "dh_next = np.clip(dz_t @ W_hh, -NUMBER, NUMBER)"), variant="dh", number=BOUND),
        form(CELL_BACK, ("dz_t = dh_t", "dz_t = np.clip(dh_t, -NUMBER, NUMBER)"), variant="dh", number=BOUND),
        form(LOOPS, (SUMMED, f"np.clip({SUMMED}, -NUMBER, NUMBER)"), variant="dh with its own", number=BOUND),
        form(CELL_BACK + LOOPS, (SLOPED, f"np.clip({SLOPED}, -NUMBER, NUMBER)"), variant="dz", number=BOUND),
        form(LOOPS, (NEXT, f"{NEXT}\n        dh_next *= min(1, NUMBER / max(np.linalg.norm(dh_next), 1e-300))"),
             variant="norm of dh", number=Number(1, "to a norm of {}", points=4)),
        *_finished()),
]  # fmt: skip
