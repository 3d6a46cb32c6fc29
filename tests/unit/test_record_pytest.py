"""The record and the configuration in pytest: by the plugin, and by ``parametrize_with_checks``."""

from pathlib import Path

import pytest
from sampled import some
from unit_pytest import pytest_in, results
from unit_record import BATCHES, BATCHES_LOST, STEP_GONE, in_suite, project

from rnn_ref.cli import main
from rnn_ref.conformance import parametrize_with_checks

NAMED = '[tool.rnn_ref.targets.ours]\ntarget = "mine.py"\nrequire = ["rnn_forward"]\ndtype = "float64"\n'
USES = """\
import mine
from rnn_ref.conformance import parametrize_with_checks


@parametrize_with_checks({})
def test_mine(check):
    check()
"""
ALL = [*in_suite("rnn_cell_step"), *in_suite("rnn_forward")]
CLAIMED = [*in_suite("rnn_cell_step", dtype="float64"), *in_suite("rnn_forward", dtype="float64")]  # in NAMED
LOST = set(in_suite("rnn_forward", "batch", "float64"))
OK, FAILED, USAGE = 0, 1, 4


@pytest.fixture
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which a check of batches is recorded, and that takes none now."""
    monkeypatch.chdir(project(tmp_path, BATCHES, NAMED))
    assert main(["check", "ours", "--record"]) == 0
    return project(tmp_path, BATCHES_LOST, NAMED)


def failed(printed: str) -> set[str]:
    return {name.rpartition("::")[2] for name, word in results(printed).items() if word == "FAILED"}


WAYS = ["--rnn-ref ours", "--rnn-ref mine.py", "--rnn-ref mine", "--rnn-ref-project"]


@pytest.mark.parametrize("way", some(WAYS, 3))
def test_the_plugin_has_a_failing_item_for_each_check_that_is_lost(lost: Path, way: str) -> None:
    arguments = way.split()
    done = pytest_in(lost, "-v", *arguments)
    assert done.returncode == FAILED, done.stdout
    assert failed(done.stdout) == LOST
    assert "recorded, not asked now: batches: not asked, they raise ValueError, mine.py:9" in done.stdout
    if arguments[-1] != "mine.py":
        assert f"rnn_ref::{'mine' if 'mine' in arguments else 'ours'}::rnn_forward/single-float64" in done.stdout
    assert pytest_in(lost, "--rnn-ref-rank", "single", *arguments).returncode == OK


@pytest.mark.slow
def test_a_record_counts_from_the_folder_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "proj").mkdir()
    monkeypatch.chdir(project(tmp_path / "proj"))
    (tmp_path / "proj" / "pyproject.toml").unlink()
    assert main(["check", "mine.py", "--record"]) == 0
    (tmp_path / "proj" / "mine.py").write_text(BATCHES_LOST)
    (tmp_path / "proj" / "test_mine.py").write_text(USES.format('{"x": mine.rnn_forward, "y": mine}'))
    lost = set(in_suite("rnn_forward", "batch"))
    done = pytest_in(tmp_path, "-v", "-k", "not test_mine", "--rnn-ref", "proj/mine.py")
    assert failed(done.stdout) == lost
    done = pytest_in(tmp_path, "-v", "proj/test_mine.py", "-k", "y-")
    assert {one.rpartition("-rnn_")[2].rstrip("]") for one in failed(done.stdout)} == {one[4:] for one in lost}


def test_the_plugin_misses_a_recorded_function(lost: Path) -> None:
    project(lost, STEP_GONE, NAMED)
    done = pytest_in(lost, "-v", "--rnn-ref", "ours")
    assert failed(done.stdout) == {"rnn_cell_step/present"}
    assert "rnn_cell_step: recorded, but not there" in done.stdout


def test_the_plugin_acts_only_when_asked(lost: Path) -> None:
    (lost / "test_own.py").write_text("def test_own():\n    pass\n")
    done = pytest_in(lost, "-v")
    assert results(done.stdout) == {"test_own.py::test_own": "PASSED"}


@pytest.mark.parametrize(
    ("file", "content", "arguments", "said"),
    [
        ("pyproject.toml", "[tool.rnn_ref]\nseeds = 3\n", ("--rnn-ref", "mine"), "tool.rnn_ref.seeds is unknown"),
        ("pyproject.toml", "", ("--rnn-ref-project",), "tool.rnn_ref.targets is not there"),
        ("rnn_ref.json", "{", ("--rnn-ref", "mine"), "rnn_ref.json: is damaged"),
    ],
)
def test_a_configuration_or_record_that_cannot_be_used_is_a_usage_error(
    lost: Path, file: str, content: str, arguments: tuple[str, ...], said: str
) -> None:
    (lost / file).write_text(content)
    done = pytest_in(lost, *arguments)
    assert done.returncode == USAGE
    assert said in done.stderr


@pytest.mark.parametrize("target", some(['{"x": mine}', '{"ours": mine}', "mine", '{"x": "mine.py"}', '"ours"'], 3))
def test_parametrized_checks_know_the_target_by_its_name_its_file_and_its_module(lost: Path, target: str) -> None:
    (lost / "test_mine.py").write_text(USES.format(target))
    done = pytest_in(lost, "-v")
    assert done.returncode == FAILED, done.stdout
    assert {name.rpartition("-rnn_")[2].rstrip("]") for name in failed(done.stdout)} == {
        one.removeprefix("rnn_") for one in LOST
    }
    passed, skipped = len(CLAIMED) - len(LOST), len(ALL) - len(CLAIMED)
    assert f"{len(LOST)} failed, {passed} passed, {skipped} skipped" in done.stdout


def test_parametrized_checks_of_an_object_that_the_record_does_not_know_are_as_ever(lost: Path) -> None:
    (lost / "test_mine.py").write_text(USES.format("dict(rnn_forward=mine.rnn_forward)"))
    assert pytest_in(lost).returncode == OK


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        (NAMED + NAMED.replace("ours", "others"), "is the target of ours and others in pyproject.toml"),
        ("[tool.rnn_ref]\nseeds = 3\n", "pyproject.toml: tool.rnn_ref.seeds is unknown"),
    ],
)
def test_what_is_not_clear_is_a_collection_error(
    configuration: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path, BATCHES, configuration))
    with pytest.raises(pytest.Collector.CollectError, match=said):
        parametrize_with_checks("mine.py")


@pytest.mark.slow
def test_the_plugin_takes_a_folder_in_which_some_files_have_no_functions(lost: Path) -> None:
    (lost / "class").mkdir()
    (lost / "class" / "anna.py").write_text(BATCHES)
    (lost / "class" / "helpers.py").write_text("x = 1\n")
    (lost / "pyproject.toml").write_text('[tool.rnn_ref.targets.class]\ntarget = "class"\n')
    (lost / "rnn_ref.json").unlink()
    done = pytest_in(lost, "--rnn-ref-project")
    assert (done.returncode, f"{len(ALL)} passed" in done.stdout) == (OK, True), done.stdout
    (lost / "pyproject.toml").write_text('[tool.rnn_ref.targets.class]\ntarget = "class"\nrequire = ["rnn_forward"]\n')
    assert "class/helpers.py: none of the functions is in it" in pytest_in(lost, "--rnn-ref-project").stdout


def test_the_plugin_asks_for_a_recorded_precision_that_a_framework_does_not_claim_by_itself(lost: Path) -> None:
    pytest.importorskip("onnxruntime")
    only = ["--rnn-ref", "onnxruntime", "--rnn-ref-only", "rnn_forward/single"]
    main(["check", "onnxruntime", "--only", "rnn_forward/single", "--dtype", "both", "--record"])
    assert failed(pytest_in(lost, "-v", *only).stdout) == {"rnn_forward/single-float64"}
