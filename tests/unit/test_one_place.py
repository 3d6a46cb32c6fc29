"""What is new comes in one place, a function or a report format; what is known of a function is known in its family."""

import ast
import json
import subprocess
import sys
import types
from pathlib import Path

import pytest

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.reports import formats
from rnn_ref.conformance.spec import OPERATIONS

INSTRUMENT = Path(rnn_ref.__file__).parent / "conformance"
NAMES = {name for one in OPERATIONS.values() for name in (one.name, *one.arguments, *one.outputs)}
FORM = {"targets"}  # a field of the JSON report, and by chance an argument as well


@pytest.fixture(scope="module")
def leaky(tmp_path_factory):
    """What the instrument says of a function that it hears of for the first time, right and wrong."""
    command = [sys.executable, "-m", "unit_leaky.asked", str(tmp_path_factory.mktemp("vectors"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_new_function_is_asked_judged_and_its_mistake_named(leaky):
    assert (leaky["right"], leaky["passed"]) == (True, 6)
    assert (leaky["wrong"], leaky["mistake"], leaky["hint"]) == (False, "leak-forgotten", "Where is W_hh used?")


@pytest.mark.parametrize("form", [*formats.FORMATS, "text"])
def test_every_report_tells_of_a_new_function_and_of_its_mistake(leaky, form):
    assert "leaky_step" in leaky["forms"][form]
    if form != "junit":  # which is of checks, and names none
        assert "leak-forgotten" in leaky["forms"][form]


def test_a_new_format_is_a_file_and_a_line(monkeypatch, tmp_path, capsys):
    file = types.ModuleType("rnn_ref.conformance.reports.count")
    file.rendered = lambda found: f"{len(found.functions)} functions\n"
    monkeypatch.setitem(sys.modules, file.__name__, file)
    monkeypatch.setitem(formats.FORMATS, "count", formats.Format("write how many functions there are", "count"))
    assert main(["check", "--only", "rnn_cell_step", "--count", str(tmp_path / "count")]) == 0
    assert (tmp_path / "count").read_text() == "1 functions\n"
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "write how many functions there are" in capsys.readouterr().out


def outside(*rooms):
    return [path for path in sorted(INSTRUMENT.rglob("*.py")) if path.relative_to(INSTRUMENT).parts[0] not in rooms]


@pytest.mark.parametrize("path", outside("spec", "targets"), ids=lambda path: str(path.relative_to(INSTRUMENT)))
def test_no_function_argument_or_output_is_named_where_all_are_treated_alike(path):
    strings = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert strings & NAMES <= FORM


def known_of(family):
    """Return the files in which a family is named, its own folder left out."""
    known = {path for path in INSTRUMENT.parent.rglob("*.py") if family in path.read_text("utf-8").lower()}
    theirs = set((INSTRUMENT / "spec" / family).rglob("*.py"))
    return {str(path.relative_to(INSTRUMENT.parent)) for path in known - theirs}


def test_a_family_is_known_in_its_folder_and_where_it_is_registered_and_offered():
    assert known_of("gru") == {
        "__init__.py",  # offers the functions
        "_shapes.py",  # has the axes of their arguments
        "gru.py",  # is the mathematics
        "lstm.py",  # points to where its loops are explained
        "stack.py",  # is made of any cell's functions, and names them in its docstring
        "interop/__init__.py",  # says in which order the gates lie
        "interop/gates.py",  # has that order, and those of the frameworks
        "interop/torch_modules.py",  # takes weights from the frameworks, and back
        "interop/keras_layers.py",
        "interop/onnx_nodes.py",
        "conformance/spec/__init__.py",  # registers the family
        "conformance/targets/reading/names.py",  # knows what foreign code calls it
        "conformance/spec/stack/probes.py",  # asks for stacks of it
        "conformance/spec/stack/network_probes.py",  # and for networks of those
        "conformance/spec/stack/with_torch.py",  # has PyTorch's module of it
        "conformance/numbers/bounded.py",  # has a measured figure in its docstring
        "lesson/gates.py",  # shows its gates
        "lesson/beside_torch.py",  # beside PyTorch's
        "lesson/formulas.py",  # has a learner's last hint
        "lesson/comparison.py",  # offers it
        "lesson/pictures/gradient_flow.py",
    }


def test_another_cell_is_known_in_no_more_places_than_that():
    assert known_of("lstm") == {
        "__init__.py",
        "_shapes.py",
        "lstm.py",
        "stack.py",  # whose default cell it is
        "interop/__init__.py",
        "interop/gates.py",
        "interop/torch_modules.py",
        "interop/keras_layers.py",
        "interop/onnx_nodes.py",
        "conformance/targets/artefacts/held.py",  # has an example
        "conformance/spec/__init__.py",
        "conformance/targets/reading/names.py",
        "conformance/spec/stack/probes.py",
        "conformance/spec/stack/network_probes.py",
        "conformance/spec/stack/with_torch.py",
        "conformance/numbers/states.py",  # has a measured figure in its docstring
        "lesson/gates.py",
        "lesson/beside_torch.py",
        "lesson/formulas.py",
        "lesson/comparison.py",
        "lesson/flow.py",  # follows its memory
        "lesson/networks.py",  # draws it
        "lesson/pictures/gradient_flow.py",
    }
