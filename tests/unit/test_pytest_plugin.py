"""``pytest --rnn-ref TARGET``, run in projects of their own."""

import importlib.util
import json
from pathlib import Path

import pytest
from sampled import some
from unit_learner import LEARNER, STUB, edited, write
from unit_pytest import CONFIG, pytest_in, results

import rnn_ref

FORGETFUL = edited(("h = rnn_cell_step(x_t, h,", "h = rnn_cell_step(x_t, h0,"))
UNREADABLE = "raise RuntimeError('not today')\n"
USES = """\
import mine
from rnn_ref.conformance import parametrize_with_checks


@parametrize_with_checks([mine])
def test_mine(check):
    check()
"""
OK, FAILED, USAGE = 0, 1, 4


def test_every_check_is_a_test_beside_the_projects_own(tmp_path: Path) -> None:
    path = write(tmp_path, LEARNER, "mine.py")
    write(tmp_path, "def test_own():\n    pass\n", "test_own.py")
    done = pytest_in(tmp_path, "--rnn-ref", "mine.py", "-v")
    assert done.returncode == OK, done.stdout
    found = results(done.stdout)
    status = {"passed": "PASSED", "skipped": "SKIPPED"}
    wanted = {f"rnn_ref::mine.py::{one.id}": status[one.status] for one in rnn_ref.check(path).results}
    assert found == {"test_own.py::test_own": "PASSED"} | wanted
    assert f"collected {len(wanted) + 1} items" in done.stdout


def test_what_is_wrong_fails_in_the_reports_words_without_a_traceback(tmp_path: Path) -> None:
    write(tmp_path, FORGETFUL, "mine.py")
    write(tmp_path, USES, "test_mine.py")
    done = pytest_in(tmp_path, "--rnn-ref", "mine.py", "-q", "-k", "long-float64")
    assert done.returncode == FAILED
    ours, theirs = done.stdout.split("mine.py: rnn_forward/long-float64 ___")[::-1]
    assert "2 failed" in ours
    for said in (ours, theirs):
        assert "rnn_forward/long-float64: h_states: off by" in said
        assert "outcome" not in said
        assert "/rnn_ref/" not in said
    assert "  again: rnn-ref check mine.py --only rnn_forward/long-float64" in ours
    assert "    check()\n" in theirs


@pytest.mark.parametrize(
    ("source", "arguments", "text"),
    some(
        [
            (None, (), "mine.py: no such file"),
            (UNREADABLE, (), "mine.py: cannot be loaded: RuntimeError: not today"),
            ("x = 1\n", (), "mine.py: none of the functions is in it"),
            (STUB, (), "rnn_forward: not implemented yet"),
            (LEARNER, ("--rnn-ref-require", "rnn_cell_step, rnn_bptt"), "rnn_bptt: required, but not there"),
            (LEARNER, ("--rnn-ref-only", "rnn_bptt"), "mine.py: nothing to check: what is asked for is not there"),
            (LEARNER, ("--rnn-ref-only", "rnn_foward"), "no check matches 'rnn_foward'"),
            (LEARNER, ("--rnn-ref-rank", "both"), "rnn_cell_step/generic-float64: raised ValueError"),
        ],
        3,
    ),
)
def test_it_is_never_green_without_a_reason(
    tmp_path: Path, source: str | None, arguments: tuple[str, ...], text: str
) -> None:
    if source is not None:
        write(tmp_path, source, "mine.py")
    write(tmp_path, "def test_own():\n    pass\n", "test_own.py")
    done = pytest_in(tmp_path, "--rnn-ref", "mine.py", *arguments)
    assert done.returncode == FAILED, done.stdout
    assert text in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "config", "text"),
    [
        (("--rnn-ref", ""), "", "a target is empty"),
        (("--rnn-ref", "mine", "--rnn-ref", " "), "", "a target is empty"),
        ((), "rnn_ref_targets = []\n", "a target is empty"),
        (("--rnn-ref", "mine", "--rnn-ref", "mine"), "", "mine is there 2 times"),
        (("--rnn-ref-expect-fail", "x=y"), "", "--rnn-ref-expect-fail is given, but no --rnn-ref TARGET"),
        (
            ("--rnn-ref", "mine", "--rnn-ref-expect-fail", "rnn_forward"),
            "",
            "expect_fail says of 'rnn_forward' nothing",
        ),
        (("--rnn-ref-require", "rnn_bptt"), "", "--rnn-ref-require is given, but no --rnn-ref TARGET"),
        (("--rnn-ref", "mine", "--rnn-ref-dtype", "float16"), "", "dtype is 'float16'"),
        (("--rnn-ref", "mine", "--rnn-ref-require", "rnn_foward"), "", "require names rnn_foward"),
    ],
)
def test_a_request_that_makes_no_sense_is_a_usage_error(
    tmp_path: Path, arguments: tuple[str, ...], config: str, text: str
) -> None:
    (tmp_path / "pytest.toml").write_text(CONFIG + config)
    write(tmp_path, LEARNER, "mine.py")
    done = pytest_in(tmp_path, *arguments)
    assert done.returncode == USAGE, done.stdout
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_targets_may_stand_in_the_configuration_and_checks_be_chosen_and_listed(tmp_path: Path) -> None:
    (tmp_path / "pytest.toml").write_text(CONFIG + 'rnn_ref_targets = ["one", "two"]\n')
    write(tmp_path, LEARNER, "one.py")
    write(tmp_path, FORGETFUL, "two.py")
    done = pytest_in(
        tmp_path, "-v", "--rnn-ref-only", "rnn_forward", "--rnn-ref-dtype", "float64", "-k", "long- and not batch"
    )
    assert done.returncode == FAILED
    assert results(done.stdout) == {
        "rnn_ref::one::rnn_forward/long-float32": "SKIPPED",
        "rnn_ref::one::rnn_forward/long-float64": "PASSED",
        "rnn_ref::two::rnn_forward/long-float32": "SKIPPED",
        "rnn_ref::two::rnn_forward/long-float64": "FAILED",
    }
    assert pytest_in(tmp_path, "-q", "--deselect", "rnn_ref::two::rnn_forward").returncode == OK
    listed = pytest_in(tmp_path, "--collect-only", "-q").stdout.splitlines()
    assert "rnn_ref::two::rnn_forward/long-float32" in listed
    planned = rnn_ref.check(str(tmp_path / "one.py")).planned
    assert len([line for line in listed if line.startswith("rnn_ref::one::")]) == planned


