"""A file that cannot be imported whole is taken apart like a notebook, and the report says so.

Every file here is right. It is checked as by a user, in a process of its own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from unit_learner import verdicts, write

import rnn_ref

STEP = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return {}(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)\n"
MINE = "import numpy as np\n" + STEP.format("np.tanh")


def checked(folder: Path, source: str, name: str = "mine.py", target: str = "", **options: Any) -> Any:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return rnn_ref.check(write(path.parent, source, path.name) + target, **{"timeout": 20, **options})


def notes(report: Any) -> str:
    return " ".join(report.notes)


LEAVES = {  # below the functions, and what the report says of it
    "a loop that never ends": ("while True:\n    pass\n", "line 4-5 is left alone, because it never ends"),
    "a loop with a number, and a break of another loop": (
        "while 1:\n    for i in range(3):\n        break\n",
        "because it never ends: the loop in line 4 has no break",
    ),
    "a file that is not there": (
        "data = open('no_such_input.txt').read()\nchars = set(data)\n",
        "line 4-5 is left alone, because imported whole it raises FileNotFoundError",
    ),
    "a file of another package": ("data = np.loadtxt('no_such_data.csv')\n", "raises FileNotFoundError"),
    "a number typed in": ("n = int(input('How many? '))\n", "raises EOFError"),
    "arguments": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\nargs = p.parse_args()\n",
        "raises SystemExit: 2",
    ),
    "arguments by number": ("import sys\ndata = open(sys.argv[1])\n", "raises IndexError: list index out of range"),
    "an exit": ("import sys\nprint('done')\nsys.exit()\n", "raises SystemExit"),
    "an exit of the process": ("import os\nos._exit(3)\n", "because the process ended with exit code 3"),
    "a plot by a package that is not there": (
        "import no_such_plotting as plt\nplt.plot(1)\nplt.show()\n",
        "raises ModuleNotFoundError: No module named 'no_such_plotting' (mine.py:4)",
    ),
    "an assertion": ("assert rnn_cell_step(*[np.ones((2, 2))] * 5).sum() == 0, 'not so'\n", "AssertionError: not so"),
    "a test by a helper": ("from public_tests import test_step\ntest_step(rnn_cell_step)\n", "'public_tests'"),
    "what nbconvert writes": ("get_ipython().run_line_magic('matplotlib', 'inline')\n", "raises NameError"),
    "too much memory": ("big = np.ones(2**40)\n", "raises MemoryError"),
    "a print of Python 2": ("print 'loss', 3\n", "mine.py, line 4: syntax error: Missing parentheses"),
    "an unfinished function": ("def sample(h):\n    logits =\n", "mine.py, line 5: syntax error"),
    "an unfinished line": ("losses = [\n", "syntax error: '[' was never closed"),
}


@pytest.mark.parametrize("what", LEAVES)
def test_what_the_functions_do_not_need_is_left_alone_and_said(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source, told = LEAVES[what]
    report = checked(Path(), MINE + source)
    assert report.ok, str(report)
    assert told.replace("line 4-5 is", "lines 4-5 are") in notes(report)
    assert notes(report).startswith("taken apart: ")


SLOW = {
    "a loop of training": "for epoch in range(10**9):\n    loss = epoch * 2\n",
    "a loop that may end": "n = 0\nwhile True:\n    n -= 1\n    if n > 0:\n        break\n",
    "a function that trains": "import time\ndef train():\n    time.sleep(1000)\n    return [1.0]\nlosses = train()\n",
    "a sum in C": "total = sum(range(10**12))\n",
    "an import that never ends": "import unit_endless\n",
    "a loop that is stopped by nobody": "n = 0\nwhile n < 1:\n    try:\n        n -= 1\n    except:\n        pass\n",
}


@pytest.mark.parametrize("what", SLOW)
def test_what_has_not_ended_after_some_seconds_is_taken_apart(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnn_ref.conformance.run.sandbox.PATIENCE", 1.0)
    write(tmp_path, "n = 0\nwhile n < 1:\n    n -= 1\n", "unit_endless.py")
    report = checked(tmp_path, MINE + SLOW[what])
    assert report.ok, str(report)
    assert "because imported whole it had not ended after 1 s (--whole waits for it)" in notes(report)


@pytest.mark.slow
def test_as_long_as_it_imports_other_modules_it_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn_ref.conformance.run.sandbox.PATIENCE", 2.0)
    for i in range(4):
        write(tmp_path, "import time\ntime.sleep(0.8)\n", f"unit_slow{i}.py")
    imports = "".join(f"import unit_slow{i}\n" for i in range(4))
    report = checked(
        tmp_path, imports + MINE + "exec(\"tanh = np.tanh\\ndef rnn_forward(*a): raise ValueError\" + '')\n"
    )
    assert report.notes == []
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed"}


def test_what_is_slow_and_cannot_be_taken_apart_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn_ref.conformance.run.sandbox.PATIENCE", 1.0)
    report = checked(tmp_path, f"import time\ntime.sleep(2)\nexec({MINE!r} + '')\n")
    assert report.ok, str(report)
    assert report.notes == []


NEEDED = {  # above the functions, of which the last one is {}
    "a helper that is there": ("from unit_helpers import *\nraise ValueError\n", "act"),
    "a helper that is not, beside one that is": (
        "from unit_helpers import *\nfrom no_such_helpers import *\n",
        "act",
    ),
    "a package that nobody needs": ("import no_such_frames as nf, numpy as np\n", "np.tanh"),
    "the other branch of try": (
        "try:\n    import no_such_array as xp\nexcept ImportError:\n    import numpy as xp\nraise ValueError\n",
        "xp.tanh",
    ),
    "a function below": ("raise ValueError\nimport numpy as np\ndef act(z):\n    return np.tanh(z)\n", "act"),
    "the file's own place": (
        "import os, sys\nraise_ = 1 / 0\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))\n"
        "from unit_inner import tanh\n",
        "tanh",
    ),
    "a class": (
        "import numpy as np\nclass Net:\n    def act(self, z):\n        return np.tanh(z)\n"
        "net = Net()\nnet.train(open('no such file'))\n",
        "net.act",
    ),
    "a table that is filled, before a loop that never ends": (
        "import numpy as np\nTABLE = {}\nTABLE['tanh'] = np.tanh\nwhile True:\n    TABLE['tanh'] = None\n",
        "TABLE['tanh']",
    ),
    "a statement of Python 2 over several lines": (
        'import numpy as np\nprint (\'%d\' %\n  3), \'x\'\nprint """\nimport no_such\n"""\nact = np.tanh\n',
        "act",
    ),
    "a block of Python 2": (
        "import numpy as np\ntry:\n    x = 1\nexcept ValueError, e:\n    print e\nelse:\n    x = 2\nact = np.tanh\n",
        "act",
    ),
    "a bracket that is never closed": ("import numpy as np\nlosses = [1,\nact = np.tanh\nn = 1\n", "act"),
    "a decorated function behind an unfinished one": (
        "import numpy as np\ndef other(x):\n    # to be filled in\n\n\n"
        "@np.vectorize\ndef act(z):\n    return np.tanh(z)\n",
        "act",
    ),
    "a precision that is configured": (
        "import numpy as np\nimport unit_config\nunit_config.config.update('x64', True)\nassert 0\n",
        "unit_config.tanh",
    ),
}
HELPERS = {
    "unit_helpers": "import numpy as np\ndef act(z):\n    return np.tanh(z)\n",
    "unit_config": "import numpy as np\nclass C(dict):\n    def update(self, n, v): self[n] = v\nconfig = C()\n"
    "def tanh(z): return np.tanh(z).astype(z.dtype if config else 'f')\n",
    "lib/unit_inner": "from numpy import tanh\n",
}


@pytest.mark.parametrize("what", NEEDED)
def test_what_they_need_is_run(what: str, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    for name, source in HELPERS.items():
        write(tmp_path, source, f"{name}.py")
    above, act = NEEDED[what]
    report = checked(tmp_path, f"{above}{STEP.format(act)}raise RuntimeError\n")
    assert report.ok, str(report)


CRASHES = {  # the functions that cannot be called, of those beside a right one, and the reason
    "a package that is reached": (
        "import no_such_frames as nf\ndef rnn_forward(*a):\n    return nf.run(*a)\n",
        "(is it to be installed where rnn-ref runs?) mine.py:4: import no_such_frames as nf",
    ),
    "a name of a package that is reached by way of another": (
        "from no_such_frames import run\nmake = run(3)\ndef helper(*a):\n    return make(*a)\n"
        "def rnn_forward(*a):\n    return helper(*a)\n",
        "No module named 'no_such_frames' (is it to be installed where rnn-ref runs?) mine.py:4",
    ),
    "a decorator that is not there": (
        "from no_such_compiler import jit\n@jit\ndef rnn_forward(*a):\n    return a\n",
        "No module named 'no_such_compiler' (is it to be installed where rnn-ref runs?) mine.py:4",
    ),
    "a name of a star import": (
        "from no_such_helpers import *\ndef rnn_forward(*a):\n    return unroll(*a)\n",
        "NameError: name 'unroll' is not defined; ModuleNotFoundError: No module named 'no_such_helpers' mine.py:6",
    ),
    "a weight of a file that is not there": (
        "W = open('no_such.npy')\nW = W + 1\ndef rnn_forward(*a):\n    return W\n",
        "FileNotFoundError: [Errno 2] No such file or directory: 'no_such.npy' mine.py:4",
    ),
    "a weight that is changed by what raises": (
        "W = 1\nW += open('no_such.npy')\ndef rnn_forward(*a):\n    return W\n",
        "FileNotFoundError: [Errno 2] No such file or directory: 'no_such.npy' mine.py:5",
    ),
    "arguments that are asked for": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\nargs = p.parse_args()\n"
        "def rnn_forward(*a):\n    return args.data\n",
        "SystemExit: 2 mine.py:7",
    ),
    "a function that is no Python": (
        "def rnn_forward(X_seq, *a):\n    X_seq =\n    return X_seq\n",
        "SyntaxError: invalid syntax mine.py:5",
    ),
    "a function without a body": (
        "def rnn_forward(X_seq, *a):\n    # to be filled in\n\n\ndef other():\n    pass\n",
        "SyntaxError: expected an indented block after function definition on line 4 mine.py:7",
    ),
}


@pytest.mark.parametrize("what", CRASHES)
def test_a_function_that_reaches_what_is_not_there_crashes_with_the_reason(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source, told = CRASHES[what]
    report = checked(Path(), MINE + source)
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed"}
    assert told in " ".join(str(report).split())


@pytest.mark.slow
def test_a_global_that_never_gets_ready_is_left_unset(tmp_path: Path) -> None:
    slow = "import time\nW = time.sleep(1000)\ndef rnn_forward(*a):\n    return W\n"
    report = checked(tmp_path, MINE + slow, apart=True, timeout=4, only="rnn_*/*float64")
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed"}
    assert "TimeoutError: had not ended after 1.8 s" in " ".join(str(report).split())


PACKAGES: Mapping[str, Mapping[str, str]] = {
    "a file beside it": {"mine.py": "from .act import tanh\n", "act.py": "from numpy import tanh\n"},
    "in a package": {"mine.py": "from .act import tanh\n", "act.py": "from numpy import tanh\n", "__init__.py": ""},
    "what the package makes": {"mine.py": "from . import tanh\n", "__init__.py": "from numpy import tanh\n"},
    "by the package's own name": {
        "mine.py": "from unit_pkg3.act import tanh\n",
        "act.py": "from numpy import tanh\n",
        "__init__.py": "",
    },
    "two levels up": {"in/mine.py": "from ..act import tanh\n", "act.py": "from numpy import tanh\n"},
    "a package whose own import raises": {
        "mine.py": "from .act import tanh\n",
        "act.py": "from numpy import tanh\n",
        "__init__.py": "import no_such_thing\n",
    },
    "a package with the name of another": {
        "json/mine.py": "from .act import tanh\n",
        "json/act.py": "from numpy import tanh\n",
        "json/__init__.py": "",
    },
}


@pytest.mark.parametrize("training", ["", "raise ValueError('training')\n"], ids=["whole", "apart"])
@pytest.mark.parametrize("what", PACKAGES)
def test_imports_are_those_of_the_package(what: str, training: str, tmp_path: Path) -> None:
    (first, source), *others = PACKAGES[what].items()
    for name, text in others:
        (tmp_path / "unit_pkg3" / name).parent.mkdir(parents=True, exist_ok=True)
        write((tmp_path / "unit_pkg3" / name).parent, text, Path(name).name)
    report = checked(tmp_path / "unit_pkg3", source + training + STEP.format("tanh"), first)
    assert report.ok, str(report)


def test_a_module_is_taken_apart_by_its_name_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "unit_pkg4").mkdir()
    write(tmp_path / "unit_pkg4", "", "__init__.py")
    write(tmp_path / "unit_pkg4", "from numpy import tanh\n", "act.py")
    source = "from .act import tanh\nwhile True: pass\n" + STEP.format("tanh")
    write(tmp_path / "unit_pkg4", source, "mine.py")
    monkeypatch.setattr("rnn_ref.conformance.run.sandbox.PATIENCE", 1.0)
    report = rnn_ref.check("unit_pkg4.mine")
    assert report.ok, str(report)
    assert "line 2 is left alone" in notes(report)


def test_a_class_in_such_a_file_is_found(tmp_path: Path) -> None:
    mine = f"class Mine:\n    {STEP}".replace("\n    return", "\n        return").replace("(x_t,", "(self, x_t,")
    source = f"import numpy as np\n{mine.format('np.tanh')}1 / 0\n"
    assert checked(tmp_path, source, target=":Mine").ok


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "import no_such_torch as nn\nclass Mine(nn.Module):\n    pass\n",
            "No module named 'no_such_torch' (mine.py:1)",
        ),
        ("class Mine(:\n    def rnn_forward(self):\n        print 'x'\n", "mine.py, line 1: syntax error: "),
        ("1 / 0\n", "mine.py: cannot be loaded: ZeroDivisionError"),
    ],
)
def test_a_class_that_cannot_be_made_is_refused_with_the_reason(
    source: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(rnn_ref.conformance.TargetError) as raised:
        checked(Path(), source, target=":Mine")
    assert told in str(raised.value)


PARTLY = """\
import numpy as np
class Mine(object):  # not finished
  'A network.'
  act = staticmethod(np.tanh)
  made =
  @staticmethod
  def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    text = '''
  def no_method(self): pass
    '''
    return Mine.act(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
  def rnn_forward(self, X_seq, *a):
    h = 3
    h =
  def sample(self):
    pass
Mine =
"""


def test_of_a_class_the_methods_that_are_python_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = checked(Path(), PARTLY, target=":Mine")
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed"}
    told = "SyntaxError: invalid syntax mine.py:14"
    assert told in " ".join(str(report).split())
    assert [one.split(": ")[1] for one in report.notes[1:]] == ["mine.py:5", "mine.py:14", "mine.py:17"]


SIZED = """
import numpy as np
{read}
V, H = len(set(text)), 8
E = {{"Wxh": np.zeros((H, V)), "Whh": np.zeros((H, H)), "bh": np.zeros(H)}}

def states(ids, h):
    hs = []
    for i in ids:
        h = np.tanh(E["Wxh"][:, i] + E["Whh"] @ h + E["bh"])
        hs.append(h)
    return hs
"""


@pytest.mark.parametrize(
    "read",
    [
        "text = open('no_such.txt').read()",
        "with open('no_such.txt', 'rb') as f:\n    text = f.read().decode()",
        "f = open('no_such.csv', encoding='utf8')\ntext = ' '.join(f)",
    ],
)
def test_a_text_of_ours_stands_in_for_one_that_sets_sizes(read: str, tmp_path: Path) -> None:
    report = checked(tmp_path, SIZED.format(read=read))
    assert verdicts(report) == {"rnn_forward": "conforms"}
    assert any(
        note.startswith("a text of ours in place of a file that is not there: mine.py:3") for note in report.notes
    )


@pytest.mark.parametrize("read", ["text = open('no_such.npy').read()", "import json\ntext = json.load(open('n.txt'))"])
def test_what_is_no_text_has_none(read: str, tmp_path: Path) -> None:
    with pytest.raises(rnn_ref.conformance.TargetError, match="FileNotFoundError"):
        checked(tmp_path, SIZED.format(read=read))
