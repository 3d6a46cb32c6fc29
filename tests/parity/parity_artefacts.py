"""Modules, models and files of the three frameworks, right ones and twins with a fault, as their users make them."""

import importlib.util
import os
import sys
import warnings

import numpy as np

D, H = 4, 6

MODULES = '''
import torch


class Base(torch.nn.Module):
    gates = 1

    def __init__(self, input_size, hidden_size, batch_first=False):
        super().__init__()
        self.hidden_size, self.batch_first = hidden_size, batch_first
        rows = self.gates * hidden_size

        def drawn(*shape):
            return torch.nn.Parameter((2 * torch.rand(*shape) - 1) / hidden_size**0.5)

        self.weight_ih_l0, self.weight_hh_l0 = drawn(rows, input_size), drawn(rows, hidden_size)
        self.bias_ih_l0, self.bias_hh_l0 = drawn(rows), drawn(rows)

    def forward(self, x, h0=None):
        x = x.transpose(0, 1) if self.batch_first else x
        h = x.new_zeros(x.shape[1], self.hidden_size) if h0 is None else h0[0]
        states = []
        for x_t in x:
            h = self.step(x_t, h)
            states.append(h)
        states = torch.stack(states)
        return (states.transpose(0, 1) if self.batch_first else states), h[None]


class Tanh(Base):
    def step(self, x, h):
        return torch.tanh(x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T + self.bias_hh_l0)


class Transposed(Tanh):
    def step(self, x, h):
        return torch.tanh(x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0 + self.bias_hh_l0)


class OneBias(Tanh):
    def step(self, x, h):
        return torch.tanh(x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T)


class FromH0(Tanh):
    def forward(self, x, h0=None):
        h = x.new_zeros(x.shape[1], self.hidden_size) if h0 is None else h0[0]
        states = [self.step(x_t, h) for x_t in x]
        return torch.stack(states), states[-1][None]


class LateLast(Tanh):
    def forward(self, x, h0=None):
        states, _ = super().forward(x, h0)
        return states, states[:1]


class Detached(Tanh):
    def step(self, x, h):
        return super().step(x, h.detach())


class Gated(Base):
    gates = 3

    def step(self, x, h):
        x_r, x_z, x_n = (x @ self.weight_ih_l0.T + self.bias_ih_l0).chunk(3, -1)
        h_r, h_z, h_n = (h @ self.weight_hh_l0.T + self.bias_hh_l0).chunk(3, -1)
        return self.joined(torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z), x_n, h_n, h)

    def joined(self, r, z, x_n, h_n, h):
        return (1 - z) * torch.tanh(x_n + r * h_n) + z * h


class OtherOrder(Gated):
    def joined(self, r, z, x_n, h_n, h):
        return super().joined(z, r, x_n, h_n, h)


class BiasOutside(Gated):
    def joined(self, r, z, x_n, h_n, h):
        b_hn = self.bias_hh_l0.chunk(3)[2]
        return (1 - z) * torch.tanh(x_n + r * (h_n - b_hn) + b_hn) + z * h


class NoStateBias(Gated):
    def step(self, x, h):
        x_r, x_z, x_n = (x @ self.weight_ih_l0.T + self.bias_ih_l0).chunk(3, -1)
        h_r, h_z, h_n = (h @ self.weight_hh_l0.T).chunk(3, -1)
        return self.joined(torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z), x_n, h_n, h)


class Remembering(Base):
    gates = 4

    def forward(self, x, state=None):
        x = x.transpose(0, 1) if self.batch_first else x
        zeros = x.new_zeros(x.shape[1], self.hidden_size)
        h, c = (zeros, zeros) if state is None else (state[0][0], state[1][0])
        states = []
        for x_t in x:
            h, c = self.step(x_t, h, c)
            states.append(h)
        states = torch.stack(states)
        return (states.transpose(0, 1) if self.batch_first else states), (h[None], c[None])

    def step(self, x, h, c):
        all_ = x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T + self.bias_hh_l0
        return self.joined(*all_.chunk(4, -1), c)

    def joined(self, i, f, g, o, c):
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class ForgetBias(Remembering):
    def joined(self, i, f, g, o, c):
        return super().joined(i, f + 1, g, o, c)


class MemoryCut(Remembering):
    def step(self, x, h, c):
        return super().step(x, h, c.detach())


class StatesSwapped(Remembering):
    def forward(self, x, state=None):
        return super().forward(x, state and state[::-1])


class OneMatrix(torch.nn.Module):
    """A cell with [x, h] in one matrix and the gates in an order of its own, states as two arguments."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.all_gates = torch.nn.Linear(input_size + hidden_size, 4 * hidden_size)

    def forward(self, x, h, c):
        i, f, o, g = self.all_gates(torch.cat([x, h], 1)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class FourMatrices(torch.nn.Module):
    """A matrix [h, x] for each gate, batch first, a pair of states."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        for gate in ("forget", "input", "output", "candidate"):
            setattr(self, f"{gate}_gate", torch.nn.Linear(hidden_size + input_size, hidden_size))

    def forward(self, x, state=None):
        zeros = x.new_zeros(len(x), self.hidden_size)
        (h, c), states = state or (zeros, zeros), []
        for t in range(x.shape[1]):
            both = torch.cat([h, x[:, t]], 1)
            f, i, o = (torch.sigmoid(gate(both)) for gate in (self.forget_gate, self.input_gate, self.output_gate))
            c = f * c + i * torch.tanh(self.candidate_gate(both))
            h = o * self.shown(c)
            states.append(h)
        return torch.stack(states, 1), (h, c)

    def shown(self, c):
        return torch.tanh(c)


class NoTanh(FourMatrices):
    def shown(self, c):
        return c


class TwoLinears(torch.nn.Module):
    """Batch first without saying so, no bias of the state, float32 alone, h0 of two axes."""

    def __init__(self, n_in, n_hid):
        super().__init__()
        self.n_hid = n_hid
        self.of_x, self.of_h = torch.nn.Linear(n_in, n_hid), torch.nn.Linear(n_hid, n_hid, bias=False)

    def forward(self, x, h=None):
        h = torch.zeros(len(x), self.n_hid) if h is None else h
        states = []
        for t in range(x.shape[1]):
            h = torch.tanh(self.of_x(x[:, t]) + self.of_h(h))
            states.append(h)
        return torch.stack(states, 1)


class Tutorial(torch.nn.Module):
    """One step, input and state in one matrix, an output layer behind."""

    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.i2h = torch.nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = torch.nn.Linear(hidden_size, output_size)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(torch.cat((input, hidden), 1)))
        return self.h2o(hidden), hidden


class StateFirst(Tutorial):
    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(torch.cat((hidden, input), 1)))
        return self.h2o(hidden), hidden


class AsManyOutputs(torch.nn.Module):
    """The outputs of all steps, of as many classes as there are inputs, and the last state."""

    def __init__(self, n_chars, n_hidden):
        super().__init__()
        self.n_hidden, self.i2h = n_hidden, torch.nn.Linear(n_chars + n_hidden, n_hidden)
        self.h2o = torch.nn.Linear(n_hidden, n_chars)

    def forward(self, xs, h=None):
        # xs (batch, time, classes)
        h, outputs = self.begin(len(xs)) if h is None else h, []
        for x in xs.unbind(1):
            output, h = self.step(x, h)
            outputs.append(output)
        return torch.stack(outputs, 1), h

    def step(self, x, h):
        h = torch.tanh(self.i2h(torch.cat((x, h), dim=1)))
        return self.h2o(h), h

    def begin(self, rows):
        return torch.zeros(rows, self.n_hidden)


class OfRows(torch.nn.Module):
    """x W, and no state before."""

    def __init__(self, D, H):
        super().__init__()
        self.W, self.U = torch.nn.Parameter(torch.randn(D, H) / 3), torch.nn.Parameter(torch.randn(H, H) / 3)
        self.b = torch.nn.Parameter(torch.randn(H))

    def forward(self, x):
        h, states = x.new_zeros(x.shape[1], len(self.b)), []
        for x_t in x:
            h = torch.tanh(x_t @ self.W + h @ self.U + self.b)
            states.append(h)
        return torch.stack(states)


class Separate(torch.nn.Module):
    """A matrix for each gate and side, none of them in the order of their use."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        for name in ("update", "reset", "candidate"):
            setattr(self, f"x_{name}", torch.nn.Linear(input_size, hidden_size))
            setattr(self, f"h_{name}", torch.nn.Linear(hidden_size, hidden_size))

    def forward(self, x, h0=None):
        h, states = x.new_zeros(x.shape[1], self.h_reset.in_features) if h0 is None else h0[0], []
        for x_t in x:
            r = torch.sigmoid(self.x_reset(x_t) + self.h_reset(h))
            z = torch.sigmoid(self.x_update(x_t) + self.h_update(h))
            h = (1 - z) * torch.tanh(self.x_candidate(x_t) + r * self.h_candidate(h)) + z * h
            states.append(h)
        return torch.stack(states), h[None]


class Letters(torch.nn.Module):
    """The same by letters, x W, each gate with the two biases of both sides."""

    def __init__(self, D, H):
        super().__init__()
        self.H = H
        for gate in "zrn":
            for name, *shape in ((f"W_x{gate}", D, H), (f"W_h{gate}", H, H), (f"b_x{gate}", H), (f"b_h{gate}", H)):
                self.register_parameter(name, torch.nn.Parameter(torch.randn(shape) / 3))

    def forward(self, x, h0=None):
        h, states = x.new_zeros(x.shape[1], self.H) if h0 is None else h0[0], []
        for x_t in x:
            r = torch.sigmoid(x_t @ self.W_xr + self.b_xr + h @ self.W_hr + self.b_hr)
            z = torch.sigmoid(x_t @ self.W_xz + self.b_xz + h @ self.W_hz + self.b_hz)
            h = (1 - z) * torch.tanh(x_t @ self.W_xn + self.b_xn + r * (h @ self.W_hn + self.b_hn)) + z * h
            states.append(h)
        return torch.stack(states), h[None]


class Exchanged(Letters):
    """Its gates bear each other's names."""

    def forward(self, x, h0=None):
        h, states = x.new_zeros(x.shape[1], self.H) if h0 is None else h0[0], []
        for x_t in x:
            z = torch.sigmoid(x_t @ self.W_xr + self.b_xr + h @ self.W_hr + self.b_hr)
            r = torch.sigmoid(x_t @ self.W_xz + self.b_xz + h @ self.W_hz + self.b_hz)
            h = (1 - z) * torch.tanh(x_t @ self.W_xn + self.b_xn + r * (h @ self.W_hn + self.b_hn)) + z * h
            states.append(h)
        return torch.stack(states), h[None]


class Square(torch.nn.Module):
    """x W with a list of states; with D = H only values tell it from W x."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        self.W_xh = torch.nn.Parameter(torch.randn(num_inputs, num_hiddens) / 3)
        self.W_hh = torch.nn.Parameter(torch.randn(num_hiddens, num_hiddens) / 3)
        self.b_h = torch.nn.Parameter(torch.randn(num_hiddens))

    def forward(self, inputs, state=None):
        state = inputs.new_zeros(inputs.shape[1], len(self.b_h)) if state is None else state
        states = []
        for x_t in inputs:
            state = torch.tanh(x_t @ self.W_xh + state @ self.weight() + self.b_h)
            states.append(state)
        return states, state

    def weight(self):
        return self.W_hh


class HalfTransposed(Square):
    def weight(self):
        return self.W_hh.T


class ManyToOne(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.rnn = torch.nn.RNN(input_size, hidden_size, batch_first=True)
        self.head = torch.nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class FromOnes(Tanh):
    def forward(self, x, h0=None):
        return super().forward(x, torch.ones_like(x[:1, :, :1].expand(1, -1, self.hidden_size)) if h0 is None else h0)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(9, 4)
        self.rnn = torch.nn.GRU(4, 6, bidirectional=True)
        self.head = torch.nn.Linear(12, 9)

    def forward(self, indices):
        return self.head(self.rnn(self.embedding(indices))[0])


torch.manual_seed(0)
tanh, gated = torch.nn.RNN(4, 6), torch.nn.GRU(4, 6, batch_first=True)
double, cell, gated_cell = torch.nn.RNN(4, 6).double(), torch.nn.RNNCell(4, 6), torch.nn.GRUCell(4, 6)
remembering, four_matrices = torch.nn.LSTM(4, 6), FourMatrices(4, 6)
remembering_cell, no_tanh = torch.nn.LSTMCell(4, 6), NoTanh(4, 6)
forget_bias, memory_cut, states_swapped = ForgetBias(4, 6), MemoryCut(4, 6), StatesSwapped(4, 6)
memories = torch.nn.LSTM(4, 6, num_layers=2, bidirectional=True)
square, half_transposed = Square(5, 5), HalfTransposed(5, 5)
layers, net = torch.nn.RNN(4, 6, num_layers=2), Net()
one_bias, transposed, other_order = OneBias(4, 6), Transposed(4, 6), OtherOrder(4, 6)
'''


