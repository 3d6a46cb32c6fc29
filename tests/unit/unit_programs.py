"""A program as its author would write it, in Python for the tests' sake, without NumPy; and its spoilt twins."""

import shlex
import sys
from pathlib import Path

PROGRAM = """\
import json, math, os, sys, time

def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    H, D = W_xh["shape"]
    rows = math.prod(h_prev["shape"][:-1])
    def z(r, i):
        return (sum(W_xh["data"][i * D + j] * x_t["data"][r * D + j] for j in range(D))
                + sum(W_hh["data"][i * H + j] * h_prev["data"][r * H + j] for j in range(H)) + b_h["data"][i])
    data = [math.tanh(z(r, i)) for r in range(rows) for i in range(H)]
    return {"h_t": {"shape": h_prev["shape"], "data": data}}

def rnn_output_layer(h_states, W_hy, b_y):
    V, H = W_hy["shape"]
    h = h_states["data"]
    data = [sum(W_hy["data"][i * H + j] * h[r + j] for j in range(H)) + b_y["data"][i]
            for r in range(0, len(h), H) for i in range(V)]
    return {"logits": {"shape": [*h_states["shape"][:-1], V], "data": data}}

def say(value):
    print(json.dumps(value), flush=True)

FIRST = {"rnn-ref-exec": 1, "functions": ["rnn_cell_step"], "dtypes": ["float64"]}
say(FIRST)
for line in sys.stdin:
    asked = json.loads(line)
    for one in asked["arguments"].values():
        one["data"] = [float(z) for z in one["data"]]  # "nan" is a text
    outputs = globals()[asked["function"]](**asked["arguments"])
    say({"id": asked["id"], "outputs": outputs})
"""
BOTH = ('["rnn_cell_step"]', '["rnn_cell_step", "rnn_output_layer"]')
OUTPUTS = "    outputs = globals()"  # where a question has been read


def command(path: Path, *words: str) -> str:
    """Return the target that runs a file with this Python."""
    return f"exec:{shlex.join([sys.executable, '-ES', str(path), *words])}"


def program(folder: Path, *edits: tuple[str, str], name: str = "program.py") -> str:
    """Write the program with pieces of its text replaced, each of which must be there, and return it as a target."""
    source = PROGRAM
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / name).write_text(source, encoding="utf-8")
    return command(folder / name)


def before_answering(statement: str) -> tuple[str, str]:
    """Return the edit by which the program does something when it is asked."""
    return OUTPUTS, f"    {statement}\n{OUTPUTS}"
