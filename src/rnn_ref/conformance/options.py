"""The options of a check, vetted: what is asked, what the target claims, and what it may take."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .cases.asked import all_questions
from .judge.claims import CLAIMS
from .judge.expectations import vet_expectations
from .misspelt import did_you_mean, expected
from .spec import OPERATIONS
from .spec.claims import declared
from .targets.convention import RETURNS, Adapter, Convention
from .targets.layouts import LAYOUTS
from .targets.loading import How

TIMEOUT = 60.0  # seconds for loading, and for each function
MEMORY = 4096  # MiB of address space: importing PyTorch takes more than 512
LEAST_MEMORY = 512  # Python and NumPy take some 220 themselves, and of that no target is to blame
DTYPES = ("float32", "float64", "both")
ORACLES = ("vectors", "torch")


@dataclass(frozen=True)
class Options:
    """What ``check`` takes, see there."""

    only: str | None = None
    require: tuple[str, ...] = ()
    expect_fail: Mapping[str, str] = field(default_factory=dict, hash=False)
    dtype: str | None = None
    rank: str | None = None
    layout: str | Adapter | None = None
    returns: str | None = None
    oracle: str = "vectors"
    seed: int | None = None
    against: str | object | None = None  # what an artefact was exported from: a target with weights of its own
    timeout: float = TIMEOUT
    memory: int = MEMORY
    name: str | None = None  # what the report calls the target, where that is not what it is loaded by
    whole: bool = False
    apart: bool = False
    claims: str | None = None  # what the target does not offer, as users write it (``spec/claims.py``)
    reads: str | None = None  # which of its functions is which: rnn_forward=unroll, rnn_cell_step=step
    recorded: frozenset[str] = frozenset()  # the checks that were asked when the project's record was made

    def __post_init__(self) -> None:
        """Raise ValueError for what does not exist."""
        unknown = [name for name in self.require if name not in OPERATIONS]
        if unknown:
            raise ValueError(f"check: require names {unknown[0]}{expected(unknown[0], OPERATIONS)}")
        _one_of("dtype", self.dtype, DTYPES)
        _one_of("rank", self.rank, tuple(CLAIMS))
        _one_of("returns", self.returns, RETURNS)
        _one_of("oracle", self.oracle, ORACLES)
        if isinstance(self.layout, str) and ":" not in self.layout:
            _one_of("layout", self.layout, (*LAYOUTS, "module:function"))
        if self.seed is not None and self.seed < 0:
            raise ValueError(f"check: seed is {self.seed}, expected 0 or above")
        declared(self.claims or "")
        meant(self.reads or "")
        if self.whole and self.apart:
            raise ValueError("check: whole and apart are both asked for, expected one of them")
        if not self.timeout > 0:
            raise ValueError(f"check: timeout is {self.timeout}, expected a number above 0")
        if not self.memory >= LEAST_MEMORY:
            raise ValueError(f"check: memory is {self.memory}, expected at least {LEAST_MEMORY} (MiB)")

    @property
    def convention(self) -> Convention:
        """How the target speaks."""
        return Convention(self.layout, self.returns)

    @property
    def how(self) -> How | None:
        """How a file is loaded, where that is insisted on."""
        return "whole" if self.whole else "apart" if self.apart else None

    def command(self, target: Any) -> str:
        """Return the command line that asks the same of this target, empty for an object that has no name there."""
        if (target is not None and not isinstance(target, str)) or callable(self.layout):
            return ""
        if self.against is not None and not isinstance(self.against, str):
            return ""
        words = ["rnn-ref", "check", *([target] if target else [])]
        for option in ("rank", "dtype", "layout", "returns", "claims", "reads", "seed", "against"):
            value = getattr(self, option)
            words += [f"--{'as' if option == 'reads' else option}", str(value)] if value is not None else []
        words += ["--oracle", self.oracle] if self.oracle != "vectors" else []
        words += ["--timeout", f"{self.timeout:g}"] if self.timeout != TIMEOUT else []
        words += ["--memory", str(self.memory)] if self.memory != MEMORY else []
        words += [f"--{self.how}"] if self.how else []
        return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """Quote a word for the shell at hand; with what no printer prints, byte for byte, as bash and zsh read it.

    >>> print(_quoted("my rnn.py"), _quoted("a\\x1b.py"))
    'my rnn.py' $'a\\x1b.py'
    """
    if sys.platform == "win32":
        return subprocess.list2cmdline([word])
    if word.isprintable():
        return shlex.quote(word)
    plain = (f"\\x{one:02x}" if not 32 <= one < 127 or chr(one) in "'\\" else chr(one) for one in os.fsencode(word))
    return f"$'{''.join(plain)}'"


def meant(text: str) -> dict[str, str]:
    """Return by function of the specification the name of the target's own. Raises ValueError for one that is none.

    >>> meant("rnn_forward=unroll, rnn_cell_step=Net.step")
    {'rnn_forward': 'unroll', 'rnn_cell_step': 'Net.step'}
    """
    found = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        function, _, name = (part.strip() for part in one.partition("="))
        if function not in OPERATIONS:
            known = expected(function, OPERATIONS)
            raise ValueError(f"check: reads (--as) is {one!r}, but no function is called {function!r}{known}")
        if not name:
            raise ValueError(f"check: reads (--as) is {one!r}, expected {function}=ITS_NAME")
        found[function] = name
    return found


def over(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with others over them: who insists on whole or apart overrides who insisted on the other.

    >>> over({"whole": True, "rank": "batch"}, {"apart": True})
    {'rank': 'batch', 'apart': True}
    """
    other = {"whole": "apart", "apart": "whole"}
    overridden = {other[name] for name in other if given.get(name)}
    return {**{name: value for name, value in base.items() if name not in overridden}, **given}


def options_of(given: Mapping[str, Any]) -> Options:
    """Return the options of ``rnn_ref.check``, vetted. Raises TypeError or ValueError for one that does not exist.

    >>> options_of({"require": "rnn_cell_step"}).require
    ('rnn_cell_step',)
    """
    for unknown in given.keys() - {one.name for one in fields(Options)}:
        raise TypeError(
            f"check: no option is called {unknown!r}{expected(unknown, [one.name for one in fields(Options)])}"
        )
    required = given.get("require") or ()
    required = (required,) if isinstance(required, str) else tuple(required)
    options = Options(**{**given, "require": required, "expect_fail": dict(given.get("expect_fail") or {})})
    if options.expect_fail:
        vet_expectations(options.expect_fail, all_questions(options.seed, options.oracle))
    return options


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        close = did_you_mean(str(value), known)
        raise ValueError(f"check: {name} is {value!r}, expected {', '.join(map(repr, known))}{close}")