def module_in(folder):
    """Write the modules to a file, import it, and return both."""
    path = folder / "modules.py"
    path.write_text(MODULES, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("parity_modules", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["parity_modules"] = module
    spec.loader.exec_module(module)
    return path, module


def exported(module, inputs, path):
    """Export a module by PyTorch's own exporter, as an ONNX file."""
    torch = sys.modules["torch"]  # of the module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, inputs, str(path), dynamo=False)
    return path


def changed(path, to, change=None, attributes=None):
    """Write an ONNX file with the first recurrent node's arrays, by W, R and B, and attributes changed."""
    import onnx  # noqa: PLC0415

    model = onnx.load(path)
    node = next(one for one in model.graph.node if one.op_type in {"RNN", "GRU", "LSTM"})
    arrays = {one.name: one for one in model.graph.initializer}
    for ours, theirs in zip("WRB", node.input[1:4], strict=True):
        array = onnx.numpy_helper.to_array(arrays[theirs])
        found = change(ours, array) if change else array
        arrays[theirs].CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(found), theirs))
    kept = [one for one in node.attribute if one.name not in (attributes or {})]
    del node.attribute[:]
    node.attribute.extend([*kept, *(onnx.helper.make_attribute(*one) for one in (attributes or {}).items())])
    onnx.save(model, to)
    return to


