"""A target under test, wherever it runs: what was found in it, and what its functions answer.

``LocalSession`` calls the functions of a Python object right here; ``sandbox.ChildSession`` has the same face and
keeps the target in a process of its own. Both are asked by ``Request``: a function, its checks, and how it is called.
"""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from ..errors import TargetError
from ..foreign_text import printable
from ..operation import Check
from ..targets.artefacts.against import matched
from ..targets.artefacts.held import Held, mark_of
from ..targets.claimed import Claimed
from ..targets.convention import Adapter, Convention
from ..targets.find import load_any
from ..targets.foreign_code import quiet
from ..targets.from_text.by_text import load_layout
from ..targets.loading import Loading
from ..targets.neighbours.righted import righted
from ..targets.stubs import is_stub
from .call import Outcome, changed_since, perform

Begins = Callable[[int, int], None]  # is told which check begins, and which call of it
SOURCE = "source: "  # stands before the names of networks that others were exported from
UNDECLARED = "not asked: an option is not among its arguments"
TWICE = 2  # every call is made twice: what is right only once keeps something between calls


class Found(NamedTuple):
    """What can be said of a function without calling it."""

    stub: bool
    keywords: tuple[str, ...] | None  # the arguments it declares; None: any
    claimed: Claimed = Claimed()
    reading: str = ""  # how it is read, where it is not the specification's own name and form
    claims: tuple[str, ...] = ()  # what it does not offer (``spec/claims.py``)
    dtype: str | None = None  # the only precision that it takes, where that was found out
    derives: str = ""  # the function that a framework has differentiated to make it
    leaves_out: bool = False  # whether states before that are all zeros are left out, as None
    compiled: bool = False  # whether JAX is there: where neighbours are put right, it runs op by op, which takes long

    @classmethod
    def told(cls, keywords: Sequence[str] | None, claimed: Sequence[Any], claims: Sequence[str], **one: Any) -> "Found":
        """Return what a child told of a function, in lists in the places of tuples."""
        keywords = None if keywords is None else tuple(keywords)
        return cls(keywords=keywords, claimed=Claimed(*claimed), claims=tuple(claims), **one)

    def declares(self, name: str) -> bool:
        """Whether the function takes an argument of this name."""
        return self.keywords is None or name in self.keywords

    def lacks(self, check: Check) -> bool:
        """Whether a check asks for a keyword that the function does not declare: it is judged on those it does."""
        if self.keywords is None or not (check.keywords or check.operation.implied):
            return False
        # the default of an option is asked of those that have it
        implied = [name for flag, name in check.operation.implied.items() if flag in check.flags]
        return not all(map(self.declares, [*check.keywords, *implied]))


class Request:
    """Calls of one function, to be made in one convention; two requests are the same if they are the same object.

    ``part`` is the network of an artefact that is meant, None of functions; ``ahead`` a request that was made before,
    beyond whose checks these go.
    """

    def __init__(
        self,
        function: str,
        checks: Sequence[Check],
        convention: Convention | None = None,
        part: str | None = None,
        claims: Sequence[str] = (),
        ahead: "Request | None" = None,
        edits: range = range(0),
        wrong: Sequence[str] = (),
        *,
        once: bool = False,
    ) -> None:
        self.function, self.part, self.ahead = function, part, ahead
        self.checks = tuple(checks)
        self.convention = convention or Convention()
        self.claims = tuple(claims)  # by which the checks are narrowed
        self.edits = edits  # of the target's text, with each of which it is asked; none: as it stands
        self.once = once  # whether every call is made but once
        self.wrong = tuple(wrong)  # the outputs of the first check that are, by which edits are sorted


class Session(Protocol):
    """A target under test."""

    def load(self, ahead: Iterable[Request] = ()) -> None:
        """Wait until the target is loaded; what is asked ``ahead`` is worked on from then on. Raises TargetError."""

    @property
    def name(self) -> str:
        """The target's name in the report."""

    @property
    def found(self) -> Mapping[str, Found]:
        """The functions of the specification that are in it."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences on how it was loaded."""

    @property
    def differences(self) -> Mapping[str, Any] | None:
        """What its gradients are beside differences of its loss, where its way back is not read."""

    @property
    def was_taken_apart(self) -> bool:
        """Whether it is a file that was not imported whole."""

    @property
    def has_text(self) -> bool:
        """Whether it is a file of Python whose text can be edited before it is asked."""

    @property
    def holds_weights(self) -> bool:
        """Whether it is a network with weights of its own, whatever it is handed."""

    @property
    def held(self) -> Sequence[Held]:
        """The networks that it holds, if it is an artefact."""

    @property
    def refused(self) -> Sequence[str]:
        """Sentences on what in an artefact cannot be judged."""

    @property
    def sources(self) -> Sequence[Held]:
        """The networks from which those held were exported, in their order, if that was said."""

    def run(self, request: Request) -> list[list[Outcome]]:
        """Return the outcomes of all calls of every check."""

    def read_anew(self, doubtful: Sequence[str]) -> None:
        """Have functions read that bear their names and do not answer as their names say."""

    def look_at_differences(self) -> None:
        """Have gradients held against differences, whatever is read, if that can be done."""

    def renew(self) -> None:
        """Begin anew, with nothing left of earlier calls, if that can be done."""

    def close(self) -> None:
        """Leave nothing running."""


