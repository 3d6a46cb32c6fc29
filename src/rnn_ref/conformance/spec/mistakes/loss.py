"""Mistakes in the softmax and its logarithm, in which entry is taken, and in what is added up."""

from ..mistake import BPTT, LOSS, LOSS_BACK, SUM, SUM_BACK, made

LOG_P = "log_p = z - np.log(np.exp(z).sum(1, keepdims=True))"
P = "p = np.exp(z) / np.exp(z).sum(1, keepdims=True)"
SHIFT = "z = z - z.max(1, keepdims=True)"
FORWARDS, BACKWARDS, ALL = LOSS + BPTT, LOSS_BACK + BPTT, LOSS + LOSS_BACK + BPTT
NLL, PICK = "nll = -w[y] * log_p[rows, y]", "-log_p[rows, y].sum()"
DZ = "dz = p * q.sum(1, keepdims=True) - q"
AS_PROBABILITY = "np.exp(z) / np.exp(z).sum(1, keepdims=True)"
COLUMNS = "logits.reshape(z.shape) - logits.reshape(z.shape).max(0, keepdims=True)"
LOG_P_OF_COLUMNS = f"log_p = {COLUMNS}\n    log_p = log_p - np.log(np.exp(log_p).sum(0, keepdims=True))"
P_OF_COLUMNS = f"p = np.exp({COLUMNS})\n    p = p / p.sum(0, keepdims=True)"

SOFTMAX = [
    made("base-2-log", FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = log_p / np.log(2)")),
    made("base-2-log", BPTT, (LOG_P, f"{LOG_P}\n    log_p = log_p / np.log(2)"), ("p[rows, y] -= 1",
         "p[rows, y] -= 1\n    p = p / np.log(2)"), variant="both ways"),
    made("base-2-log", LOSS_BACK, (DZ, f"{DZ}\n    dz = dz / np.log(2)")),
    made("double-softmax", FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = np.exp(log_p)\n    log_p = log_p - "
         "np.log(np.exp(log_p).sum(1, keepdims=True))")),
    made("double-softmax", BACKWARDS, (P, f"{P}\n    p = np.exp(p) / np.exp(p).sum(1, keepdims=True)"),
         variant="in the gradient"),
    made("double-softmax", BPTT, (SHIFT, f"{SHIFT}\n    z = {AS_PROBABILITY}"), variant="in both"),
    made("softmax-wrong-axis", LOSS, (SHIFT, "z = z - z.max(0, keepdims=True)"),
         (LOG_P, LOG_P.replace("(1", "(0")), variant="over all rows"),
    made("softmax-wrong-axis", LOSS, (LOG_P, "log_p = logits - logits.max(0, keepdims=True)\n"
         "    log_p = (log_p - np.log(np.exp(log_p).sum(0, keepdims=True))).reshape(z.shape)"), variant="over time"),
    made("softmax-wrong-axis", LOSS, (LOG_P, "axis = min(1, logits.ndim - 1)\n    log_p = logits - logits.max(axis, "
         "keepdims=True)\n    log_p = (log_p - np.log(np.exp(log_p).sum(axis, keepdims=True))).reshape(z.shape)"),
         variant="over the batch"),
    made("softmax-wrong-axis", BACKWARDS, (P, P.replace("(1", "(0")), variant="over all rows"),
    made("softmax-wrong-axis", LOSS_BACK, (P, P_OF_COLUMNS), variant="over all rows, maximum too"),
    *(made("softmax-wrong-axis", BPTT, *edits, variant=told) for told, edits in (
        ("in the loss", ((LOG_P, LOG_P_OF_COLUMNS),)), ("in the gradient", ((P, P_OF_COLUMNS),)),
        ("both ways", ((LOG_P, LOG_P_OF_COLUMNS), (P, P_OF_COLUMNS))))),
    made("softmax-wrong-axis", BPTT, (LOG_P, LOG_P.replace("(1", "(0")), (P, P.replace("(1", "(0")),
         variant="over all rows, both ways"),
    made("unstable-softmax", ALL, (SHIFT, "z = z + 0")),
    made("log-epsilon", LOSS, (LOG_P, f"{LOG_P}\n    log_p = np.log(np.exp(log_p) + 1e-8)")),
    made("log-epsilon", BPTT, (PICK, "-np.log(np.exp(log_p[rows, y]) + 1e-8).sum()")),
    made("unnormalised", LOSS, (LOG_P, "log_p = logits.reshape(z.shape)")),
    made("unnormalised", BPTT, (PICK, "-logits.reshape(z.shape)[rows, y].sum()")),
    made("probability-not-log", LOSS, (LOG_P, f"{LOG_P}\n    log_p = np.exp(log_p) - 1"), variant="1 - p"),
    made("probability-not-log", BPTT, (PICK, "(1 - np.exp(log_p[rows, y])).sum()"), variant="1 - p"),
    made("probability-not-log", LOSS, (LOG_P, f"{LOG_P}\n    log_p = -np.exp(log_p)"), variant="p"),
    made("probability-not-log", BPTT, (PICK, "np.exp(log_p[rows, y]).sum()"), variant="p"),
]  # fmt: skip

