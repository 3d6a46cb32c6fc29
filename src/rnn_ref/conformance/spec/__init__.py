"""What is specified: the records of all functions here, and in a folder for each family all that belongs to it."""

from ..operation import Family, Operation, Suite
from .gru.operations import GRU
from .losses.operations import LOSSES
from .lstm.operations import LSTM
from .output.operations import OUTPUT
from .rnn.operations import RNN
from .stack.operations import STACK

DTYPES = ("float32", "float64")
FAMILIES: dict[str, Family] = {}
SUITES: dict[str, Suite] = {}
OPERATIONS: dict[str, Operation] = {}  # suite by suite, in each in the order in which data flows


def register(family: Family) -> None:
    """Make a family known: its functions are found in targets, asked, judged and reported."""
    FAMILIES[family.name] = family
    SUITES.setdefault(family.suite, Suite(family.suite, f"{family.package}.probes"))
    SUITES.update((other.name, other) for other in family.others)
    every = [(one, operation) for one in FAMILIES.values() for operation in one.operations]
    order = sorted(every, key=lambda one: (list(SUITES).index(one[0].suite_of(one[1].name)), _stage(one[1])))
    OPERATIONS.clear()
    OPERATIONS.update((operation.name, operation) for _, operation in order)


def shown(check: str, output: str) -> str:
    """Return the name of an output as people write it, of the check with this id."""
    operation = OPERATIONS.get(check.partition("/")[0])
    return operation.shown(output) if operation else output


def family_of(function: str) -> Family:
    """Return the family to which a function belongs."""
    return next(one for one in FAMILIES.values() if OPERATIONS[function] in one.operations)


def suite_of(function: str) -> str:
    """Return the suite in which a function is asked, whatever its options."""
    return family_of(function).suite_of(function)


def _stage(operation: Operation) -> int:
    """Return when data flows through it: on the way forward, on the way back, or both in one call."""
    return 1 + (not operation.twin) if operation.gives_gradients else 0


for one in (RNN, OUTPUT, LOSSES, GRU, LSTM, STACK):
    register(one)