class LocalSession:
    """The functions of an object, called in this process."""

    was_taken_apart = has_text = holds_weights = False
    differences: Mapping[str, Any] | None = None

    def __init__(self, target: Any, layout: str | Adapter | None = None, loading: Loading | None = None) -> None:
        """Load the target, the layout if it is the user's own, and what the target was exported from."""
        loading = loading or Loading()
        self._target, self._loading = target, loading
        against = loading.against
        self.name, self._candidates, holding = load_any(target, loading)
        self.notes: Sequence[str] = loading.notes
        self.held: Sequence[Held] = holding.networks if holding else []
        self.refused: Sequence[str] = holding.refused if holding else []
        self.sources: Sequence[Held] = []
        if against is not None:
            source = load_any(against)
            if not (holding and source.holding):
                odd = self.name if not holding else source.name
                raise TargetError(f"{odd}: holds no weights of its own, expected a model beside another (--against)")
            self.held = matched(holding, source.holding)
            self.sources = [replace(one, part=f"{SOURCE}{one.part}") for one in source.holding.networks]
            self.refused = [*self.refused, *(f"{source.name}: {one}" for one in source.holding.refused)]
        self._adapter = load_layout(layout) if isinstance(layout, str) else layout
        self.found: Mapping[str, Found] = {
            function: describe(candidate) for function, candidate in self._candidates.items()
        }

    def load(self, ahead: Iterable[Request] = ()) -> None:
        """Do nothing: it is loaded."""

    def run(self, request: Request, begins: Begins = lambda check, call: None) -> list[list[Outcome]]:
        """Return the outcomes of all calls of every check, each of which is announced.

        Every call is made twice, and those with nothing special about them a third time, behind all others: with arrays
        that held other numbers before. What raises is not asked again, and what asks for an option that is not declared
        is not asked at all.
        """
        candidate = self._calls(request)[request.function]
        if request.convention.layout is not None and not request.convention.known_layout and self._adapter:
            candidate = self._adapter(request.function, candidate)
        kept: list[dict[str, Any]] = [{} for _ in request.checks]
        generic = ["generic" in check.flags for check in request.checks]
        outcomes: list[list[Outcome]] = []
        found = self.found.get(request.function) if request.part is None else None
        with quiet() as held, righted(self._calls(request), request.function, request.convention) as noted:

            def called(i: int, call: int) -> Outcome:
                begins(i, call)
                returned, again = kept[i] if call == 0 and generic[i] else None, call == TWICE
                check = request.checks[i]
                return perform(candidate, check, request.convention, held=held, returned=returned, rewritten=again)

            for i, check in enumerate(request.checks):
                noted.clear()
                outcomes.append([Outcome(error=UNDECLARED) if found and found.lacks(check) else called(i, 0)])
                if outcomes[i][0].error is None and not request.once:
                    outcomes[i].append(called(i, 1))
                for one in outcomes[i]:
                    one.relied_on = tuple(noted)
            for check, (first, *_), returned in zip(request.checks, outcomes, kept, strict=True):
                first.overwritten = changed_since(first, returned, check, request.convention) if returned else False
            for i, (first, *_) in enumerate(outcomes):
                again = generic[i] and first.error is None and not request.once
                outcomes[i] += [called(i, TWICE)] if again else []
        return outcomes

    def read_anew(self, doubtful: Sequence[str]) -> None:
        """Have some functions read that bear their names."""
        self._loading = replace(self._loading, doubtful=list(doubtful))
        _, self._candidates, _ = load_any(self._target, self._loading)
        self.found = {function: describe(candidate) for function, candidate in self._candidates.items()}

    def offers(self, request: Request) -> bool:
        """Whether it has the function that is asked."""
        return request.function in self._calls(request)

    def candidate(self, request: Request) -> Callable[..., Any]:
        """Return the function that is asked."""
        return self._calls(request)[request.function]

    def _calls(self, request: Request) -> Mapping[str, Callable[..., Any]]:
        if request.part is None:
            return self._candidates
        return next((one.calls for one in (*self.held, *self.sources) if printable(one.part) == request.part), {})

    def look_at_differences(self) -> None:
        """Do nothing: an object that was handed over is not run."""

    def renew(self) -> None:
        """Do nothing: an object that was handed over stays what it is."""

    def close(self) -> None:
        """Nothing is running."""


def describe(candidate: Callable[..., Any]) -> Found:
    """Look at a function without calling it.

    >>> describe(lambda x, *, weight=None: x).keywords
    ('x', 'weight')
    """
    mark = mark_of(candidate)
    told: dict[str, Any] = {"claimed": Claimed.of(candidate), "claims": tuple(getattr(candidate, "__claims__", ()))}
    told |= {"reading": mark.reading, "dtype": mark.dtype, "derives": mark.derives, "leaves_out": mark.leaves_out}
    told["compiled"] = "jax" in sys.modules
    try:
        parameters = inspect.signature(candidate).parameters
    except (TypeError, ValueError):  # a C function that does not tell
        return Found(is_stub(candidate), None, **told)
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return Found(is_stub(candidate), None, **told)
    names = tuple(name for name, one in parameters.items() if one.default is one.empty or not callable(one.default))
    return Found(is_stub(candidate), names, **told)  # an option that is a function is another than that of its name
