"""Constants in ``stack_bptt`` of a user's file are solved for, and what it does not return is told."""

from pathlib import Path
from typing import Any

import pytest
from sampled import some
from test_stack_bptt_asked import MINE

import rnn_ref

END = "    return loss, grads, ran.states_T"
HALF = 'grads["layers"] = [{name: d / 2 for name, d in one.items()} for one in own.layers]'
EACH = """    changed = lambda d: {}
    layers_back = [{{name: changed(d) for name, d in one.items()}} for one in own.layers]
    grads |= {{"layers": layers_back, "W_hy": changed(dW_hy), "b_y": changed(db_y)}}
"""
JOINT = """    every = [d for one in own.layers for d in one.values()] + [dW_hy, db_y]
    scale = min(1, 0.25 / (np.sqrt(sum((d * d).sum() for d in every)) + 1e-6))
"""
DECAYED = "[{name: d + 0.001 * w[name] for name, d in one.items()} for one, w in zip(own.layers, layers)]"
SOLVED = [  # what stands before the return, the verdict, the slugs, and what is told of the number
    ("    loss = 3 * loss\n", "wrong", "constant-factor", "of 3 in the loss"),
    (
        EACH.format("np.clip(d, -5, 5)"),
        "right-but",
        "gradients-clipped",
        "at 5; if that is what it claims: --claims 'clip 5'",
    ),
    (EACH.format("d * min(1, 0.25 / np.linalg.norm(d))"), "right-but", "gradients-clipped", "to a norm of 0.25 each"),
    (JOINT + EACH.format("d * scale"), "wrong", "gradients-clipped", "to a joint norm of 0.25"),
    (EACH.format("d / 7"), "wrong", "constant-factor", "of 1/7 in all weights' gradients"),
    ("    loss = loss + 0.5\n", "wrong", "constant-shift", "a constant is added"),
    (f'    grads["layers"] = {DECAYED}\n', "wrong", "weight-decay", "0.001 times it is added"),
]


def asked(edits: list[tuple[str, str]], folder: Path, **options: Any) -> Any:
    text = MINE
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "mine.py").write_text(text)
    return rnn_ref.check(str(folder / "mine.py"), only="stack_bptt/*", **options).functions["stack_bptt"]


@pytest.mark.parametrize(("lines", "verdict", "slug", "told"), some(SOLVED, 1))
def test_a_constant_is_solved_for(lines: str, verdict: str, slug: str, told: str, tmp_path: Path) -> None:
    found = asked([(END, lines + END)], tmp_path)
    assert (found.verdict, found.mistakes) == (verdict, [slug])
    assert told in found.explanation


@pytest.mark.slow
def test_layers_that_are_off_by_a_factor_are_not_called_clipped_as_well(tmp_path: Path) -> None:
    """A problem asked in both precisions has the same norm twice, and that is no bound."""
    found = asked([(END, f"    {HALF.replace('/ 2', '/ 7')}\n{END}")], tmp_path)
    assert (found.verdict, found.mistakes) == ("wrong", ["constant-factor"])
    assert "of 1/7 in the layers' gradients" in found.explanation


@pytest.mark.parametrize("lengths", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_mean_of_a_function_without_that_option_is_right_but_for_that(lengths: bool, tmp_path: Path) -> None:
    body = "):\n    reduction = 'mean'"
    if lengths:
        given = "run, run_back, X_seq, targets_seq, states0, layers, W_hy, b_y, directions=directions, lengths=lengths"
        body = f", lengths=None):\n    return rnn_ref.stack_bptt({given}, reduction='mean')"
    edits = [(', reduction="mean"):', body)]
    found = asked(edits, tmp_path)
    assert (found.verdict, found.mistakes) == ("right-but", ["mean-over-steps"])


LESS = [  # what is not returned, the claims that say so, and the words for it
    ('    del grads["X_seq"], grads["states0"]\n' + END, "no dX, no dh0", "dX_seq and dstates0 are not returned"),
    ("    return loss, grads", "no h_T", "states_T is not returned"),
]


@pytest.mark.parametrize(("lines", "claims", "told"), LESS)
def test_what_is_not_returned_is_told_with_the_claims_and_with_them_it_conforms(
    lines: str, claims: str, told: str, tmp_path: Path
) -> None:
    found = asked([(END, lines)], tmp_path)
    fact = f"all else that is returned is right; {told}; if that is what it claims: --claims '{claims}'"
    assert (found.verdict, found.facts) == ("wrong", [fact])
    assert asked([(END, lines)], tmp_path, claims=claims).verdict == "conforms"


def test_a_mistake_beside_what_is_not_returned_has_its_name(tmp_path: Path) -> None:
    averaged = HALF.replace("/ 2", "/ (len(layers) // directions)")
    found = asked([(END, f'    del grads["X_seq"]\n    {averaged}\n{END}')], tmp_path)
    assert (found.verdict, found.mistakes) == ("wrong", ["averaged-over-layers"])
    assert "besides, dX_seq is not returned" in found.explanation


def test_half_of_what_is_made_of_several_arrays_is_no_claim(tmp_path: Path) -> None:
    found = asked([(END, f'    grads["layers"] = [{{"W_xh": one["W_xh"]}} for one in own.layers]\n{END}')], tmp_path)
    assert found.verdict == "wrong"
    assert not [fact for fact in found.facts if "claims" in fact]
