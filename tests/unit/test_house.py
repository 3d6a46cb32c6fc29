"""The rules of the house, read off the source: imports run one way, a framework stays in its files, no assert."""

import ast
import json
import subprocess
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest

import rnn_ref
from rnn_ref.conformance.spec import FAMILIES
from rnn_ref.conformance.targets.builtins import FRAMEWORKS

SRC = Path(rnn_ref.__file__).parent
FILES = sorted(SRC.rglob("*.py"))
MATHEMATICS = {"cell", "sequence", "gru", "lstm", "stack", "output", "training", "optimisers", "gradcheck", "interop"}
# A file imports from its own folder and from the lines above its own; a name without dots is a file or folder of the
# package, and "mathematics" stands for what MATHEMATICS and the private files are.
LAYERS = (
    ("mathematics",),
    ("conformance.foreign_text", "conformance.error_state", "conformance.misspelt", "conformance.environment"),
    ("conformance.nested",),
    ("conformance.operation", "conformance.errors"),
    ("conformance.numbers",),
    ("conformance.spec",),
    ("conformance.cases", "conformance.targets", "conformance.edits"),
    ("conformance.differences",),
    ("conformance.run",),
    ("conformance.judge",),
    ("conformance.mistakes", "conformance.given"),
    ("conformance.diagnose", "conformance.reports"),
    ("conformance.options",),
    ("conformance.plan",),
    ("conformance.doubtful", "conformance.not_returned"),
    ("conformance.examine",),
    ("conformance.checking",),
    ("conformance.several",),
    ("conformance.project",),
    ("conformance.testing", "conformance.export"),
    ("lesson", "pytest_plugin"),
    ("cli",),
    ("__main__",),
)
OFFERS = ("", "conformance", "lesson")  # packages whose __init__ offers what lies above it
CROWD = 16  # files of a folder, its __init__ included


def name_of(path):
    """Return a file's name in the package: ``conformance.operation``; the package itself is the empty name."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in FILES}


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


def files_imported(path):
    """Return which files of this package a file imports, lazily or not."""
    names = {name.removeprefix("rnn_ref").removeprefix(".") for name in imports(path) if name.startswith("rnn_ref")}
    found = {name for name in names if name in NAMES}
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)} - {name_of(path)}


GRAPH = {name: files_imported(path) for name, path in NAMES.items()}


def layer_of(name):
    """Return the place and the name of the layer to which a file belongs."""
    rooms = [(place, room) for place, layer in enumerate(LAYERS) for room in layer if f"{name}.".startswith(f"{room}.")]
    return max(rooms, key=lambda one: len(one[1])) if rooms else (0, "mathematics")


def in_room(room):
    return [path for path in FILES if f"{name_of(path)}.".startswith(f"{room}.")]


def mathematics():
    private = {path.stem for path in SRC.glob("_[!_]*.py")}
    rooms = [*in_room("loss"), *in_room("interop")]
    return [path for path in FILES if name_of(path) in MATHEMATICS - {"interop"} | private] + rooms


def circle(graph):
    """Return files that import each other in a circle, none if there is none."""
    left = {name: set(others) for name, others in graph.items()}
    while True:
        imported = {other for others in left.values() for other in others}
        ends = [name for name, others in left.items() if not others & left.keys() or name not in imported]
        if not ends:
            return sorted(left)
        left = {name: others for name, others in left.items() if name not in ends}


def test_the_files_are_found_and_read_right():
    assert MATHEMATICS | {"", "_shapes", "conformance", "conformance.spec.rnn.with_torch"} <= set(NAMES)
    assert {"rnn_ref._shapes", "rnn_ref._shapes.check"} <= imports(SRC / "cell.py")
    builtin = imports(SRC / "conformance" / "spec" / "losses" / "with_torch.py")
    assert {"torch", "torch.nn.functional", "rnn_ref._shapes.Array"} <= builtin
    assert {"conformance.operation", "conformance.judge.compare"} <= GRAPH["conformance.judge.result"]


def test_no_file_imports_itself_by_way_of_others():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == ["a", "b", "c"]
    graph = {name: others - set(OFFERS) for name, others in GRAPH.items() if name not in OFFERS}
    assert circle(graph) == []


def from_above(name):
    """Return what a file imports from its own layer's other folders, and from layers above."""
    place, room = layer_of(name)
    above = {other for other in GRAPH[name] if layer_of(other)[1] != room and layer_of(other)[0] >= place}
    offered = {"conformance"} if place > layer_of("conformance.several")[0] else set()  # what users import as well
    return above - offered


def test_a_file_imports_from_its_own_folder_and_from_layers_below():
    assert [(name, above) for name in sorted(NAMES.keys() - set(OFFERS)) if (above := from_above(name))] == []


def test_every_folder_of_the_instrument_has_a_layer():
    rooms = {name for name in NAMES if name.startswith("conformance.") and name.count(".") == 1}
    assert rooms == {room for layer in LAYERS for room in layer if room.startswith("conformance.")}


def test_no_folder_is_crowded():
    files = Counter(name_of(path.parent / "__init__.py") for path in FILES)
    assert {folder for folder, count in files.items() if count > CROWD} <= {""}


def test_the_mathematics_knows_nothing_of_checking_teaching_or_the_command_line():
    through_getattr = [path for path in mathematics() if "rnn_ref" in imports(path)]  # it leads to the instrument
    assert through_getattr == []


def test_cell_and_sequence_are_two_statements_of_one_map_that_do_not_know_each_other():
    assert "sequence" not in GRAPH["cell"]
    assert "cell" not in GRAPH["sequence"]


def test_the_gradient_checker_knows_no_network():
    ours = {name for name in imports(SRC / "gradcheck.py") if name.startswith("rnn_ref")}
    assert ours == {"rnn_ref._shapes", "rnn_ref._shapes.Array"}


