"""A notebook is taken apart: what configures the packages that its functions use is run as well.

Every notebook here computes in a package of its own that works in float32 unless it is told otherwise.
"""

from pathlib import Path

import pytest
from unit_learner import checked_apart, verdicts, write

FRAME = """\
import os
import numpy as np

class Config:
    x64 = os.environ.get("UNIT_X64") == "1"
    def update(self, name, value): setattr(self, name, value)
    def precise(self): self.x64 = True

config = Config()
double = np.float64
def set_default_dtype(dtype): config.x64 = dtype == np.float64
def manual_seed(seed): config.x64 = seed == 64
def tanh(z): return np.tanh(z).astype(z.dtype if config.x64 else np.float32)
def act(path): os.remove(path)
"""
IMPORT = "import numpy as np\nimport unit_frame as uf"
STEP = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return uf.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)"
BOOM = "Path(KEPT).unlink()"
ENVIRONMENT = {
    "an item": "os.environ['UNIT_X64'] = '1'",
    "setdefault": "_ = os.environ.setdefault('UNIT_X64', str(1))",
    "update": "os.environ.update({'UNIT_X64': '1'})",
    "augmented": "os.environ |= {'UNIT_X64': '1'}",
    "by another name": "from os import environ as env\nenv['UNIT_X64'] = '1'",
    "by a name of its own": "env = os.environ\nenv['UNIT_X64'] = '1'",
    "a loop": "for name, value in {'UNIT_X64': '1'}.items():\n    os.environ[name] = value",
    "a function": "def set_up(n=1):\n    os.environ['UNIT_X64'] = str(n)\nset_up()",
    "a path": "os.environ['UNIT_X64'] = str(len(os.path.join('', '1')))",
    "an if": f"if not os.environ.get('UNIT_X64'):\n    os.environ['UNIT_X64'] = '1'\n    {BOOM}",
    "%env": "%env UNIT_X64=1",
    "%set_env": "%set_env UNIT_X64 1",
}
CONFIGURED = {
    "a call in the package": "uf.config.update('x64', True)",
    "a call whose answer is kept": "old = uf.config.update('x64', True)",
    "a call with something of the package": "uf.set_default_dtype(uf.double)",
    "a call with something of another package": "uf.set_default_dtype(dtype=np.float64)",
    "a call with a name for something constant": "SEED = 8 * 8\nuf.manual_seed(SEED)",
    "what is imported from the package": "from unit_frame import config\nconfig.update('x64', True)",
    "a name for what is in the package": "settings = uf.config\nsettings.update('x64', 1 > 0)",
    "something of the package's config": "uf.config.precise()",
    "an assignment": "uf.config.x64 = True",
    "an assignment by another import": "from unit_frame import config as c\nc.x64 = not False",
    "setattr": "setattr(uf.config, 'x64', True)",
    "try": "try:\n    uf.config.update('x64', True)\n    print('float64')\nexcept Exception:\n    pass",
    "if": f"if hasattr(uf, 'config'):\n    uf.config.update('x64', True)\n    {BOOM}",
    "a function that configures other packages too": "def set_up():\n    import numpy.random\n    import unit_other\n"
    "    unit_other.set_level(3)\n    numpy.random.seed(0)\n    uf.config.x64 = True\nset_up()",
    "a function that does nothing else": "def seed_all(seed=64):\n    'Seed all.'\n    import random\n"
    "    random.seed(seed)\n    np.random.seed(seed)\n    os.environ['PYTHONHASHSEED'] = str(seed)\n"
    "    if seed > 0:\n        uf.manual_seed(seed)\nseed_all(64)",
}


@pytest.mark.parametrize("how", ENVIRONMENT)
def test_the_environment_is_set_before_what_reads_it(how: str, tmp_path: Path) -> None:
    write(tmp_path, FRAME, "unit_frame.py")
    report = checked_apart(tmp_path, ENVIRONMENT[how], IMPORT, STEP, "uf.act(KEPT)", BOOM)
    assert report.ok, str(report)


@pytest.mark.parametrize("how", CONFIGURED)
def test_what_configures_the_packages_that_are_used_is_run(how: str, tmp_path: Path) -> None:
    write(tmp_path, FRAME, "unit_frame.py")
    write(tmp_path, "def set_level(level): pass", "unit_other.py")
    report = checked_apart(tmp_path, IMPORT, CONFIGURED[how], STEP, "uf.act('kept.txt')", BOOM)
    assert report.ok, str(report)


def test_without_it_the_package_is_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, FRAME, "unit_frame.py")
    assert verdicts(checked_apart(tmp_path, IMPORT, STEP)) == {"rnn_cell_step": "low-precision"}


