"""Class probabilities are not demanded of a function that takes its targets for whole numbers."""

from pathlib import Path

import pytest

import rnn_ref

EXCUSED = "class indices only"
CUTS = """
import numpy as np

def cross_entropy(logits, targets):
    loss, V = 0.0, logits.shape[-1]
    for z, y in zip(logits.reshape(-1, V), np.ravel(targets)):
        shifted = z - z.max()
        loss = loss - {term}
    return loss / (logits.size // V)
"""


def test_who_reads_the_whole_numbers_of_targets_alone_claims_indices_only(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(CUTS.format(term="(shifted[int(y)] - np.log(np.exp(shifted).sum()))"))
    report = rnn_ref.check(str(path), only="cross_entropy/*")
    assert report.ok
    assert EXCUSED in {result.message for result in report.results}


@pytest.mark.parametrize(
    ("term", "excused"),
    [
        ("(shifted[int(y)] - np.log2(np.exp(shifted).sum()))", True),  # wrong for class indices as well
        ("(shifted[0] - np.log(np.exp(shifted).sum()))", True),  # looks at no target
        ("(shifted[int(round(float(y)))] - np.log(np.exp(shifted).sum()))", False),  # of 0.5 and more it makes 1
    ],
)
def test_what_is_wrong_stays_wrong(tmp_path: Path, term: str, *, excused: bool) -> None:
    path = tmp_path / "mine.py"
    path.write_text(CUTS.format(term=term))
    report = rnn_ref.check(str(path), only="cross_entropy/*")
    assert not report.ok
    assert (EXCUSED in {result.message for result in report.results}) == excused
