"""Functions that bear a name of the specification's and in no check answer as that says: are they to be read?

Course code has functions called ``rnn_forward`` that take other arguments, in other layouts. They are asked as the
specification calls them first, for most that bear the names are meant so. Where nothing comes of it they are read like
functions under foreign names, in a process in which nothing has been asked of them yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .judge.probe import Probe
from .judge.result import FAILING, Result
from .operation import Check
from .plan import with_claims
from .run.call import Outcome
from .run.session import Found, Request
from .spec import OPERATIONS
from .targets.claimed import Claimed
from .targets.convention import Convention
from .targets.reading.names import parts_of
from .targets.reading.parts import parts_of_arguments, readable

STATES = {"h", "states"}


def read_doubtful(examination: Any) -> None:
    """Read what is doubtful, and go on with what it answers then.

    Under the specification's own signature that counts only where it is right: else it is a mistake, and what is said
    of it is what it answers to the specification's own arguments.
    """
    found = examination.session.found
    doubtful = [name for name in examination.results if _is_doubtful(examination, name)]
    own = {name for name in doubtful if _has_own_signature(name, found[name])}
    if not any(OPERATIONS[name].recurrent or _is_loss(name) or name not in own for name in doubtful):
        return  # an output layer's weight that is transposed is a mistake, unless the others' are too
    beside = _doubtful_beside(examination)
    before = {name: found[name].reading for name in examination.results}
    examination.session.read_anew([*doubtful, *beside])
    found = examination.session.found
    others = [name for name in doubtful if name not in found]  # they bear the names of functions that they are not
    for name in others:
        for known in (examination.results, examination.outcomes, examination.lost):
            known.pop(name)
    found_now = [name for name in found if name not in examination.results and name in examination.planned]
    read = [name for name in doubtful if name in found and found[name].reading]
    kept = {name: (examination.results[name], examination.outcomes[name], examination.lost[name]) for name in read}
    read += found_now  # beside others that are read there may be more
    read += [name for name, how in before.items() if name in found.keys() - {*doubtful} and found[name].reading != how]
    original = examination.plan
    examination.follow(with_claims(original, {name: found[name] for name in read}, examination.options))
    for name in read:
        askable = [one for one in examination.planned[name] if one.id not in examination.reasons]
        examination.run(Request(name, askable, examination.options.convention, claims=found[name].claims))
    refused = [
        name
        for name in read
        if name in own
        and (
            _fails(original.planned[name], examination.results[name])
            or _is_a_mistake(original.planned[name], *kept[name][:2])
        )
    ]
    for name in refused:
        examination.results[name], examination.outcomes[name], examination.lost[name] = kept[name]
    settled = [name for name in doubtful if name in others or (name in read and name not in refused)]
    if len(settled) < len(doubtful):
        examination.session.read_anew([*settled, *beside])
    if refused:
        accepted = {name: found[name] for name in read if name not in refused}
        examination.follow(with_claims(original, accepted, examination.options))


def _doubtful_beside(examination: Any) -> list[str]:
    """Return what is doubtful of the functions that are not asked for: a way back may need what its forward keeps."""
    plan, found = examination.plan, examination.session.found
    generic = {
        name: [one for one in plan.every if one.function == name and "generic" in one.flags]
        for name in found
        if name not in examination.results and name in OPERATIONS
    }
    aside = type(examination)(examination.session, examination.options, replace(plan, planned=generic))
    for name, checks in generic.items():
        askable = [one for one in checks if one.id not in plan.reasons]
        aside.run(Request(name, askable, examination.options.convention, claims=found[name].claims))
    return [name for name in generic if _is_doubtful(aside, name)]


def _is_a_mistake(checks: Iterable[Check], results: list[Result], outcomes: Mapping[str, list[Outcome]]) -> bool:
    """Whether one mistake explains what was answered to the specification's own arguments: then none is read away."""
    from .diagnose.single import single  # noqa: PLC0415 - loads the catalogue

    known = {check.id: check for check in checks}
    probes = [
        Probe(known[one.id], outcomes[one.id][0], one.status in FAILING)
        for one in results
        if one.status != "skipped" and one.id in outcomes and "corner" not in known[one.id].flags
    ]
    return bool(probes) and single(probes[0].check.function, probes) is not None


def _is_loss(function: str) -> bool:
    return any(one.kind == "classes" for one in OPERATIONS[function].arguments.values())


def _fails(checks: Iterable[Check], results: list[Result]) -> bool:
    """Whether a check fails that has nothing special about it; what is wrong in others is told of what is read."""
    generic = {one.id for one in checks if "generic" in one.flags}
    return any(result.status in FAILING for result in results if result.id in generic)


def _is_doubtful(examination: Any, function: str) -> bool:
    """Whether nothing is right, and one rank raises throughout or has other shapes, or arguments change places."""
    found = examination.session.found[function]
    generic = {check.id for check in examination.planned[function] if "generic" in check.flags}
    ran = [result for result in examination.results[function] if result.status != "skipped"]
    telling = [result for result in ran if result.id in generic] if generic else ran
    options = examination.options
    declared = options.convention != Convention() or options.rank is not None or found.claimed != Claimed()
    if declared or found.stub or found.reading or any(result.lost or result.mutated for result in ran):
        return False
    if not telling or any(result.status == "passed" for result in telling):
        return False
    if _has_names_in_another_order(function, found):
        return True
    by_rank = [[one for one in telling if one.rank == rank] for rank in {one.rank for one in telling}]
    if not any(all(_has_no_numbers(one) for one in mine) for mine in by_rank):
        return False
    beside = examination.session.found.values()
    if not _has_own_signature(function, found) and any(one.reading for one in beside):
        return True  # it stands among functions that are read, and takes arguments of its own
    from .diagnose.conventions import in_another_convention  # noqa: PLC0415 - loads the catalogue

    return in_another_convention(examination, function, {}) is None


def _has_own_signature(function: str, found: Found) -> bool:
    arguments = tuple(OPERATIONS[function].arguments)
    return found.keywords is None or found.keywords[: len(arguments)] == arguments


def _has_names_in_another_order(function: str, found: Found) -> bool:
    """Whether the arguments' names say that they stand in another order: the specification's own, or others' for them.

    Which of two states is the one before and which the one after, a name such as ``h`` does not say, nor ``W`` which of
    two weights.
    """
    operation = OPERATIONS[function]
    parts = (
        parts_of_arguments(operation) if operation in readable(OPERATIONS) else dict.fromkeys(operation.arguments, "")
    )
    mine = [name for name in found.keywords or () if name in parts]
    if sorted(mine) == sorted(parts):
        return mine != list(parts)
    pairs = zip([parts_of(name) for name in found.keywords or ()], parts.values(), strict=False)
    known = [(may_be, part) for may_be, part in pairs if may_be and may_be[0] in parts.values()]
    return any(part not in may_be and not {may_be[0], part} <= STATES for may_be, part in known)


def _has_no_numbers(result: Result) -> bool:
    return result.status == "error" or result.misshapen or (result.status == "failed" and result.figures is None)
