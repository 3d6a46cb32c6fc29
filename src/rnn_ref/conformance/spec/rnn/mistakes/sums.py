"""Mistakes in the sums over steps and batch that gradients are: a mean, a step left out, rows of another step."""

from ...mistake import BACK, BPTT, CELL_BACK, OUTPUT_BACK, SUM_BACK, Form, Number, Words, form, mistake, more

LOOPS, BACKS = BACK + BPTT, OUTPUT_BACK + BPTT
NEXT, SUMMED, END = "dh_next = dz_t @ W_hh", "dh_states[t] + dh_next", "dh0 = dh_next"
SHARES = {"W_xh": "dW_xh += dz_t.T @ x_t", "W_hh": "dW_hh += dz_t.T @ h_prev", "b_h": "db_h += dz_t.sum(0)"}
OUTPUTS = {"W_hy": ("dW_hy = dz.T @ h\n", "dW_hy = {0}.T @ {1}\n"), "b_y": ("db_y = dz.sum(0)", "db_y = {0}.sum(0)")}
SOME = {"W_xh": ("W_xh",), "W_hh": ("W_hh",), "b_h": ("b_h",), "all": ("W_xh", "W_hh", "b_h")}
B_Y = "len(dz) // len(dlogits_seq)"  # how many rows a step has
W_XH, W_HH = "dz_t.T @ x_t", "dz_t.T @ h_prev"
PRODUCTS = {"W_xh": [(W_XH, "x_t")], "W_hh": [(W_HH, "h_prev")], "both": [(W_XH, "x_t"), (W_HH, "h_prev")]}
ALIASED = {"W_xh": [("W_xh", W_XH)], "W_hh": [("W_hh", W_HH)], "both": [("W_xh", W_XH), ("W_hh", W_HH)]}
MEANS = {"T": "steps", "B": "batch", "(T * B)": "steps"}


def left_out(when: str, *, all_too: bool = True) -> list[Form]:
    """Return the forms in which the share of a step counts only under a condition, of one gradient or of all."""
    return [
        form(LOOPS, *((SHARES[name], f"{SHARES[name]} * ({when})") for name in names), variant=told)
        for told, names in SOME.items() if all_too or told != "all"
    ]  # fmt: skip


def of_output(part: str, told: str) -> list[Form]:
    """Return the forms in which the output layer's gradients take a part of the predictions alone."""
    rows = f"n = {B_Y}\n    dz, h = dz[{part}], h[{part}]\n    "
    both = (OUTPUTS["W_hy"][0], rows + OUTPUTS["W_hy"][0])
    return [
        form(BACKS, (old, new.format(f"dz[{part.replace('n', f'({B_Y})')}]", f"h[{part.replace('n', f'({B_Y})')}]")),
             variant=f"{name}, {told}" if told else name)
        for name, (old, new) in OUTPUTS.items()
    ] + [form(BACKS, both, variant=f"W_hy and b_y{f', {told}' if told else ''}")]  # fmt: skip


