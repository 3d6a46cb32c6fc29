"""Weights under the glossary's names, to and from PyTorch, Keras and ONNX: so they travel between all three.

One layer in one direction is a dict; several, or two directions, are the list ``layers`` of ``stack.py``. Gates lie in
PyTorch's order here, rows r z n of a GRU and i f g o of an LSTM; ``gates.py`` has the order of every framework. A file
for each framework, the only one in which that framework's names of weights occur; none of them is imported before it is
used.
"""

from .keras_layers import from_keras, to_keras
from .onnx_nodes import from_onnx, to_onnx
from .torch_modules import from_torch, to_torch, torch_names

__all__ = ["from_keras", "from_onnx", "from_torch", "to_keras", "to_onnx", "to_torch", "torch_names"]
