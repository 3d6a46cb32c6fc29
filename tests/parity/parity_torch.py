"""PyTorch's modules, optimisers and training loop behind plain functions of NumPy arrays.

What The built-in ``torch`` does not already offer is spoken here; no other file of these tests imports
PyTorch, and ``test_parity_plan.py`` sees to that.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from rnn_ref.interop import from_torch, to_torch, torch_names

torch.set_num_threads(1)  # on arrays this small a second thread only costs time

Arrays = dict[str, Any]
STATE = {"momentum": "momentum_buffer", "sum": "sum", "m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}


def module(kind: str, *sizes: int, dtype: str = "float64", seed: int = 0, **options: Any) -> Any:
    """Make a module of ``torch.nn`` with random weights, and leave the global random state as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(torch.nn, kind)(*sizes, dtype=getattr(torch, dtype), **options)


def run(network: Any, *arrays: Any) -> Any:
    """Return what a module makes of the arrays; of an (output, state) pair, the output."""
    with torch.no_grad():
        answer = network(*(torch.from_numpy(np.array(a)) for a in arrays))
    return (answer[0] if isinstance(answer, tuple) else answer).numpy()


def snapshot(network: Any) -> dict[str, bytes]:
    """Return every parameter to the bit, by PyTorch's names."""
    return {name: p.detach().clone().view(torch.uint8).numpy().tobytes() for name, p in network.named_parameters()}


def with_two_biases(kind: str, weights: Arrays, second: float, X: Any, h0: Any, upstream: Any) -> tuple[Any, ...]:
    """Return the output of an ``RNNCell`` or ``RNN`` whose second bias is not 0, and the gradients of both biases."""
    network = to_torch(weights, module(kind, X.shape[-1], h0.shape[-1], dtype=str(X.dtype)))
    biases = [getattr(network, name) for name in torch_names(network)["b_h"].split("+")]
    with torch.no_grad():
        biases[1].fill_(second)
    state = torch.from_numpy(np.array(h0))
    answer = network(torch.from_numpy(np.array(X)), state[None] if kind == "RNN" else state)
    output = answer[0] if kind == "RNN" else answer
    output.backward(torch.from_numpy(np.array(upstream)))
    return output.detach().numpy(), biases[0].grad.numpy(), biases[1].grad.numpy()


def clipped(grads: Mapping[str, Any], max_norm: float, norm_type: float) -> tuple[Arrays, float]:
    """``torch.nn.utils.clip_grad_norm_``, into copies."""
    leaves = {name: torch.nn.Parameter(torch.from_numpy(np.zeros_like(g))) for name, g in grads.items()}
    for name, leaf in leaves.items():
        leaf.grad = torch.from_numpy(np.array(grads[name]))
    norm = torch.nn.utils.clip_grad_norm_(leaves.values(), max_norm, norm_type=norm_type)
    return {name: leaf.grad.numpy() for name, leaf in leaves.items()}, norm.item()


