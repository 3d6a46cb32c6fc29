"""Fresh random checks: decimals say the same as mpmath, memorised answers fail, the reference conforms."""

import itertools
from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.cases import fresh, frozen
from rnn_ref.conformance.spec import truth
from rnn_ref.conformance.spec.rnn import problems

FROZEN = frozen.load()[0]
QUICK = [check for check in FROZEN if "large" not in check.flags]  # those need 1,300 digits
IDS = [check.id for check in QUICK]
BEYOND = 1e-50  # what is left of the slope of a saturated unit, below the digits that the truth is computed with
SATURATED = 1e-34  # below it the digits of such a slope, 1 - h², are not enough for the last place of a float64


@pytest.mark.parametrize("check", some(QUICK, 3), ids=IDS)
def test_decimals_give_what_mpmath_gave(check: Any) -> None:
    again = truth.ask_decimal(check.function, check.arguments, check.options)
    for name, expected in check.expected.items():
        nearest, remainder = again[name]
        known = ~(np.abs(expected) < (SATURATED if check.case.startswith("far-") else BEYOND))
        assert np.array_equal(nearest[known], expected[known], equal_nan=True)
        assert np.all(np.abs(nearest[~known] - expected[~known]) < BEYOND)
        if check.dtype == "float64":  # of the others it is not kept
            assert np.allclose(remainder[known], check.remainder[name][known], rtol=1e-7, atol=1e-30)


@pytest.mark.slow  # on the command line it does so below
@pytest.mark.parametrize("seed", [0, 2])
def test_the_reference_conforms_on_fresh_cases(seed: int) -> None:
    report = rnn_ref.check(rnn_ref, seed=seed)
    assert report.ok, str(report)
    assert report.ran > len(FROZEN)


@pytest.mark.slow
def test_seeds_differ_and_repeat() -> None:
    one, again, other = (list(itertools.islice(fresh.fresh_checks(seed, "1"), 150)) for seed in (4, 4, 5))
    assert [check.id for check in one] == [check.id for check in again]
    assert not {check.id for check in one} & {check.id for check in other}
    first, same = (next(iter(checks[0].arguments.values())) for checks in (one, again))
    assert np.array_equal(first, same)
    sizes = {tuple(np.shape(value) for value in check.arguments.values()) for check in one + other}
    assert len(sizes) > 20


def test_generic_problems_have_axes_of_different_sizes() -> None:
    for seed in range(20):
        for number, (flag, batched) in enumerate(problems.KINDS):
            problem = problems.drawn("x", flag, batched, np.random.default_rng([seed, number]))
            sizes = [size for size in problem[1:6] if size is not None]
            assert len(set(sizes)) == (len(sizes) if flag == "generic" else 1)
            assert problem.T >= 4


def test_answers_learnt_by_heart_do_not_pass() -> None:
    known = {check.arguments["x_t"].tobytes(): check for check in FROZEN if check.function == "rnn_cell_step"}

    def rnn_cell_step(x_t: Any, *rest: Any) -> Any:
        check = known.get(x_t.tobytes())
        return check.expected["h_t"].astype(x_t.dtype) if check else np.zeros_like(rest[0])

    assert rnn_ref.check({"rnn_cell_step": rnn_cell_step}).ok
    assert not rnn_ref.check({"rnn_cell_step": rnn_cell_step}, seed=3).ok


def test_on_the_command_line(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--seed", "8", "--only", "rnn_cell_step/seed8"]) == 0
    assert "planned 12, ran 12" in capsys.readouterr().out
    assert main(["check", "--list", "--seed", "8", "--only", "seed8"]) == 0
    assert "rnn_bptt/seed8-5-float64" in capsys.readouterr().out
    (tmp_path / "mine.py").write_text("def rnn_cell_step(x, h, W, U, b):\n    return h\n")
    assert main(["check", str(tmp_path / "mine.py"), "--seed", "8", "--only", "seed8"]) == 1
    assert "--seed 8 --only rnn_cell_step/seed8" in " ".join(capsys.readouterr().out.replace("\\\n", " ").split())
