"""Mistakes in which predictions count, how much each, and what their sum is divided by."""

from ...mistake import BPTT, LOSS, LOSS_BACK, SUM, SUM_BACK, Form, Number, Words, form, mistake, more
from .options import COUNT
from .softmax import PICK

BOTH = LOSS + LOSS_BACK
GRADIENT = "p[rows, y] -= 1"
LEFT_OUT = {  # of T steps of B predictions each: those that are left, and their places
    "the last": ("[:-1]", "rows < len(z) - B", "t < T - 1"),
    "the first": ("[1:]", "rows >= B", "t > 0"),
    "every second": ("[::2]", "rows // B % 2 == 0", "t % 2 == 0"),
}
WEIGHTED = {"t + 1": "(t + 1)", "1 / (t + 1)": "(1 / (t + 1))", "T - t": "(T - t)"}
POWER = Number(0.9, ": {} to the power of t", 1e-3, 1e2)


def left_out_of_bptt(told: str, kept: str) -> list[Form]:
    """Return the forms in which some steps are left out of the loss, of the gradients, or of both."""
    loss = (PICK, f"-log_p[rows, y][{kept}].sum()")
    gradient = (GRADIENT, f"{GRADIENT}\n    p[~({kept.replace('rows', 'np.arange(len(z))')})] = 0")
    return [
        form(BPTT, loss, variant=f"{told}, in the loss"),
        form(BPTT, gradient, variant=f"{told}, in the gradient"),
        form(BPTT, loss, gradient, variant=f"{told}, in both"),
    ]


def weighted(told: str, factor: str, number: Number | None = None) -> list[Form]:
    """Return the forms in which step t counts by a factor."""
    steps = f"T = len(logits_seq)\n    {{}} = [{factor} * d for t, d in enumerate({{}})]"
    of_rows = factor.replace("T", "(len(z) // B)").replace("t", "(n // B)")
    loss = (PICK, f"-(({of_rows.replace('n //', 'rows //')}) * log_p[rows, y]).sum()")
    gradient = (GRADIENT, f"{GRADIENT}\n    n = np.arange(len(z))[:, None]\n    p = p * {of_rows}")
    ends = {SUM: ("return sum(losses)", "losses"), SUM_BACK: ("return np.array(dlogits)", "dlogits")}
    made = [
        form(functions, (end, f"{steps.format(name, name)}\n    {end}"), variant=told, number=number)
        for functions, (end, name) in ends.items()
    ]
    some = {"in the loss": (loss,), "in both": (loss, gradient)}
    return made + [form(BPTT, *edits, variant=f"{told}, {where}", number=number) for where, edits in some.items()]


