"""What all answers have in common, and what is due has not: a norm of 1, rows that add up to 0, two factors, noise.

And the reverse: what is due has it everywhere, and no answer.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ...._shapes import Array
from ...judge.compare import Comparison
from ...numbers.bounded import unit
from .seen import Everything, Seen, listed, shown

LEAST = 3  # checks that have to be wrong
NEAR = 64  # units of rounding, times the numbers that are added up: as near as a sum is taken for what it should be
ENTRIES = 40  # that have to have one of two factors; and the least share of them that has the rarer one
RARER, TOLD, STEPS = 0.02, 1e-3, 6
ROOT = 0.02  # by which a small number under the root may change a spread of 1
MOSTLY = 0.75  # of the checks, that have to lack what all that is due has
STEADY, SIGNS = 8.0, 0.75  # by how much noise may vary from check to check, and how far off 0 its mean sign may be
REACHED = 0.9  # of the entries are wrong: noise leaves out none
Trait = Callable[[Array, float], bool]


def _adds_up_to(total: float) -> Trait:
    def holds(array: Array, near: float) -> bool:
        return bool(np.all(np.abs(array.sum(-1) - total) <= near * (np.abs(array).sum(-1) + total)))

    return holds


def _norm_is_1(array: Array, near: float) -> bool:
    return abs(float(np.linalg.norm(array)) - 1) <= near * array.size


def _normed(array: Array, near: float) -> bool:
    """Whether every row has mean 0 and spread 1, but for a small number under the root."""
    off = np.abs(array.mean(-1)) <= near * array.shape[-1] * max(1.0, np.abs(array).max())
    return bool(np.all(off) and np.all(np.abs(array.std(-1) - 1) <= ROOT))


TRAITS: dict[str, Trait] = {
    "the rows of {} add up to 0": _adds_up_to(0.0),
    "the rows of {} add up to 1": _adds_up_to(1.0),
    "the norm of {} is 1": _norm_is_1,
}
LACKING = {"the rows of {} do not add up to 0, as those of what is due do": _adds_up_to(0.0)}


def traits(known: Everything) -> Iterator[str]:
    """Yield what the answers have in common that what is due has not, one sentence for each trait."""
    told: dict[str, list[str]] = {}
    for name, wrong in _outputs(known):
        own = [words for words, holds in TRAITS.items() if _all_have(name, wrong, holds)]
        for kind in (_two_factors, _factors_of_steps, _normed_sums, _noise):
            own += kind(name, wrong)
        for words in own:
            told.setdefault(_of_vectors(words, name, wrong), []).append(shown(wrong[0].check, name))
    for words, names in told.items():
        yield known.where + words.format(listed(names))


def lacking(known: Everything) -> Iterator[str]:
    """Yield what all that is due has in common, and most answers have not."""
    for name, wrong in _outputs(known):
        for words, holds in LACKING.items():
            mine, due = _have(name, wrong, holds)
            without = len(mine) - sum(mine)
            if all(due) and without >= MOSTLY * len(mine):
                count = f"({without} of {len(mine)} checks)"
                said = _of_vectors(words, name, wrong).format(shown(wrong[0].check, name))
                yield f"{known.where}{said} {count}"


def _of_vectors(words: str, name: str, wrong: Sequence[Seen]) -> str:
    """A vector has no rows."""
    vectors = all(seen.output(name).truth.ndim == 1 for seen in wrong)
    return words.replace("the rows of", "the entries of") if vectors else words


def _outputs(known: Everything) -> Iterator[tuple[str, list[Seen]]]:
    for name, wrong in known.outputs():
        wide = [seen for seen in wrong if seen.output(name).truth.size > 1 and _telling(seen.output(name))]
        if len(wide) >= LEAST:
            yield name, wide


def _telling(one: Comparison) -> bool:
    last = one.truth.shape[-1:] or (1,)
    return bool(last[0] > 1 and np.isfinite(one.answer).all() and np.isfinite(one.truth).all() and one.truth.any())


def _all_have(name: str, wrong: Sequence[Seen], holds: Trait) -> bool:
    """Whether all answers have a trait, and nothing that is due."""
    mine, due = _have(name, wrong, holds)
    return all(mine) and not any(due)


def _have(name: str, wrong: Sequence[Seen], holds: Trait) -> tuple[list[bool], list[bool]]:
    """Return which answers have a trait, and which that are due."""
    near = [NEAR * unit(seen.check.dtype) for seen in wrong]
    mine = [holds(seen.output(name).answer, one) for seen, one in zip(wrong, near, strict=True)]
    due = [holds(seen.output(name).truth, one) for seen, one in zip(wrong, near, strict=True)]
    return mine, due


def _two_factors(name: str, wrong: Sequence[Seen]) -> Iterator[str]:
    """Yield the two numbers, one of which every entry is multiplied by."""
    ratios = []
    for seen in wrong:
        one = seen.output(name)
        large = np.abs(one.truth) > TOLD * np.abs(one.truth).max()
        ratios.append((one.answer[large] / one.truth[large]).ravel())
    every = np.concatenate(ratios)
    found = sorted({float(f"{one:.3g}") + 0.0 for one in every})
    if len(found) != 2 or 1.0 in found or every.size < ENTRIES:  # those with 1 are told by their places
        return
    near = [np.abs(every - one) <= TOLD * max(1.0, abs(one)) for one in found]
    if np.all(near[0] | near[1]) and min(one.mean() for one in near) >= RARER:
        yield f"every entry of {{}} is {found[0]:g} or {found[1]:g} times what is due"


def _factors_of_steps(name: str, wrong: Sequence[Seen]) -> Iterator[str]:
    """Yield by which number the sum of each step is multiplied, where every step has one of its own."""
    factors: dict[int, float] = {}
    for seen in wrong:
        inverse, one = _inverse(seen), seen.output(name)
        if inverse is None or name != seen.check.operation.states or not np.all(np.abs(one.answer) < 1):
            return
        near = TOLD + NEAR * unit(seen.check.dtype) / (1 - max(np.abs(one.answer).max(), np.abs(one.truth).max()))
        sums, due = inverse(one.answer), inverse(one.truth)
        for t in range(len(sums)):
            c = float(np.sum(sums[t] * due[t]) / np.sum(due[t] ** 2))
            factor = factors.setdefault(t, c)
            if abs(c - factor) > near or np.any(np.abs(sums[t] - factor * due[t]) > near * (1 + np.abs(due[t]).max())):
                return
    told = ", ".join(f"{factors[t]:.4g}" for t in range(min(len(factors), STEPS)))
    if len({f"{one:.3g}" for one in factors.values()}) > 1:
        yield f"the sum from which {{}} is made is off by a factor at each step: {told}" + " ..." * (
            len(factors) > STEPS
        )


def _inverse(seen: Seen) -> Callable[[Array], Array] | None:
    """Return the inverse of the activation, where a step has one."""
    operation = seen.check.operation
    return operation.equation(seen.check.options).inverse if operation.cell and not operation.twin else None


def _normed_sums(name: str, wrong: Sequence[Seen]) -> Iterator[str]:
    """Yield that the sums under the activation have been brought to mean 0 and spread 1."""
    for seen in wrong:
        inverse, one = _inverse(seen), seen.output(name)
        if inverse is None or not np.all(np.abs(one.answer) < 1):
            return
        near = NEAR * unit(seen.check.dtype) / (1 - np.abs(one.answer).max())
        if not _normed(inverse(one.answer), float(near)):
            return
    yield "the sums from which {} is made have mean 0 and spread 1 in every row: as after a normalisation"


def _noise(name: str, wrong: Sequence[Seen]) -> Iterator[str]:
    """Yield how far off the entries are, if that is alike whatever is due, with either sign."""
    off = [seen.output(name).answer - seen.output(name).truth for seen in wrong]
    spread = np.array([one.std() for one in off if one.size >= 8])
    every = np.concatenate([one.ravel() for one in off])
    due = np.concatenate([np.abs(seen.output(name).truth).ravel() for seen in wrong])
    bad = np.concatenate([np.ravel(~(seen.output(name).ratios <= 1)) for seen in wrong])
    if (
        spread.size < LEAST
        or not due.any()
        or bad.mean() < REACHED
        or spread.min() == 0
        or spread.max() > STEADY * spread.min()
    ):
        return
    small, large = every[due <= np.quantile(due, 0.25)].std(), every[due >= np.quantile(due, 0.75)].std()
    signs = abs(float(np.sign(every).mean()))
    varied = np.quantile(due, 0.9) > 4 * np.quantile(due, 0.1)
    if varied and signs < SIGNS and max(small, large) <= 2 * min(small, large) and spread.max() < 0.1 * due.max():
        yield f"the entries of {{}} are off by about {np.median(spread):.0e}, up and down, whatever is due: as by noise"
