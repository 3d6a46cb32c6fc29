"""What is read out of files and notebooks in any form: encodings, formats, magics, and what is no Python."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from unit_learner import checked_apart, notebook, verdicts, write

from rnn_ref.conformance.errors import TargetError
from rnn_ref.conformance.targets.apart.text.lines import beginnings, pieces
from rnn_ref.conformance.targets.apart.text.magics import in_python
from rnn_ref.conformance.targets.apart.text.sources import Source
from rnn_ref.conformance.targets.find import load
from rnn_ref.conformance.targets.loading import Loading
from rnn_ref.conformance.targets.taken_apart import taken_apart

F = "def rnn_forward():\n    return {}\n"


def apart(folder: Path, content: bytes, name: str = "mine.py") -> Any:
    """Return what the rnn_forward of a file returns that is taken apart."""
    (folder / name).write_bytes(content)
    return load(str(folder / name), Loading("apart"))[1]["rnn_forward"]()


ENCODED = {
    "a mark of UTF-8": ("\ufeffx = 'é'\n", "utf-8"),
    "a mark of UTF-8 before no Python": ("\ufeffprint 'no'\nx = 'é'\n", "utf-8"),
    "latin-1, as it says": ("# -*- coding: latin-1 -*-\nx = 'é'\n", "latin-1"),
    "latin-1, and does not say so": ("# gr\u00fc\u00dfe\nx = 'é'\n", "latin-1"),
    "an encoding that is none": ("# coding: no-such\nx = 'é'\n", "latin-1"),
    "UTF-16, as some consoles write it": ("\ufeffx = 'é'\n", "utf-16-le"),
    "the ends of lines of Windows": ("x = 'é'\r\nprint 'no'\r\n", "utf-8"),
    "the ends of lines of old": ("x = 'é'\rprint 'no'\r", "latin-1"),
    "null bytes": ("y = 1\nz = '\0'\nx = 'é'\n", "utf-8"),
}


@pytest.mark.parametrize("what", ENCODED)
def test_a_file_is_read_in_its_encoding(what: str, tmp_path: Path) -> None:
    source, encoding = ENCODED[what]
    assert apart(tmp_path, (source + F.format("x")).encode(encoding)) == "é"


def sheet(*cells: Any, key: str = "input") -> bytes:
    worksheets = [{"cells": [{"cell_type": "code", "language": "python", key: one}]} for one in cells]
    worksheets.insert(1, {"cells": [{"cell_type": "heading", "level": 1, "source": "RNN"}]})
    return json.dumps({"nbformat": 3, "metadata": {"name": ""}, "worksheets": worksheets}).encode()


NOTEBOOKS = {
    "format 3": sheet("x = 'é'\nprint x", "x = 'é'", F.format("x")),
    "format 3, lines": sheet(["x = 'é'\n", "y = x"], F.format("y")),
    "format 4": notebook("x = 'é'", F.format("x")).encode(),
    "format 4 in UTF-16": notebook("x = 'é'", F.format("x")).encode("utf-16"),
    "the ends of lines of Windows": notebook("x = 'é'\r\n%matplotlib inline\r\n", F.format("x")).encode(),
}


@pytest.mark.parametrize("what", NOTEBOOKS)
def test_a_notebook_is_read_in_its_format(what: str, tmp_path: Path) -> None:
    assert apart(tmp_path, NOTEBOOKS[what], "n.ipynb") == "é"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"worksheets": [{}]}', b'{"cells": [{"cell_type": "code"}]}', b"\xff"]
)
def test_what_is_no_notebook_is_refused_with_the_reason(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"n\.ipynb: is not a notebook in format 4: (?!\w+Error)"):
        apart(tmp_path, content, "n.ipynb")


CELLS = {  # that bind x or leave it at 1
    "%%time keeps the cell": ("%%time\nx = 2", 2),
    "%%capture and its options": ("%%capture out --no-stderr\nx = 2\n!ls", 2),
    "a magic of a cell that nobody knows": ("%%heat\nx = 2", 2),
    "one that is no Python": ("%%prolog\nx :- 2.", 1),
    "%%bash": ("%%bash\nx=2\nif [ $x ]; then ls; fi", 1),
    "%%writefile": ("%%writefile helper.py\nx = 2", 1),
    "%%timeit binds nothing": ("%%timeit -n 10\nx = 2", 1),
    "%%python3 is another process": ("%%python3\nx = 2", 1),
    "%%html": ("%%html\n<b>x = 2</b>", 1),
    "%time": ("%time x = 2", 2),
    "a shell line that goes on": ("!pip install \\\n  numpy \\\n  scipy\nx = 2", 2),
    "a shell line with a bracket and quotes": ("!echo \"it's (\" '''\nx = 2", 2),
    "a magic between one with quotes and a text": ("!echo '''\n%time x = 2\nz = '''a'''", 2),
    "a shell line in a block": ("if True:\n    !ls (\n    x = 2", 2),
    "help of many kinds": ("?x\nx?\nx??\nx.*bit*?\nlen(x)?\n%pinfo x\nx = 2", 2),
    "answers of the shell": ("x = 2\ny = !ls (\nz = %pwd", 2),
    "a remainder that looks like one": ("%matplotlib inline\nx = (17\n  % 5)", 2),
    "a text that looks like one": ('%matplotlib inline\nx = len("""\n!\n%d\nx?\n""") - 7', 2),
    "a comment that asks": ("%pylab\n# why?\nx = 2  # is it so?", 2),
}


@pytest.mark.parametrize("what", CELLS)
def test_what_ipython_adds_is_understood_or_left_out(what: str) -> None:
    cell, x = CELLS[what]
    cells = [Source("n[1]", "x = 1", True), Source("n[2]", cell, True), Source("n[3]", F.format("x"), True)]
    found = taken_apart(cells, ["rnn_forward"])
    assert found.unparsed == ()
    assert found.module.rnn_forward() == x


def test_names_of_a_file_that_is_run_are_there(tmp_path: Path) -> None:
    write(tmp_path, "x = 'é'\n", "unit_run.py")
    assert apart(tmp_path, notebook("%run -i ./unit_run.py", F.format("x")).encode(), "n.ipynb") == "é"


def test_lines_stay_where_they_are() -> None:
    cell = "%env A=1\n!ls \\\n  -l\n%time x = 1\ny?\nz"
    assert in_python(cell).count("\n") == cell.count("\n")
    assert in_python(cell).splitlines()[5] == "z"


RIGHT = (
    "import numpy as np\ndef rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
    "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)"
)
BOOM = "Path(KEPT).unlink()"


@pytest.mark.parametrize(
    "cell",
    [
        "print 'loss', 3",
        f"{BOOM}\nprint 'loss', 3",
        "for x in range(3):\n    print x",
        "def train(x):\n    print x",
        "from public_tests import *",
        f"from public_tests import *\nrnn_cell_step_test(rnn_cell_step, {BOOM})",
        "from unit_helper_that_raises import *",
        "logits = ",
        "class Net(",
        f"import no_such_frames as nf\nnf.plot({BOOM})",
        f"while True:\n    {BOOM}",
    ],
)
def test_other_cells_are_no_obstacle_whatever_is_wrong_with_them(cell: str, tmp_path: Path) -> None:
    write(tmp_path, "raise ValueError", "unit_helper_that_raises.py")
    for cells in ([cell, RIGHT], [RIGHT, cell]):
        report = checked_apart(tmp_path, *cells)
        assert report.ok, str(report)


def test_what_was_left_out_of_a_notebook_is_said(tmp_path: Path) -> None:
    report = checked_apart(tmp_path, "from public_tests import *", RIGHT, "print 'x'", "import no_such_frames")
    assert [one.partition(": ")[2] for one in report.notes] == [
        "n.ipynb, code cell 4, line 1: Missing parentheses in call to 'print'. Did you mean print(...)?",
        "No module named 'public_tests': n.ipynb, code cell 2, line 1: from public_tests import *",
    ]
    many = [f"import no_such_{i}; from no_such_{i} import *" for i in range(8)]
    assert checked_apart(tmp_path, *many, RIGHT).notes[-1] == "left out as well: 3 more"


def test_a_function_beside_what_is_no_python_crashes_as_its_whole_cell_does(tmp_path: Path) -> None:
    report = checked_apart(tmp_path, RIGHT, "print 'x'\ndef rnn_forward(*a):\n    return a")
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed"}
    assert report.notes == []  # the function tells


PIECES = {
    "x = 1\nprint 'x'\ny = 2": ["x = 1\n", "print 'x'\n", "y = 2"],
    "@a\n@b\ndef f(): pass\nx": ["@a\n@b\ndef f(): pass\n", "x"],
    "if a:\n  b\nelif c:\n  d\nelse:\n  e\nx": ["if a:\n  b\nelif c:\n  d\nelse:\n  e\n", "x"],
    "f(\n1,\n)\nx": ["f(\n1,\n)\n", "x"],
    "f(1,\n2\nx = 3\ndef g(): pass": ["f(1,\n", "2\n", "x = 3\n", "def g(): pass"],
    "f(1,\ndef g(): return (1,\n2)\nx": ["f(1,\n", "def g(): return (1,\n2)\n", "x"],
    'def f():\n    """Not closed\n    x\ndef g():\n    """Is\n    closed."""\nx': [
        'def f():\n    """Not closed\n    x\n',
        'def g():\n    """Is\n    closed."""\n',
        "x",
    ],
    "f(1,\n2\nx = 3": ["f(1,\n", "2\n", "x = 3"],
    "a = '''\nb\n'''\n'(' # (\nx": ["a = '''\nb\n'''\n", "'(' # (\n", "x"],
    "a = 1 + \\\n2\nx": ["a = 1 + \\\n2\n", "x"],
    "# c\n\n  x\ny": ["# c\n\n  x\n", "y"],
    "def f():\n# c\n    x\ny": ["def f():\n# c\n    x\n", "y"],
    "": [""],
}


