"""Class probabilities taken for class indices, and cut to whole numbers: an ``int(y)`` turns 0.7 into class 0.

Such a function claims class indices only, as one does that raises when it is given probabilities. But it returns
numbers, and plausible ones. It is found out by handing it the probabilities cut off beforehand: nothing changes.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..operation import Check
from ..run.call import Outcome
from ..run.session import Request, Session
from .result import Result, same


def cuts_probabilities(
    session: Session,
    request: Request,
    results: Iterable[Result],
    calls: Mapping[str, Sequence[Outcome]],
) -> bool:
    """Whether the function reads no more of class probabilities than their whole numbers.

    What ignores its targets altogether does so too, and is held to class indices, of which it knows nothing either.
    """
    status = {result.id: result.status for result in results}
    asked = [one for one in request.checks if "probabilities" in one.flags and status[one.id] != "skipped"]
    if not any(status[one.id] == "failed" for one in asked) or any(status[one.id] == "passed" for one in asked):
        return False
    cut = session.run(Request(request.function, [_cut(one) for one in asked], request.convention))
    return all(same(calls[one.id][0], outcomes[0]) for one, outcomes in zip(asked, cut, strict=True))


def _cut(check: Check) -> Check:
    classes = {name for name, value in check.operation.arguments.items() if value.kind == "classes"}
    cut = {name: np.floor(value) if name in classes else value for name, value in check.arguments.items()}
    return check.asking(cut)
