"""How far a right stack may be from the truth. What its inner layers return nobody sees, so no exact step judges them.

What is allowed of states stands in ``states.py``, of gradients in ``gradients.py``, and of a network with a loss on top
in ``network.py``.
"""

from typing import Any

from ....._shapes import Array
from ....operation import Check
from ..reading import asked_of
from .gradients import of_gradients
from .network import of_network
from .states import of_states


def allowed(check: Check, arguments: list[Any], options: dict[str, Any]) -> dict[str, Array]:
    """Return the allowed error of every entry of every output, in units of u."""
    if check.operation.packed:
        return of_network(check)
    if check.operation.twin:
        return of_gradients(check)
    found, _ = of_states(asked_of(check.options, *check.operation.handed(check.arguments)), check.dtype)
    return {name: one for name, one in found.items() if name in check.expected}  # not all return the last states