SHARED = "conformance.spec.frameworks"  # in a family's folder with_torch.py has its calls, here what they share
BESIDE = {"output", "losses"}  # families that others import from
SPEAKERS = {  # by the file's name, the framework
    f"{folder}.with_{framework}": framework
    for folder in [SHARED, *(f"conformance.spec.{family}" for family in FAMILIES)]
    for framework in FRAMEWORKS
}
PACKAGES = {package for framework in FRAMEWORKS.values() for package in framework.needs}
DRAWS = {"matplotlib"}
EXTRAS = {  # what is imported inside functions, where it is used
    "interop": {"torch", "keras", "onnx"},
    "conformance.numbers.exact": {"mpmath"},
    "conformance.targets.artefacts": {"torch", "keras", "onnx", "onnxruntime"},
    "conformance.testing": {"pytest"},
    "lesson": {"torch"},
    "lesson.pictures": DRAWS,
    "pytest_plugin": {"pytest"},
}


def speaks(path):
    """Return what a file whose job is a framework may import: of ``with_torch``, what the built-in torch needs."""
    return set(FRAMEWORKS[SPEAKERS[name_of(path)]].needs) if name_of(path) in SPEAKERS else set()


def at_top_level(path):
    """Return the packages that a file imports outside functions."""
    return {name.partition(".")[0] for name in imports(path, ast.parse(path.read_text("utf-8")).body)}


def test_a_framework_is_imported_at_top_level_by_the_files_whose_job_it_is():
    assert [path for path in FILES if not at_top_level(path) & (PACKAGES | DRAWS) <= speaks(path)] == []


def test_files_named_for_a_framework_are_a_familys_or_what_those_share_and_of_a_framework_that_is_registered():
    assert {name for name in NAMES if name.rpartition(".")[2].startswith("with_")} <= SPEAKERS.keys()
    assert {SPEAKERS[name] for name in SPEAKERS.keys() & NAMES.keys() if SHARED not in name} == set(FRAMEWORKS)


def test_calls_of_a_framework_are_imported_by_calls_of_the_same_framework_alone():
    frameworks = {name: {SPEAKERS[other] for other in GRAPH[name] & SPEAKERS.keys()} for name in NAMES}
    assert [name for name in NAMES if not frameworks[name] <= {SPEAKERS.get(name)}] == []


@pytest.mark.parametrize("name", sorted(SPEAKERS.keys() & NAMES.keys()))
def test_calls_of_a_framework_import_what_is_shared_for_there_it_is_configured(name):
    shared = f"{SHARED}.with_{SPEAKERS[name]}"  # JAX's float64, the backend of Keras; others need none
    assert shared in GRAPH[name] | {name} or shared not in NAMES


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_families_know_of_each_other_the_output_layer_and_the_losses_alone(family):
    mine = [GRAPH[name_of(path)] for path in in_room(f"conformance.spec.{family}")]
    imported = [name.split(".") for name in set().union(*mine)]
    known = {name[2] for name in imported if name[:2] == ["conformance", "spec"] and len(name) > 2} & FAMILIES.keys()
    assert known - {family} <= (BESIDE if family not in BESIDE else set())


def test_doctests_are_not_looked_for_where_a_framework_may_not_be_installed():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    options = project["tool"]["pytest"]["addopts"]
    patterns = [option.removeprefix("--ignore-glob=") for option in options if option.startswith("--ignore-glob=")]
    ignored = {name for name, path in NAMES.items() if any(fnmatch(str(path), pattern) for pattern in patterns)}
    assert ignored == SPEAKERS.keys() & NAMES.keys()


def beyond(path, allowed):
    """Return the packages that a file imports, inside functions too, beyond those that are everywhere or allowed."""
    everywhere = sys.stdlib_module_names | {"numpy", "rnn_ref"}
    return {name.split(".")[0] for name in imports(path)} - everywhere - allowed


def known_in(path):
    """Return the extras that are known in the room of a file."""
    room = max((room for room in EXTRAS if f"{name_of(path)}.".startswith(f"{room}.")), key=len, default="")
    return speaks(path) | EXTRAS.get(room, set())


def test_what_is_not_in_the_base_install_is_imported_where_it_is_known_to_be():
    assert [(path, more) for path in FILES if (more := beyond(path, known_in(path)))] == []


def test_the_plugin_alone_imports_pytest_at_top_level_and_nothing_of_ours():
    with_pytest = [path for path in FILES if "pytest" in at_top_level(path)]
    assert [name_of(path) for path in with_pytest] == ["pytest_plugin"]
    assert "rnn_ref" not in at_top_level(with_pytest[0])


def test_the_mathematics_needs_numpy_and_the_standard_library_alone():
    interop = {path: EXTRAS["interop"] if name_of(path).startswith("interop") else set() for path in mathematics()}
    assert [(path, more) for path, extras in interop.items() if (more := beyond(path, extras))] == []


def test_nothing_is_asserted_for_asserts_can_be_switched_off():
    trees = {path: ast.parse(path.read_text("utf-8")) for path in FILES}
    asserts = [(path, node.lineno) for path in FILES for node in ast.walk(trees[path]) if isinstance(node, ast.Assert)]
    assert asserts == []


def loaded_by(program):
    """Return the modules that a program loads in a fresh interpreter."""
    program = f"import json, sys; old = set(sys.modules); {program}; print(json.dumps(sorted(set(sys.modules) - old)))"
    return json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)


def test_using_the_mathematics_loads_numpy_and_nothing_else():
    names = [name for name in rnn_ref.__all__ if not rnn_ref._MODULE_OF[name].startswith("conformance")]
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
