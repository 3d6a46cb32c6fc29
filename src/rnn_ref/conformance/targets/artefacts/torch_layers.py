"""A class of PyTorch modules that takes a number of layers, or two directions: as a stack, made anew for every check.

Which parameter belongs to which layer its name tells: by the first number in it, and by ``reverse`` or ``backward`` of
the second direction. With one layer the names are the same but for that, so they are read as the one layer's are.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...._shapes import Array
from ....interop.torch_modules import is_recurrent
from ...operation import Outputs
from .held import forms_named, mark_of, marked
from .torch_calls import LAYERED, tensors_in
from .torch_roles import Sizes

Call = Callable[..., Any]
LAYERS, BOTH = r"(num_?|n_?)?layers", r"bi(directional|dir)?"
SECOND = r"_?(reversed?|backwards?|bwd|rev)"


def stack_functions(cls: type, probe: Any, made: Call, dtype: str | None) -> dict[str, Call]:
    """Return the functions of stacks that a class offers, none if its constructor takes no number of layers.

    ``probe`` is how one layer of it is read, and ``made(sizes, dtype, options)`` makes a module; ``dtype`` is its
    only precision.
    """
    names = _names(cls, probe)
    if names is None or probe.options or probe.form.state != LAYERED or probe.form.cell or not probe.form.states:
        return {}
    stack = _Stack(cls.__name__, probe, made, names)
    try:
        stack.parts(stack.made_with(Sizes(3, 5), 2, 1, "float32"), 2, 1)
    except Exception:  # whatever a constructor raises
        return {}
    reading = f"{cls.__name__}(D, H, {names[0]}), {probe.told}"
    declared = {"directions": 1} if names[1] else {}
    mark = replace(mark_of(next(iter(probe.calls(reading).values()))), dtype=dtype)
    back = replace(mark, reading=f"{reading}, by autograd", derives="stack_forward", leaves_out=False)
    found = {"stack_forward": marked(stack.forward, mark, options=declared, only=False)}
    if probe.form.last:
        found["stack_backward"] = marked(stack.backward, back, options=declared, only=False)
    return found


def _names(cls: type, probe: Any) -> tuple[str, str] | None:
    """Return what the constructor calls the number of layers, and the second direction (empty if there is none)."""
    if is_recurrent(probe.module):
        return "num_layers", "bidirectional"
    own = inspect.signature(cls).parameters
    layers = next((name for name in own if re.fullmatch(LAYERS, name)), None)
    both = next((name for name, one in own.items() if re.fullmatch(BOTH, name) and one.default is False), "")
    return (layers, both) if layers else None


class _Stack:
    """The calls of one class."""

    def __init__(self, name: str, probe: Any, made: Call, names: tuple[str, str]) -> None:
        self.name, self.form, self.roles, self.made, self.names = name, probe.form, probe.roles, made, names
        self.alone = {name for name, _ in probe.module.named_parameters()}
        self.unused, self.sequence = probe.unused, forms_named(self.roles.names, self.roles.gates)

    def made_with(self, sizes: Sizes, layers: int, directions: int, dtype: str) -> Any:
        """Return a module of so many layers and directions."""
        more = {self.names[0]: layers, **({self.names[1]: True} if directions == 2 else {})}
        return self.made(sizes, dtype, more)

    def parts(self, module: Any, layers: int, directions: int) -> list[dict[str, Any]]:
        """Return the parameters of every layer and direction, by their names in a module of one layer."""
        found: dict[tuple[int, bool], dict[str, Any]] = {}
        for name, one in module.named_parameters():
            place = re.search(r"\d+", name)
            first = re.sub(SECOND, "", name)
            known = re.sub(r"\d+", "0", first, count=1)
            key = (int(place[0]) if place else 0, first != name)
            found.setdefault(key, {})[known if known in self.alone else first] = one
        if len(found) != layers * directions or any({*one} != self.alone for one in found.values()):
            raise TypeError(f"{self.name}: its parameters cannot be told apart by layers: {', '.join(self.alone)}")
        return [found[key] for key in sorted(found)]

    def forward(self, run: Any, X_seq: Array, states0: Sequence[Array], layers: Any, *, directions: int = 1) -> Outputs:
        """Return what is shown, and the last states."""
        import torch  # noqa: PLC0415

        with torch.no_grad():
            single, module, X, starts = self._given(run, X_seq, states0, layers, directions)
            shown, last = self._ran(module, X, starts, directions)
        every = {"h_states": shown, **{f"states_T[{i}]": one for i, one in enumerate(last)}}
        return Outputs({name: np.array((one.squeeze(1) if single else one).numpy()) for name, one in every.items()})

    def backward(
        self, run_back: Any, dh_states: Array, dstates_T: Any, run: Any, X_seq: Array, states0: Any, layers: Any,
        *, directions: int = 1,
    ) -> Outputs:  # fmt: skip
        """Return the gradients by autograd, which computes the states anew."""
        import torch  # noqa: PLC0415

        single, module, X, starts = self._given(run_back, X_seq, states0, layers, directions)
        module.zero_grad(set_to_none=True)
        leaves = [one.requires_grad_() for one in (X, *starts)]
        shown, last = self._ran(module, X, tuple(leaves[1:]), directions)
        above = [torch.from_numpy(np.array(one)) for one in (dh_states, *dstates_T)]
        torch.autograd.backward((shown, *last), [one.unsqueeze(1) if single else one for one in above])
        found = dict(
            zip(["X_seq", *(f"states0[{i}]" for i in range(len(starts)))], map(_gradient, leaves), strict=True)
        )
        found = {name: one.squeeze(1) if single else one for name, one in found.items()}
        for k, (part, weights) in enumerate(zip(self.parts(module, *_counts(layers, directions)), layers, strict=True)):
            sizes = Sizes(weights["W_xh"].shape[1], weights["W_hh"].shape[1])
            gradients = self.roles.gradients({name: _gradient(one) for name, one in part.items()}, sizes)
            found |= {f"layers[{k}].{name}": one for name, one in gradients.items()}
        return Outputs(found)

    def _given(
        self, run: Any, X_seq: Array, states0: Sequence[Array], layers: Sequence[Mapping[str, Array]], directions: int
    ) -> tuple[bool, Any, Any, tuple[Any, ...]]:
        """Return whether it is one sequence, the module with these weights, its inputs and the states before."""
        import torch  # noqa: PLC0415

        kinds = {one.name for one in self.sequence if one is not None}
        if getattr(run, "__name__", run) not in kinds:
            raise NotImplementedError(f"{self.name} is a stack of {self.sequence.sequence.name}")
        single = np.ndim(X_seq) == 2
        X, *starts = (torch.from_numpy(np.array(one)) for one in (X_seq, *states0))
        sizes = Sizes(X_seq.shape[-1], layers[0]["W_hh"].shape[1])
        module = self.made_with(sizes, *_counts(layers, directions), str(X_seq.dtype))
        for part, weights in zip(self.parts(module, *_counts(layers, directions)), layers, strict=True):
            own = Sizes(weights["W_xh"].shape[1], sizes.H)
            self.roles.fill(part, weights, own, self.unused)
        return (
            single,
            module,
            X.unsqueeze(1) if single else X,
            tuple(one.unsqueeze(1) if single else one for one in starts),
        )

    def _ran(self, module: Any, X: Any, starts: tuple[Any, ...], directions: int) -> tuple[Any, list[Any]]:
        """Return what is shown, time first, and the last states."""
        (T, B), H = X.shape[:2], starts[0].shape[-1]
        first = self.form.batch_first
        zeros = self.form.optional and not any(bool(one.any()) for one in starts)
        given = () if zeros else (starts,) if self.form.joined and len(starts) > 1 else starts
        found = tensors_in(module(X.transpose(0, 1) if first else X, *given), T)
        due = (B, T, directions * H) if first else (T, B, directions * H)
        shown = next(one for one in found if tuple(one.shape) == due)
        last = [one for one in found if one is not shown and one.shape == starts[0].shape]
        return shown.transpose(0, 1) if first else shown, last[: len(starts)]


def _counts(layers: Sequence[Any], directions: int) -> tuple[int, int]:
    return len(layers) // directions, directions


def _gradient(leaf: Any) -> Array:
    """Return a leaf's gradient, zeros where it took no part."""
    found = leaf.detach() * 0 if leaf.grad is None else leaf.grad
    return np.array(found.detach().numpy())
