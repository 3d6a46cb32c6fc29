"""What the optimisers share: vetting of parameters, gradients and state, and visiting them by name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._shapes import Array, check_array, check_dtype, check_mapping, checked_number

Params = dict[str, Array]
State = dict[str, dict[str, Any]]  # parameter name -> {"step": int, …: array in the parameter's shape}


class Optimiser:
    """An optimiser without its equation: ``_first`` makes the state of a parameter, ``_update`` moves it."""

    weight_decay: float

    def init(self, params: Mapping[str, Array]) -> State:
        """Return the state before the first step."""
        check_mapping(f"{type(self).__name__}.init", "params", params)
        for name, p in params.items():
            _check("init", type(self).__name__, f"params[{name!r}]", p)
        return {name: self._first(p) for name, p in params.items()}

    def step(self, params: Mapping[str, Array], grads: Mapping[str, Array], state: State) -> tuple[Params, State]:
        """Take one step down the gradient.

        ``params``, ``grads`` and ``state`` go by the same names, gradients in the shape and dtype of their parameters
        (``rnn_bptt(...)[1].parameters``). Returns new parameters and the new state. Raises ValueError or TypeError
        where something is missing or does not fit.
        """
        for what, mapping in (("params", params), ("grads", grads), ("state", state)):
            check_mapping(f"{type(self).__name__}.step", what, mapping)
        new_params: Params = {}
        new_state: State = {}
        for name, parameter in params.items():
            gradient = self._vetted(name, parameter, grads, state)
            if self.weight_decay:
                gradient = gradient + self.weight_decay * parameter
            known = {key: int(value) if key == "step" else value for key, value in state[name].items()}
            moved, new_state[name] = self._update(parameter, gradient, known)
            new_params[name] = np.asarray(moved)
        return new_params, new_state

    def _vetted(self, name: str, parameter: Array, grads: Mapping[str, Array], state: State) -> Array:
        who = type(self).__name__
        for what, mapping in (("grads", grads), ("state", state)):
            if name not in mapping:
                raise ValueError(f"{who}.step: {what} has {sorted(mapping)}, expected {name!r}; {name!r} is in params")
        check_mapping(f"{who}.step", f"state[{name!r}]", state[name])
        _check("step", who, f"params[{name!r}]", parameter)
        gradient = check_array(f"{who}.step", f"grads[{name!r}]", grads[name])
        expected = self._arrays(state[name].get("step", 0))
        for key in ("step", *expected):
            if key not in state[name]:
                raise ValueError(
                    f"{who}.step: state[{name!r}] has {sorted(state[name])}, expected also {key!r}; another optimiser "
                    "or other settings made it"
                )
        fitting = {f"grads[{name!r}]": gradient} | {f"state[{name!r}][{key!r}]": state[name][key] for key in expected}
        for what, array in fitting.items():
            if not isinstance(array, np.generic):  # which NumPy makes of an array without axes
                check_array(f"{who}.step", what, array)
            if (array.shape, array.dtype) != (parameter.shape, parameter.dtype):
                raise ValueError(
                    f"{who}.step: {what} has shape {array.shape} and dtype {array.dtype}, expected "
                    f"{parameter.shape} and {parameter.dtype}; from params[{name!r}]"
                )
        return gradient

    def _at_least_zero(self, **settings: float) -> None:
        """Check settings, and make Python numbers of NumPy's, beside which float32 arrays would become float64."""
        for name, value in settings.items():
            number = checked_number(type(self).__name__, name, value, "a number >= 0")
            object.__setattr__(self, name, number)
            if not value >= 0:
                raise ValueError(f"{type(self).__name__}: {name} is {value}, expected a number >= 0")

    def _arrays(self, step: int) -> tuple[str, ...]:
        """Return the names of the arrays that the state of a parameter holds after so many steps."""
        raise NotImplementedError

    def _first(self, parameter: Array) -> dict[str, Any]:
        raise NotImplementedError

    def _update(self, p: Array, g: Array, state: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
        raise NotImplementedError


def _check(method: str, who: str, name: str, value: Array) -> None:
    check_array(f"{who}.{method}", name, value)
    check_dtype(f"{who}.{method}", name, value, name, value.dtype)
