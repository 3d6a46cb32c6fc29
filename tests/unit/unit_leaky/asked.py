"""Make it known, freeze its vectors into the folder that is given, check it right and wrong, and print all reports."""

import json
import sys
from pathlib import Path

import rnn_ref
from rnn_ref.conformance.cases import fresh, frozen
from rnn_ref.conformance.reports.formats import FORMATS, rendered
from rnn_ref.conformance.spec import register, truth
from rnn_ref.conformance.spec.frameworks import pytorch_answers

from . import LEAKY


def main(folder):
    where = frozen._paths
    frozen._paths = lambda given, suite: where(folder if suite == LEAKY.suite else given, suite)
    register(LEAKY)
    frozen.save(fresh.all_checks(LEAKY.suite, truth.ask_decimal, pytorch_answers.ask), {}, folder, LEAKY.suite)
    right = rnn_ref.check({"leaky_step": lambda x_t, h_prev, W_xh, W_hh: (W_xh @ x_t.T + W_hh @ h_prev.T).T})
    wrong = rnn_ref.check({"leaky_step": lambda x_t, h_prev, W_xh, W_hh: x_t @ W_xh.T + h_prev})
    told = wrong.functions["leaky_step"]
    forms = {name: rendered(wrong, name) for name in FORMATS} | {"text": str(wrong)}
    print(json.dumps({"right": right.ok, "passed": right.functions["leaky_step"].passed, "wrong": wrong.ok,
                      "mistake": told.mistake, "hint": told.hint, "forms": forms}))  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
