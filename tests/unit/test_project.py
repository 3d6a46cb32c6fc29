"""``[tool.rnn_ref]`` in pyproject.toml: options of the targets that are named there, and ``--project``."""

import json
from pathlib import Path

import pytest
from unit_record import BATCHES, BATCHES_LOST, entries, in_suite, project

from rnn_ref.cli import main

ALL = [*in_suite("rnn_cell_step"), *in_suite("rnn_forward")]
SINGLE = [one for one in ALL if "single" in one]
LAST = BATCHES.replace("return h_states", "return h_states[-1]")
NAMED = """\
[tool.rnn_ref]
returns = "last"

[tool.rnn_ref.targets.mine]
target = "mine.py"
"""
TWICE = """\
[tool.rnn_ref.targets.narrow]
target = "mine.py"
dtype = "float32"

[tool.rnn_ref.targets.wide]
target = "mine.py"
dtype = "float64"
"""


@pytest.mark.parametrize("target", ["mine", "mine.py", "mine.py --returns last", "./mine.py", "."])
def test_a_configured_target_has_its_options_by_its_name_and_by_its_path(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path, LAST, NAMED))
    assert main(["check", *target.split()]) == 0


def test_the_command_line_wins_and_other_targets_have_no_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path, LAST, NAMED))
    (tmp_path / "other.py").write_text(BATCHES)
    assert main(["check", "mine", "--returns", "pair"]) == 1
    assert main(["check", "other.py"]) == 0
    assert main(["check", "--only", "rnn_forward"]) == 0  # the reference itself
    own = NAMED + 'returns = "pair"\n'
    assert main(["check", str(project(tmp_path, LAST, own) / "mine.py")]) == 1


def test_the_report_calls_it_by_the_name_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES.replace("+ b_h)", ")"), NAMED.replace('returns = "last"', "")))
    assert main(["check", "mine", "--json", "-"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["target"] == "mine"
    assert told["functions"]["rnn_cell_step"]["reproduce"].startswith("rnn-ref check mine --only ")


def test_paths_are_seen_from_the_project_and_the_name_works_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = "def own(name, candidate):\n    return lambda *a: [candidate(*a)] * len(a[0])\n"
    (tmp_path / "layouts.py").write_text(layout)
    (tmp_path / "inside").mkdir()
    project(tmp_path, BATCHES, '[tool.rnn_ref.targets.mine]\ntarget = "mine.py"\nlayout = "layouts.py:own"\n')
    monkeypatch.chdir(tmp_path / "inside")
    assert main(["check", "mine", "--only", "rnn_forward"]) == 1  # what that layout makes of it is wrong
    project(tmp_path, BATCHES, NAMED.replace('"last"', '"pair"')).joinpath("mine.py").write_text(LAST)
    assert main(["check", "mine", "--returns", "last", "--record"]) == 0
    assert list(entries(tmp_path)) == ["mine"]


def test_project_checks_all_of_them_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, TWICE + '[tool.rnn_ref.targets.class]\ntarget = "class"\n'))
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna.py").write_text(BATCHES)
    (tmp_path / "wrong.py").write_text(BATCHES.replace("+ b_h)", ")"))
    assert main(["check", "--project", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["target"] for one in told["targets"]] == ["narrow", "wide", "class/anna.py"]
    (tmp_path / "pyproject.toml").write_text(NAMED.replace('returns = "last"', 'only = "single"'))
    assert main(["check", "--project", "--json", "-"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert (one["target"], one["planned"]) == ("mine", len(SINGLE))


def test_a_path_of_two_names_stands_for_both_and_each_has_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, TWICE))
    assert main(["check", "mine.py", "--record"]) == 0
    for name, other in (("narrow", "float64"), ("wide", "float32")):
        ids = [one for function in entries(tmp_path)[name]["functions"].values() for one in function["asked"]]
        assert ids == [one for one in ALL if not one.endswith(other)]
    (tmp_path / "mine.py").write_text(BATCHES_LOST)
    assert main(["check", "wide"]) == 1
    capsys.readouterr()
    assert main(["check", "mine.py"]) == 1
    out = capsys.readouterr().out
    for dtype in ("float32", "float64"):
        assert f"rnn_forward not-asked ({len(in_suite('rnn_forward', 'batch', dtype))} recorded" in out


def test_what_the_configuration_leaves_out_is_the_targets_claim_and_can_be_recorded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, NAMED.replace('returns = "last"', "")))
    assert main(["check", "mine", "--record"]) == 0
    project(tmp_path, BATCHES, NAMED.replace('returns = "last"', 'dtype = "float64"'))
    assert main(["check", "mine"]) == 0
    assert main(["check", "mine", "--record"]) == 0
    function = entries(tmp_path)["mine"]["functions"]["rnn_forward"]
    assert function["asked"] == in_suite("rnn_forward", dtype="float64")
    assert function["claims"] == ["--dtype float64 claimed"]