TARGETS = [
    *(made("targets-shifted", functions, (f"np.ravel({name})", f"np.roll(np.ravel({name}), {by})"), variant=told)
      for functions, name in ((LOSS + LOSS_BACK, "targets"), (BPTT, "targets_seq"))
      for by, told in ((1, "one late"), (-1, "one early"))),
    *(made("targets-shifted", SUM + SUM_BACK, ("targets_seq)]", f"np.roll(targets_seq, {by}, axis=0))]"), variant=told)
      for by, told in ((1, "one late"), (-1, "one early"))),
    *(made("targets-shifted", SUM + SUM_BACK, ("targets_seq)]", f"np.roll(targets_seq, {by}))]"), variant=told)
      for by, told in ((1, "one late, rows mixed"), (-1, "one early, rows mixed"))),
    *(made("targets-shifted", functions,
           (f"np.ravel({name})", f"np.ravel(np.roll(np.atleast_1d({name}), {by}, axis=0))"), variant=told)
      for functions, name in ((LOSS + LOSS_BACK, "targets"), (BPTT, "targets_seq"))
      for by, told in ((1, "late in time"), (-1, "early in time"))),
    made("target-columns", LOSS, (NLL, "nll = -(w[y] * log_p[:, y]).mean(1)"), variant="mean"),
    made("target-columns", LOSS, (NLL, "nll = -(w[y] * log_p[:, y]).sum(1)"), variant="sum"),
    made("target-columns", LOSS_BACK, ("np.eye(V, dtype=z.dtype)[y]", "np.eye(V, dtype=z.dtype)[y].max(0) + 0 * z")),
    made("target-columns", LOSS_BACK, (DZ, f"{DZ}\n    if np.asarray(targets).dtype.kind != 'f':\n"
         "        dz = p * q.sum(1, keepdims=True)\n        dz[:, y] -= 1"), variant="taken from p"),
    made("target-columns", BPTT, (PICK, "-log_p[:, y].sum(0).mean()"), variant="mean"),
    made("target-columns", BPTT, (PICK, "-log_p[:, y].sum()"), variant="sum"),
    made("target-columns", BPTT, ("p[rows, y] -= 1", "p[:, y] -= 1"), variant="in the gradient"),
    made("onehot-missing", LOSS_BACK, (DZ, "dz = p * q.sum(1, keepdims=True)")),
    made("onehot-missing", BPTT, ("    p[rows, y] -= 1\n", "")),
]  # fmt: skip

