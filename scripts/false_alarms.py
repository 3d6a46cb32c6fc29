"""Correct implementations on random cases: none may be called wrong; planted errors must be.

    python scripts/false_alarms.py --cases 2000 --seed 7

Sizes are log-uniform (T to 2,000, B to 64, H to 256, D up to H), both precisions. Weights have gains from 0.5 to 4;
rnn_backward takes part up to a gain of 1, and above it where T is at most 25. Prints a Markdown table: for every
implementation the cases, the false alarms, and the largest error in units of what was allowed. Gradients are taken of
the candidate's own states, and settled in twice the precision. An implementation that is not installed is left out.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import rnn_ref
from rnn_ref.conformance import compensated, plain
from rnn_ref.conformance.execute import Outcome
from rnn_ref.conformance.judge import Result, judge
from rnn_ref.conformance.suite import Check

Candidate = dict[str, Callable[..., Any]]
PLANTED = {"float64": 1e-9, "float32": 1e-4}


def draw(rng: np.random.Generator) -> tuple[str, float, dict[str, Any]]:
    """Return precision, gain and inputs of one case."""
    T, B, H = (int(np.exp(rng.uniform(0, np.log(top + 1)))) for top in (2000, 64, 256))
    D = int(np.exp(rng.uniform(0, np.log(H + 1))))
    dtype, gain = str(rng.choice(["float32", "float64"])), float(rng.uniform(0.5, 4))
    batch = (B,) if rng.random() < 0.7 else ()
    arrays = {
        "dh_states": rng.normal(size=(T, *batch, H)),
        "X_seq": rng.normal(size=(T, *batch, D)),
        "h0": np.tanh(rng.normal(size=(*batch, H))),
        "W_xh": rng.normal(size=(H, D)) / np.sqrt(D),
        "W_hh": gain * rng.normal(size=(H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
    }
    return dtype, gain, {name: array.astype(dtype) for name, array in arrays.items()}


def candidates() -> dict[str, Candidate]:
    """Return the implementations by name; each has rnn_forward, most have rnn_backward."""
    found: dict[str, Candidate] = {
        "rnn_ref": {"rnn_forward": rnn_ref.rnn_forward, "rnn_backward": rnn_ref.rnn_backward},
        "einsum": {"rnn_forward": einsum_forward},
        "loop of dot": {"rnn_forward": dot_forward, "rnn_backward": plain.rnn_backward},
        "float64, then rounded": {"rnn_forward": widened(rnn_ref.rnn_forward), "rnn_backward": widened_backward},
    }
    try:
        from rnn_ref.conformance import builtin_torch  # noqa: PLC0415

        found["PyTorch"] = {"rnn_forward": builtin_torch.rnn_forward, "rnn_backward": builtin_torch.rnn_backward}
    except ImportError:
        print("PyTorch is not installed", file=sys.stderr)
    try:
        import jax  # noqa: PLC0415

        jax.config.update("jax_enable_x64", True)
        found["JAX"] = {"rnn_forward": jax_forward, "rnn_backward": jax_backward}
    except ImportError:
        print("JAX is not installed", file=sys.stderr)
    return found


def einsum_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    h, states = h0, []
    for x_t in X_seq:
        h = np.tanh(np.einsum("...d,hd->...h", x_t, W_xh) + b_h + np.einsum("...k,hk->...h", h, W_hh))
        states.append(h)
    return states


def dot_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    h, states = h0, []
    for x_t in X_seq:
        z = [W_xh.dot(x) + W_hh.dot(k) + b_h for x, k in zip(np.atleast_2d(x_t), np.atleast_2d(h), strict=True)]
        h = np.tanh(np.stack(z)).reshape(h0.shape)
        states.append(h)
    return states


def widened(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compute in float64 and round once at the end."""
    return lambda *a: np.asarray(function(*(one.astype(np.float64) for one in a))).astype(a[0].dtype)


def widened_backward(*arguments: Any) -> Any:
    grads = rnn_ref.rnn_backward(*(one.astype(np.float64) for one in arguments))
    return type(grads)(*(gradient.astype(arguments[0].dtype) for gradient in grads))


