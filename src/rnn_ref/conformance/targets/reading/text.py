"""A reading in one line, as it stands in reports."""

from .axes import PARTS
from .calling.embedding import has_embedding
from .calling.flags import named
from .calling.way import shown
from .engines.wrapped import OWN
from .fitting.behind import BehindLayer
from .layouts import told
from .leaves import told as place
from .names import words_of
from .own_loss import OwnLossReading
from .reading import Reading

KIND = {
    "numpy": "",
    "torch": ", torch tensors",
    "torch with gradients": ", torch tensors",
    "jax": ", jax arrays",
    "lists": ", lists",
}


def line(reading: Reading) -> str:
    """Return how a foreign function is read: itself, what of its answer is meant, and how arrays lie."""
    way = reading.way
    sequence = any("T" in value.axes for value in reading.operation.arguments.values())
    plain = [layout._replace(one_hot=False) if isinstance(reading, OwnLossReading) else layout
             for layout in reading.layouts.values()]  # fmt: skip
    layouts = list(dict.fromkeys(told(layout, sequence=sequence) for layout in plain))
    if any("up" in place.parts[:1] for place in reading.given):
        shown_last = "output" if isinstance(reading, BehindLayer) else "state"
        layouts = [one.replace("targets of the last step", f"the gradient of the last {shown_last}") for one in layouts]
    first = next(iter(reading.outputs.values()), {})
    returned = way.source.returned()
    answer = f" -> ({', '.join(one or '…' for one in returned)})" if returned else ""
    rest = "".join(f", {name}={bound}" for name, bound in {**named(way.flags), **way.bounds}.items())
    if not reading.operation.gives_gradients:
        places = [place(one.path) for every in first.values() for one in every]
        rows = any(one.form and "T+" in one.form for every in first.values() for one in every)
        rest += f", {', '.join(places)}" if any(places) else ""
        rest += ", T + 1 rows with h0" if rows else ""
        lost = {"loss", "cost"} & {word for one in returned for word in words_of(one)}
        rest += ", its loss is not judged" if lost else ""
    elif any((one.form or ())[:1] == (PARTS,) for every in first.values() for one in every):
        rest += ", a part for each step, added up"
    ways = [way, *([reading.before.way] if reading.before is not None else [])]
    if reading.operation.gives_gradients and any(map(has_embedding, ways)):
        rest += ", the gradient of its embedding is not judged"
    if reading.identity:
        rest += ", output layer the identity"
    if isinstance(reading, OwnLossReading):
        rest += f", from {_loss_of(reading)}"
    if reading.before is not None:
        rest += f", after {reading.before.way.name}"
    return f"{shown(way.function, way.name)}{answer}: {'; or '.join(layouts)}{rest}{_kind(reading.kind)}"


def _kind(kind: str) -> str:
    return f", arrays wrapped in {kind.removeprefix(OWN)}" if kind.startswith(OWN) else KIND[kind]


def _loss_of(reading: OwnLossReading) -> str:
    """Return the loss of its own from which gradients are taken, in a few words."""
    over, half = " ".join(reading.over), reading.factor == 1 and reading.loss.startswith("squared")
    return f"{'half a' if half else 'a'} {reading.loss}{f' over {over}' if over else ''}"