def test_declared_deviations_and_conventions_are_taken_at_their_word(tmp_path: Path) -> None:
    write(tmp_path, FORGETFUL, "mine.py")
    done = pytest_in(tmp_path, "--rnn-ref", "mine", "--rnn-ref-expect-fail", "rnn_forward=forgets, see #12", "-rx")
    assert done.returncode == OK, done.stdout
    assert "forgets, see #12 (h_states: off by" in done.stdout
    last = edited(("    return h_states\n", "    return h_states[-1]\n"))
    write(tmp_path, last, "last.py")
    only = ("--rnn-ref", "last", "--rnn-ref-only", "rnn_forward")
    assert pytest_in(tmp_path, *only).returncode == FAILED
    assert pytest_in(tmp_path, *only, "--rnn-ref-returns", "last").returncode == OK


@pytest.mark.slow
def test_the_ids_are_the_same_in_every_worker(tmp_path: Path) -> None:
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")
    write(tmp_path, LEARNER, "mine.py")
    write(tmp_path, USES, "test_mine.py")
    alone = results(pytest_in(tmp_path, "--rnn-ref", "mine", "-v").stdout)
    done = pytest_in(tmp_path, "--rnn-ref", "mine", "-n", "2")
    assert done.returncode == OK, done.stdout
    counts = [list(alone.values()).count(word) for word in ("PASSED", "SKIPPED")]
    assert "{} passed, {} skipped".format(*counts) in done.stdout
    assert "test_mine.py::test_mine[mine-rnn_forward/single-float64]" in alone


def test_without_a_target_nothing_happens_and_nothing_is_imported(tmp_path: Path) -> None:
    write(tmp_path, "def test_own():\n    pass\n", "test_own.py")
    conftest = "import json, sys\n\n\ndef pytest_unconfigure():\n    names = sorted(sys.modules)\n"
    write(tmp_path, conftest + "    open('modules.json', 'w').write(json.dumps(names))\n", "conftest.py")
    done = pytest_in(tmp_path, "-v", "-p", "no:hypothesispytest", "-p", "no:xdist")
    assert results(done.stdout) == {"test_own.py::test_own": "PASSED"}
    loaded = json.loads((tmp_path / "modules.json").read_text())
    assert {name for name in loaded if name.startswith("rnn_ref")} == {"rnn_ref", "rnn_ref.pytest_plugin"}
    assert not {"numpy", "torch"} & set(loaded)
