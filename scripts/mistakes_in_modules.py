"""Every mistake of the catalogue inside a PyTorch module, in two dialects: the verdict, and whether it is named.

A wrong module must never be read into a right one. Some minutes; prints what is not both wrong and named, and the sums.
"""

import argparse
from collections import Counter
from typing import Any

import numpy as np
import torch

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.catalogue import MISTAKES
from rnn_ref.conformance.spec.mistake import Mistake
from rnn_ref.conformance.spec.rnn.mistakes.relu import of_the_option

BLOCKS = {"rnn_forward": 1, "gru_forward": 3}


def module(mistake: Mistake, function: str, *, turned: bool) -> Any:
    """Return a class whose forward makes the mistake; ``turned`` has batches first, and weights as x W."""
    made, blocks = wrong(mistake, function), BLOCKS[function]

    def drawn(*shape: int) -> torch.nn.Parameter:
        return torch.nn.Parameter(torch.randn(*(shape[::-1] if turned else shape)) / 3)

    class Module(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, inputs: int, units: int) -> None:
            super().__init__()
            self.units, rows = units, blocks * units
            self.of_x, self.of_h, self.bias = drawn(rows, inputs), drawn(rows, units), drawn(rows)
            if blocks > 1:
                self.second = drawn(rows)

        def forward(self, x: Any, h0: Any = None) -> Any:
            X = np.array(x.detach().swapaxes(0, 1) if turned else x.detach())
            h = np.zeros((X.shape[1], self.units), X.dtype) if h0 is None else np.array(h0.detach()[0])
            weights = [np.array(one.detach().T if turned else one.detach()) for one in self.parameters()]
            found = torch.from_numpy(np.array(made(X, h, *weights)))
            if found.ndim < 3:
                return found
            return (found.swapaxes(0, 1) if turned else found), found[-1][None]

    return Module


def verdict(mistake: Mistake, function: str, *, turned: bool) -> str:
    """Return what came of a mistake: named, unnamed, unreadable, or the verdict where it is another than wrong."""
    try:
        report = rnn_ref.check(module(mistake, function, turned=turned), only=f"{function}/*", dtype="float64")
    except TargetError:
        return "unreadable"
    found = report.functions[function]
    named = mistake.slug in found.mistakes
    return ("named" if named else "unnamed") if found.verdict in {"wrong", "low-precision"} else found.verdict


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    torch.manual_seed(0)
    counted: Counter[str] = Counter()
    for mistake in [one for one in MISTAKES if not of_the_option(one)]:
        for function in BLOCKS.keys() & mistake.functions:
            for turned in (False, True):
                found = verdict(mistake, function, turned=turned)
                counted[found] += 1
                if found != "named":
                    layout = "batch first, x W" if turned else "time first, W x"
                    print(f"{found:<12} {function:<12} {layout:<17} {mistake.slug} {mistake.variant}".rstrip())
    print(", ".join(f"{count} {what}" for what, count in counted.most_common()))


if __name__ == "__main__":
    main()