def node_model(kind, arrays, attributes):
    """Return a model of one recurrent node, which takes X and the states before, and returns all that it can."""
    import onnx  # noqa: PLC0415

    more = ("h", "c") if kind == "LSTM" else ("h",)
    before, after = [f"initial_{one}" for one in more], [f"Y_{one}" for one in more]
    own = [*("X", "W", "R", "B" if "B" in arrays else "", ""), *before, *(["P"] if "P" in arrays else [])]
    float_type = onnx.helper.np_dtype_to_tensor_dtype(arrays["W"].dtype)
    free = {name: onnx.helper.make_tensor_value_info(name, float_type, None) for name in ("X", *before, "Y", *after)}
    node = onnx.helper.make_node(kind, own, ["Y", *after], **attributes)
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    inputs, outputs = [free[name] for name in ("X", *before)], [free[name] for name in ("Y", *after)]
    graph = onnx.helper.make_graph([node], "one", inputs, outputs, constants)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)


def node_run(model, *inputs):
    """Return what onnxruntime makes of a model."""
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip((one.name for one in session.get_inputs()), inputs, strict=True)))


def gates_exchanged(name, array):
    """Put the first two gates the other way round, in all arrays of a GRU."""
    sides = np.split(array, 2, 1) if name == "B" else [array]
    return np.concatenate([one[:, order(one)] for one in sides], 1)


