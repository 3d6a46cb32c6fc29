"""What a target imports from beside it: files that cannot be imported whole, and files that hold all there is."""

from pathlib import Path
from typing import Any

import pytest
from unit_learner import verdicts, write

import rnn_ref
from rnn_ref.conformance import TargetError

HELPERS = (
    "import numpy as np\nimport no_such_plots\ntext = open('no_such.txt').read()\ndef bend(z):\n    return np.tanh(z)\n"
)
STEP = "def step(x, h, Wx, Wh, b):\n    return bend(Wx @ x + Wh @ h + b)\n"
NET = """\
import numpy as np
class Net:
    def __init__(self, n_in, n_hidden):
        self.Wx = np.random.randn(n_hidden, n_in)
        self.Wh = np.random.randn(n_hidden, n_hidden)
        self.b = np.zeros(n_hidden)
    def forward(self, xs, h0):
        hs = [h0]
        for x in xs:
            hs.append(np.tanh(self.Wx @ x + self.Wh @ hs[-1] + self.b))
        return np.array(hs[1:])
"""
TRAINS = "from {} import Net\ndata = open('no_such.txt').read()\nfor _ in range(3): print(Net(2, 3).forward(data, 0))\n"


def checked(folder: Path, *files: tuple[str, str], **options: Any) -> Any:
    """Check the last of some files, given by name and text."""
    for name, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        path = write((folder / name).parent, text, Path(name).name)
    return rnn_ref.check(path, timeout=20, **options)


HELPS = {
    "a file that is read, and a plot": HELPERS,
    "a print of Python 2": "print 'here'\n" + HELPERS.replace("text = ", "# "),
    "a loop that never ends": HELPERS.replace("import no_such_plots\n", "") + "while True:\n    pass\n",
    "an exit": HELPERS.replace("import no_such_plots", "import sys") + "sys.exit()\n",
}


@pytest.mark.parametrize("what", HELPS)
def test_a_file_that_cannot_be_imported_whole_is_taken_apart(what: str, tmp_path: Path) -> None:
    report = checked(tmp_path, ("unit_help.py", HELPS[what]), ("mine.py", "from unit_help import bend\n" + STEP))
    assert verdicts(report) == {"rnn_cell_step": "conforms"}, str(report)
    assert "unit_help.py is taken apart: imported whole it raises" in " ".join(report.notes)


def test_so_is_one_that_another_one_imports_and_one_in_a_package(tmp_path: Path) -> None:
    between = "from .lower import bend\nraise ValueError('here')\n"
    files = [
        ("pack/__init__.py", ""),
        ("pack/lower.py", HELPERS),
        ("pack/upper.py", between + "def f(x):\n    return x\n"),
    ]
    report = checked(tmp_path, *files, ("mine.py", "from pack.lower import bend\nfrom pack.upper import f\n" + STEP))
    assert verdicts(report) == {"rnn_cell_step": "conforms"}, str(report)


def test_a_fault_in_it_is_seen(tmp_path: Path) -> None:
    wrong = HELPERS.replace("np.tanh(z)", "np.tanh(z) * 0.5")
    report = checked(tmp_path, ("unit_help.py", wrong), ("mine.py", "from unit_help import bend\n" + STEP))
    assert verdicts(report) == {"rnn_cell_step": "wrong"}


def test_a_name_that_it_lacks_is_told(tmp_path: Path) -> None:
    mine = "from unit_help import other\n" + STEP.replace("bend", "other").replace("step", "rnn_cell_step")
    report = checked(tmp_path, ("unit_help.py", HELPERS), ("mine.py", mine))
    assert verdicts(report) == {"rnn_cell_step": "crashed"}
    assert "cannot import name 'other' from 'unit_help'" in str(report)


@pytest.mark.parametrize(("name", "module"), [("net.py", "net"), ("src/net.py", "src.net"), ("net/__init__.py", "net")])
def test_a_file_that_only_trains_is_checked_by_what_it_imports(name: str, module: str, tmp_path: Path) -> None:
    report = checked(tmp_path, (name, NET), ("main.py", TRAINS.format(module)))
    assert verdicts(report) == {"rnn_forward": "conforms"}, str(report)
    assert f"read in {Path(name).name}, which it imports" in report.notes


def test_a_file_with_a_function_of_its_own_is_not(tmp_path: Path) -> None:
    own = "def forward(xs, h, Wx, Wh, b):\n    raise ValueError('mine')\n"
    with pytest.raises(TargetError, match="mine"):
        checked(tmp_path, ("net.py", NET), ("main.py", "from net import Net\n" + own))


def test_files_that_import_each_other_end(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="none of the functions"):
        checked(tmp_path, ("other.py", "import main\n"), ("main.py", "import other\n"))