def test_a_record_is_found_when_a_target_gets_a_name_another_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = NAMED.replace('returns = "last"', "")
    monkeypatch.chdir(project(tmp_path, BATCHES))
    assert main(["check", "mine.py", "--record"]) == 0
    project(tmp_path, BATCHES_LOST, plain)
    assert main(["check", "mine"]) == 1
    assert main(["check", "--project"]) == 1
    Path("rnn_ref.json").unlink()
    project(tmp_path, BATCHES, plain)
    assert main(["check", "mine", "--record"]) == 0
    project(tmp_path, BATCHES_LOST, plain.replace("targets.mine", "targets.ours"))
    assert main(["check", "ours"]) == 1
    assert main(["check", "--project"]) == 1
    project(tmp_path, BATCHES_LOST)
    assert main(["check", "mine.py"]) == 1


def test_a_recorded_name_that_is_gone_from_the_configuration_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, TWICE))
    assert main(["check", "--project", "--record"]) == 0
    (tmp_path / "pyproject.toml").write_text(TWICE.partition("[tool.rnn_ref.targets.wide]")[0])
    capsys.readouterr()
    assert main(["check", "--project"]) == 2
    assert (
        "pyproject.toml: tool.rnn_ref.targets has no wide, of which rnn_ref.json has a record"
        in capsys.readouterr().err
    )
    assert main(["check", "--project", "--record"]) == 0
    assert list(entries(tmp_path)) == ["narrow"]


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ("a = ", "cannot be read as TOML: "),
        ("tool.rnn_ref = 3", "tool.rnn_ref is 3, expected a table"),
        ("[tool.rnn_ref]\ndtypes = 3", "tool.rnn_ref.dtypes is unknown, expected one of only, require, "),
        ("[tool.rnn_ref]\nname = 'x'", "tool.rnn_ref.name is unknown, expected one of only, require, "),
        ("[tool.rnn_ref]\ntarget = 'mine.py'", "tool.rnn_ref.target is unknown, expected one of only, require, "),
        ("[tool.rnn_ref]\ndtype = 64", "tool.rnn_ref.dtype is 64, expected a text"),
        ("[tool.rnn_ref]\ndtype = 'float16'", "tool.rnn_ref.dtype is 'float16', expected 'float32', 'float64', 'both'"),
        ("[tool.rnn_ref]\nlayout = 'kreas'", "tool.rnn_ref.layout is 'kreas', expected 'torch', "),
        ("[tool.rnn_ref]\nseed = true", "tool.rnn_ref.seed is True, expected a whole number"),
        ("[tool.rnn_ref]\ntimeout = 'long'", "tool.rnn_ref.timeout is 'long', expected a number"),
        ("[tool.rnn_ref]\nmemory = 1", "tool.rnn_ref.memory is 1, expected at least 512 (MiB)"),
        ("[tool.rnn_ref]\nrequire = 'rnn_forward'", "tool.rnn_ref.require is 'rnn_forward', expected a list of texts"),
        ("[tool.rnn_ref]\nexpect_fail = {a = 3}", "tool.rnn_ref.expect_fail is {'a': 3}, expected a table of texts"),
        ("[tool.rnn_ref]\nexpect_fail = {a = 'b'}", "tool.rnn_ref.expect_fail names 'a', which is no function"),
        ("[tool.rnn_ref]\ntargets = ['mine.py']", "tool.rnn_ref.targets is ['mine.py'], expected a table"),
        ("[tool.rnn_ref.targets]\nmine = 'mine.py'", "tool.rnn_ref.targets.mine is 'mine.py', expected a table"),
        ("[tool.rnn_ref.targets.mine]\nrank = 'both'", "tool.rnn_ref.targets.mine.target is not there or empty"),
        (
            "[tool.rnn_ref.targets.mine]\ntarget = 'mine.py'\nrequire = ['rnn_fwd']",
            "tool.rnn_ref.targets.mine.require names rnn_fwd, did you mean rnn_forward?",
        ),
        (
            "[tool.rnn_ref.targets.mine]\ntarget = 'gone.py'",
            "tool.rnn_ref.targets.mine.target is 'gone.py', expected a file that is there",
        ),
        ("", "tool.rnn_ref.targets is not there, expected targets by name"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_an_error_with_file_key_and_what_was_expected(
    configuration: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, configuration))
    assert main(["check", "--project"]) == 2
    assert capsys.readouterr().err.startswith(f"rnn-ref: pyproject.toml: {said}")


def test_project_takes_no_target_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, NAMED))
    assert main(["check", "--project", "mine"]) == 2
    assert "--project checks the targets of the project, expected no mine beside it" in capsys.readouterr().err


def test_an_empty_target_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES))
    assert main(["check", ""]) == 2
    assert capsys.readouterr().out == ""


def test_a_path_whose_two_names_are_gone_still_has_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, TWICE))
    assert main(["check", "--project", "--record"]) == 0
    project(tmp_path, BATCHES_LOST)
    assert main(["check", "mine.py"]) == 1