class Optimiser:
    """An optimiser of ``torch.optim`` over named parameters."""

    def __init__(self, kind: str, leaves: Mapping[str, Any], **settings: Any) -> None:
        self.leaves = {
            name: p if isinstance(p, torch.nn.Parameter) else torch.nn.Parameter(torch.from_numpy(np.array(p)))
            for name, p in leaves.items()
        }
        self.optimiser = getattr(torch.optim, kind)(list(self.leaves.values()), **settings)

    def step(self, grads: Mapping[str, Any]) -> Arrays:
        """Take one step; return the new parameters."""
        for name, leaf in self.leaves.items():
            leaf.grad = torch.from_numpy(np.array(grads[name]))
        self.optimiser.step()
        return {name: leaf.detach().numpy().copy() for name, leaf in self.leaves.items()}

    def load(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on from the state of an optimiser of ours."""
        for name, leaf in self.leaves.items():
            entries = {STATE[key]: torch.from_numpy(np.array(v)) for key, v in state[name].items() if key != "step"}
            self.optimiser.state[leaf] = entries | {"step": torch.tensor(float(state[name]["step"]))}


class Trainer:
    """A character model of ``nn.RNN`` (or another ``cell``) and ``nn.Linear``, trained by truncated BPTT.

    Where only their sum takes part, only one of the two biases is trained. Both have the same gradient, so if both
    moved, their sum would move twice as fast, and the norm to be clipped would count it twice: another program, though
    the same network.
    """

    def __init__(
        self, kind: str, params: Mapping[str, Any], max_norm: float, cell: str = "RNN", **settings: Any
    ) -> None:
        V, H = params["W_hy"].shape
        self.rnn, self.linear = module(cell, V, H), module("Linear", H, V)
        self.max_norm, self.h = max_norm, torch.zeros(H, dtype=torch.float64)
        self.c = torch.zeros_like(self.h) if cell == "LSTM" else None
        leaves = {}
        for network in (self.rnn, self.linear):
            to_torch(params, network)
            for ours, theirs in torch_names(network).items():
                first, *others = theirs.split("+")
                leaves[ours] = getattr(network, first)
                for other in others:
                    getattr(network, other).requires_grad_(False)
        self.leaves, self.optimiser = leaves, Optimiser(kind, leaves, **settings)

    def restart(self, params: Mapping[str, Any], state: Mapping[str, Mapping[str, Any]], h: Any) -> None:
        """Take over weights, optimiser state and carried state."""
        for network in (self.rnn, self.linear):
            to_torch(params, network)
        self.optimiser.load(state)
        self.h = torch.from_numpy(np.array(h))

    def update(self, X_seq: Any, targets_seq: Any) -> float:
        """Run one chunk forward and back, clip, step, carry the state; return the mean loss before the step."""
        before = self.h[None] if self.c is None else (self.h[None], self.c[None])
        output, last = self.rnn(torch.from_numpy(X_seq), before)
        loss = cross_entropy(self.linear(output), torch.from_numpy(targets_seq))
        self.optimiser.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.leaves.values(), self.max_norm)
        self.optimiser.optimiser.step()
        self.h, self.c = (last[0].detach(), None) if self.c is None else (one[0].detach() for one in last)
        return float(loss.item())

    def weights(self) -> Arrays:
        """Return the weights under the glossary's names."""
        return from_torch(self.rnn) | from_torch(self.linear)


def sensitivities(X_seq, target, h0, W_xh, W_hh, b_h, W_hy, b_y):
    """Return the norm of d log p(target after the last step) / dx_t for every t, of one sequence in float64."""
    (H, D), V = W_xh.shape, len(b_y)
    net = to_torch({"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, torch.nn.RNN(D, H, dtype=torch.float64))
    output = to_torch({"W_hy": W_hy, "b_y": b_y}, torch.nn.Linear(H, V, dtype=torch.float64))
    X = torch.tensor(X_seq, requires_grad=True)
    torch.log_softmax(output(net(X, torch.tensor(h0)[None])[0][-1]), 0)[target].backward()
    return X.grad.norm(dim=1).numpy()


def tensors(arrays: Mapping[str, Any], dtype: str) -> Arrays:
    """Return floating-point arrays as tensors of a dtype, bfloat16 and float16 too; others as they are."""
    return {
        name: torch.from_numpy(np.array(a)).to(getattr(torch, dtype) if a.dtype.kind == "f" else torch.int64)
        if isinstance(a, np.ndarray)
        else a
        for name, a in arrays.items()
    }


def computed(function: str, a: Arrays) -> Any:
    """Return what PyTorch makes of tensors in their own dtype: a function of ours, gradients by autograd."""
    if not function.endswith("backward"):
        with torch.no_grad():
            return _FORWARD[function](**a)
    above, *rest = a
    outputs = [name for name in rest if name in ("h_t",) or (name == "h_states" and function == "rnn_backward")]
    given = {name: a[name] for name in rest if name not in outputs}
    leaves = {name: one.clone().requires_grad_() for name, one in given.items() if one.is_floating_point()}
    forward = function.removesuffix("_backward")
    made = _FORWARD[
        {"rnn_cell": "rnn_cell_step", "rnn": "rnn_forward", "rnn_output": "rnn_output_layer"}.get(forward, forward)
    ]
    answer = made(**given | leaves)
    answer = torch.stack(answer) if isinstance(answer, list) else answer
    gradients = torch.autograd.grad(answer, list(leaves.values()), torch.as_tensor(a[above], dtype=answer.dtype))
    found = dict(zip(leaves, gradients, strict=True))
    return found["logits"] if len(found) == 1 else found


def _tanh_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    return torch.rnn_tanh_cell(x_t, h_prev, W_xh, W_hh, b_h, torch.zeros_like(b_h))


def _unrolled(step: Any) -> Any:
    def run_through(X_seq: Any, h0: Any, **weights: Any) -> list[Any]:
        h_t, states = h0, []
        for x_t in X_seq:
            h_t = step(x_t, h_t, **weights)
            states.append(h_t)
        return states

    return run_through


def _gru_step(x_t: Any, h_prev: Any, **weights: Any) -> Any:
    return torch.gru_cell(x_t, h_prev, *weights.values())


def _linear(h_states: Any, W_hy: Any, b_y: Any) -> Any:
    return torch.nn.functional.linear(h_states, W_hy, b_y)


_FORWARD = {
    "rnn_cell_step": _tanh_step,
    "rnn_forward": _unrolled(_tanh_step),
    "gru_cell_step": _gru_step,
    "gru_forward": _unrolled(_gru_step),
    "rnn_output_layer": _linear,
    "cross_entropy": lambda logits, targets: cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)),
}


def layer(kind: str, a: Arrays) -> Any:
    """Return the output of a layer of ``torch.nn`` with such weights, in their dtype."""
    network = module(kind, a["X_seq"].shape[-1], a["h0"].shape[-1]).to(a["X_seq"].dtype)
    biases = [a.get("b_h", a.get("b_xh")), a.get("b_hh")]
    with torch.no_grad():
        for parameter, one in zip(network.parameters(), (a["W_xh"], a["W_hh"], *biases), strict=True):
            parameter.copy_(torch.zeros_like(parameter) if one is None else one)
        return network(a["X_seq"], a["h0"][None])[0]


def stack_of(kind: str, layers: list[Arrays], directions: int, *, batch_first: bool = False, bias: bool = True) -> Any:
    """Return ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` with these layers; a second bias that only adds up is zero."""
    first = layers[0]
    (rows, D), H = first["W_xh"].shape, first["W_hh"].shape[1]
    more: dict[str, Any] = {"nonlinearity": "relu"} if kind == "relu" else {}
    if "W_hr" in first:
        H, more = first["W_hr"].shape[1], {"proj_size": len(first["W_hr"])}
    more |= {"num_layers": len(layers) // directions, "bidirectional": directions == 2, "batch_first": batch_first}
    kind, dtype = "RNN" if kind == "relu" else kind, str(first["W_xh"].dtype)
    made = module(kind, D, H, dtype=dtype, bias=bias, **more)
    for k, weights in enumerate(layers):
        biases = (weights["b_xh"], weights["b_hh"]) if "b_xh" in weights else (weights["b_h"], np.zeros(rows))
        every = {"weight_ih": weights["W_xh"], "weight_hh": weights["W_hh"]}
        every |= dict(zip(("bias_ih", "bias_hh"), biases, strict=True)) if bias else {}
        every |= {"weight_hr": weights["W_hr"]} if "W_hr" in weights else {}
        for name, array in every.items():
            with torch.no_grad():
                parameter = getattr(made, f"{name}_l{k // directions}{'_reverse' if k % directions else ''}")
                parameter.copy_(torch.from_numpy(np.array(array)))
    return made


def of_a_stack(
    made: Any, X_seq: Any, states0: tuple[Any, ...], dh_states: Any, dstates_T: tuple[Any, ...], lengths: Any = None
) -> Arrays:
    """Return what a module answers and every gradient, by our names; padded batches are packed, in any order."""
    X, firsts = torch.tensor(X_seq, requires_grad=True), [torch.tensor(one, requires_grad=True) for one in states0]
    given = X.swapaxes(0, 1) if made.batch_first else X
    if lengths is not None:
        given = torch.nn.utils.rnn.pack_padded_sequence(
            given, torch.from_numpy(lengths), batch_first=made.batch_first, enforce_sorted=False
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LSTM with projections is not supported with oneDNN")  # is no fault
        output, last = made(given, firsts[0] if len(firsts) == 1 else tuple(firsts))
    if lengths is not None:
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(
            output, batch_first=made.batch_first, total_length=len(X_seq)
        )
    output = output.swapaxes(0, 1) if made.batch_first else output
    last = [last] if len(firsts) == 1 else list(last)
    torch.autograd.backward([output, *last], [torch.from_numpy(np.array(one)) for one in (dh_states, *dstates_T)])
    found = {"h_states": output, "X_seq": X.grad}
    found |= {f"states_T[{i}]": one for i, one in enumerate(last)}
    found |= {f"states0[{i}]": one.grad for i, one in enumerate(firsts)}
    gradients = {name: p.grad for name, p in made.named_parameters()}
    return {name: one.detach().numpy() for name, one in (found | gradients).items()}


def of_a_step(kind: str, X_seq: Any, states0: tuple[Any, ...], weights: Arrays, dstates: tuple[Any, ...]) -> Arrays:
    """Return what ``nn.GRUCell`` or ``nn.LSTMCell`` answers, and every gradient, by our names."""
    H, (rows, D) = weights["W_hh"].shape[1], weights["W_xh"].shape
    cell = module(f"{kind}Cell", D, H, dtype=str(weights["W_xh"].dtype))
    biases = (weights["b_xh"], weights["b_hh"]) if "b_xh" in weights else (weights["b_h"], np.zeros(rows))
    with torch.no_grad():
        for name, array in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), (weights["W_xh"], weights["W_hh"], *biases), strict=True
        ):
            getattr(cell, name).copy_(torch.from_numpy(np.array(array)))
    given = [torch.tensor(one, requires_grad=True) for one in (X_seq, *states0)]
    found = cell(given[0], given[1] if len(given) == 2 else tuple(given[1:]))
    found = found if isinstance(found, tuple) else (found,)
    torch.autograd.backward(found, [torch.from_numpy(np.array(one)) for one in dstates])
    answers = {f"state {i}": one.detach().numpy() for i, one in enumerate(found)}
    answers |= {f"d{i}": one.grad.numpy() for i, one in enumerate(given)}
    return answers | {name: p.grad.numpy() for name, p in cell.named_parameters()}


def through(network: Any, X: Any, states0: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return what a recurrent layer or cell shows, and its last states, from a tuple of states to start from."""
    given = tuple(torch.from_numpy(np.array(one)) for one in states0)
    with torch.no_grad():
        answer = network(torch.from_numpy(np.array(X)), given if len(given) == 2 else given[0])
    shown, last = (answer[0] if isinstance(answer, tuple) else answer, answer)
    if isinstance(network, torch.nn.RNNBase):
        shown, last = answer
    return shown.numpy(), tuple(one.numpy() for one in (last if isinstance(last, tuple) else (last,)))
