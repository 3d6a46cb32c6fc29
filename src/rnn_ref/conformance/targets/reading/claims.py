"""What a foreign function does not offer: read off its signature and the shapes of what it returns."""

from .parts import outputs_by_part, parts_of_arguments
from .reading import Reading

NO_STATE, INDICES, SHARED = "h0 = 0", "class indices", "inputs and outputs are the same classes"
LAST = "last state only"
WORDS = {"b_h": "no b_h", "b_y": "no b_y"}
ONLY = {"batch": "batches only", "single": "one sequence only"}


def claims_of(reading: Reading) -> tuple[str, ...]:
    """Return what a reading leaves out, in words that the plan understands."""
    have = {("b_h" if part in {"b_xh", "b_hh"} else part) for part in reading.given.values()}
    if reading.cache is not None:
        have |= {("b_h" if part in {"b_xh", "b_hh"} else part) for part in reading.cache[0].given.values()}
    found = [*reading.claims]
    parts = set(parts_of_arguments(reading.operation).values())
    if "h" in parts and "h" not in have:
        found.append(NO_STATE)
    found += [word for part, word in WORDS.items() if part in parts and part not in have]
    if any(layout.indices for layout in reading.layouts.values()):
        found.append(INDICES)
    if reading.shared:
        found.append(SHARED)
    if len(reading.layouts) == 1:
        found.append(ONLY[next(iter(reading.layouts))])
    outputs = {name for every in reading.outputs.values() for name in every}
    operation = reading.operation
    if operation.states and operation.states not in outputs and reading.fits:
        found.append(LAST)
    if operation.gives_gradients and reading.fits:
        missing = [name for name in operation.outputs if name not in outputs]
        missing = [name for name in missing if not _implied(name, reading, found)]
        found += [f"no {_called(name, reading)}" for name in missing]
    return tuple(found)


def _called(output: str, reading: Reading) -> str:
    return f"d{output}" if output in outputs_by_part(reading.operation).values() else output


def _implied(output: str, reading: Reading, claims: list[str]) -> bool:
    part = {name: part for part, name in outputs_by_part(reading.operation).items()}.get(output)
    return (part in WORDS and WORDS[part] in claims)
