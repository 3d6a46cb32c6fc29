"""Checks as pytest's parameters. Only what is called imports pytest."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import TargetError
from ..project.named import Projects
from ..reports.report import ConformanceError
from ..spec import OPERATIONS
from .items import Item, Items

if TYPE_CHECKING:
    import pytest


def parametrize_with_checks(targets: Any, **options: Any) -> "pytest.MarkDecorator":
    """Decorate a test so that it is called once with every check of every target.

    Parameters
    ----------
    targets : mapping of str to target, list of targets, or one target
        Targets as ``rnn_ref.check`` takes them, by the name they bear in the tests' ids. A dict of nothing but
        functions of the specification is one target.
    **options
        What ``rnn_ref.check`` takes: ``only``, ``require``, ``dtype``, ``rank`` and the others.

    Returns
    -------
    pytest.MarkDecorator
        For a test with the argument ``check``, which it calls without arguments: ``mine-rnn_forward/generic-float64``
        and so on. What the target does not claim is skipped, functions that are not there are not asked for; but what
        the project's ``rnn_ref.json`` says was asked once fails where it is not asked now. A target that
        ``[tool.rnn_ref]`` in pyproject.toml knows by this name, or by the same file, has the options given there.

    Raises
    ------
    pytest.Collector.CollectError
        A target cannot be loaded, there is nothing to check in it, an option does not exist, or the project's
        configuration or record cannot be used.

    Examples
    --------
    >>> import rnn_ref
    >>> mark = parametrize_with_checks({"mine": {"rnn_cell_step": rnn_ref.rnn_cell_step}}, dtype="float64")
    >>> [parameter.id for parameter in mark.args[1]][0]
    'mine-rnn_cell_step/generic-float32'
    """
    import pytest  # noqa: PLC0415 - not needed to check by other means

    try:
        projects = Projects()
        parameters = [
            pytest.param(Check(item), id=f"{label}-{item.id}")
            for label, target in _labelled(targets)
            for named in [projects.single(label, target, options)]
            for item in Items(named.target, **named.given).all
        ]
    except (TargetError, ValueError, TypeError) as error:
        raise pytest.Collector.CollectError(f"parametrize_with_checks: {error}") from error
    return pytest.mark.parametrize("check", parameters)


class Check:
    """What a parametrized test calls."""

    def __init__(self, item: Item) -> None:
        self.item = item

    def __call__(self) -> None:
        """Pass, skip, or raise ConformanceError with the report's words."""
        __tracebackhide__ = True
        run(self.item)

    def __repr__(self) -> str:
        return f"<check {self.item.id} of {self.item.target.name}>"


def run(item: Item) -> None:
    """Tell pytest what came of an item."""
    __tracebackhide__ = True
    import pytest  # noqa: PLC0415

    status, text = item.outcome()
    if status == "skipped":
        pytest.skip(text)
    if status == "xfail":
        pytest.xfail(text)
    if status == "failed":
        raise ConformanceError(text)


def _labelled(targets: Any) -> Iterator[tuple[str, Any]]:
    """Yield targets with the names they bear; those must differ, for pytest knows a test by its id."""
    if isinstance(targets, Mapping) and not (targets and set(targets) <= set(OPERATIONS)):
        labelled = [(str(label), target) for label, target in targets.items()]
    else:
        several = isinstance(targets, list | tuple)
        labelled = [(_label(target), target) for target in (targets if several else [targets])]
    labels = [label for label, _ in labelled]
    if not labels:
        raise ValueError("there is no target")
    for label in labels:
        if not label or labels.count(label) > 1:
            raise ValueError(f"{labels.count(label)} targets are called {label!r}; name them: {{'name': target, ...}}")
    yield from labelled


def _label(target: Any) -> str:
    if target is None:
        return "rnn_ref"
    text = isinstance(target, str | os.PathLike)
    return os.fspath(target) if text else getattr(target, "__name__", type(target).__name__)
