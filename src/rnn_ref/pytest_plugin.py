"""``pytest --rnn-ref TARGET``: the checks of an implementation as tests of their own, beside a project's others.

pytest imports this file in every run of an environment that has ``rnn_ref``; so nothing heavy is imported before a
target is named.
"""

import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest

OPTIONS = {  # of rnn_ref.check, with what stands for their value in the help
    "only": ("PATTERN", "only checks whose id contains this, or matches it as files do"),
    "require": ("NAMES", "functions that must be there: a,b,c"),
    "dtype": ("NAME", "the precision the targets claim: float32, float64 or both"),
    "rank": ("RANK", "what they take: step, single, batch or both (default: found out by trying)"),
    "layout": ("NAME", "their convention: torch, keras, onnx, batch-first, or module:function of your own"),
    "returns": ("WHAT", "what their rnn_forward returns, if not all states: last or pair"),
}
SWITCHES = {
    "whole": "import the targets as Python does, however long it takes",
    "apart": "run only what their functions reach, without trying the whole",
}
EXPECT, PROJECT = "--rnn-ref-expect-fail", "--rnn-ref-project"
CHOSEN = pytest.StashKey[list[Any]]()  # the targets as the project knows them


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, which bear the names that ``rnn-ref check`` gives them."""
    group = parser.getgroup("rnn_ref", "conformance of recurrent networks")
    group.addoption(
        "--rnn-ref",
        metavar="TARGET",
        action="append",
        help="check this implementation, named as for rnn-ref check; may be repeated",
    )
    for name, (metavar, text) in OPTIONS.items():
        group.addoption(f"--rnn-ref-{name}", metavar=metavar, help=text)
    for name, text in SWITCHES.items():
        group.addoption(f"--rnn-ref-{name}", action="store_const", const=True, help=text)
    group.addoption(
        EXPECT,
        metavar="NAME=REASON",
        action="append",
        help="a declared deviation: a function or checks that fail, and why; may be repeated",
    )
    group.addoption(PROJECT, action="store_true", help="check all targets that [tool.rnn_ref] in pyproject.toml names")
    parser.addini("rnn_ref_targets", "implementations to check in every run", type="linelist", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run green with nothing to check, and with options that do not exist."""
    targets, options = _targets(config), _options(config)
    if targets is None and not config.getoption(PROJECT):
        if options:
            raise pytest.UsageError(
                f"--rnn-ref-{next(iter(options)).replace('_', '-')} is given, but no --rnn-ref TARGET"
            )
        return
    targets = targets or ([] if config.getoption(PROJECT) else [""])
    for target in targets:
        if not target.strip():
            raise pytest.UsageError("--rnn-ref and rnn_ref_targets: a target is empty, expected a module or a file")
        if targets.count(target) > 1:
            raise pytest.UsageError(f"--rnn-ref and rnn_ref_targets: {target} is there {targets.count(target)} times")
    from .conformance.errors import TargetError  # noqa: PLC0415 - see above
    from .conformance.options import options_of  # noqa: PLC0415
    from .conformance.project.named import Projects  # noqa: PLC0415

    try:
        options_of(options)
        projects = Projects()
        chosen = projects.here.every(options) if config.getoption(PROJECT) else []
        chosen += [one for target in targets for one in projects.named(target, options)]
    except (TargetError, ValueError) as error:
        raise pytest.UsageError(f"--rnn-ref: {error}") from error
    config.stash[CHOSEN] = list({one.called: one for one in chosen}.values())


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Put the targets beside the files and folders that the session finds."""
    report = yield
    if isinstance(collector, pytest.Session) and report.passed and collector.config.stash.get(CHOSEN, None):
        report.result.append(Targets.from_parent(collector, name="rnn_ref", nodeid="rnn_ref"))
    return report


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell every target which of its checks are run: what passes a fault on is excused only beside the one at fault."""
    if "rnn_ref.conformance.testing.items" not in sys.modules:  # nothing is checked
        return
    from .conformance.testing.items import Item, chosen  # noqa: PLC0415 - see above
    from .conformance.testing.parametrize import Check as Called  # noqa: PLC0415

    found: list[Item] = []
    for test in session.items:
        if isinstance(test, Check):
            found += [test.item] if test.item else []
        elif isinstance(test, pytest.Function) and hasattr(test, "callspec"):
            found += [one.item for one in test.callspec.params.values() if isinstance(one, Called)]
    chosen(found)


class Targets(pytest.Collector):
    """All implementations that are to be checked."""

    def collect(self) -> Iterator["Target"]:
        """Yield them in the order in which they are named."""
        for one in self.config.stash[CHOSEN]:
            yield Target.from_parent(self, name=one.called, named=one)


class Target(pytest.Collector):
    """One implementation."""

    def __init__(self, *, named: Any, **node: Any) -> None:
        super().__init__(**node)
        self._named = named

    def collect(self) -> Iterator["Check"]:
        """Yield its checks, or one that fails and says why there are none."""
        from .conformance.errors import NothingFoundError, TargetError  # noqa: PLC0415
        from .conformance.testing.items import Items  # noqa: PLC0415

        try:
            found = Items(self._named.target, **self._named.given).all
        except TargetError as error:
            if self._named.may_be_empty and isinstance(error, NothingFoundError):
                return
            yield Check.from_parent(self, name="loads", error=str(error))
            return
        for item in found:
            yield Check.from_parent(self, name=item.id, item=item)


class Check(pytest.Item):
    """One check, or the reason why there is none."""

    def __init__(self, *, item: Any = None, error: str = "", **node: Any) -> None:
        super().__init__(**node)
        self.item, self._error = item, error

    def runtest(self) -> None:
        """Check, and raise ConformanceError with the report's words."""
        from .conformance.reports.report import ConformanceError  # noqa: PLC0415
        from .conformance.testing.parametrize import run  # noqa: PLC0415

        if self.item is None:
            raise ConformanceError(self._error)
        run(self.item)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Write the report's words, without a traceback of the instrument."""
        from .conformance.reports.report import ConformanceError  # noqa: PLC0415

        return str(excinfo.value) if isinstance(excinfo.value, ConformanceError) else super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return what heads a failure."""
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"


def _targets(config: pytest.Config) -> list[str] | None:
    """Return the targets of the configuration and the command line, None where neither speaks of any."""
    named: list[list[str] | None] = [config.getini("rnn_ref_targets"), config.getoption("--rnn-ref")]
    if named == [None, None]:
        return None
    return [target for some in named for target in some or []]


def _options(config: pytest.Config) -> dict[str, Any]:
    """Return the options of ``rnn_ref.check`` that were given."""
    given = {name: config.getoption(f"--rnn-ref-{name}") for name in (*OPTIONS, *SWITCHES)}
    options = {name: value for name, value in given.items() if value is not None}
    if "require" in options:
        options["require"] = tuple(name.strip() for name in options["require"].split(",") if name.strip())
    for text in config.getoption(EXPECT) or []:
        name, _, reason = text.partition("=")
        options.setdefault("expect_fail", {})[name.strip()] = reason.strip()
    return options
