"""PyTorch's random numbers in the parity tests: the same on every run."""

import pytest
from parity_torch import torch


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)
