"""Modules that share a matrix among gates: in the order in which their text takes them, whichever that is."""

import unittest

from parity_expand import expand
from parity_torch import torch

import rnn_ref


class Sliced(torch.nn.Module):
    """Gates in an order that no framework has."""

    def __init__(self, feat, units):
        super().__init__()
        self.units = units
        self.kernel = torch.nn.Parameter(torch.randn(feat, 4 * units) / 2)
        self.recurrent_kernel = torch.nn.Parameter(torch.randn(units, 4 * units) / 2)
        self.bias = torch.nn.Parameter(torch.randn(4 * units) / 2)

    def forward(self, x):
        n, h, c = self.units, x.new_zeros(len(x), self.units), x.new_zeros(len(x), self.units)
        out = []
        for t in range(x.shape[1]):
            a = x[:, t] @ self.kernel + h @ self.recurrent_kernel + self.bias
            f = torch.sigmoid(a[:, :n])
            i = torch.sigmoid(a[:, n : 2 * n])
            o = torch.sigmoid(a[:, 2 * n : 3 * n])
            g = torch.tanh(a[:, 3 * n :])
            c = f * c + i * g
            h = o * self.shown(c)
            out.append(h)
        return torch.stack(out, 1), (h, c)

    def shown(self, c):
        return torch.tanh(c)


class Untied(Sliced):
    def shown(self, c):
        return c


class Deep(torch.nn.Module):
    """Layers whose number is called the depth."""

    own = True

    def __init__(self, in_dim, dim, depth=2):
        super().__init__()
        self.dim = dim
        self.w_in = torch.nn.ModuleList([torch.nn.Linear(in_dim if k == 0 else dim, dim) for k in range(depth)])
        self.w_rec = torch.nn.ModuleList([torch.nn.Linear(dim, dim) for _ in range(depth)])

    def forward(self, x, h=None):
        h = list(x.new_zeros(len(self.w_in), x.shape[1], self.dim) if h is None else h)
        out = []
        for x_t in x:
            below = x_t
            for k, (w_in, w_rec) in enumerate(zip(self.w_in, self.w_rec, strict=True)):
                h[k] = torch.tanh(w_in(below) + w_rec(h[k if self.own else 0]))
                below = h[k]
            out.append(below)
        return torch.stack(out), torch.stack(h)


class OfFirst(Deep):
    own = False


class OrdersTest(unittest.TestCase):
    @expand([("class", Sliced), ("instance", Sliced(3, 5))])
    def test_an_order_of_its_own_is_read(self, module):
        report = rnn_ref.check(module)
        self.assertTrue(report.ok, str(report))
        self.assertIn("gates f i o g", report.functions["lstm_forward"].reading)

    def test_a_mistake_in_it_is_told_as_one(self):
        found = rnn_ref.check(Untied).functions["lstm_forward"]
        self.assertEqual((found.verdict, found.mistakes), ("wrong", ["no-tanh-of-c"]))

    @expand([("right", (Deep, "conforms")), ("wrong", (OfFirst, "wrong"))])
    def test_depth_is_the_number_of_layers(self, case):
        module, verdict = case
        functions = rnn_ref.check(module).functions
        self.assertEqual((functions["rnn_forward"].verdict, functions["stack_forward"].verdict), ("conforms", verdict))
