"""A network that has been trained, in place of yours."""

import torch

torch.manual_seed(0)
trained = torch.nn.GRU(4, 6)
