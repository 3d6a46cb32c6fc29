"""The rules of the house, read off the source: imports run one way, PyTorch stays in its room, nothing is asserted."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import rnn_ref

SRC = Path(rnn_ref.__file__).parent
FILES = sorted(SRC.rglob("*.py"))
MATHEMATICS = {"cell", "sequence", "output", "training", "optimisers", "gradcheck", "interop"}


def name_of(path):
    """Return a file's name in the package: ``conformance.suite``; the package itself is the empty name."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path, nodes=None):
    """Return the full names of what a file imports, wherever in it: ``rnn_ref.cell``, ``numpy.typing``."""
    package = ["rnn_ref", *path.relative_to(SRC).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def imports_of(path, room):
    """Return what a file imports from a room of this package."""
    return {name for name in imports(path) if f"{name}.".startswith(f"rnn_ref.{room}.")}


def in_room(room):
    return [path for path in FILES if f"{name_of(path)}.".startswith(f"{room}.")]


def mathematics():
    private = {path.stem for path in SRC.glob("_[!_]*.py")}
    return [path for path in FILES if name_of(path) in MATHEMATICS | private] + in_room("loss")


def test_the_files_are_found_and_read_right():
    names = {name_of(path) for path in FILES}
    assert MATHEMATICS | {"", "_shapes", "conformance", "conformance.spec.with_torch"} <= names
    assert {"rnn_ref._shapes", "rnn_ref._shapes.check"} <= imports(SRC / "cell.py")
    builtin = imports(SRC / "conformance" / "spec" / "with_torch.py")
    assert {"torch", "torch.nn.functional", "rnn_ref._shapes.Array", "rnn_ref.interop"} <= builtin


@pytest.mark.parametrize("path", mathematics(), ids=name_of)
def test_the_mathematics_knows_nothing_of_checking_teaching_or_the_command_line(path):
    for room in ("conformance", "lesson", "cli", "__main__", "pytest_plugin"):
        assert not imports_of(path, room)
    assert "rnn_ref" not in imports(path)  # whose __getattr__ leads to the instrument


@pytest.mark.parametrize("path", in_room("conformance"), ids=name_of)
def test_checking_knows_nothing_of_the_command_line(path):
    for room in ("cli", "__main__", "pytest_plugin", "lesson"):
        assert not imports_of(path, room)


def test_cell_and_sequence_are_two_statements_of_one_map_that_do_not_know_each_other():
    assert not imports_of(SRC / "cell.py", "sequence")
    assert not imports_of(SRC / "sequence.py", "cell")


def test_the_gradient_checker_knows_no_network():
    ours = {name for name in imports(SRC / "gradcheck.py") if name.startswith("rnn_ref")}
    assert ours == {"rnn_ref._shapes", "rnn_ref._shapes.Array"}


SPEAKERS = {
    "conformance.spec.with_torch": {"torch"},
    "conformance.spec.oracle_torch": {"torch"},
    "conformance.spec.with_jax": {"jax"},
    "conformance.spec.with_keras": {"keras"},
    "conformance.spec.with_onnxruntime": {"onnx", "onnxruntime"},
}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_framework_is_imported_at_top_level_by_the_files_whose_job_it_is(path):
    top = {name.split(".")[0] for name in imports(path, ast.parse(path.read_text("utf-8")).body)}
    assert top & {"torch", "jax", "keras", "onnx", "onnxruntime", "matplotlib"} == SPEAKERS.get(name_of(path), set())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_plugin_alone_imports_pytest_at_top_level_and_nothing_of_ours(path):
    top = {name.partition(".")[0] for name in imports(path, ast.parse(path.read_text("utf-8")).body)}
    assert ("pytest" in top) == (name_of(path) == "pytest_plugin")
    assert not {"pytest", "rnn_ref"} <= top


@pytest.mark.parametrize("path", mathematics(), ids=name_of)
def test_the_mathematics_needs_numpy_and_the_standard_library_alone(path):
    allowed = sys.stdlib_module_names | {"numpy", "rnn_ref"} | ({"torch"} if name_of(path) == "interop" else set())
    assert {name.split(".")[0] for name in imports(path)} <= allowed


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_asserted_for_asserts_can_be_switched_off(path):
    assert not [node.lineno for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Assert)]


def loaded_by(program):
    """Return the modules that a program loads in a fresh interpreter."""
    program = f"import json, sys; old = set(sys.modules); {program}; print(json.dumps(sorted(set(sys.modules) - old)))"
    return json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)


def test_using_the_mathematics_loads_numpy_and_nothing_else():
    names = [name for name in rnn_ref.__all__ if name != "check"]
    loaded = loaded_by(f"from rnn_ref import {', '.join(names)}")
    assert {name.split(".")[0] for name in loaded} - sys.stdlib_module_names == {"numpy", "rnn_ref"}
    assert {name for name in loaded if name.startswith("rnn_ref.")} <= {
        f"rnn_ref.{name_of(path)}" for path in mathematics()
    }


def test_importing_the_package_alone_is_free():
    loaded = set(loaded_by("import rnn_ref"))
    assert {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names} == {"rnn_ref"}


def test_every_public_name_is_there_and_no_other():
    assert {name for name in rnn_ref.__all__ if callable(getattr(rnn_ref, name))} == set(rnn_ref.__all__)
    assert set(rnn_ref.__all__) <= set(dir(rnn_ref))
    with pytest.raises(AttributeError, match="has no attribute 'rnn_foward'"):
        rnn_ref.rnn_foward  # noqa: B018
