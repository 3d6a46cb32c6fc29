"""What computes with fewer bits than it claims never conforms, in any function."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import unit_coarse
from sampled import some
from unit_coarse import half_operands, in_half, network, tf32

import rnn_ref

LOSSES: dict[str, Callable[..., Any]] = {
    "cross_entropy": unit_coarse.cross_entropy,
    "cross_entropy_backward": unit_coarse.cross_entropy_backward,
}


def stored_in_half(function: Callable[..., Any]) -> Callable[..., Any]:
    """Round the logits to float16 before a loss of somebody else's is taken of them."""

    def coarse(*arguments: Any) -> Any:
        floating = [isinstance(one, np.ndarray) and one.dtype.kind == "f" for one in arguments]
        pairs = zip(arguments, floating, strict=True)
        return function(*(one.astype(np.float16).astype(one.dtype) if is_float else one for one, is_float in pairs))

    return coarse


SEQUENCE = {name: getattr(rnn_ref, name) for name in ("rnn_sequence_loss", "rnn_sequence_loss_backward")}
COARSE = {
    "TF32 products": network(tf32),
    "float16 operands": network(half_operands),
    "float16 throughout": {name: in_half(one) for name, one in (network() | LOSSES).items()},
    "logits stored in float16": {name: stored_in_half(one) for name, one in (LOSSES | SEQUENCE).items()},
}
TABLE = [(way, name) for way, functions in COARSE.items() for name in functions]


def test_in_full_precision_the_same_functions_conform() -> None:
    assert rnn_ref.check(network() | LOSSES | SEQUENCE, require=[*network(), *LOSSES, *SEQUENCE]).ok


@pytest.mark.parametrize("claimed", ["float32", "float64", None])
@pytest.mark.parametrize(("way", "name"), some(TABLE, 5), ids=["-".join(one) for one in TABLE])
def test_fewer_bits_than_claimed_never_conform(way: str, name: str, claimed: str | None) -> None:
    report = rnn_ref.check({name: COARSE[way][name]}, dtype=claimed)
    found = report.functions[name]
    assert not report.ok
    # it is the numbers that are told to be off, on most of the problems and not by luck on one
    assert found.verdict in {"wrong", "low-precision"}
    assert found.failed > found.passed
