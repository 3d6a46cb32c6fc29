"""Weights that a file of JAX draws come from NumPy while they are looked at, in shapes and precisions of JAX."""

import importlib

import pytest

from rnn_ref.conformance.targets.reading.objects.drawn import with_a_key


def test_what_is_drawn_has_jaxs_shapes_and_jax_draws_by_itself_again_afterwards() -> None:
    pytest.importorskip("jax")
    random, nn = importlib.import_module("jax.random"), importlib.import_module("jax.nn")
    kept = random.normal, random.uniform, random.truncated_normal

    def init_params(n: int, key: object) -> list[object]:
        assert random.normal is not kept[0]
        one, other = random.split(key)
        scale = nn.initializers
        drawn = [random.normal(one, (n, 3)), random.uniform(other, (n,), minval=-1)]
        return [*drawn, scale.orthogonal()(one, (n, n)), scale.glorot_normal()(other, (3, n))]

    made = with_a_key(init_params, {"n": 4}, {"key"})
    assert [(one.shape, str(one.dtype)) for one in made] == [
        ((4, 3), "float32"),
        ((4,), "float32"),
        ((4, 4), "float32"),
        ((3, 4), "float32"),
    ]
    assert made[1].min() < 0
    assert (random.normal, random.uniform, random.truncated_normal) == kept
    with pytest.raises(ZeroDivisionError):
        with_a_key(lambda key: 1 / 0, {}, {"key"})
    assert random.normal is kept[0]
