"""Where an implementation may be found, and what is said where there is none."""

import sys
import types
from pathlib import Path

import pytest
from unit_learner import LEARNER, notebook, write

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.errors import TargetError
from rnn_ref.conformance.targets.builtins import FRAMEWORKS
from rnn_ref.conformance.targets.find import load

CLASS = """\
import rnn_ref

class Mine:
    def rnn_cell_step(self, *a):
        return rnn_ref.rnn_cell_step(*a)

TABLE = {"rnn_cell_step": rnn_ref.rnn_cell_step}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "unit_pkg").mkdir()
    write(tmp_path / "unit_pkg", "", "__init__.py")
    write(tmp_path / "unit_pkg", LEARNER, "plain.py")
    write(tmp_path / "unit_pkg", CLASS + "mine = Mine()\n", "objects.py")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("unit_pkg")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "target",
    [
        "unit_pkg.plain",
        "unit_pkg/plain.py",
        "./unit_pkg/plain.py",
        "unit_pkg.objects:Mine",
        "unit_pkg.objects:mine",
        "unit_pkg.objects:TABLE",
        "unit_pkg/objects.py:Mine",
    ],
)
def test_modules_files_and_objects_in_them_are_found(target: str, package: Path) -> None:
    assert main(["check", target]) == 0


def test_a_package_folder_a_single_letter_and_a_colon_in_a_path_are_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("unit_pkg2", "a:b"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "unit_pkg2", LEARNER, "__init__.py")
    write(tmp_path / "a:b", LEARNER, "c:d.py")
    write(tmp_path, CLASS, "q.py")
    for target in ("unit_pkg2", "a:b/c:d.py", "q:Mine", "q.py:Mine", "q:TABLE", Path("q.py:Mine")):
        assert rnn_ref.check(target, only="rnn_cell_step").ok


def test_a_class_in_a_notebook_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, notebook("import rnn_ref", CLASS.partition("TABLE")[0]), "n.ipynb")
    assert rnn_ref.check(f"{path}:Mine").ok


def test_python_objects_are_taken_as_they_are() -> None:
    module = types.ModuleType("mine")
    module.rnn_cell_step = rnn_ref.rnn_cell_step  # type: ignore[attr-defined]
    for target in (module, {"rnn_cell_step": rnn_ref.rnn_cell_step}):
        assert rnn_ref.check(target).ok


def test_a_file_may_import_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "from rnn_ref import rnn_cell_step as step\n", "unit_neighbour.py")
    path = write(tmp_path, "from unit_neighbour import step\n\ndef rnn_cell_step(*a):\n    return step(*a)\n")
    assert rnn_ref.check(path).ok


def test_a_file_may_bear_the_name_of_a_module(tmp_path: Path) -> None:
    assert rnn_ref.check(write(tmp_path, LEARNER, "numpy.py")).ok
    assert sys.modules["numpy"].__name__ == "numpy"


def test_prints_at_import_and_in_calls_stay_out_of_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy = "print('at import')\n" + LEARNER.replace('"""One step."""', "print('in a call')")
    assert main(["check", write(tmp_path, noisy)]) == 0
    assert "at import" not in (printed := capsys.readouterr().out)
    assert "in a call" not in printed


SYNTAX = "def rnn_cell_step(x_t:\n    pass\n"
BROKEN = {
    "nothing.py": (None, "nothing.py: no such file"),
    "broken.py": (SYNTAX, "broken.py, line 1: syntax error: '(' was never closed"),
    "empty.py": ("x = 1\n", "none of the functions is in it"),
    "raises.py": ("x = 1\ny = x / 0\n", "cannot be loaded: ZeroDivisionError: division by zero (raises.py:2)"),
    "exits.py": ("import sys\nsys.exit(0)\n", "cannot be loaded: SystemExit: 0"),
    "needs.py": ("import no_such_module_here\n", "ModuleNotFoundError: No module named 'no_such_module_here'"),
    "broken.ipynb": (notebook("x = 1", "y = 2\nz = (\n"), "broken.ipynb, code cell 2, line 2: syntax error"),
    "empty.ipynb": (notebook("x = 1"), "none of the functions is in it"),
    "no.ipynb": ("{}", "is not a notebook in format 4: it has no 'cells'"),
    "text.ipynb": ("hello", "is not a notebook in format 4: it is no JSON: "),
    "data.csv": ("1,2", "expected a .py or .ipynb file"),
    "model.pt": ("", "it holds weights and no code: the file that makes the network is checked"),
    "exits.py:Mine": (
        "import sys\nclass Mine:\n    def __init__(self):\n        sys.exit(0)\n",
        "the class cannot be made without arguments: SystemExit: 0",
    ),
    "getattr.py": ("def __getattr__(name):\n    raise ValueError(name)\n", "rnn_cell_step cannot be read: ValueError"),
    "classes.py": (
        "class Mine:\n    def rnn_forward(self): ...\nclass Other: ...\n",
        "a class in it is checked as classes.py:Mine",
    ),
    "two.py": (
        "class Mine:\n    def rnn_forward(self): ...\nclass Yours:\n    def rnn_cell_step(self): ...\n",
        "a class in it is checked as two.py:Mine or two.py:Yours\n",
    ),
    "neighbour.py": ("import unit_broken\n", "unit_broken.py, line 1: syntax error"),
    "broken_text.py": (
        "class E(Exception):\n    def __str__(self):\n        raise TypeError\nraise E\n",
        "cannot be loaded: E (broken_text.py:4)",
    ),
    "long.py": ("raise ValueError('x' * 100_000)\n", f"ValueError: {'x' * 300} ... (long.py:1)"),
    "klass.py:Mine": ("class Mine:\n    def __init__(self, x): ...\n", "the class cannot be made without arguments"),
    "klass.py:Other": ("class Mine: ...\n", "klass.py has no Other"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_checked_exits_2_with_one_clear_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, sentence = BROKEN[name]
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SYNTAX, "unit_broken.py")
    if source is not None:
        write(tmp_path, source, name.partition(":")[0])
    assert main(["check", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 or all(line.startswith("  ") for line in lines[1:])
    assert captured.err.startswith("rnn-ref: ")
    assert sentence in captured.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no_such_module_here"], f"no such module, file or built-in ({', '.join(FRAMEWORKS)})"),
        (["rnn_ref:nothing"], "rnn_ref has no nothing"),
        (["LICENSE*"], "LICENSE*: no .py and no .ipynb file"),
        (["--only", "nonsense"], "no check matches 'nonsense'"),
        (["--json", "no/such/folder.json"], "cannot be written, its folder does not exist"),
    ],
)
def test_so_do_targets_and_options_that_lead_nowhere(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 2
    assert sentence in capsys.readouterr().err


ABSENT = {
    ("torch", "torch"): 'torch: not installed; pip install "rnn_ref[torch]"',
    ("jax", "jax"): 'jax: not installed; pip install "rnn_ref[jax]"',
    ("keras", "jax"): 'keras: needs jax, and that is not installed; pip install "rnn_ref[keras]"',
    ("onnxruntime", "onnx"): 'onnxruntime: needs onnx, and that is not installed; pip install "rnn_ref[onnxruntime]"',
    ("keras", "tensorflow"): "keras: cannot be loaded: ModuleNotFoundError: No module named 'tensorflow'",
}


@pytest.mark.parametrize(("name", "absent"), ABSENT, ids=".".join)
def test_a_framework_that_is_not_there_is_named_with_the_line_that_installs_it(
    name: str, absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def import_module(_: str) -> None:
        raise ModuleNotFoundError(f"No module named {absent!r}", name=absent)

    monkeypatch.setattr("importlib.import_module", import_module)
    with pytest.raises(TargetError) as raised:
        load(name)
    assert str(raised.value).partition(" (")[0] == ABSENT[name, absent]


@pytest.mark.parametrize(
    "arguments", [["--dtype", "float16"], ["--rank", "triple"], ["--require", "rnn_fwd"], ["--what"]]
)
def test_bad_options_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["check", *arguments])
    assert exit_.value.code == 2
    assert "usage: rnn-ref" in capsys.readouterr().err