@pytest.mark.parametrize("text", PIECES)
def test_statements_are_found_without_parsing_them(text: str) -> None:
    found = list(pieces(text))
    assert [piece for _, piece in found] == PIECES[text]
    assert [before for before, _ in found] == ["".join(PIECES[text][:i]).count("\n") for i in range(len(PIECES[text]))]


def test_of_python_they_are_the_statements(tmp_path: Path) -> None:
    for path in [Path(__file__), *Path(__file__).parent.glob("test_t*.py")]:
        source = path.read_text("utf-8")
        begins = [
            min([one.lineno, *(d.lineno for d in getattr(one, "decorator_list", []))]) for one in ast.parse(source).body
        ]
        assert [before + 1 for before, _ in pieces(source)] == [1, *begins[1:]]
        assert len(beginnings(source)) > len(begins)


ALL = """\
import numpy as np
import no_such_frames as nf
data = open('no_such.npy').read()
hidden = 3
Wxh = np.zeros((hidden, len(data)))
Whh = np.ones((hidden, hidden))
def lossFun(inputs, hprev):
    return np.tanh(Wxh @ inputs + Whh @ hprev)
def step(h):
    return np.tanh(Whh @ h) * scale()
def scale():
    return np.ones(hidden)
def show():
    nf.plot(losses)
class Net:
    def step(self, h):
        return step(h) * hidden
class Other(nf.Net):
    pass
@nf.compiled
def fast(h):
    return h
def train():
    return [1.0]
losses = train()
while True:
    Wxh += lossFun(1, 2)
"""


