"""A class of PyTorch modules that takes a number of layers, or two directions: as a stack, made anew for every check.

Which parameter belongs to which layer its name tells: by the first number in it, and by ``reverse`` or ``backward`` of
the second direction. With one layer the names are the same but for that, so they are read as the one layer's are.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np

from ....._shapes import Array
from .....interop.torch_modules import is_recurrent
from ....operation import Outputs
from ....spec.claims import BOTH_ONLY, LAYERS_ONLY, NO_STATE, OPTION_ONLY, STACKS_OF, WITHOUT
from ....spec.stack.callables import told as told_of
from ..held import Mark, forms_named, mark_of, marked
from .calls import LAYERED, NONE, Form, batch_first_of, tensors_in, told_ends
from .places import SECOND, by_layers
from .roles import Sizes, roles_of

Call = Callable[..., Any]
LAYERS, BOTH = r"((num|n|nb|no)_?)?layers|depth", r"bi(directional|dir)?"


def stack_functions(
    cls: type, probe: Any, made: Call, dtype: str | None, offered: Mapping[str, tuple[str, Any]]
) -> dict[str, Call]:
    """Return the functions of stacks that a class offers, none if its constructor takes no number of layers.

    ``probe`` is how one layer of it is read, and ``made(sizes, dtype, options)`` makes a module; ``dtype`` is its
    only precision. ``offered`` are the options of a layer that the constructor has, with their names there.
    """
    names = _names(cls, probe)
    taken = probe.form.state in {LAYERED, NONE}
    if names is None or not taken or probe.form.cell or not (probe.form.states or names[0]):
        return {}
    stack = _Stack(cls.__name__, probe, made, names, offered=offered)
    if not stack.goes():
        return {}
    leaves_out = mark_of(next(iter(probe.calls("").values()))).leaves_out
    return stack.functions(probe.told, Mark("", dtype, leaves_out=leaves_out))


def one_alone(cls: type) -> list[str]:
    """Return the claim that modules are made of one layer, where the constructor takes a number of layers."""
    return [OPTION_ONLY.format(name, 1) for name in inspect.signature(cls).parameters if re.fullmatch(LAYERS, name)]


def two_directions(cls: type, module: Any, made: Call) -> dict[str, Call]:
    """Return the functions of stacks of a class that always reads both ways, none if it cannot be read so.

    Either direction is known by a word in the names of its parameters, which are otherwise the same.
    """
    if is_recurrent(module) or not any(re.search(SECOND, name) for name, _ in module.named_parameters()):
        return {}
    own = inspect.signature(cls).parameters
    names = next((name for name in own if re.fullmatch(LAYERS, name)), ""), ""
    forwards = _Part({name: one for name, one in module.named_parameters() if not re.search(SECOND, name)}, module)
    sizes = Sizes(3, 5)
    orders = [(LAYERED, getattr(module, "batch_first", first)) for first in (False, True)]
    orders += [(NONE, first) for first in batch_first_of(module, sizes)]
    for (state, first), roles, joined in product(orders, list(roles_of(forwards, sizes)), (True, False)):
        form = Form(cell=False, batch_first=first, state=state, states=True, last=True, count=roles.states,
                    joined=joined, **told_ends(module))  # fmt: skip
        probe = SimpleNamespace(form=form, roles=roles, module=forwards, unused=[], options={})
        stack = _Stack(cls.__name__, probe, made, names, always=True)
        if roles.takes_all and stack.goes():
            if state != NONE:
                stack.form = replace(form, optional=stack.goes(without=True))
            dtype = None if stack.goes(dtype="float64") else "float32"
            mark = Mark("", dtype, leaves_out=stack.form.optional and state != NONE)
            return stack.functions(f"{stack.form.told}, {roles.told()}", mark)
    return {}


class _Part:
    """Some parameters of a module, as a module."""

    def __init__(self, parameters: Mapping[str, Any], module: Any) -> None:
        self._parameters, self.named_modules = parameters, module.named_modules

    def named_parameters(self) -> Any:
        """Yield them with their names."""
        return self._parameters.items()


def _names(cls: type, probe: Any) -> tuple[str, str] | None:
    """Return what the constructor calls the number of layers, and the second direction (empty if there is none)."""
    if is_recurrent(probe.module):
        return "num_layers", "bidirectional"
    own = inspect.signature(cls).parameters
    layers = next((name for name in own if re.fullmatch(LAYERS, name)), None)
    both = next((name for name, one in own.items() if re.fullmatch(BOTH, name) and type(one.default) is bool), "")
    return (layers or "", both) if layers or probe.form.ends else None


class _Stack:
    """The calls of one class."""

    def __init__(
        self,
        name: str,
        probe: Any,
        made: Call,
        names: tuple[str, str],
        *,
        always: bool = False,
        offered: Mapping[str, tuple[str, Any]] | None = None,
    ) -> None:
        self.always = always  # in two directions
        self.options, self.offered = probe.options, {} if probe.options else dict(offered or {})
        self.name, self.form, self.roles, self.made, self.names = name, probe.form, probe.roles, made, names
        self.step_by_step = not self.form.states  # it shows the state after the last step alone
        self.form = replace(self.form, last=self.form.last and self.form.states)
        every = {name for name, _ in probe.module.named_parameters()}
        own = (self.roles.W_xh, self.roles.W_hh, *self.roles.biases)
        self.alone = {slot.parameter for slots in own for slot in slots}
        self.beside = every - self.alone  # of an output layer, which there is once
        self.unused, self.sequence = probe.unused, forms_named(self.roles.names, self.roles.gates)
        self.sorts = False  # whether sequences have to lie in falling order of their lengths

    def functions(self, told: str, mark: Mark) -> dict[str, Call]:
        """Return the way forward, and the way back if last states are returned, which take part in it."""
        layers = f", {self.names[0]}" if self.names[0] else ""
        self.sorts = self.needs_order()
        ends = f", {self.form.ends}{' in falling order' * self.sorts}" if self.form.ends else ""
        mark = replace(mark, reading=f"{self.name}(D, H{layers}), {told}{ends}")
        back = replace(mark, reading=f"{mark.reading}, by autograd", derives="stack_forward", leaves_out=False)
        declared: dict[str, Any] = {"directions": 1} if self.names[1] or self.always else {}
        declared |= {"lengths": None} if ends else {}
        found: dict[str, Any] = {"stack_forward": marked(self.forward, mark, options=declared, only=False)}
        if self.form.last and self.form.state != NONE:
            found["stack_backward"] = marked(self.backward, back, options=declared, only=False)
        claims = [STACKS_OF.format(self.sequence.sequence.name)] + ([BOTH_ONLY] if self.always else [])
        claims += [] if self.names[0] else [LAYERS_ONLY.format(2 if self.always else 1)]
        claims += [OPTION_ONLY.format(*one) for one in self.options.items()]
        claims += [NO_STATE] if self.form.state == NONE else []
        if self.form.state == NONE or self.step_by_step:
            claims += [f"{WITHOUT}states_T[{i}]" for i in range(self.form.count) if not self.form.last]
        for one in found.values():
            one.__claims__ = tuple(claims)
        return found

    def goes(self, *, without: bool = False, dtype: str = "float32") -> bool:
        """Whether modules of several layers can be made, told apart by their names, and called (``without`` states)."""
        import torch  # noqa: PLC0415

        K = 1 + self.always
        try:
            for count in (2, 1) if self.names[0] else (1,):
                module = self.made_with(Sizes(3, 5), count, K, dtype)
                self.parts(module, count, K)
                if self.always or self.form.state == NONE or self.step_by_step:
                    X = torch.ones(4, 2, 3, dtype=getattr(torch, dtype))
                    begins = X.new_zeros(K * count, 2, 5) if without else X.new_ones(K * count, 2, 5)
                    with torch.no_grad():
                        _, last = self._ran(module, X, (begins,) * self.form.count, K)
                    if len(last) != self.form.count and self.form.state != NONE and not self.step_by_step:
                        return False
                    self.form = replace(self.form, last=self.form.last and len(last) == self.form.count)
                    if count > 1 and self.step_by_step and self._shares_one(module, X, (begins,) * self.form.count):
                        return False
        except Exception:  # whatever a constructor raises
            return False
        return True

    def made_with(
        self, sizes: Sizes, layers: int, directions: int, dtype: str, options: Mapping[str, Any] | None = None
    ) -> Any:
        """Return a module of so many layers and directions, with options of a layer that it offers."""
        more: dict[str, Any] = {self.names[0]: layers} if self.names[0] else {}
        more |= {self.names[1]: directions == 2} if self.names[1] else {}
        more |= {self.offered[option][0]: value for option, value in (options or {}).items()}
        return self.made(sizes, dtype, more)

    def parts(self, module: Any, layers: int, directions: int) -> list[dict[str, Any]]:
        """Return the parameters of every layer and direction, by their names in a module of one layer."""
        own = {name: one for name, one in module.named_parameters() if name not in self.beside}
        if found := by_layers(own, self.alone, layers, directions):
            return found
        raise TypeError(f"{self.name}: its parameters cannot be told apart by layers: {', '.join(self.alone)}")

    def needs_order(self) -> bool:
        """Whether it raises at lengths that are not in falling order, and at no others."""
        import torch  # noqa: PLC0415

        if not self.form.ends or self.always:
            return False
        module, raised = self.made_with(Sizes(3, 5), 1, 1, "float32"), []
        for ends in ([2, 4], [4, 2]):
            try:
                with torch.no_grad():
                    self._ran(module, torch.ones(4, 2, 3), (torch.ones(1, 2, 5),) * self.form.count, 1, np.array(ends))
                raised.append(False)
            except Exception:
                raised.append(True)
        return raised == [True, False]

    def forward(
        self, run: Any, X_seq: Array, states0: Sequence[Array], layers: Any, *, directions: int = 1, lengths: Any = None
    ) -> Outputs:
        """Return what is shown, and the last states."""
        import torch  # noqa: PLC0415

        with torch.no_grad():
            single, module, X, starts = self._given(run, X_seq, states0, layers, directions)
            shown, last = self._ran(module, X, starts, directions, lengths)
        every = {"h_states": shown, **{f"states_T[{i}]": one for i, one in enumerate(last) if self.form.last}}
        return Outputs({name: np.array((one.squeeze(1) if single else one).numpy()) for name, one in every.items()})

    def backward(
        self, run_back: Any, dh_states: Array, dstates_T: Any, run: Any, X_seq: Array, states0: Any, layers: Any,
        *, directions: int = 1, lengths: Any = None,
    ) -> Outputs:  # fmt: skip
        """Return the gradients by autograd, which computes the states anew."""
        import torch  # noqa: PLC0415

        single, module, X, starts = self._given(run_back, X_seq, states0, layers, directions)
        module.zero_grad(set_to_none=True)
        leaves = [one.requires_grad_() for one in (X, *starts)]
        shown, last = self._ran(module, X, tuple(leaves[1:]), directions, lengths)
        above = [torch.from_numpy(_finite(one)) for one in (dh_states, *dstates_T)]
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
        name, options = told_of(run)
        if name not in kinds or (options != self.options and not {*options} <= {*self.offered}):
            raise NotImplementedError(f"{self.name} is a stack of {self.sequence.sequence.name}")
        single = np.ndim(X_seq) == 2
        X, *starts = (torch.from_numpy(_finite(one)) for one in (X_seq, *states0))
        sizes = Sizes(X_seq.shape[-1], layers[0]["W_hh"].shape[1])
        more = options if self.offered else {}
        module = self.made_with(sizes, *_counts(layers, directions), str(X_seq.dtype), more)
        for part, weights in zip(self.parts(module, *_counts(layers, directions)), layers, strict=True):
            own = Sizes(weights["W_xh"].shape[1], sizes.H)
            self.roles.fill(part, weights, own, self.unused)
        return (
            single,
            module,
            X.unsqueeze(1) if single else X,
            tuple(one.unsqueeze(1) if single else one for one in starts),
        )

    def _ran(
        self, module: Any, X: Any, starts: tuple[Any, ...], directions: int, lengths: Any = None
    ) -> tuple[Any, list[Any]]:
        """Return what is shown, time first, and the last states."""
        import torch  # noqa: PLC0415

        if lengths is None:
            return self._in_order(module, X, starts, directions, None)
        order = np.argsort(-np.asarray(lengths), kind="stable") if self.sorts else np.arange(len(lengths))
        back = np.argsort(order)
        ends = torch.from_numpy(np.array(lengths, np.int64)[order])
        shown, last = self._in_order(module, X[:, order], tuple(one[:, order] for one in starts), directions, ends)
        return shown[:, back], [one[:, back] for one in last]

    def _in_order(
        self, module: Any, X: Any, starts: tuple[Any, ...], directions: int, ends: Any
    ) -> tuple[Any, list[Any]]:
        """Return the same of sequences that lie as the module wants them."""
        if self.step_by_step:
            import torch  # noqa: PLC0415

            ends_at = range(1, len(X) + 1)
            return torch.stack([self._after_the_last(module, X[:t], starts, directions) for t in ends_at]), []
        (T, B), H = X.shape[:2], starts[0].shape[-1]
        first, found = self.form.batch_first, self._called(module, X, starts, ends)
        due = (B, T, directions * H) if first else (T, B, directions * H)
        shown = next(one for one in found if tuple(one.shape) == due)
        last = [one for one in found if one is not shown and one.shape == starts[0].shape]
        return shown.transpose(0, 1) if first else shown, last[: len(starts)]

    def _after_the_last(self, module: Any, X: Any, starts: tuple[Any, ...], directions: int) -> Any:
        """Return the state of the last layer after all steps, alone or as the last of those of all layers."""
        due, every = (X.shape[1], directions * starts[0].shape[-1]), self._called(module, X, starts, None)
        layered = [one[-1] for one in every if directions == 1 and one.shape == starts[0].shape]
        return next(iter([one for one in every if tuple(one.shape) == due] or layered))

    def _shares_one(self, module: Any, X: Any, starts: tuple[Any, ...]) -> bool:
        """Whether it shows as many states as it is given, and one is enough for all layers: it keeps no more than one.

        What shows that of the last layer alone is not asked that.
        """
        if any(one.shape == starts[0].shape[1:] for one in self._called(module, X, starts, None)):
            return False
        try:
            return bool(self._called(module, X, tuple(one[:1] for one in starts), None))
        except Exception:  # it looks for the second
            return False

    def _called(self, module: Any, X: Any, starts: tuple[Any, ...], ends: Any) -> list[Any]:
        """Return the tensors that a module answers with."""
        zeros = self.form.optional and not any(one.requires_grad or bool(one.any()) for one in starts)
        given = (
            () if zeros or self.form.state == NONE else (starts,) if self.form.joined and len(starts) > 1 else starts
        )
        T = len(X)
        return tensors_in(
            self.form.called(module, X.transpose(0, 1) if self.form.batch_first else X, given, T, ends), T
        )


def _finite(array: Any) -> Array:
    """Return a copy with zeros where there is no number: modules mask their padding, and nan times 0 is nan."""
    found: Array = np.nan_to_num(np.array(array))
    return found


def _counts(layers: Sequence[Any], directions: int) -> tuple[int, int]:
    return len(layers) // directions, directions


def _gradient(leaf: Any) -> Array:
    """Return a leaf's gradient, zeros where it took no part."""
    found = leaf.detach() * 0 if leaf.grad is None else leaf.grad
    return np.array(found.detach().numpy())
