"""What a step adds on the way back, and what is added in its place: forms of mistakes in the loop of cells with gates.

Their words are the tanh network's: they speak of a sum over steps, of one over the batch, and of the gradient that is
handed back, which a cell with gates has too.
"""

import re
from collections.abc import Iterator, Mapping

from ..mistake import Edit, Entry, Form, Number, form, more

LEFT_OUT = {
    "sum-misses-last-step": "t < T - 1",
    "db-without-first-step": "t > 0",
    "sum-over-some-steps": "t % 2 == 0",
}  # when a step adds its share, by slug
OF_STEPS = {
    "the one before, wraps": "{}[t - 1]",
    "the one after": "({0}[t + 1] if t < T - 1 else 0 * {0}[t])",
    "in reverse": "{}[T - 1 - t]",
}
SUMMED, START, RETURNED = "dh_states[t] + dh_next", "np.zeros_like(h0)", "    if single:\n        dX"
FACTOR = Number(2, ": times {}", 1e-3, 1e3, signed=True, common=(0.5, -1))


def in_sums(steps: tuple[str, ...], back: tuple[str, ...], shares: Mapping[str, str], handed: str) -> Iterator[Entry]:
    """Yield the mistakes on the way back in the functions of one step and of all.

    ``shares`` are what a step adds to each gradient, by weight, and ``handed`` is the line that hands a gradient back.
    """
    some: dict[str, tuple[str, ...]] = {name: (name,) for name in shares if name.startswith("W")}
    some |= {"biases": tuple(name for name in shares if name.startswith("b")), "all": tuple(shares)}
    for slug, when in LEFT_OUT.items():
        yield more(slug, *(
            form(back, *(_when(name, shares, when) for name in names), variant=told)
            for told, names in some.items() if (told, when) != ("W_hh", "t > 0")  # that is a first step from zeros
        ))  # fmt: skip
    yield more("dW_xh-from-another-input", *_of_other_steps(back, shares["W_xh"], "x_t", "X_seq"))
    states = {"h0": "h0", "the last": "h_states[-1]"}
    yield more("dW_hh-from-one-state", *(form(back, _of_state(shares["W_hh"], one), variant=told)
                                         for told, one in states.items()))  # fmt: skip
    yield more("upstream-of-another-step", *_of_other_steps(back, SUMMED, "dh_states[t]", "dh_states"))
    yield more("gradients-reversed", form(back, (RETURNED, f"    dX = dX[::-1]\n{RETURNED}")))
    yield more("last-gradient-twice", form(back, (START, "dh_states[-1].copy()")))
    yield more("dh-next-scaled", form(back, (SUMMED, "dh_states[t] + NUMBER * dh_next"), number=FACTOR))
    yield more("dh-next-piles-up", form(back, (handed, handed.replace("= ", "= dh_next + ", 1))))
    rows = {"the first": "[1:]", "the last": "[:-1]"}
    yield more("sequence-left-out", *(
        form(steps + back, *_of_rows(shares, names, part), variant=f"{told}, of {weights}")
        for told, part in rows.items() for weights, names in some.items()
    ))  # fmt: skip
    biases = [shares[name] for name in some["biases"]]
    yield more("db-one-row", *(form(steps + back, *((old, old.replace(".sum(0)", f"[{row}]")) for old in biases),
                                    variant=f"the {told} of the batch")
                               for row, told in ((0, "first"), (-1, "last"))))  # fmt: skip


def _when(name: str, shares: Mapping[str, str], when: str) -> Edit:
    line = f"d{name} += {shares[name]}"
    return line, f"{line} * ({when})"


def _of_other_steps(back: tuple[str, ...], share: str, old: str, array: str) -> list[Form]:
    return [
        form(back, (share, share.replace(old, other.format(array))), variant=told) for told, other in OF_STEPS.items()
    ]


def _of_state(share: str, state: str) -> Edit:
    """The state before may have passed a gate there: it is then called what is seen of it."""
    return share, share.replace("h_prev", state).replace("seen", f"(seen if seen is not h_prev else {state})")


def _of_rows(shares: Mapping[str, str], names: tuple[str, ...], part: str) -> list[Edit]:
    def cut(share: str) -> str:
        return re.sub(r"(\w+)\.T @ (\w+)", rf"\1{part}.T @ \2{part}", share).replace(".sum(0)", f"{part}.sum(0)")

    return [(shares[name], cut(shares[name])) for name in names]