@pytest.mark.parametrize(
    "using",
    [
        "from unit_frame import tanh",
        "from unit_model import tanh",
        "def tanh(z):\n    import unit_frame\n    return unit_frame.tanh(z)",
    ],
)
def test_the_package_may_be_used_by_another_name_or_file_or_within_a_function(using: str, tmp_path: Path) -> None:
    write(tmp_path, FRAME, "unit_frame.py")
    write(tmp_path, "from unit_frame import tanh", "unit_model.py")
    report = checked_apart(
        tmp_path, IMPORT, "uf.config.update('x64', True)", using, STEP.replace("uf.tanh", "tanh"), BOOM
    )
    assert report.ok, str(report)


FILED = {
    "a decorator": "@STEPS.register\ndef tanh(z):\n    return np.tanh(z)",
    "a call": "STEPS.register(np.tanh)",
    "an item": "STEPS['tanh'] = np.tanh",
}


@pytest.mark.parametrize("how", FILED)
def test_what_is_filed_in_an_object_that_is_imported_and_needed_is_there(how: str, tmp_path: Path) -> None:
    source = "class Steps(dict):\n    def register(self, f): self[f.__name__] = f\nSTEPS = Steps()\n"
    write(tmp_path, source, "unit_registry.py")
    imports = "import numpy as np\nfrom unit_registry import STEPS"
    report = checked_apart(tmp_path, imports, FILED[how], STEP.replace("uf.tanh", "STEPS['tanh']"), BOOM)
    assert report.ok, str(report)


def test_packages_that_are_not_used_are_not_configured(tmp_path: Path) -> None:
    other = "import no_such_frame as nf\nnf.manual_seed(0)\nnf.backends.x = 1\nfor i in range(2): nf.seed(i)\n"
    other += "def seed_all():\n    nf.manual_seed(0)\n    np.random.seed(0)\nseed_all()"
    step = STEP.replace("uf", "np")
    assert checked_apart(tmp_path, other, "import numpy as np\nnp.random.seed(0)\nnp.seterr(all='raise')", step).ok


def test_a_function_that_does_something_else_too_is_not_called(tmp_path: Path) -> None:
    write(tmp_path, FRAME, "unit_frame.py")
    for line in (BOOM, f"print({BOOM})", "train()", "uf.act(KEPT)", f"return {BOOM}", f"n = {BOOM}"):
        functions = f"def train():\n    {BOOM}\ndef set_up():\n    uf.config.x64 = True\n    {line}"
        report = checked_apart(tmp_path, IMPORT, functions, "set_up()", STEP)
        assert verdicts(report) == {"rnn_cell_step": "low-precision"}


def test_a_package_is_configured_in_the_order_of_the_cells(tmp_path: Path) -> None:
    write(tmp_path, FRAME, "unit_frame.py")
    cells = IMPORT, "uf.config.x64 = False", STEP, "uf.config.x64 = True"
    assert checked_apart(tmp_path, *cells).ok
    assert not checked_apart(tmp_path, *cells, "uf.config.x64 = False").ok


def test_the_search_path_may_be_changed_in_any_way(tmp_path: Path) -> None:
    (tmp_path / "unit_lib").mkdir()
    write(tmp_path / "unit_lib", FRAME, "unit_frame2.py")
    for line in (
        "sys.path += [LIB]",
        "sys.path[:0] = [LIB]",
        "sys.path = [LIB, *sys.path]",
        "sys.path.insert(0, lib())",
    ):
        lib = "LIB = str(Path(KEPT).parent / 'unit_lib')\ndef lib():\n    return LIB"
        cells = lib, line, "import unit_frame2 as uf\nuf.set_default_dtype(uf.double)", STEP, BOOM
        assert checked_apart(tmp_path, *cells).ok, line


UNFINISHED = "def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):\n    h =\n"
RIGHT = "import numpy as np\n" + STEP.replace("uf", "np")


def test_a_function_in_a_cell_that_cannot_be_parsed_crashes_with_the_reason_and_the_others_are_checked(
    tmp_path: Path,
) -> None:
    report = checked_apart(tmp_path, RIGHT, UNFINISHED)
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed"}
    assert "SyntaxError: invalid syntax n.ipynb, code cell 3, line 2" in " ".join(str(report).split())


def test_so_do_functions_that_use_what_is_in_one(tmp_path: Path) -> None:
    report = checked_apart(
        tmp_path, "import numpy as np\ndef helper(z):\n    return np.tanh(z", STEP.replace("uf.tanh", "helper")
    )
    assert verdicts(report) == {"rnn_cell_step": "crashed"}
    assert "SyntaxError: '(' was never closed" in " ".join(str(report).split())


def test_a_cell_that_cannot_be_parsed_and_defines_nothing_that_is_needed_is_no_obstacle(tmp_path: Path) -> None:
    assert checked_apart(tmp_path, RIGHT, f"{BOOM}\nfor x in\n", "def other(:\n    pass").ok