SCALE = [
    made("sign", LOSS, (LOG_P, f"{LOG_P}\n    log_p = -log_p")),
    made("sign", LOSS_BACK, (DZ, "dz = q - p * q.sum(1, keepdims=True)")),
    made("sign", SUM, ("sum(losses)", "-sum(losses)")),
    made("sign", SUM_BACK, ("np.array(dlogits)", "-np.array(dlogits)")),
    made("sign", BPTT, (PICK, "log_p[rows, y].sum()"), variant="of the loss"),
    made("sign", BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = -p"), variant="of the gradients"),
    made("sign", BPTT, (PICK, "log_p[rows, y].sum()"), ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = -p"),
         variant="of both"),
    made("mean-over-steps", LOSS, ("losses.sum() / count", "losses.sum()"), variant="sum for mean"),
    made("mean-over-steps", LOSS, ("return losses.sum()\n", "return losses.sum() / count\n"), variant="mean for sum"),
    made("mean-over-steps", LOSS_BACK, ("dz = dz / count", "dz = dz / 1"), variant="sum for mean"),
    made("mean-over-steps", LOSS_BACK, ('if reduction == "mean"', 'if reduction != "none"'), variant="mean for sum"),
    *(made("mean-over-steps", SUM, ("sum(losses)", f"sum(losses) / {by}"), variant=f"by {told}")
      for by, told in (("len(losses)", "T"), ("np.size(targets_seq[0])", "B"), ("np.size(targets_seq)", "T * B"))),
    *(made("mean-over-steps", SUM_BACK, ("np.array(dlogits)", f"np.array(dlogits) / {by}"), variant=f"by {told}")
      for by, told in (("len(dlogits)", "T"), ("np.size(targets_seq[0])", "B"), ("np.size(targets_seq)", "T * B"))),
    *(made("mean-over-steps", BPTT, (PICK, f"{PICK} / {by}"), variant=f"by {told}, the loss alone")
      for by, told in (("T", "T"), ("B", "B"), ("(T * B)", "T * B"))),
    *(made("mean-over-steps", BPTT, (PICK, f"{PICK} / {by}"), ("p[rows, y] -= 1", f"p[rows, y] -= 1\n    p = p / {by}"),
           variant=f"by {told}") for by, told in (("T", "T"), ("B", "B"), ("(T * B)", "T * B"))),
    made("averaged-over-steps", BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / T"), variant="all"),
    made("averaged-over-batch", BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / B"), variant="all"),
    made("dlogits-averaged", LOSS_BACK, (DZ, f"{DZ}\n    dz = dz / V")),
    made("dlogits-averaged", SUM_BACK, ("np.array(dlogits)", "np.array(dlogits) / logits_seq.shape[-1]")),
    made("dlogits-averaged", BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / V")),
    made("dloss-ignored", LOSS_BACK, ("dz = np.reshape(dloss, (-1, 1)) * dz", "dz = 1 * dz")),
    made("dloss-ignored", SUM_BACK, ("[loss_backward(dloss,", "[loss_backward(1.0,")),
]  # fmt: skip

STEPS = [
    made("last-step-only", SUM, ("sum(losses)", "losses[-1]")),
    made("first-step-only", SUM, ("sum(losses)", "losses[0]")),
    *(made(slug, SUM_BACK, ("np.array(dlogits)", f"np.array([d * (t == {t}) for t, d in enumerate(dlogits)])"))
      for slug, t in (("last-step-only", "len(dlogits) - 1"), ("first-step-only", "0"))),
    *(made(slug, BPTT, (PICK, f"-log_p[rows, y][{rows}].sum()"), variant="the loss alone")
      for slug, rows in (("last-step-only", "rows >= len(z) - B"), ("first-step-only", "rows < B"))),
    *(made(slug, BPTT, (PICK, f"-log_p[rows, y][{rows}].sum()"),
           ("p[rows, y] -= 1", f"p[rows, y] -= 1\n    p[{others}] = 0"))
      for slug, rows, others in (("last-step-only", "rows >= len(z) - B", ":-B"),
                                 ("first-step-only", "rows < B", "B:"))),
    made("ignores-loss-fn", SUM, ("loss_fn(z_t, y_t)", "(np.log(np.exp(z_t).sum(-1)) - np.take_along_axis("
         "z_t, np.asarray(y_t)[..., None], -1)[..., 0]).sum()")),
    made("ignores-loss-fn", SUM_BACK, ("loss_backward(dloss, z_t, y_t)", "dloss * (np.exp(z_t) / np.exp(z_t).sum(-1, "
         "keepdims=True) - np.eye(z_t.shape[-1])[y_t])")),
]  # fmt: skip

MISTAKES = SOFTMAX + TARGETS + SCALE + STEPS