def order(array):
    rows = np.split(np.arange(array.shape[1]), 3)
    return np.concatenate([rows[1], rows[0], rows[2]])


def in_order(array, order, taken):
    """Let the gates of an LSTM's array, which lie i o f g, lie as if they had been written in another order."""
    return _by_sides(array, lambda one: one[:, [order.index(gate) for gate in taken]])


def forget_and_output_exchanged(_, array):
    return in_order(array, "iofg", "ifog")


def forget_bias(name, array):
    """Add 1 to the bias of the input's side at the forget gate, the third of ONNX's."""
    return array + np.float32(np.arange(array.shape[1]) // H == 2) if name == "B" else array


def gates_transposed(name, array):
    return _by_sides(array, lambda one: one.swapaxes(2, 3)) if name == "R" else array


def _by_sides(array, change):
    """Change an array as (1, 4 gates, H, the rest), both halves of a bias alike."""
    rows = array.reshape(1, -1, 4, H, 1) if array.ndim == 2 else array.reshape(1, 1, 4, H, -1)
    return np.stack([change(rows[:, i]) for i in range(rows.shape[1])], 1).reshape(array.shape)


def state_transposed(name, array):
    return array.swapaxes(1, 2) if name == "R" else array


def state_bias_dropped(name, array):
    return np.concatenate([one * (i == 0) for i, one in enumerate(np.split(array, 2, 1))], 1) if name == "B" else array


def keras_here():
    """Return Keras, on a backend that is there."""
    os.environ.setdefault("KERAS_BACKEND", "numpy" if importlib.util.find_spec("jax") else "torch")
    import keras  # noqa: PLC0415

    return keras


def keras_layer(kind="GRU", **options):
    """Return a built layer, whose biases are not zero."""
    keras = keras_here()
    layer = getattr(keras.layers, kind)(H, **{"return_sequences": True, **options})
    layer.build((None, 5, D))
    rng = np.random.default_rng(0)
    for weight in layer.weights:
        weight.assign(rng.uniform(-0.4, 0.4, weight.shape).astype(np.float32))
    return layer


def keras_model(*layers):
    keras = keras_here()
    return keras.Sequential([keras.Input((None, D)), *layers])


def array_of(tensor):
    """Return a tensor of Keras as an array, without Keras' own warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.array(keras_here().ops.convert_to_numpy(tensor))


def saved(model, path):
    """Save a Keras model, whose own warnings are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(path)
    return path
