"""Formats of few bits, number by number, and the arithmetic that is made of them."""

import numpy as np
import pytest

from rnn_ref.conformance.numbers.arithmetic import Arithmetic
from rnn_ref.conformance.numbers.formats import FORMATS, Format, coarsest

FINE = {"float64": (53, -1022, np.finfo("float64").max), "float32": (24, -126, float(np.finfo("float32").max))}
COARSE = {
    "tf32": (11, -126, 2.0**127 * (2 - 2.0**-10)),
    "bfloat16": (8, -126, 2.0**127 * (2 - 2.0**-7)),
    "float16": (11, -14, 65504.0),
}


@pytest.mark.parametrize("name", FINE | COARSE)
def test_a_format_has_its_bits_and_its_reach(name: str) -> None:
    bits, exponent, largest = (FINE | COARSE)[name]
    found = FORMATS[name]
    assert (found.name, found.bits, found.exponent, found.largest) == (name, bits, exponent, largest)
    assert (found.u, found.tiny) == (2.0**-bits, 2.0**exponent)
    assert [*FORMATS] == ["float64", "float32", "tf32", "bfloat16", "float16"]


@pytest.mark.parametrize("name", COARSE)
@pytest.mark.parametrize("sign", [1, -1])
def test_what_lies_between_two_numbers_goes_to_the_nearest_or_is_cut_off(name: str, sign: int) -> None:
    found, step = FORMATS[name], 2.0 ** (1 - FORMATS[name].bits)
    given = sign * np.array([1, 1 + step / 4, 1 + step / 2, 1 + step * 3 / 4, 1 + step * 3 / 2, 2 - step / 4, 0])
    rounded = sign * np.array([1, 1, 1, 1 + step, 1 + 2 * step, 2, 0])
    cut = sign * np.array([1, 1, 1, 1, 1 + step, 2 - step, 0])
    for scale in (1.0, 2.0**-9, 2.0**9):
        np.testing.assert_array_equal(found.rounded(given * scale), rounded * scale)
        np.testing.assert_array_equal(found.cut(given * scale), cut * scale)


@pytest.mark.parametrize("name", COARSE)
def test_what_is_too_large_is_infinite_and_what_is_small_has_fewer_bits(name: str) -> None:
    found = FORMATS[name]
    nearly = found.largest * (1 + found.u / 2)  # not yet half way to the number that would come next
    far = np.array([found.largest, -found.largest, -nearly, 2 * found.largest, -2 * found.largest])
    np.testing.assert_array_equal(found.rounded(far), [*far[:2], far[1], np.inf, -np.inf])
    smallest = found.tiny * 2 * found.u  # of the numbers that are not normal
    small = smallest * np.array([0.49, 0.51, 1.49, -2.6, 3.0])
    np.testing.assert_array_equal(found.rounded(small), smallest * np.array([0, 1, 1, -3, 3]))
    np.testing.assert_array_equal(found.cut(small), smallest * np.array([0, 0, 1, -2, 3]))


def test_fine_formats_are_numpys_and_float64_keeps_all() -> None:
    a = np.array([1 / 3, -1e300, 1e-320, 5.0])
    np.testing.assert_array_equal(FORMATS["float64"].rounded(a), a)
    np.testing.assert_array_equal(FORMATS["float64"].cut(a), a)
    with np.errstate(all="ignore"):
        due = a.astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(FORMATS["float32"].rounded(a), due)
    thirds = FORMATS["float32"].cut(np.array([1 / 3, 2 / 3]))
    np.testing.assert_array_equal(thirds, [np.float32(1 / 3) - 2.0**-25, np.float32(2 / 3) - 2.0**-24])


def test_the_coarsest_has_the_fewest_bits_or_the_shortest_reach() -> None:
    def of(*names: str) -> str:
        return coarsest(*(FORMATS[name] for name in names)).name

    assert of("float64", "float32") == "float32"
    assert of("bfloat16", "float16", "tf32") == "bfloat16"
    assert of("tf32", "float16") == of("float16", "tf32") == "float16"


@pytest.mark.parametrize(
    ("asked", "kinds", "plain", "dtype", "tiny"),
    [
        (("float64", "float64", "float64"), ("float64",) * 3, True, "float64", 2.0**-1022),
        (("float32", "float32", "float32"), ("float32",) * 3, True, "float32", 2.0**-126),
        (("float32", "float64", "float32"), ("float32", "float64", "float32"), False, "float64", 2.0**-126),
        (("tf32", "float32", "float32"), ("tf32", "float32", "float32"), False, "float64", 2.0**-126),
        (("bfloat16", "float32", "float32"), ("bfloat16", "float32", "bfloat16"), False, "float64", 2.0**-126),
        (("float16", "float16", "float16"), ("float16",) * 3, False, "float64", 2.0**-14),
    ],
    ids=["64", "32", "32 in 64", "tf32", "bfloat16", "float16"],
)
def test_a_kernel_has_formats_of_operands_of_sums_and_between(asked, kinds, plain, dtype, tiny) -> None:
    found = Arithmetic.of(*asked)
    assert tuple(one.name for one in found) == kinds
    assert (found.plain, found.dtype, found.tiny) == (plain, dtype, tiny)
    assert found.coarsest.bits == min(FORMATS[kind].bits for kind in kinds)
    assert found.bounded.u == FORMATS[kinds[2]].u
    assert found.floor(10**6) == (2 if plain else 2 * 16 / 10**6)
    assert found.floor(32) == (2 if plain else 1)
    assert found.floor(16) == found.floor(1) == found.floor(1, 64) == 2
    assert found.floor(1, 256) == (2 if plain else 1)


def test_a_format_of_ones_own_is_rounded_to_its_bits() -> None:
    assert Format("three", 3, -3, 7.0).rounded(np.array([1.1, 5.1, 7.5, -7.6])).tolist() == [1, 5, np.inf, -np.inf]
