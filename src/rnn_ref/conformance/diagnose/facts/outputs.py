"""Which outputs are right and which wrong, and where on the way from inputs to gradients that puts the mistake."""

from collections.abc import Iterator

from .seen import Everything, listed, shown


def outputs(known: Everything) -> Iterator[str]:
    """Yield which outputs are wrong wherever anything is, and which are right everywhere."""
    if not known.numbers or len(known.numbers[0].ones) < 2:
        return
    check = known.numbers[0].check
    names = [one.name for one in known.numbers[0].ones]
    if any([one.name for one in seen.ones] != names for seen in known.numbers):
        return
    wrong = [name for name in names if all(seen.output(name).wrong for seen in known.numbers)]
    right = [name for name in names if not any(seen.output(name).wrong for seen in known.numbers)]
    if right and wrong:
        told = f"{known.where}{listed(shown(check, name) for name in wrong)} {_are(wrong)} wrong, "
        told += f"{listed(shown(check, name) for name in right)} {_are(right)} right"
        sometimes = [name for name in names if name not in {*wrong, *right}]
        yield told + (f", {listed(shown(check, name) for name in sometimes)} in some checks wrong" if sometimes else "")
        yield from _stage(known, right, wrong)


def _stage(known: Everything, right: list[str], wrong: list[str]) -> Iterator[str]:
    """Yield what follows where states, a loss and gradients are returned together."""
    operation = known.numbers[0].check.operation
    losses = [name for name, value in operation.outputs.items() if not value.axes]
    last = operation.last_state
    if operation.packed is None or last not in operation.outputs or not losses:
        return
    if last in right and set(losses) <= set(wrong):
        yield f"the states are right ({last} is): it goes wrong from the logits on"
    elif {last, *losses} <= set(right):
        yield f"the way forward is right ({last} and {listed(losses)} are): it goes wrong on the way back"
    elif last in wrong:
        yield f"the states are wrong already ({last} is): look at the way forward first"


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
