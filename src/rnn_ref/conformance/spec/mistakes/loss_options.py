"""Mistakes in what the options of the cross-entropy mean, and those of rnn_bptt."""

from ..mistake import BPTT, LOSS, LOSS_BACK, made

BOTH = LOSS + LOSS_BACK
KEPT = "kept = y != ignore_index"
COUNT = "count = w[y][kept].sum()"
SMOOTH, SMOOTHED = "smooth = -(w * log_p).sum(1) / V", "label_smoothing / V"
LOSSES = "(1 - label_smoothing) * nll + label_smoothing * smooth"
WEIGHT = "w = np.ones(V, z.dtype) if weight is None else weight"

IGNORED = [  # an option that is accepted and changes nothing
    made("option-ignored", BOTH, (WEIGHT, "w = np.ones(V, z.dtype)"), variant="weight"),
    made("option-ignored", BOTH + BPTT, (KEPT, "kept = y != -100"), variant="ignore_index"),
    made("option-ignored", LOSS, ('if reduction == "sum"', "if False"), ('if reduction == "none"', "if False"),
         variant="reduction"),
    made("option-ignored", LOSS_BACK, ('if reduction == "mean":', "if True:"), variant="reduction"),
    made("option-ignored", LOSS, (LOSSES, "nll"), variant="label_smoothing"),
    made("option-ignored", LOSS_BACK, (f"((1 - label_smoothing) * q + {SMOOTHED})", "q"), variant="label_smoothing"),
]  # fmt: skip

IGNORE = [
    made("ignored-targets-counted", BOTH, (COUNT, "count = w[y].sum()"), variant="in the mean's denominator"),
    *(made("ignored-targets-counted", functions, (f"{array}[~kept] = 0", f"{array}[~kept] *= 1"),
           ("np.where(kept, y, 0)", f"np.where(kept, y, {label})"), variant=f"as class {label}")
      for functions, array in ((LOSS, "losses"), (LOSS_BACK, "dz")) for label in ("0", "V - 1")),
    made("ignored-targets-counted", LOSS, ("losses[~kept] = 0", "losses[~kept] = label_smoothing * smooth[~kept]"),
         variant="when smoothing"),
    made("ignored-targets-counted", LOSS_BACK, ("np.eye(V, dtype=z.dtype)[y]", "np.eye(V, dtype=z.dtype)[y] * "
         "kept[:, None]"), ("dz[~kept] = 0", "dz[~kept] *= 1"), variant="when smoothing"),
]  # fmt: skip

WEIGHTS = [
    made("weight-not-in-mean", BOTH, (COUNT, "count = kept.sum()"), variant="the number of rows"),
    made("weight-not-in-mean", BOTH, (COUNT, "count = kept.sum() * w.sum()"), variant="all weights"),
    made("weight-not-in-smoothing", LOSS, (SMOOTH, "smooth = -log_p.sum(1) / V")),
    made("weight-not-in-smoothing", LOSS_BACK, (f"w * ((1 - label_smoothing) * q + {SMOOTHED})",
         f"w * (1 - label_smoothing) * q + {SMOOTHED}")),
    made("smoothing-by-target-weight", LOSS, (LOSSES, "(1 - label_smoothing) * nll + label_smoothing * (smooth if "
         "np.asarray(targets).dtype.kind == 'f' else -w[y] * log_p.mean(1))")),
    made("smoothing-by-target-weight", LOSS_BACK, ("q = w * ((1", "q = (w if np.asarray(targets).dtype.kind == 'f' "
         "else w[y][:, None]) * ((1")),
]  # fmt: skip

SMOOTHING = [
    made("smoothing-over-others", LOSS, (LOSSES, "(1 - label_smoothing) * nll + label_smoothing * (smooth * V - nll) / "
         "max(V - 1, 1)")),
    made("smoothing-over-others", LOSS_BACK, (f"(1 - label_smoothing) * q + {SMOOTHED}",
         "(1 - label_smoothing) * q + label_smoothing * (1 - q) / max(V - 1, 1)")),
    made("smoothing-added", LOSS, (LOSSES, "nll + label_smoothing * smooth")),
    made("smoothing-added", LOSS_BACK, ("((1 - label_smoothing) * q +", "(q +")),
]  # fmt: skip

PROBABILITIES = [
    made("probabilities-as-classes", LOSS, ("q = targets.reshape(-1, V)",
         "q = np.eye(V, dtype=z.dtype)[targets.reshape(-1, V).argmax(1)]")),
    made("probabilities-as-classes", LOSS_BACK, ("q = targets.reshape(-1, V)",
         "q = np.eye(V, dtype=z.dtype)[targets.reshape(-1, V).argmax(1)]")),
    made("averaged-by-weight", BOTH, ("count = len(z)", "count = (w * targets.reshape(-1, V)).sum()")),
    made("averaged-over-classes", BOTH, ("count = len(z)", "count = len(z) * V")),
]  # fmt: skip

THROUGH_TIME = [
    made("option-ignored", BPTT, ('if reduction == "mean"', "if False"), variant="reduction"),
    made("option-ignored", BPTT, ("sum() / count", "sum()"), variant="reduction, in the loss"),
    made("option-ignored", BPTT, ("p = p / count", "p = p / 1"), variant="reduction, in the gradients"),
    made("mean-over-steps", BPTT, ('if reduction == "mean"', "if True"), variant="mean for sum"),
    made("ignored-targets-counted", BPTT, ("count = len(rows)", "count = len(z)"), variant="in the mean's denominator"),
    *(made("ignored-targets-counted", BPTT, (KEPT, f"y = np.where(y == ignore_index, {label}, y)\n    {KEPT}"),
           variant=f"as class {label}") for label in ("0", "V - 1")),
    *(made("ignored-targets-counted", BPTT, ("p[~kept] = 0", also), variant=f"in the gradients{told}")
      for also, told in (("p[~kept] *= 1", ""), ("p[~kept, 0] -= 1", ", as class 0"),
                         ("p[~kept, np.ravel(targets_seq)[~kept]] -= 1", ", as the class it is"))),
]  # fmt: skip

MISTAKES = IGNORED + IGNORE + THROUGH_TIME + WEIGHTS + SMOOTHING + PROBABILITIES
