"""A PyTorch module with its weights: its parameters read as weights, how it is called, and its functions.

Of a memory a module returns what stands in it after the last step alone. A gradient that reaches it at an earlier step
is asked of a call that ends there, and of one that goes on from there.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from ....._shapes import Array
from ..held import SUM, Forms, Mark, States, forms_named, marked, options_told, through_time
from .calls import NONE, Form
from .roles import Roles, Sizes, Slots

Call = Callable[..., Any]


class Read:
    """A module with its weights: its parameters read as weights, and how it is called."""

    def __init__(
        self, module: Any, roles: Roles, form: Form, sizes: Sizes, options: Mapping[str, Any] | None = None
    ) -> None:
        self.module, self.roles, self.form, self.sizes = module, roles, form, sizes
        self.options = options or {}  # by which its equation is chosen

    @property
    def weights(self) -> dict[str, Array]:
        """The weights that it holds."""
        return self.roles.read({name: _array(one) for name, one in self.module.named_parameters()}, self.sizes)

    @property
    def told(self) -> str:
        """How it was read."""
        unused = [f"{called(one)} takes no part" for one in self.unused]
        return ", ".join([self.form.told, self.roles.told(), *options_told(self.options), *unused])

    @property
    def shares(self) -> dict[str, Array]:
        """The biases whose sum stands for both, by their own names."""
        both = self.roles.biases if SUM in self.roles.names else []
        arrays = {name: _array(one) for name, one in self.module.named_parameters()}
        none: Slots = ()
        alone = [self.roles._replace(b_xh=one, b_hh=none).read(arrays, self.sizes)[SUM] for one in both]
        return {called(one): array for one, array in zip(both, alone, strict=True)}

    @property
    def leaves_out(self) -> bool:
        """Whether it is handed no state where that is all zeros."""
        return self.form.optional and self.form.state != NONE

    @property
    def own(self) -> Forms:
        """The functions that it has."""
        return forms_named(self.roles.names, self.roles.gates)

    @cached_property
    def unused(self) -> list[Slots]:
        """The biases on which nothing depends."""
        return [one for one in self.roles.biases if not any(self._takes_part(slot.parameter) for slot in one)]

    @property
    def others(self) -> list[str]:
        """The parameters that are no weights of its equation, and on which its states depend all the same."""
        roles = (self.roles.W_xh, self.roles.W_hh, self.roles.b_xh, self.roles.b_hh)
        known = {slot.parameter for slots in roles for slot in slots}
        left = [name for name, one in self.module.named_parameters() if name not in known and one.requires_grad]
        return [name for name in left if self._takes_part(name)]

    def calls(self, reading: str) -> dict[str, Call]:
        """Return its functions."""
        own = self.own
        if self.form.cell:
            mark = Mark(reading, leaves_out=self.leaves_out)
            found: dict[str, Call] = {own.step.name: marked(self._step, mark)}
            derived = Mark(f"{reading}, by autograd", derives=own.step.name)
            back = {own.step_back.name: marked(self._step_back, derived)} if own.step_back else {}
            return found | (back if self.form.state != NONE else {})
        sequence = through_time(self._run, reading, own.sequence)
        found = {own.sequence.name: marked(sequence, Mark(reading, leaves_out=self.leaves_out))}
        whole = self.form.states and (self.form.last or self.form.count == 1)
        if own.sequence_back and whole and self.form.state != NONE:
            derived = Mark(f"{reading}, by autograd", derives=own.sequence.name)
            found[own.sequence_back.name] = marked(self._back, derived)
        return found

    def _run(self, X_seq: Array, before: States | None) -> tuple[Array | None, States]:
        import torch  # noqa: PLC0415

        X = _tensor(X_seq)
        given = None if before is None else tuple(map(_tensor, before))
        if given is None and not self.form.optional and self.form.state != NONE:
            given = (X.new_zeros(X.shape[1], self.sizes.H),) * self.form.count
        with torch.no_grad():
            states, last = self.form.run(self.module, X, given, self.sizes.H)
        return None if states is None else _array(states), tuple(map(_array, last))

    def _step(self, x_t: Array, *arguments: Array, **__: Any) -> Any:
        import torch  # noqa: PLC0415

        before = arguments[: self.form.count]
        given = tuple(map(_tensor, before)) if any(map(np.any, before)) or not self.form.optional else None
        with torch.no_grad():
            found = tuple(map(_array, self.form.run(self.module, _tensor(x_t), given, self.sizes.H)[1]))
        return found[0] if self.form.count == 1 else found

    def _step_back(self, *arguments: Any, **_: Any) -> dict[str, Array]:
        return self._gradients(self.own.step, self.own.step_back, arguments)

    def _back(self, *arguments: Any, **_: Any) -> dict[str, Array]:
        return self._gradients(self.own.sequence, self.own.sequence_back, arguments)

    def _gradients(self, operation: Any, back: Any, arguments: tuple[Any, ...]) -> dict[str, Array]:
        """Return the gradients by autograd, under the names of the operation's arguments."""
        import torch  # noqa: PLC0415

        names, count = list(operation.arguments)[: 1 + self.form.count], self.form.count
        given = dict(zip(back.arguments, arguments, strict=False))
        leaves = [_tensor(given[name]).requires_grad_() for name in names]
        self.module.zero_grad(set_to_none=True)
        outputs, upstream = self._reached(leaves[0], tuple(leaves[1:]), [_tensor(one) for one in arguments[:count]])
        reached = [one for one in zip(outputs, upstream, strict=True) if one[0].requires_grad]
        torch.autograd.backward(*zip(*reached, strict=True))  # what is constant has no gradient
        own = {name: _gradient(one) for name, one in self.module.named_parameters()}
        self.module.zero_grad(set_to_none=True)
        return dict(zip(names, map(_gradient, leaves), strict=True)) | self.roles.gradients(own, self.sizes)

    def _reached(self, X: Any, before: tuple[Any, ...], above: list[Any]) -> tuple[list[Any], list[Any]]:
        """Return what the gradients from above reach: all states that are shown, and memories at every step's end."""
        if self.form.memories:
            return self.form.of_all_steps(self.module, X, before, self.sizes.H), above
        states, last = self.form.run(self.module, X, before, self.sizes.H)
        if self.form.cell or states is None:
            return list(last), above
        ends = [t + 1 for t, dc_t in enumerate(above[1] if len(above) > 1 else ()) if dc_t.any()]
        upstream = [above[0], *(above[1][end - 1] for end in ends)]
        if ends in ([], [len(X)]):
            return [states, *(last[1] for _ in ends)], upstream
        pieces, ended = self._in_pieces(X, before, ends)
        if close(pieces, states):
            return [pieces, *(one[1] for one in ended)], upstream
        run = self.form.run  # what is not the same in pieces is run from the beginning for every end
        return [states, *(run(self.module, X[:end], before, self.sizes.H)[1][1] for end in ends)], upstream

    def _in_pieces(self, X: Any, before: tuple[Any, ...], ends: list[int]) -> tuple[Any, list[tuple[Any, ...]]]:
        """Return the states of one call after the other, each to one of the ends, and what each of them ends in."""
        import torch  # noqa: PLC0415

        shown, ended = [], [before]
        bounds = list(dict.fromkeys([0, *ends, len(X)]))
        for begin, end in pairwise(bounds):
            states, last = self.form.run(self.module, X[begin:end], ended[-1], self.sizes.H)
            shown.append(states)
            ended.append(tuple(last))
        return torch.cat(shown), ended[1 : 1 + len(ends)]

    def _takes_part(self, parameter: str) -> bool:
        """Whether the answer depends on a parameter."""
        import torch  # noqa: PLC0415

        one = dict(self.module.named_parameters())[parameter]
        # Of both signs: a unit of relu may rest wherever inputs have one of them.
        rows = torch.tensor([1.0, -1.0, 8.0, -8.0], dtype=one.dtype)[:, None]
        X = rows.expand((4, self.sizes.D) if self.form.cell else (2, 4, self.sizes.D)).clone()
        before = (X.new_ones(4, self.sizes.H),) * self.form.count
        states, last = self.form.run(self.module, X, before, self.sizes.H)
        answer = last[0] if states is None else states
        if not answer.requires_grad:
            return False
        (found,) = torch.autograd.grad(answer.sum(), [one], allow_unused=True)
        return found is not None and bool(found.any())


def close(one: Any, other: Any) -> bool:
    """Whether two tensors are the same but for rounding."""
    few = 1e3 * np.finfo(_array(one).dtype).eps
    return one.shape == other.shape and bool(np.allclose(_array(one), _array(other), rtol=few, atol=few))


def called(slots: Slots) -> str:
    """Return the names of parameters."""
    return " ".join(slot.parameter for slot in slots)


def _tensor(array: Any) -> Any:
    """Return a tensor with memory of its own."""
    import torch  # noqa: PLC0415

    return torch.from_numpy(np.array(array))


def _array(tensor: Any) -> Array:
    array: Array = np.array(tensor.detach().cpu().numpy())
    return array


def _gradient(leaf: Any) -> Array:
    """Return a leaf's gradient, zeros where it took no part."""
    return np.zeros(tuple(leaf.shape), _array(leaf).dtype) if leaf.grad is None else _array(leaf.grad)
