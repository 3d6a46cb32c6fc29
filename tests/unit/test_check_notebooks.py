"""What is taken out of a notebook, as a check finds it; see also test_taken_apart.py."""

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import LEARNER, notebook, write

import rnn_ref
from rnn_ref.conformance.targets.find import load

Loaded = Callable[..., Any]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return lambda *sources: types.SimpleNamespace(**load(write(tmp_path, notebook(*sources), "n.ipynb"))[1])


def test_a_filled_in_notebook_with_plots_and_prints_conforms(tmp_path: Path) -> None:
    imports, *functions = LEARNER.split("\n\n\n")
    plot = "import no_such_plotting as plt\nplt.plot(rnn_forward(X, *weights))\nplt.show()"
    cells = ["%matplotlib inline\n" + imports, plot, *functions, "!ls\nprint(1 / 0)"]
    assert rnn_ref.check(write(tmp_path, notebook(*cells), "mine.ipynb")).ok


def test_source_may_be_a_list_of_lines(loaded: Loaded) -> None:
    assert loaded(["def rnn_forward():\n", "    return 1"]).rnn_forward() == 1


def test_what_is_not_reached_is_not_run(loaded: Loaded) -> None:
    module = loaded("boom = 1 / 0", "x = 2\nprint(1 / 0)", "def rnn_forward():\n    boom = x\n    return boom")
    assert module.rnn_forward() == 2
    assert "boom" not in module.rnn_forward.__globals__


def test_dependencies_are_followed_through_any_number_of_steps(loaded: Loaded) -> None:
    module = loaded(
        "import math, no_such_module_here",
        "a, (b, *c) = 1, (2, 3)\nd: int = a\nd += 1",
        "class K:\n    value = d\n    def f(self): return helper() + self.value",
        "def helper(default=b):\n    return [math.floor(x) + default for x in c][0]",
        "def rnn_forward():\n    return K().f()",
    )
    assert module.rnn_forward() == 3 + 2 + 2


@pytest.mark.parametrize(
    "making",
    [
        "table = [0]\ntable[0] = 5",
        "table = []\ntable.append(5)",
        "table = []\nfor i in range(6):\n    table[:] = [i]",
        "try:\n    import no_such_module_here\nexcept ImportError:\n    table = [5]",
        "with open(__import__('os').devnull) as f:\n    table = [5]",
        "if True:\n    table = [5]",
    ],
)
def test_any_statement_that_makes_what_is_reached_is_run(loaded: Loaded, making: str) -> None:
    assert loaded(making, "def rnn_forward():\n    return table[0]").rnn_forward() == 5


def test_the_last_definition_wins_as_when_all_cells_are_run(loaded: Loaded) -> None:
    assert loaded("def rnn_forward():\n    return 1", "def rnn_forward():\n    return 2").rnn_forward() == 2


def test_calls_on_modules_are_experiments_and_not_run(loaded: Loaded) -> None:
    module = loaded("import numpy as np\nnp.nothing_like_this()", "def rnn_forward():\n    return np.pi")
    assert module.rnn_forward() > 3


def test_calls_that_set_a_module_up_are_run(loaded: Loaded) -> None:
    source = "import numpy as np\nnp.seed = 3\nnp.setbufsize(8192)"
    module = loaded(source, "def rnn_forward():\n    return np.seed")
    assert module.rnn_forward() == 3
    del np.seed


def test_imports_may_shadow_builtins(loaded: Loaded) -> None:
    module = loaded(
        "from numpy import sum, max\ndef pow(x):\n    return x", "def rnn_forward():\n    return sum, pow(2)"
    )
    assert module.rnn_forward()[0].__module__ == "numpy"
    assert module.rnn_forward()[1] == 2


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "bom.ipynb"
    path.write_text("\ufeff" + notebook("def rnn_forward():\n    return 1"), encoding="utf-8")
    assert load(str(path))[1]["rnn_forward"]() == 1


def test_the_search_path_may_be_extended(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    write(tmp_path / "lib", "value = 7\n", "unit_mylib.py")
    path = f"import sys\nsys.path.append({str(tmp_path / 'lib')!r})"
    assert loaded(path, "from unit_mylib import value", "def rnn_forward():\n    return value").rnn_forward() == 7


@pytest.mark.parametrize(
    "cell",
    [
        "%%bash\nls -l | grep x",
        "files = !ls\nrnn_forward?\n?rnn_forward",
        "if True:\n    %time 1\nx = %pwd",
        "%%time\ny = 3",
        "await something()",
        "!pip install \\\n  numpy",
    ],
)
def test_magics_and_awaits_are_tolerated(loaded: Loaded, cell: str) -> None:
    assert loaded(cell, "def rnn_forward():\n    return 1").rnn_forward() == 1


def test_text_that_looks_like_a_magic_stays(loaded: Loaded) -> None:
    source = 'def rnn_forward():\n    """Is this\n    it?\n    %d\n    """\n    return rnn_forward.__doc__'
    assert "%d" in loaded(source).rnn_forward()


def test_postponed_annotations_are_kept_in_mind(loaded: Loaded) -> None:
    source: Any = "from __future__ import annotations", "def rnn_forward(x: NoSuchName = 1):\n    return x"
    assert loaded(*source).rnn_forward() == 1