ENTRIES = [
    mistake("steps-left-out", Words(
        found="some steps are left out of the loss, or get no gradient from it",
        matters="One share of T or more is missing, which in a long sequence hardly changes the loss. What is left "
        "out is never trained: if it is the last step, what only the end of a sequence teaches.",
        look="Write down the values that the index of your loop, or your slice, takes for a sequence of 3 steps.",
        right="loss = loss[0] + loss[1] + ... + loss[T-1]",
        wrong="loss = loss[0] + loss[1] + ... + loss[T-2]   (or from 1, or every second)"),
        *(form(SUM, ("sum(losses)", f"sum(losses{part}, 0 * losses[0])"), variant=told)
          for told, (part, _, _) in LEFT_OUT.items()),
        *(form(SUM_BACK, ("return np.array(dlogits)", "T = len(dlogits)\n    return np.array("
               f"[d * ({when}) for t, d in enumerate(dlogits)])"), variant=told)
          for told, (_, _, when) in LEFT_OUT.items()),
        *(one for told, (_, kept, _) in LEFT_OUT.items() for one in left_out_of_bptt(told, kept))),

    mistake("rows-left-out", Words(
        found="some predictions are left out of the loss, or get no gradient from it",
        matters="A loop that ends one early still gives a plausible loss, too small by one share. The larger the "
        "batch, the less it shows.",
        look="How often does your loop over the predictions run for three of them, and with which indices?",
        right="loss = (loss[0] + ... + loss[N-1]) / N",
        wrong="loss = (loss[0] + ... + loss[N-2]) / N   (or from 1)"),
        *(form(functions, (f"{array}[~kept] = 0", f"{array}[~kept] = 0\n    {array}[{which}] = 0"), variant=told)
          for functions, array in ((LOSS, "losses"), (LOSS_BACK, "dz"))
          for told, which in (("the last", "-1:"), ("the first", ":1"), ("every second", "1::2"))),
        *(form(LOSS, ("    return losses.sum()\n", f"    return losses{part}.sum()\n"),
               ("losses.sum() / count", f"losses{part}.sum() / count"), variant=f"{told}, where they are added up")
          for told, part in (("the last", "[:-1]"), ("the first", "[1:]")))),

    mistake("steps-weighted", Words(
        found="the steps do not count alike in the sum",
        matters="The loss is no log-likelihood of the sequence any more: its beginning, or its end, is trained "
        "harder than the rest. With one step nothing shows.",
        look="What happens to the total in each turn of the loop, apart from one addition?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = sum_t c[t] loss_fn(logits_t, target_t)   with c[t] of its own"),
        *(one for told, factor in WEIGHTED.items() for one in weighted(told, factor)),
        *weighted("a power", "NUMBER ** t", POWER),
        form(SUM, ("sum(losses)", "sum(0.5 ** min(len(losses) - t, len(losses) - 1) * d "
             "for t, d in enumerate(losses))"), variant="mean with the total so far"),
        form(SUM, ("sum(losses)", "sum(0.5 ** (len(losses) - t) * d for t, d in enumerate(losses))"),
             variant="mean with the total so far, from 0"),
        form(SUM, ("sum(losses)", "sum((len(losses) - t) * d for t, d in enumerate(losses)) / len(losses)"),
             variant="mean of the totals")),

    mistake("averaged-over-all-rows", Words(
        found="the mean is divided by the number of all rows, expected the weights of those kept",
        matters="With padding, or with class weights, the divisor is another one than PyTorch's: the loss of a "
        "batch then depends on how much of it is padding. With neither of them it is right.",
        look="mean() divides by the length of the array. Which rows count, and how much does each?",
        right="loss = sum_n w[y[n]] nll[n] / sum_n w[y[n]]   over the rows kept",
        wrong="loss = sum_n w[y[n]] nll[n] / N   over all rows"),
        form(BOTH, (COUNT, "count = len(z)"))),

    mistake("mean-of-one-axis", Words(
        found="the mean is divided by the number of steps, or of sequences, not of the targets kept",
        matters="It is a sum over the other axis: twice the batch, or twice the length, gives twice the loss and twice "
        "the gradients. Of a single sequence without padding it is right, or it is a sum.",
        look="The mean runs over two axes. By which sizes do you divide, and what of the targets that are ignored?",
        right="loss = sum_t sum_b nll[t, b] / (number of targets kept)",
        wrong="loss = sum_t sum_b nll[t, b] / T   (or / B)"),
        *(form(BPTT, edit, variant=f"{told}{where}")
          for told, size in (("by T", "T"), ("by B", "B"),
                             ("by the steps with a target", "kept.reshape(T, B).any(1).sum()"))
          for where, edit in {
              "": ("count = len(rows)", f"count = {size}"),
              ", in the loss": ("sum() / count", f"sum() / ({size} if reduction == 'mean' else 1)"),
              ", in the gradient": ("p = p / count", f"p = p / ({size} if reduction == 'mean' else 1)"),
          }.items())),

    mistake("mean-at-every-step", Words(
        found="the division of the mean is made again at every step back",
        matters="What comes from the step after has been divided already, in its own logits. Divided again each time, "
        "it fades like a power of the number of targets: hardly more than one step is learnt from.",
        look="In which line of the loop is the gradient divided, and has what is handed back been through it before?",
        right="dh_next = W_hh^T dz_t",
        wrong="dh_next = (1 / count) W_hh^T dz_t"),
        form(BPTT, ("dh_next = dz_t @ W_hh", "dh_next = dz_t @ W_hh / count")),
        form(BPTT, ("dh_states[t] + dh_next", "dh_states[t] + dh_next / count"), variant="but at h0")),

    mistake("loss-as-upstream", Words(
        found="the gradients are multiplied by the value of the loss",
        matters="The gradient that a loss starts from is 1, whatever the loss is. Multiplied by its value, the "
        "steps are huge at first and vanish as the loss falls: it is the gradient of half the loss squared.",
        look="What is handed to the first function on the way back as the gradient from above?",
        right="dloss = 1",
        wrong="dloss = loss"),
        form(BPTT, (GRADIENT, f"{GRADIENT}\n    p = p * loss"))),

    mistake("averaged-over-one-step", Words(
        found="the mean is divided by the number of targets of one step, expected those of all",
        matters="The loss is about T times too large, and by how much depends on where the padding lies. A counter "
        "that is set in each turn of a loop, and not added to, ends with the last step's number.",
        look="Is the number of targets added up over the steps, as the losses are?",
        right="loss = sum_t sum_b nll[t, b] / count of all t and b",
        wrong="loss = sum_t sum_b nll[t, b] / count of the last t"),
        *(form(BPTT, *edits, variant=f"of the {told}{where}")
          for told, part in (("last", "kept[-B:]"), ("first", "kept[:B]"))
          for where, edits in {
              "": [("count = len(rows)", f"count = {part}.sum()")],
              ", in the loss": [("sum() / count", f"sum() / ({part}.sum() if reduction == 'mean' else 1)")],
          }.items())),

    mistake("divisor-at-least-one", Words(
        found="the divisor of the mean is kept at 1 or more",
        matters="It was to guard against a division by zero. But class weights may add up to less than 1, and then "
        "the mean is too small; and where nothing is kept there is no mean at all.",
        look="Can the number that you divide by be small without being zero?",
        right="loss = sum_n w[y[n]] nll[n] / sum_n w[y[n]]",
        wrong="loss = sum_n w[y[n]] nll[n] / max(1, sum_n w[y[n]])"),
        form(LOSS, ("/ count", "/ max(count, 1)")),
        form(LOSS_BACK, ("dz = dz / count", "dz = dz / max(count, 1)"))),

    mistake("loss-fn-called-once", Words(
        found="loss_fn is called once for all steps, expected once for each",
        matters="A loss that takes a mean then takes it over the steps as well, and one that expects the logits of "
        "a step gets an array with one axis too many.",
        look="How often should loss_fn be called for a sequence of T steps, and with logits of which shape?",
        right="loss = sum_t loss_fn(logits_seq[t], targets_seq[t])",
        wrong="loss = loss_fn(logits_seq, targets_seq)"),
        form(SUM, ("sum(losses)", "loss_fn(logits_seq, targets_seq)")),
        form(SUM, ("sum(losses)", "len(losses) * loss_fn(logits_seq, targets_seq)"), variant="times T")),

    mistake("loss-fn-per-row", Words(
        found="loss_fn is called for each sequence of a batch, expected once for each step",
        matters="A loss that takes the mean over a batch is then added up B times. For a loss that is a sum it makes "
        "no difference, and for a single sequence none either.",
        look="Over which axes does your loop run, and what does loss_fn itself do with a batch?",
        right="loss = sum_t loss_fn(logits_seq[t], targets_seq[t])",
        wrong="loss = sum_t sum_b loss_fn(logits_seq[t, b], targets_seq[t, b])"),
        form(SUM, ("return sum(losses)", "if np.ndim(logits_seq) == 3:\n        losses = [loss_fn(z, y) for z_t, y_t "
             "in zip(logits_seq, targets_seq) for z, y in zip(z_t, y_t)]\n    return sum(losses)"), variant="each"),
        form(SUM, ("return sum(losses)", "if np.ndim(logits_seq) == 3:\n        losses = [loss_fn(logits_seq[:, b], "
             "np.asarray(targets_seq)[:, b]) for b in range(logits_seq.shape[1])]\n    return sum(losses)"),
             variant="each, all its steps at once")),

    more("mean-over-steps",
        form(LOSS, ("    return losses.sum()\n", "    return losses.mean()\n"), variant="mean over all rows for sum"),
        form(LOSS, ("    return losses.sum()\n", "    return losses.mean()\n"),
             ("losses.sum() / count", "losses.mean() / count"), variant="mean over all rows, and again")),
]  # fmt: skip
