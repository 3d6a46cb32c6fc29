"""Stacks as people write them: masks, packing, wrappers, one sequence after the other; right ones and wrong ones.

They were written before the forms of the catalogue were looked at again, each in the manner of its public models.
"""

MASKED = '''
def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    """A mask at every step, and the state waits behind the end, as Keras has it."""
    single = X_seq.ndim == 2
    if single:
        X_seq, states0 = X_seq[:, None], [s[:, None] for s in states0]
    T, B = X_seq.shape[:2]
    mask = np.ones((T, B), bool) if lengths is None else np.arange(T)[:, None] < np.asarray(lengths)
    inputs = np.where(mask[..., None], X_seq, 0)
    ends = []
    for layer in range(len(layers) // directions):
        outputs = []
        for direction in range(directions):
            k = layer * directions + direction
            state = tuple(s[k] for s in states0)
            steps = range(T) if direction == 0 else reversed(range(T))
            shown = [None] * T
            for t in steps:
                new = run(inputs[t : t + 1], *state, **layers[k])
                new = tuple(n[0] for n in new) if isinstance(new, tuple) else (new[0],)
                m = mask[t][:, None]
                state = tuple(np.where(m, n, old) for n, old in zip(new, state))
                shown[t] = np.where(m, new[0], 0)
            outputs.append(np.stack(shown))
            ends.append(state)
        inputs = np.concatenate(outputs, axis=2)
    last = tuple(np.stack(kind) for kind in zip(*ends))
    if single:
        return inputs[:, 0], tuple(one[:, 0] for one in last)
    return inputs, last
'''

ALONE = """
class Encoder:
    def __init__(self, run, layers, directions):
        self.cells = [lambda x, s, w=w: run(x, *s, **w) for w in layers]
        self.num_directions = directions

    def encode(self, x, hidden):
        last = []
        for i in range(0, len(self.cells), self.num_directions):
            both = []
            for j in range(self.num_directions):
                y = self.cells[i + j](x[::-1] if j else x, [h[i + j] for h in hidden])
                y = [np.asarray(one) for one in (y if type(y) is tuple else [y])]
                last.append([one[-1] for one in y])
                both.append(y[0][::-1] if j else y[0])
            x = np.hstack(both)
        return x, [np.stack(one) for one in zip(*last)]


def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    encoder = Encoder(run, layers, directions)
    if X_seq.ndim == 2:
        shown, last = encoder.encode(X_seq, states0)
        return {"h_states": shown, "states_T": last}
    T, B, _ = X_seq.shape
    lengths = [T] * B if lengths is None else [int(n) for n in lengths]
    answers = [encoder.encode(X_seq[:n, b], [h[:, b] for h in states0]) for b, n in enumerate(lengths)]
    shown = [np.pad(y, ((0, T - len(y)), (0, 0))) for y, _ in answers]
    last = [np.stack(one, axis=1) for one in zip(*(h for _, h in answers))]
    return {"h_states": np.stack(shown, axis=1), "states_T": last}
"""

PACKED = '''
def _layer(run, data, batch_sizes, state, weights, reverse):
    """Read packed rows, as cuDNN does: at each step the sequences that are long enough, the longest first."""
    starts = np.concatenate([[0], np.cumsum(batch_sizes)])
    steps = range(len(batch_sizes))
    state = [s.copy() for s in state]
    shown = None
    for t in (reversed(steps) if reverse else steps):
        n, rows = batch_sizes[t], slice(starts[t], starts[t + 1])
        new = run(data[rows][None], *(s[:n] for s in state), **weights)
        new = [np.asarray(x)[0] for x in (new if isinstance(new, tuple) else (new,))]
        for s, x in zip(state, new):
            s[:n] = x
        shown = np.zeros((len(data), new[0].shape[-1]), data.dtype) if shown is None else shown
        shown[rows] = new[0]
    return shown, state


def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    squeeze = X_seq.ndim == 2
    if squeeze:
        X_seq, states0 = X_seq[:, None, :], [s[:, None, :] for s in states0]
    T, B, _ = X_seq.shape
    lengths = np.full(B, T) if lengths is None else np.asarray(lengths)
    order = np.argsort(-lengths, kind="stable")
    undo = np.argsort(order)
    sorted_lengths = lengths[order]
    batch_sizes = [int((sorted_lengths > t).sum()) for t in range(sorted_lengths.max())]
    data = np.concatenate([X_seq[t, order[:n]] for t, n in enumerate(batch_sizes)])
    hidden = [s[:, order] for s in states0]
    finals = []
    for layer in range(len(layers) // directions):
        outs = []
        for d in range(directions):
            k = layer * directions + d
            out, state = _layer(run, data, batch_sizes, [h[k] for h in hidden], layers[k], d == 1)
            outs.append(out)
            finals.append(state)
        data = np.concatenate(outs, -1)
    padded = np.zeros((T, B, data.shape[-1]), data.dtype)
    start = 0
    for t, n in enumerate(batch_sizes):
        padded[t, :n] = data[start : start + n]
        start += n
    padded = padded[:, undo]
    last = tuple(np.stack(one)[:, undo] for one in zip(*finals))
    return (padded[:, 0], tuple(one[:, 0] for one in last)) if squeeze else (padded, last)
'''

