"""Skeletons of courses as they are handed out: what nobody has written yet is not called wrong."""

import importlib.util
import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance.targets.stubs import is_stub

LEFT = {
    "docstring": 'def f(x, h):\n    """Return the state."""',
    "raised": "def f(x, h):\n    n = x.shape[0]\n    raise NotImplementedError('to do')",
    "None": "def f(x, h):\n    return None",
    "bare": "def f(x, h):\n    states = []\n    # TODO\n    return",
    "dots": "def f(x, h):\n    states = list(x)\n    ...",
    "name": "def f(x, h):\n    new = None\n    return new",
    "names": "def f(x, h):\n    new, cache = None, None\n    pass\n    return new, cache",
    "annotated": "def f(x, h):\n    new: int\n    cache: int = None\n    return new, cache",
    "chained": "def f(x, h):\n    new = cache = None\n    return new, cache",
    "cache": "def f(x, h):\n    W = h['W']\n    new = None\n    cache = (new, x, h)\n    return new, cache",
    "defined twice": "def f(x, h):\n    return x + h\n\n\ndef f(x, h): ...",
    "decorated": "def of(g):\n    def f(x, h): ...\n    return f\n\n\n@of\ndef f(x, h):\n    return x + h",
    "method": "class C:\n    def f(self, x, h):\n        return None\n\n\nf = C().f",
    "refused": "def f(x, h):\n    raise NotImplementedError\n    return x + h",
    "inner": "def f(x, h):\n    def g(y):\n        return y + 1\n    new = None\n    return new",
}
WRITTEN = {
    "computed": "def f(x, h):\n    new = x + h\n    return new, None",
    "half": "def f(x, h):\n    new, other = None, None\n    new = x + h\n    return new, other",
    "forgotten": "def f(x, h):\n    new = x + h",
    "in place": "def f(x, h):\n    h[:] = x",
    "by a method": "def f(x, h):\n    self.h = x",
    "handed back": "def f(x, h):\n    return h",
    "in a loop": "def f(x, h):\n    new = None\n    for new in x:\n        pass\n    return new",
    "annotated": "def f(x, h):\n    new: int = 0\n    return new",
    "zeros": "def f(x, h):\n    return [0.0, 0.0]",
    "no list": "def f(x, h):\n    return []",
    "endless": "def f(x, h):\n    while True:\n        pass",
    "raised": "def f(x, h):\n    raise KeyboardInterrupt",
    "yielded": "def f(x, h):\n    yield x",
    "of itself": "def f(x, h):\n    h = (h, x)\n    return h",
    "of each other": "def f(x, h):\n    x, h = (h, x), (x, h)\n    return x, h",
    "defined twice": "def f(x, h): ...\n\n\ndef f(x, h):\n    return x + h",
    "by condition": "if 1:\n    def f(x, h):\n        return x + h\nelse:\n    def f(x, h): ...",
    "computed last": "def f(x, h):\n    new = None\n    if new:\n        return new\n    new = f(x, h)\n    return new",
    "dots in an index": "def f(x, h):\n    return x[..., 0]",
}


def defined(text: str, tmp_path: Path) -> Any:
    path = tmp_path / "skeleton.py"
    path.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location("skeleton", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_to_be_written_is_known_by_its_text(name: str, tmp_path: Path) -> None:
    assert is_stub(defined(LEFT[name], tmp_path).f)


@pytest.mark.parametrize("name", WRITTEN)
def test_what_computes_or_answers_something_is_written(name: str, tmp_path: Path) -> None:
    assert not is_stub(defined(WRITTEN[name], tmp_path).f)


def test_a_course_that_is_handed_in_half_done_is_told_so_function_by_function(tmp_path: Path) -> None:
    path = tmp_path / "handed_in.py"
    text = """
        import numpy as np

        def rnn_step_forward(x, prev_h, Wx, Wh, b):
            next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
            return next_h, (x, prev_h, Wx, Wh, next_h)

        def rnn_step_backward(dnext_h, cache):
            dx, dprev_h, dWx, dWh, db = None, None, None, None, None
            # TODO
            pass
            return dx, dprev_h, dWx, dWh, db

        def rnn_forward(x, h0, Wx, Wh, b):
            h, cache = None, None
            # TODO
            return h, cache
        """
    path.write_text(textwrap.dedent(text), "utf-8")
    report = rnn_ref.check(path)
    found = {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}
    left = "not-implemented"
    assert found == {"rnn_cell_step": "conforms", "rnn_cell_backward": left, "rnn_forward": left}
    assert report.functions["rnn_cell_backward"].reading == "rnn_step_backward(dnext_h, cache)"
    assert not report.ok
