"""A built-in target is a file and a line: shown with a framework that has calls for one family alone."""

import importlib
import sys
from types import SimpleNamespace
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.errors import TargetError
from rnn_ref.conformance.judge.claims import unclaimed
from rnn_ref.conformance.spec import output
from rnn_ref.conformance.targets import builtins
from rnn_ref.conformance.targets.find import load

FRAMEWORK = "def product(a, b): return a @ b\n"
CALLS = """\
import numpy as np
import toy

def linear(h_states, W_hy, b_y):
    return toy.product(np.asarray(h_states), W_hy.T) + b_y

def rnn_output_layer(h_states, W_hy, b_y):
    return linear(h_states, W_hy, b_y)
"""
BROKEN = {
    "import gone\n": "toy: cannot be loaded: ModuleNotFoundError: No module named 'gone'",
    "from ..frameworks import with_toy\n": "toy: cannot be loaded under the limit of --memory; a larger one may help: "
    "ImportError: cannot import name 'with_toy' from 'rnn_ref.conformance.spec.frameworks'",
    "from ..frameworks.with_toy import run\n": "toy: cannot be loaded: ModuleNotFoundError: "
    "No module named 'rnn_ref.conformance.spec.frameworks.with_toy'",
}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Register a framework, and return what writes the framework or the output layer's calls of it."""
    folders = {"toy.py": tmp_path / "framework", "with_toy.py": tmp_path / "family"}
    for folder in folders.values():
        folder.mkdir()
    kept = set(sys.modules)
    monkeypatch.syspath_prepend(folders["toy.py"])
    monkeypatch.setattr(output, "__path__", [*output.__path__, str(folders["with_toy.py"])])
    monkeypatch.setitem(builtins.FRAMEWORKS, "toy", builtins.Framework(("toy",), "float32"))

    def write(**files):
        for name, text in files.items():
            (folders[f"{name}.py"] / f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()

    yield write
    for name in {name for name in set(sys.modules) - kept if name.endswith("toy")}:
        del sys.modules[name]


def test_with_calls_for_one_family_it_offers_that_familys_functions_and_they_conform(toy):
    toy(toy=FRAMEWORK, with_toy=CALLS)
    name, found = load("toy")
    assert (name, list(found)) == ("toy", ["rnn_output_layer"])
    functions = rnn_ref.check(found, only="rnn_output_layer").functions
    assert functions["rnn_output_layer"].verdict == "conforms"


def test_it_is_asked_in_the_precision_that_its_line_claims(toy):
    toy(toy=FRAMEWORK, with_toy=CALLS)
    by_dtype = {check.dtype: unclaimed(check, None, None, "toy") for check in frozen.load()[0]}
    assert by_dtype == {"float32": None, "float64": "float64 not claimed by toy (--dtype both insists)"}


def test_where_it_is_not_installed_the_line_that_installs_it_is_told(toy):
    toy(with_toy=CALLS)
    with pytest.raises(TargetError, match=r'^toy: not installed; pip install "rnn_ref\[toy\]"$'):
        load("toy")


@pytest.mark.parametrize("calls", BROKEN)
def test_a_file_that_cannot_be_imported_is_no_family_without_a_file(toy, calls):
    toy(toy=FRAMEWORK, with_toy=calls)
    with pytest.raises(TargetError) as raised:
        load("toy")
    assert str(raised.value).partition(" (")[0] == BROKEN[calls]


def test_no_family_need_have_a_file(toy):
    assert vars(builtins.load_builtin("toy")) == {}


def test_what_is_compiled_stays_compiled_where_no_neighbour_is_righted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for JAX, of which it would be noticed if its compiler were turned off."""

    def disable_jit() -> Any:
        raise AssertionError("the compiler is turned off")

    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(disable_jit=disable_jit))
    assert rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step}).ok