BIDIRECTIONAL = """
def reverse_sequence(x, lengths):
    out = x.copy()
    for b, n in enumerate(lengths):
        out[:n, b] = x[:n, b][::-1]
    return out


class Bidirectional:
    def __init__(self, layer, backward_layer, merge_mode="concat"):
        self.layer, self.backward_layer, self.merge_mode = layer, backward_layer, merge_mode

    def __call__(self, x, lengths, state, backward_state):
        y, last = self.layer(x, lengths, state)
        y_rev, last_rev = self.backward_layer(reverse_sequence(x, lengths), lengths, backward_state)
        y_rev = reverse_sequence(y_rev, lengths)
        return np.concatenate([y, y_rev], axis=-1), [last, last_rev]


class Recurrent:
    def __init__(self, run, weights):
        self.run, self.weights = run, weights

    def __call__(self, x, lengths, state):
        found = self.run(x, *state, **self.weights)
        found = [np.array(one) for one in (found if isinstance(found, tuple) else [found])]
        last = [np.stack([one[n - 1, b] for b, n in enumerate(lengths)]) for one in found]
        for b, n in enumerate(lengths):
            found[0][n:, b] = 0
        return found[0], last


def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    alone = X_seq.ndim == 2
    x = X_seq[:, None].copy() if alone else X_seq.copy()
    states0 = [s[:, None] for s in states0] if alone else states0
    lengths = [len(x)] * x.shape[1] if lengths is None else list(lengths)
    for b, n in enumerate(lengths):
        x[n:, b] = 0
    last = []
    cells = [Recurrent(run, w) for w in layers]
    for k in range(0, len(cells), directions):
        state = [s[k] for s in states0]
        if directions == 2:
            x, both = Bidirectional(cells[k], cells[k + 1])(x, lengths, state, [s[k + 1] for s in states0])
            last += both
        else:
            x, one = cells[k](x, lengths, state)
            last.append(one)
    last = [np.array(one) for one in zip(*last)]
    return (x[:, 0], [one[:, 0] for one in last]) if alone else (x, last)
"""

RECURSIVE = '''
from typing import NamedTuple


class Answer(NamedTuple):
    h_states: object
    states_T: object


def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    """From the top down: what a layer shows is asked of it by the one above."""
    T = len(X_seq)
    n = T if lengths is None else np.asarray(lengths)
    t = np.arange(T) if X_seq.ndim == 2 else np.arange(T)[:, None]
    real = (t < n)[..., None] * np.ones(X_seq.shape[:-1] + (1,), bool)
    index = np.where(real, np.reshape(np.where(t < n, n - 1 - t, t) + np.zeros(X_seq.shape[:-1], int), real.shape), 0)
    last = {}

    def shown(layer):
        if layer < 0:
            return np.where(real, X_seq, 0)
        x = shown(layer - 1)
        return np.concatenate([direction(x, layer * directions + d, d) for d in range(directions)], -1)

    def direction(x, k, d):
        x = np.where(real, np.take_along_axis(x, index, 0), 0) if d else x
        found = run(x, *(s[k] for s in states0), **layers[k])
        found = [np.array(f) for f in (found if isinstance(found, tuple) else [found])]
        end = np.broadcast_to(np.asarray(n) - 1, X_seq.shape[1:-1])[None, ..., None]
        last[k] = [np.take_along_axis(f, end, 0)[0] for f in found]
        y = np.take_along_axis(found[0], index, 0) if d else found[0]
        return np.where(real, y, 0)

    top = shown(len(layers) // directions - 1)
    return Answer(top, tuple(np.stack(one) for one in zip(*(last[k] for k in sorted(last)))))
'''

RIGHT = {"masked": MASKED, "alone": ALONE, "packed": PACKED, "bidirectional": BIDIRECTIONAL, "recursive": RECURSIVE}
WRONG = [  # the name, the program, what is right in it and what stands there instead
    ("order-not-restored", "packed, last states not sorted back", PACKED, "np.stack(one)[:, undo]", "np.stack(one)"),
    ("states-not-sorted", "packed, initial states not sorted", PACKED, "[s[:, order] for s in states0]", "states0"),
    ("directions-swapped", "the backward half first", BIDIRECTIONAL, "[y, y_rev]", "[y_rev, y]"),
    ("not-turned-back", "go_backwards, not reversed again", BIDIRECTIONAL, "y_rev = reverse_sequence(y_rev, lengths)",
     "pass"),
    ("padding-turned-too", "a mask on what is shown alone", MASKED, "np.where(m, n, old)", "n"),
    ("state-carried-between-layers", "one variable for the state", ALONE, "[h[i + j] for h in hidden]",
     "[h[i + j] for h in hidden] if i == 0 else last[i + j - self.num_directions]"),
    ("backward-state-at-end", "h_T at the sequence's end", ALONE, "[one[-1] for one in y]",
     "[one[0 if j else -1] for one in y]"),
    ("outputs-repeated", "the last output is repeated", ALONE, "((0, T - len(y)), (0, 0))",
     "((0, T - len(y)), (0, 0)), mode='edge'"),
    ("directions-share-weights", "one layer for both", BIDIRECTIONAL, "(cells[k], cells[k + 1])(x",
     "(cells[k], cells[k])(x"),
    ("residual", "what is read is added", MASKED, "inputs = np.concatenate(outputs, axis=2)",
     "inputs = np.concatenate(outputs, axis=2) + (inputs if layer else 0)"),
]  # fmt: skip
