"""What is specified: the records of all functions here, and in a folder for each family all that belongs to it."""

from ..operation import Operation
from .losses.operations import LOSSES
from .output.operations import OUTPUT
from .rnn.operations import RNN

__all__ = ["OPERATIONS"]


def _stage(operation: Operation) -> int:
    """Return when data flows through it: on the way forward, on the way back, or both in one call."""
    return 1 + (not operation.twin) if operation.gives_gradients else 0


OPERATIONS = {operation.name: operation for operation in sorted((*RNN, *OUTPUT, *LOSSES), key=_stage)}