ENTRIES = [
    mistake("sum-misses-last-step", Words(
        found="the gradient of a parameter misses the last step",
        matters="One share of T is left out, and it is that of the step which has seen most of the sequence. All "
        "else is right, so training goes on.",
        look="Over which steps is this gradient added up, and where does that range, or slice, end?",
        right="dW = dW_0 + dW_1 + ... + dW_{T-1}",
        wrong="dW = dW_0 + dW_1 + ... + dW_{T-2}"),
        *left_out("t < T - 1"),
        *of_output(":-n", "")),

    more("db-without-first-step",
        form(LOOPS, *((line, f"{line} * (t > 0)") for line in SHARES.values()), variant="all"),
        form(BACKS, ("dW_hy = dz.T @ h\n", f"n = {B_Y}\n    dW_hy = dz[n:].T @ h[n:]\n"), variant="W_hy"),
        form(BACKS, ("dW_hy = dz.T @ h\n", f"n = {B_Y}\n    dz, h = dz[n:], h[n:]\n    dW_hy = dz.T @ h\n"),
             variant="W_hy and b_y")),

    mistake("sum-over-some-steps", Words(
        found="the gradient of a parameter takes every second step only",
        matters="Half of the shares are missing, so it is about half as large as it should be and knows nothing of "
        "the other steps.",
        look="Does your range or slice have a step of its own, as in [::2]?",
        right="dW = dW_0 + dW_1 + dW_2 + ...",
        wrong="dW = dW_0 + dW_2 + dW_4 + ..."),
        *left_out("t % 2 == 0"),
        *of_output("::2", "every second row")),

    more("assigned-not-accumulated",
        form(LOOPS, ("dW_hh +=", "dW_hh ="), ("dW_xh +=", "dW_xh ="), variant="W_xh and W_hh"),
        *of_output("-n:", "the last step's")[1:]),

    more("db-first-step-only",
        *of_output(":n", "the first step's")[::2],
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dz[0]"), variant="b_y, the first row")),

    mistake("db-one-row", Words(
        found="the gradient of a bias is that of a single row, nothing is added up",
        matters="A bias takes part in every step of every sequence, and each has its share. Here one sequence of the "
        "batch, or one prediction, decides alone.",
        look="The bias's gradient has no axis of the batch. By which operation does that axis vanish in your code?",
        right="db = sum_t sum_b dz_t[b]",
        wrong="db = sum_t dz_t[0]   (or dz_t[B-1])"),
        *(form(CELL_BACK, ("db_h = dz_t.sum(0)", f"db_h = dz_t[{row}]"), variant=f"b_h, {told}")
          for row, told in ((0, "the first of the batch"), (-1, "the last of the batch"))),
        *(form(LOOPS, (SHARES["b_h"], f"db_h += dz_t[{row}]"), variant=f"b_h, {told}")
          for row, told in ((0, "the first of the batch"), (-1, "the last of the batch"))),
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dz[-1]"), variant="b_y, the last row")),

    mistake("db-summed-over-units", Words(
        found="the gradient of a bias is added up over the units as well",
        matters="Every unit is then shifted by the same amount, which none of them asked for. A sum without an axis "
        "gives one number, and NumPy spreads it over the array without a word.",
        look="Over which axes does your sum run? One of them must be left, that of the units.",
        right="db[i] = sum_t dz_t[i]",
        wrong="db[i] = sum_t sum_j dz_t[j]   for every i"),
        form(CELL_BACK, ("db_h = dz_t.sum(0)", "db_h = dz_t.sum() + 0 * b_h"), variant="b_h"),
        form(LOOPS, (SHARES["b_h"], "db_h += dz_t.sum()"), variant="b_h"),
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dz.sum() + 0 * b_y"), variant="b_y")),

    # means
    *(more(f"averaged-over-{MEANS[size]}",
        *(form(LOOPS, (END, f"{END}\n    d{name} = d{name} / {size}"), variant=f"{name} by {size}")
          for name in ("W_xh", "W_hh", *(("b_h",) if "*" in size else ()))),
        form(LOOPS, (END, f"{END}\n    dW_xh, dW_hh = dW_xh / {size}, dW_hh / {size}"),
             variant=f"W_xh, W_hh by {size}"),
        form(BPTT, (END, f"{END}\n    db_h, db_y = db_h / {size}, db_y / {size}"), variant=f"biases by {size}"),
        form(BPTT, (END, f"{END}\n    dW_hy = dW_hy / {size}"), variant=f"W_hy by {size}"),
        form(BPTT, (END, f"{END}\n    dW_hy, db_y = dW_hy / {size}, db_y / {size}"), variant=f"W_hy, b_y by {size}"))
      for size in MEANS),
    more("averaged-over-steps",
        form(BPTT, (END, f"{END}\n    db_y = db_y / (T * B)"), variant="b_y by (T * B)"),
        form(OUTPUT_BACK, ("dW_hy = dz.T @ h\n", "dW_hy = dz.T @ h / len(dlogits_seq)\n"), variant="W_hy")),
    more("averaged-over-batch",
        *(form(CELL_BACK, (line, f"{line} / len(dz_t)"), variant=name)
          for name, line in (("W_xh", "dW_xh = dz_t.T @ x_t"), ("W_hh", "dW_hh = dz_t.T @ h_prev"))),
        form(OUTPUT_BACK, ("dW_hy = dz.T @ h\n", "dW_hy = dz.T @ h * (len(dlogits_seq) / len(dz))\n"), variant="W_hy")),
    more("mean-over-steps",
        form(OUTPUT_BACK, ("dW_hy = dz.T @ h\n", "dW_hy = dz.T @ h / len(h)\n"), variant="W_hy by T * B")),

    # rows of another step
    mistake("dW_xh-from-another-input", Words(
        found="dW_xh is made with the input of another step",
        matters="Only dW_xh is wrong. Inputs that resemble their neighbours hide it; with one-hot inputs the columns "
        "of the wrong tokens are trained.",
        look="Which input did W_xh multiply in the forward pass of this step, and which one is in your product?",
        right="dW_xh = sum_t dz_t X_seq[t]^T",
        wrong="dW_xh = sum_t dz_t X_seq[t-1]^T   (or t+1, or one input at every step)"),
        *(form(LOOPS, (SHARES["W_xh"], f"dW_xh += dz_t.T @ {x}"), variant=told)
          for told, x in (("the one before, wraps", "X_seq[t - 1]"), ("the one before", "(X_seq[t - 1] * (t > 0))"),
                          ("the one after", "X_seq[(t + 1) % T]"), ("in reverse", "X_seq[T - 1 - t]"),
                          ("the last", "X_seq[-1]"), ("the first", "X_seq[0]")))),

    mistake("dW_hh-from-one-state", Words(
        found="dW_hh is made with the same state at every step",
        matters="Only dW_hh is wrong: the step that this state belongs to is right, and the recurrence learns as if "
        "it had never moved on.",
        look="Which state does the loop multiply in each turn, and where is it set anew?",
        right="dW_hh = sum_t dz_t h_prev^T",
        wrong="dW_hh = sum_t dz_t h0^T   (or h_T)"),
        form(LOOPS, (SHARES["W_hh"], "dW_hh += dz_t.T @ h0"), variant="h0"),
        form(LOOPS, (SHARES["W_hh"], "dW_hh += dz_t.T @ h_states[-1]"), variant="the last")),

    mistake("upstream-of-another-step", Words(
        found="a step adds the gradient of another step's output",
        matters="What each prediction has to say reaches the state of its neighbour. Where upstream gradients are "
        "alike at all steps nothing shows.",
        look="Write down t and the index of the upstream gradient in the first turn of your loop, and in the last.",
        right="dh_t = dh_states[t] + dh_next",
        wrong="dh_t = dh_states[t-1] + dh_next   (or t+1, or T-1-t)"),
        *(form(LOOPS, (SUMMED, f"{of} + dh_next"), variant=told)
          for told, of in (("the one before, wraps", "dh_states[t - 1]"), ("the one after, wraps",
                           "dh_states[(t + 1) % T]"), ("in reverse", "dh_states[T - 1 - t]"),
                           ("the one after", "(dh_states[t + 1] if t < T - 1 else 0 * dh_next)"),
                           ("the first at every step", "dh_states[0]")))),

    mistake("gradients-reversed", Words(
        found="the gradients of the steps are in reverse order",
        matters="The way back visits the last step first, so a list that is appended to begins with it. The network's "
        "own gradients are right; what lies below is trained for the wrong steps.",
        look="In which order does your loop fill the list that you return?",
        right="dX[t] = W_xh^T dz_t",
        wrong="dX[t] = W_xh^T dz_{T-1-t}"),
        form(LOOPS, (END, f"{END}\n    dX = dX[::-1]")),
        form(OUTPUT_BACK, ("dh_states = dlogits_seq @ W_hy", "dh_states = (dlogits_seq @ W_hy)[::-1]")),
        form(SUM_BACK, ("np.array(dlogits)", "np.array(dlogits[::-1])"))),

    more("dX-not-through-tanh",
        form(LOOPS, ("dX[t] = dz_t @ W_xh", "dX[t] = dh_states[t] @ W_xh"), variant="its own output's alone")),

    mistake("dh-next-piles-up", Words(
        found="the gradient that is handed back is added to what was handed back before",
        matters="What later steps have said is passed on again at every step, so it never fades and is counted many "
        "times. The last two steps are right, and short sequences nearly so.",
        look="Each turn takes up what the turn before has left. Is that replaced, or added to?",
        right="dh_next = W_hh^T dz_t",
        wrong="dh_next = dh_next + W_hh^T dz_t"),
        form(LOOPS, (NEXT, "dh_next = dh_next + dz_t @ W_hh"))),

    mistake("dh-next-scaled", Words(
        found="what comes from the step after is scaled",
        matters="It is multiplied once more at every step back, so the further back, the more it is off: it fades or "
        "explodes where the true gradient does not. The last step is exact.",
        look="In how many lines of the loop is that gradient added, and does any number stand beside it?",
        right="dh_t = dh_states[t] + dh_next",
        wrong="dh_t = dh_states[t] + 2 dh_next   (or another factor)"),
        form(LOOPS, (SUMMED, "dh_states[t] + NUMBER * dh_next"),
             number=Number(2, ": times {}", 1e-3, 1e3, signed=True, common=(0.5, -1)))),

    mistake("dh-past-the-step", Words(
        found="the gradient of a state is added to that of the state before it, as by a shortcut",
        matters="Going forward, the state before enters through W_hh and tanh alone. A second path on the way back "
        "belongs to a residual network, and the gradient does not fade as it should.",
        look="How many ways lead from h_prev to h_t? As many terms has the gradient of h_prev.",
        right="dh_prev = W_hh^T dz_t",
        wrong="dh_prev = W_hh^T dz_t + dh_t"),
        *(form(CELL_BACK, ("dh_prev = dz_t @ W_hh", f"dh_prev = dz_t @ W_hh + {what}"), variant=what)
          for what in ("dh_t", "dz_t")),
        *(form(LOOPS, (NEXT, f"{NEXT} + {what}"), variant=what) for what in ("dh_t", "dz_t"))),

    mistake("last-gradient-twice", Words(
        found="the gradient of the last step's output is counted twice",
        matters="It is where the way back begins, and it is added again in the first turn of the loop. If the loss "
        "looks at the last step alone, all gradients come out doubled.",
        look="What is handed back to the last step by the step after it, which does not exist?",
        right="dh_next = 0   before the loop",
        wrong="dh_next = dh_states[T-1]   before the loop, which adds dh_states[T-1] itself"),
        form(LOOPS, ("dh_next = np.zeros_like(h0)", "dh_next = dh_states[-1].copy()"))),

    mistake("dh0-carried-too-far", Words(
        found="the gradient of h0 has been taken one operation too far",
        matters="Only it is wrong, and only who learns h0, or carries a gradient into an earlier chunk, feels it. h0 "
        "is not made by a step of this sequence.",
        look="How many times does h0 meet W_hh going forward, and does it go through an activation of its own?",
        right="dh0 = W_hh^T dz_0",
        wrong="dh0 = W_hh^T W_hh^T dz_0   (or times 1 - h0^2)"),
        form(LOOPS, (END, "dh0 = dh_next @ W_hh"), variant="through W_hh"),
        form(LOOPS, (END, "dh0 = dh_next * (1 - h0**2)"), variant="through tanh"),
        form(LOOPS, (END, "dh0 = (dh_next * (1 - h0**2)) @ W_hh"), variant="through both"),
        form(CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = (dz_t @ W_hh) * (1 - h_prev**2)"),
             variant="through tanh")),

    mistake("product-of-sums", Words(
        found="the gradient of a weight is a product of two sums, expected a sum of products",
        matters="Each sequence's gradient meets the inputs of every other. Of a single sequence it is right; an einsum "
        "whose two operands name the batch by different letters does it without a word.",
        look="Is the batch added up before the two arrays are multiplied, or along with it?",
        right="dW = sum_b dz_t[b] x_t[b]^T",
        wrong="dW = (sum_b dz_t[b]) (sum_c x_t[c])^T"),
        *(form(CELL_BACK + LOOPS, *((line, f"np.outer(dz_t.sum(0), {rows}.sum(0))") for line, rows in lines),
               variant=told) for told, lines in PRODUCTS.items()),
        form(BACKS, ("dW_hy = dz.T @ h\n", f"n = {B_Y}\n    dW_hy = dz.reshape(-1, n, dz.shape[1]).sum(1).T @ "
             "h.reshape(-1, n, h.shape[1]).sum(1)\n"), variant="W_hy")),

    mistake("rows-aliased", Words(
        found="all rows of a weight's gradient are the same",
        matters="A list of lists that is made by multiplication holds one row many times, so whatever is added to "
        "one is added to all: each row is the sum over the units.",
        look="How is the array, or the list, made into which the gradient is added? Change one row, print another.",
        right="dW[i, j] = sum_t dz_t[i] h_prev[j]",
        wrong="dW[i, j] = sum_t sum_k dz_t[k] h_prev[j]   for every i"),
        *(form(CELL_BACK, *((f"d{name} = {line}", f"d{name} = 0 * {name} + ({line}).sum(0)") for name, line in lines),
               variant=told) for told, lines in ALIASED.items()),
        *(form(LOOPS, (END, f"{END}\n    " + "\n    ".join(f"d{name} = 0 * {name} + d{name}.sum(0)"
                                                        for name, _ in lines)), variant=told)
          for told, lines in ALIASED.items()),
        form(BACKS, ("dW_hy = dz.T @ h\n", "dW_hy = 0 * W_hy + (dz.T @ h).sum(0)\n"), variant="W_hy")),

    more("states-aliased",
        form(LOOPS, ("X_seq[t], h_states[t]", "X_seq[t], h_states[-1]"), ("h_states[t - 1] if", "h_states[-1] if"),
             variant="on the way back")),

    more("dh-next-untransposed",
        form(LOOPS, (END, f"{END}\n    dh0 = dz_t @ W_hh.T"), variant="at h0 only"),
        form(LOOPS, (NEXT, f"{NEXT}.T"), (END, "dh0 = dz_t @ W_hh"), variant="but at h0")),

    more("dh-not-through-tanh",
        form(LOOPS, (NEXT, "dh_next = dh_t @ W_hh"), (END, "dh0 = dz_t @ W_hh"), variant="but at h0"),
        form(LOOPS, (END, "dh0 = dh_t @ W_hh"), variant="at h0 only")),

    *(more("dh-added-not-carried", form(LOOPS, (NEXT, f"dh_next = {what}"), (END, "dh0 = dz_t @ W_hh"),
           variant=f"{told}, but at h0")) for told, what in (("dh", "dh_t"), ("dz", "dz_t"))),
]  # fmt: skip
