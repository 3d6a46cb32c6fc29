"""Mistakes of any function: chance, nothing returned, only zeros, too little precision, inputs written to."""

import ast
import inspect
from collections.abc import Iterator

from .bases import right
from .mistake import BACK, BPTT, EVERY, FORWARD, LOSS, STEP, SUM, SUM_BACK, Entry, Words, form, mistake, more

ZEROS = {  # what stands behind the last return, in zeros, where 0 times it would not do
    "rnn_forward": "[0 * h for h in h_states]",
    "cross_entropy": "0.0",
    "cross_entropy_backward": "0 * logits",
    "rnn_bptt": "0 * loss, tuple(0 * d for d in (dX, dh0, dW_xh, dW_hh, db_h, dW_hy, db_y)), 0 * h_T",
}
REDUCED = "losses.reshape(logits.shape[:-1])", "losses.sum()"  # what else cross_entropy may return
NO_ARRAYS = {"targets", "targets_seq", "dloss", "loss_fn", "loss_backward"}  # arguments that have no precision to lose
WRITES = {  # a line in which an input is written to without need
    "rnn_cell_step": ("h_t = np.tanh(z_t)", "h_t = np.tanh(z_t, out=z_t)\n    h_prev[...] = h_t"),
    "rnn_forward": ("        h_t = np.tanh(z_t)", "        h_t[...] = h_t = np.tanh(z_t)"),
    "rnn_output_layer": ("logits = h_states @ W_hy.T + b_y", "logits = h_states @ W_hy.T\n    b_y += 0 * b_y + 1"),
    "cross_entropy": ("z = z - z.max(1, keepdims=True)", "z -= z.max(1, keepdims=True)"),
    "rnn_cell_backward": ("dh_prev = dz_t @ W_hh", "dh_prev = dz_t @ W_hh\n    h_prev[...] = 0"),
    "rnn_backward": ("dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq)", "dX, dW_xh, dW_hh, db_h = X_seq"),
    "cross_entropy_backward": ("z = z - z.max(1, keepdims=True)", "z -= z.max(1, keepdims=True)"),
    "rnn_bptt": ("        h_t = np.tanh(z_t)", "        h_t[...] = h_t = np.tanh(z_t)"),
}


def _of_what_is_returned() -> Iterator[Entry]:
    """Yield for one function after the other that nothing is returned, and that only zeros are."""
    for function in EVERY:
        returned = inspect.getsource(right(function)).rpartition("return ")[2].strip()
        others = REDUCED if function in LOSS else ()
        forgotten = [(f"return {one}\n", f"{one}\n") for one in (*others, returned)]
        yield more("returns-none", form((function,), *forgotten))
        if function in BACK:
            continue  # there only-dh-next returns zeros
        several = isinstance(ast.parse(returned, mode="eval").body, ast.Tuple)
        zeros = ZEROS.get(function, f"tuple(0 * d for d in ({returned}))" if several else f"0 * {returned}")
        zeroed = [(f"return {one}\n", f"return 0 * {one}\n") for one in others]
        yield more("all-zero", form((function,), *zeroed, (f"return {returned}\n", f"return {zeros}\n")))


def _cast(function: str, dtype: str) -> str:
    """Return a line that reduces the precision of all floating-point inputs."""
    arguments = inspect.signature(right(function)).parameters.values()
    arrays = [one.name for one in arguments if one.kind is not one.KEYWORD_ONLY and one.name not in NO_ARRAYS]
    names = ", ".join(arrays) if len(arrays) > 1 else f"{arrays[0]},"
    back = ".astype(logits_seq.dtype)" if function in SUM + SUM_BACK else ""  # losses that refuse float16
    return f"    {names} = (np.asarray(a, np.{dtype}){back} for a in ({names}))\n"


ENTRIES = [
    mistake("not-repeatable", Words(
        found="the same call, made again, gives another answer",
        matters="An answer that changes by chance, or with the number of calls, can be compared with nothing. Dropout "
        "that is left on is the usual cause; where it is rare, most tests pass.",
        look="Does anything draw random numbers, count calls, or read memory that was never filled?",
        right="equal inputs -> equal outputs",
        wrong="output = f(inputs, random numbers)"),
        form(STEP + FORWARD + BPTT, ("h_t = np.tanh(z_t)", "h_t = np.tanh(z_t) * (KEPT.setdefault('drawn', "
             "np.random.default_rng(0)).random(z_t.shape) < 0.9)"), variant="units dropped")),

    mistake("returns-none", Words(
        found="nothing is returned",
        matters="Python returns None where no `return` is reached. The computation may be right, but no caller sees "
        "it, and the error is raised somewhere else, where None is used.",
        look="Read the last line of the function, and how far it is indented.",
        right="return result",
        wrong="result   (computed, and dropped)")),

    mistake("all-zero", Words(
        found="only zeros are returned",
        matters="A test that allows more error than the answers are large lets it through. It also happens where "
        "results are stored in an integer array, which cuts off everything behind the point.",
        look="Is the array of results ever written to, and what is its dtype?",
        right="result[t] = the computed value, in the inputs' dtype",
        wrong="result[t] = 0")),

    *_of_what_is_returned(),

    mistake("low-precision", Words(
        found="it is computed in a lower precision than the inputs have",
        matters="float32 keeps about 7 digits and float16 about 3, of float64's 16. Training hardly notices; "
        "gradient checks by differences fail, and errors add up over long sequences.",
        look="Which dtype do your arrays have along the way? np.zeros and a framework each have a default.",
        right="dtype of the result = dtype of the inputs, and of all in between",
        wrong="result = f(float32(inputs))   (or float16)"),
        *(form((function,), ('."""\n', f'."""\n{_cast(function, dtype)}'), variant=dtype)
          for function in EVERY for dtype in ("float16", "float32"))),

    mistake("mutates-input", Words(
        found="an argument is written to",
        matters="The numbers returned may be right, but the caller's array is another one afterwards. The next call "
        "with it, or a gradient computed from it, goes wrong, and the cause is hard to find.",
        look="Search for +=, out= and [...] = on what came in. A slice, a reshape or a cast may be the same memory.",
        right="inputs after the call = inputs before",
        wrong="an input holds other values after the call"),
        *(form((function,), edit) for function, edit in WRITES.items())),
]  # fmt: skip
