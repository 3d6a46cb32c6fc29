"""Write the network as ONNX."""

import torch
from model import trained

example = torch.randn(5, 2, 4), torch.zeros(1, 2, 6)  # T = 5, B = 2, D = 4; H = 6
torch.onnx.export(trained, example, "model.onnx", dynamo=False)
