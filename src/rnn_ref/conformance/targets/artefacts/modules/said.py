"""The order of gates that share a matrix, as the text of a module or cell says it."""

from collections.abc import Callable
from typing import Any

from ...reading.gated.order_said import order_said
from ...reading.syntax.gathered import source_of
from .roles import HERE, Roles


def with_order_said(forward: Callable[..., Any], every: list[Roles]) -> list[Roles]:
    """Return the readings, with those in the order in which the text takes gates that share a matrix."""
    known = {one.order for one in every}
    said = [(one, said_in(forward, one)) for one in every if not (one.order or one.by_name)]
    return [*every, *(one._replace(order=order) for one, order in said if order not in known)]


def said_in(forward: Callable[..., Any], roles: Roles) -> str:
    """Return the order of the gates that the text says, "" if it is the one here, or if it says none."""
    if roles.gates == 1 or len(roles.W_xh) > 1:
        return ""
    order = order_said(source_of(forward), roles.gates)
    return "" if order == HERE[roles.gates] else order