def test_all_functions_and_classes_are_taken_out_if_none_is_named() -> None:
    found = taken_apart([Source("all.py", ALL)])
    assert found.definitions == ("lossFun", "step", "scale", "show", "Net", "fast", "train")
    module = found.module
    assert module.step(module.Whh).shape == module.Net().step(module.Whh).shape == (3, 3)
    assert {"data", "Wxh", "nf", "Other"} <= found.unset.keys()
    assert not hasattr(module, "Wxh")
    assert not hasattr(module, "losses")  # which only a function that returns nothing reads
    with pytest.raises(ModuleNotFoundError, match="no_such_frames"):
        module.fast(1)
    module.Wxh = module.Whh
    assert module.lossFun(module.Whh, module.Whh).shape == (3, 3)


def test_what_is_bound_after_all_is_there() -> None:
    source = "f = open('no such file')\nif len('x'):\n    def f():\n        return 3\n"
    found = taken_apart([Source("f.py", source)], ["f"])
    assert found.module.f() == 3
    assert found.unset == {}


def test_a_class_of_a_notebook_that_cannot_be_made_is_refused_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path, notebook("import no_such_torch as nn", "class Mine(nn.Module):\n    pass"), "n.ipynb")
    with pytest.raises(
        TargetError, match=r"n\.ipynb:Mine: cannot be loaded: ModuleNotFoundError: No module named 'no_s"
    ):
        load(f"{tmp_path / 'n.ipynb'}:Mine")


@pytest.mark.parametrize("name", ["mine.py", "n.ipynb"])
def test_all_of_a_file_are_loaded_if_that_is_asked_for(name: str, tmp_path: Path) -> None:
    source = "def unroll(x):\n    return helper(x)\ndef helper(x):\n    return x + 1\n1 / 0\n"
    table = f"{source}def rnn_forward(x):\n    return globals()['unroll'](x)\n"
    write(tmp_path, notebook(table) if name == "n.ipynb" else table, name)
    every, alone = (load(str(tmp_path / name), Loading("apart", every=every))[1] for every in (True, False))
    assert every["rnn_forward"](2) == 3
    with pytest.raises(KeyError, match="unroll"):
        alone["rnn_forward"](2)


def test_globals_that_the_caller_binds_are_not_made() -> None:
    source = "W = train()\nn = 3\nfor i in range(n):\n    W -= 1\ndef f(x):\n    return W * n * x\n"
    found = taken_apart([Source("f.py", source)], ["f"], supplied=["W"])
    assert found.notes == ()
    assert not hasattr(found.module, "W")
    found.module.W = 5
    assert found.module.f(2) == 30
    assert found.left == "lines 1 and 3-4"
