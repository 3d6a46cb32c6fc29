"""How often the function that was handed over was called, and with what, where that is not once for every step."""

from collections.abc import Iterator

from ...spec.loss_claims import OWN_LOSS
from ...spec.losses.callables import CALLABLES
from .seen import Everything, Seen


def calls(known: Everything) -> Iterator[str]:
    """Yield how the function was called in the plainest check, if it is called otherwise than due in all of them."""
    said = [_said(one) for one in known.counting if one.outcome.error is None]
    if said and all(said):
        yield said[0]


def _said(seen: Seen) -> str:
    check, found = seen.check, [tuple(shape) for shape in seen.outcome.calls]
    names = [name for name, value in check.arguments.items() if isinstance(value, str) and value in CALLABLES]
    if not names or OWN_LOSS in check.flags:
        return ""  # of functions other than losses it is not counted, nor where it need not be called
    logits = list(check.arguments.values())[-3]
    if found == [logits.shape[1:]] * len(logits):
        return ""
    often = {0: "never", 1: "once"}.get(len(found), f"{len(found)} times")
    shapes = " and ".join(str(shape) for shape in dict.fromkeys(found))
    return (
        f"{names[0]} was called {often}"
        + (f", with logits of shape {shapes}" if shapes else "")
        + f"; due is once for each of the {len(logits)} steps, with {logits.shape[1:]}"
    )