def _jax_scan(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    import jax  # noqa: PLC0415

    def step(h: Any, x: Any) -> Any:
        h = jax.numpy.tanh(x @ W_xh.T + h @ W_hh.T + b_h)
        return h, h

    return jax.lax.scan(step, h0, X_seq)[1]


def jax_forward(*inputs: Any) -> Any:
    return np.asarray(_jax_scan(*inputs))


def jax_backward(dh_states: Any, h_states: Any, *inputs: Any) -> Any:
    import jax  # noqa: PLC0415

    _, back = jax.vjp(_jax_scan, *inputs)
    return dict(zip(("X_seq", "h0", "W_xh", "W_hh", "b_h"), map(np.asarray, back(np.asarray(dh_states))), strict=True))


def judged(function: str, dtype: str, arguments: dict[str, Any], answers: dict[str, Any], truth: Any) -> Result:
    """Judge answers as the check does."""
    expected = {name: pair[0] for name, pair in truth.items()}
    remainder = {name: pair[1] / np.spacing(np.abs(pair[0])) for name, pair in truth.items()}
    check = Check(f"{function}/random-{dtype}", "single", dtype, (), arguments, {}, expected, remainder, expected)
    wide: dict[str, Any] = {name: np.asarray(answer, np.float64) for name, answer in answers.items()}
    return judge(check, [Outcome(answers=wide)])


def try_forward(dtype: str, inputs: dict[str, Any], candidate: Candidate, tally: list[Any], rng: Any) -> Any:
    states = np.asarray(candidate["rnn_forward"](*inputs.values()))
    nothing = {"h_states": (np.zeros(states.shape), np.zeros(states.shape))}
    result = judged("rnn_forward", dtype, inputs, {"h_states": states}, nothing)
    tally.append(result)
    planted = states.astype(np.float64)
    where = tuple(rng.integers(size) for size in planted.shape)
    planted[where] -= np.copysign(PLANTED[dtype] * np.abs(planted).max(), planted[where])
    return states, judged("rnn_forward", dtype, inputs, {"h_states": planted}, nothing).status == "failed"


def try_backward(dtype: str, case: dict[str, Any], states: Any, candidate: Candidate, tally: list[Any]) -> None:
    inputs = {name: value for name, value in case.items() if name != "dh_states"}
    arguments = {"dh_states": case["dh_states"], "h_states": states, **inputs}
    truth = compensated.rnn_backward(*(value.astype(np.float64) for value in arguments.values()))
    returned = candidate["rnn_backward"](*arguments.values())
    answers = returned if isinstance(returned, dict) else returned._asdict()
    tally.append(judged("rnn_backward", dtype, arguments, answers, truth))


def run(cases: int, seed: int) -> tuple[dict[str, dict[str, list[Result]]], list[bool]]:
    everyone = candidates()
    tallies: dict[str, dict[str, list[Result]]] = {name: {"forward": [], "backward": []} for name in everyone}
    caught: list[bool] = []
    start = time.monotonic()
    for number in range(cases):
        rng = np.random.default_rng([seed, number])
        dtype, gain, case = draw(rng)
        T, H = len(case["X_seq"]), len(case["b_h"])
        inputs = {name: value for name, value in case.items() if name != "dh_states"}
        for name, candidate in everyone.items():
            states, found = try_forward(dtype, inputs, candidate, tallies[name]["forward"], rng)
            if gain <= 1 and (dtype == "float64" or H <= 64):
                caught.append(found)
            if (gain <= 1 or T <= 25) and "rnn_backward" in candidate:
                try_backward(dtype, case, states, candidate, tallies[name]["backward"])
            for result in (tallies[name]["forward"][-1], *tallies[name]["backward"][-1:]):
                if result.status != "passed":
                    print(f"case {number} {name} {dtype} gain {gain:.2f}: {result.message}", file=sys.stderr)
        print(f"\r{number + 1}/{cases} {time.monotonic() - start:.0f} s ", end="", file=sys.stderr)
    return tallies, caught


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200, help="how many random cases (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="other seeds give other cases")
    options = parser.parse_args()
    tallies, caught = run(options.cases, options.seed)
    print("\n| implementation | function | cases | false alarms | largest error / allowed |\n|---|---|--:|--:|--:|")
    for name, tally in tallies.items():
        for direction, results in tally.items():
            if results:
                alarms = sum(result.status != "passed" for result in results)
                largest = max(result.ratio for result in results)
                print(f"| {name} | rnn_{direction} | {len(results)} | {alarms} | {largest:.2f} |")
    print(f"\nPlanted errors at gain up to 1: {sum(caught)} of {len(caught)} caught.")


if __name__ == "__main__":
    main()
