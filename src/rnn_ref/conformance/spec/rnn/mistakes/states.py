"""Mistakes in the loop over time: which state goes in, which comes out, and in what order."""

from ...across import batch_first
from ...mistake import BACK, BPTT, CELL_BACK, FORWARD, STEP, Form, Number, Words, form, mistake, more

LOOPS = FORWARD + BPTT
TANH = "np.tanh(z_t)"
AFTER = "h_t = np.maximum(z_t, 0)\n        "  # inside the loop, behind either activation


def reset(functions: tuple[str, ...], number: Number) -> list[Form]:
    """Return the forms of a state that starts again every so many steps."""
    return [
        form(functions, ("h_t @ W_hh.T", f"({start} if t and t % NUMBER == 0 else h_t) @ W_hh.T"),
             variant=f"to {start.removesuffix(' * h0')}", number=number)
        for start in ("h0", "0 * h0")
    ]  # fmt: skip


EVERY = Number(4, "every {} steps", steps=True)
ENTRIES = [
    mistake("h0-ignored", Words(
        found="h0 is ignored, the first step starts from zeros",
        matters="A state carried over from an earlier chunk of text is lost. Tests that pass zeros for h0 do not see "
        "it, and later states forget the difference.",
        look="What is the state before the loop begins, and where does it come from?",
        right="h_states[0] = tanh(W_xh X_seq[0] + W_hh h0 + b_h)",
        wrong="h_states[0] = tanh(W_xh X_seq[0] + b_h)"),
        form(LOOPS, ("h_t = h0", "h_t = np.zeros_like(h0)")),
        form(BPTT, ("h_t = h0", "h_t = h0 = np.zeros_like(h0)"), variant="both ways")),

    mistake("h0-every-step", Words(
        found="every step starts from h0 instead of the state before it",
        matters="The first state is right and the others depend on one input each, so the network cannot remember. "
        "Data in which the current input says most hides this in the loss.",
        look="Which variable holds the state that was just computed, and is it that one which the next turn of the "
        "loop reads?",
        right="h_t = tanh(W_xh x_t + W_hh h_prev + b_h)",
        wrong="h_t = tanh(W_xh x_t + W_hh h0 + b_h)   for t > 0"),
        form(LOOPS, ("h_t @ W_hh.T", "h0 @ W_hh.T"))),

    mistake("states-aliased", Words(
        found="every row is the last state",
        matters="One array was appended again and again, and each step overwrote what all entries point to. The last "
        "state is right, so a model that uses only that one trains as if nothing were wrong.",
        look="Does the loop make a new array for each state, or write into one that the list already holds?",
        right="h_states[t] = h_t, an array of its own at each t",
        wrong="h_states[t] = h_T   at each t"),
        form(FORWARD, ("return h_states", "return [h_t] * len(h_states)")),
        form(BPTT, ("np.array(h_states)", "np.array([h_t] * T)"))),

    mistake("starts-with-h0", Words(
        found="the list begins with h0, so it has one row too many",
        matters="All states are there, but one place later: zipped with the targets, each is compared with the wrong "
        "one and the last is dropped silently.",
        look="What is in the list before the first turn of the loop? T inputs should give as many states.",
        right="len(h_states) = T, h_states[0] is the state after the first input",
        wrong="len(h_states) = T + 1, h_states[0] = h0"),
        form(FORWARD, ("h_states = []", "h_states = [h0]"))),

    mistake("shifted-by-one", Words(
        found="the states are shifted by one: row t holds the state before step t",
        matters="The number of rows is right, so nothing raises. The prediction at t has not seen the input at t, and "
        "the last state of all is lost.",
        look="In the loop, what comes first: storing the state or computing the new one?",
        right="h_states[t] = h_t",
        wrong="h_states[t] = h_prev, so h_states[0] = h0"),
        form(FORWARD, ("return h_states", "return [h0, *h_states[:-1]]")),
        form(BPTT, ("np.array(h_states)", "np.array([h0, *h_states[:-1]])"))),

    mistake("states-reversed", Words(
        found="the rows of states are in reverse order",
        matters="Each state is right and stands in the place of another, so whatever reads row t gets what belongs to "
        "step T-1-t. One step, and the middle of an odd number, show nothing.",
        look="Is a new state put at the end of the list or at its beginning, and which comes first in a recursion?",
        right="h_states[t] = h_t",
        wrong="h_states[t] = h_{T-1-t}"),
        form(FORWARD, ("return h_states", "return h_states[::-1]"))),

    mistake("state-of-another-step", Words(
        found="a step goes on from the state two steps before it",
        matters="Even and odd steps then form two networks that never meet. The first state is right, and data that "
        "changes slowly hides the rest.",
        look="In which order are the old state and the new one handed on at the end of a turn?",
        right="h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)",
        wrong="h_t = tanh(W_xh x_t + W_hh h_{t-2} + b_h)"),
        form(LOOPS, ("h_t @ W_hh.T", "(h_states[t - 2] if t > 1 else h0) @ W_hh.T"), variant="two before"),
        form(LOOPS, ("h_t @ W_hh.T", "(h_states[t - 2] if t > 1 else h0 * (t == 0)) @ W_hh.T"),
             variant="two before, 0 at the second"),
        form(LOOPS, ("h_t @ W_hh.T", "(h_states[0] if t else h0) @ W_hh.T"), variant="the first at every step")),

    mistake("preactivation-carried", Words(
        found="the sum is handed to the next step, expected the state",
        matters="What is returned is tanh of it and looks right, and the first step is. Inside, the network is linear "
        "from step to step, and its memory can grow without limit.",
        look="Two variables have a claim to be the state: before and after the activation. Which one does the next "
        "turn of the loop read?",
        right="z_{t+1} = W_xh x_{t+1} + W_hh tanh(z_t) + b_h",
        wrong="z_{t+1} = W_xh x_{t+1} + W_hh z_t + b_h"),
        form(LOOPS, ("h_t = h0", "h_t = sum_t = h0"), ("h_t @ W_hh.T", "sum_t @ W_hh.T"),
             (f"h_t = {TANH}", f"h_t, sum_t = {TANH}, z_t"))),

    mistake("last-state-only", Words(
        found="only the last state is returned",
        matters="A loss over all steps needs all states, and so does the way back. If that is the interface you "
        "meant, it can be declared with --returns last.",
        look="What is collected during the loop, and what is returned after it?",
        right="h_states = all T states, in order",
        wrong="h_states = h_T"),
        form(FORWARD, ("return h_states", "return h_t"))),

    mistake("last-step-missing", Words(
        found="the last step is not taken",
        matters="All other states are exact. What depends on the last one, a prediction or the state handed to the "
        "next chunk, is missing or zero.",
        look="Check the end of the loop's range: how often does it run for a sequence of length T?",
        right="t = 0, 1, ..., T-1",
        wrong="t = 0, 1, ..., T-2"),
        form(FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[:-1])"), variant="a row less"),
        form(FORWARD, ("return h_states", "return [*h_states[:-1], 0 * h_t]"), variant="a row of 0"),
        form(BPTT, ("np.array(h_states)", "np.array([*h_states[:-1], 0 * h_t])"), variant="a row of 0")),

    mistake("time-reversed", Words(
        found="the sequence is read from its end",
        matters="The network is trained to go from right to left: a state holds the future, and predicting the next "
        "input becomes trivial in training and impossible in use.",
        look="With which input does the first turn of the loop work?",
        right="step 0 reads X_seq[0], step 1 reads X_seq[1], ...",
        wrong="step 0 reads X_seq[T-1], step 1 reads X_seq[T-2], ..."),
        form(LOOPS, ("enumerate(X_seq)", "enumerate(X_seq[::-1])")),
        form(FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[::-1])"),
             ("return h_states", "return h_states[::-1]"), variant="and turned round again")),

    mistake("input-off-by-one", Words(
        found="step t reads the input of a neighbouring step",
        matters="One late, and the current input is never seen; one ahead, and the answer is seen before it is asked "
        "for. An index of -1 is no error in Python, it takes the last input.",
        look="Write down which index of X_seq the loop uses at t = 0 and at t = T-1.",
        right="z_t = W_xh X_seq[t] + W_hh h_prev + b_h",
        wrong="z_t = W_xh X_seq[t-1] + W_hh h_prev + b_h   (or t+1)"),
        form(LOOPS, ("x_t @ W_xh.T", "X_seq[t - 1] @ W_xh.T"), variant="wraps"),
        form(LOOPS, ("x_t @ W_xh.T", "(X_seq[t - 1] if t else 0 * x_t) @ W_xh.T"), variant="0 first"),
        form(LOOPS, ("x_t @ W_xh.T", "X_seq[(t + 1) % len(X_seq)] @ W_xh.T"), variant="one ahead")),

    mistake("batch-time-swapped", Words(
        found="the axes of time and batch are exchanged",
        matters="The loop then runs over the sequences and lets each continue where another ended. Where T equals B "
        "no shape gives it away.",
        look="Which axis of X_seq does the loop go over? Time comes first here; PyTorch's batch_first differs.",
        right="x_t = X_seq[t]   of shape (B, D)",
        wrong="x_t = X_seq[:, t]"),
        form(LOOPS,
             ("h_t = h0", "if h0.ndim == 2 and len(h0) > 1:\n        X_seq = X_seq.swapaxes(0, 1)\n    h_t = h0"))),

    mistake("batch-rows-mixed", Words(
        found="the rows of the batch are mixed with each other",
        matters="What one sequence gives depends on which others are in its batch, so an evaluation with another "
        "batch size gives other numbers. With B = 1 it cannot be seen.",
        look="A reshape keeps the order of the numbers in memory and does not exchange axes. Where do you use one?",
        right="row b of h_t depends on row b of x_t and h_prev alone",
        wrong="h_t = reshape(h_t, (H, B))^T"),
        form(STEP, (TANH, "np.tanh(z_t).reshape(z_t.shape[::-1]).T"), variant="states"),
        form(LOOPS, (AFTER, AFTER + "h_t = h_t.reshape(h_t.shape[::-1]).T\n        "), variant="states"),
        form(STEP, (TANH, "np.tanh(z_t).T.reshape(z_t.shape)"), variant="states, the other way"),
        form(LOOPS, (AFTER, AFTER + "h_t = h_t.T.reshape(h_t.shape)\n        "), variant="states, the other way"),
        *batch_first.forward(FORWARD, "h_states"),
        *(form(BPTT, ("h_t = h0", f"X_seq = {inputs}\n    h_t = h0"), variant=f"inputs, {told}")
          for told, inputs in batch_first.mixed("X_seq").items())),

    more("batch-time-swapped",
        form(BPTT, ("in enumerate(X_seq)", "in enumerate(X_seq if single else X_seq.swapaxes(0, 1))"),
             variant="on the way forward")),

    more("batch-rows-mixed",
        *(form(BPTT, ("in enumerate(X_seq)", f"in enumerate({inputs})"), variant=f"on the way forward, {told}")
          for told, inputs in batch_first.mixed("X_seq").items()),
        *batch_first.back(BACK, "dh0 = dh_next\n")),

    more("batch-rows-mixed",
        *(form(STEP + LOOPS, ("x_t @ W_xh.T", f"{mixed} @ W_xh.T"), variant=f"the inputs of a step{told}")
          for mixed, told in (("x_t.reshape(x_t.shape[::-1]).T", ""), ("x_t.T.reshape(x_t.shape)", ", the other way"))),
        *(form(BACK + BPTT, ("T, B, _ = X_seq.shape", f"X_seq = np.array([{mixed} for x in X_seq])\n"
               "    T, B, _ = X_seq.shape"), variant=f"the inputs of a step, both ways{told}")
          for mixed, told in (("x.reshape(x.shape[::-1]).T", ""), ("x.T.reshape(x.shape)", ", the other way"))),
        form(FORWARD, ("return h_states", "return [h.T.reshape(h.shape) for h in h_states]"), variant="on the way out"),
        form(CELL_BACK, ("    if single:\n        dx_t", "    dx_t, dh_prev = (d.T.reshape(d.shape) for d in "
             "(dx_t, dh_prev))\n    if single:\n        dx_t"), variant="on the way out"),
        form(LOOPS[1:] + BACK, ("dh0 = dh_next\n", "dX = np.array([d.T.reshape(d.shape) for d in dX])\n"
             "    dh0 = dh_next.T.reshape(dh_next.shape)\n"), variant="on the way out of the gradients")),

    mistake("state-of-one-sequence", Words(
        found="all sequences of a batch go on from the state of the same one",
        matters="One row is right and the others remember what another sequence said. A single sequence shows "
        "nothing, and a batch of equal ones neither.",
        look="Which axis does your index into the state belong to, and does NumPy spread one row over the batch?",
        right="h_t[b] = tanh(W_xh x_t[b] + W_hh h_prev[b] + b_h)",
        wrong="h_t[b] = tanh(W_xh x_t[b] + W_hh h_prev[0] + b_h)   for every b"),
        *(form(functions, (f"{h} @ W_hh.T", f"({h}[{row}] if {h}.ndim == 2 else {h}) @ W_hh.T"), variant=told)
          for functions, h in ((STEP, "h_prev"), (LOOPS, "h_t"))
          for row, told in ((":1", "the first"), ("-1:", "the last"))),
        form(LOOPS, ("h_t @ W_hh.T", "(h_t[:1] if t and h_t.ndim == 2 else h_t) @ W_hh.T"),
             variant="the first, but h0 its own")),

    mistake("state-leaks", Words(
        found="a state is kept from one call to the next",
        matters="The same call gives another answer the second time, so results depend on what was evaluated before "
        "and cannot be repeated. A test that calls the function once sees nothing.",
        look="Search for what outlives the call: an attribute, a global, a default argument that is changed.",
        right="the states depend on X_seq, h0 and the weights alone",
        wrong="h before the first step = h_T of the previous call"),
        *(form(FORWARD, ("h_t = h0", f"h_t = KEPT.get({key}, h0)"),
               ("return h_states", f"KEPT[{key}] = h_t\n    return h_states"), variant=variant)
          for key, variant in (("h0.shape", ""), ("(h0.shape, len(X_seq))", "for each length")))),

    mistake("chunk-reset", Words(
        found="the state is reset inside the sequence",
        matters="Up to the border everything is exact, so short tests pass; behind it the network has forgotten what "
        "came before. In training, chunks may cut the gradient, but the state goes on.",
        look="At which step does the error begin, and what in your loop happens every so many steps?",
        right="h_prev = h_states[t - 1]   for every t > 0",
        wrong="h_prev = h0, or 0,   at every k-th step"),
        *reset(FORWARD, EVERY._replace(at_step=lambda step, T: [step] if step else [])),
        *reset(BPTT, EVERY)),
]  # fmt: skip
