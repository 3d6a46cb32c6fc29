"""What the exported folder says of itself."""

from collections.abc import Mapping

from ..operation import SUITE
from ..spec import OPERATIONS

README = """\
# Vectors for recurrent networks: suite {suite}

{count} calls of the functions of `rnn_ref`, and their right answers, written by `rnn-ref export --format {format}`.
`index.json` lists all calls; a file for each function holds the numbers. Provenance: {provenance}.

h_t = tanh(W_xh x_t + W_hh h_prev + b_h). T steps, B batch (absent where `rank` is `single`; `step` is one prediction
of the cross-entropy alone), D inputs, H hidden units, V outputs; time first, classes last. W_xh is (H, D), W_hh (H, H),
W_hy (V, H). Arrays are in C order: the last axis runs fastest. Targets are class indices from 0, or class
probabilities where they are floating-point numbers. The functions, with what they return:

{functions}

A `d` before a name is the gradient with respect to it, from above; a function of several outputs returns gradients
under the names of its arguments. The losses have PyTorch's options; rnn_bptt sums the cross-entropy over t and b unless
`reduction` says "mean", and knows `ignore_index` too.
`loss_fn` is a word: `total_cross_entropy` is the cross-entropy of one step summed over the batch, and
`average_cross_entropy` its mean over those whose target is not -100; `total_margin` is the hinge loss of one step,
Σ_b Σ_j max(0, 1 − z_target + z_j) / V over j other than the target; `..._backward` is dloss times its gradient with
respect to the logits.

## One call

- `arguments`, in order, and `options`, by name: an array (no axes: a scalar), or a word. float32 inputs are exactly
  the numbers written; `dtype` is the precision that is asked for.
- for each output, entry by entry: `expected`, the float64 nearest to the truth (50 digits); `remainder`, what is
  missing from it to the truth; `pytorch`, what PyTorch answered in that precision (nan where a number is expected: it
  was not asked); `allowed`, how far a right answer may be from the truth.
- nan may be due: in the calls named `nan-...` one input of one row is nan, and so is what depends on it, while the
  other rows are numbers; and the mean of a loss over no targets (`all-ignored`) is nan.
- `forms`: arguments that `rnn_ref` does not hand over as plain arrays: as a `list`, in another type (`uint8`),
  `strided`, in `fortran` order, `reversed` or `read-only`. `flags`: `corner` and `large` calls test one thing each;
  `generic` ones no program passes by luck; `ignores` relies on `ignore_index` being -100 by default.

{layout}

## How to judge

    |(answer − expected) − remainder| <= allowed      for every entry of every output

computed in float64. Where `expected` is nan, nan is right and any number is wrong; where it is an infinity, the same
infinity alone is right. Where a number is expected, nan is wrong, in whichever way the comparison is written: with nan
`<=` is false, and so is `>`. An answer in more precision than `dtype` is held to the same. Check that the shape is
right, that the inputs are as they were, and that as many calls were judged as the index counts.

`allowed` comes from rounding analysis of arithmetic in `dtype` (the derivation stands in `rnn_ref`'s own code), for any
order of summation and libraries whose tanh is within 6, exp within 4 and log within 5 ulp. For rnn_backward and
rnn_bptt it is measured: 8 times the error that plain arithmetic of that precision made on the machine that wrote this
folder.

For the states of rnn_forward, `allowed` bounds what right steps may add up to, to first order in the unit roundoff. It
grows with the steps and is a few times to some tens of times what one step is allowed: enough to tell a mistake, not
to tell whether the last digit is right. `rnn-ref check` is sharper, and so can you be: compare h_t with tanh(W_xh x_t +
W_hh h_prev + b_h) of your own h_prev in twice the precision, and allow ((1 − h²) + 2δ) δ + 12 u |h| with
δ = min(n, 8 √n) u Σ|terms|, n = D + H + 3, Σ|terms| = |W_xh||x_t| + |W_hh||h_prev| + |b_h|, and u = 2^-24 for float32,
2^-53 for float64.
{example}"""

LAYOUTS = {
    "json": """\
A number that is no integer is a string as C99 writes it in hexadecimal (`0x1.8p+1` is 3), or `nan`, `inf`, `-inf`:
`strtod` of C, `float.fromhex` of Python, `std::strtod` of C++ and `Double.parseDouble` of Java read it exactly. Every
array is one line, its entries in `values` (inputs) or under the four names above (outputs).""",
    "npz": """\
Keys are `generic-float32/input/X_seq` and `generic-float32/expected/h_states` (or `remainder`, `pytorch`, `allowed`),
after the part of the id behind the function. Words, such as a reduction, are in `index.json`.""",
    "text": """\
A file is words and numbers between blanks, and begins `vectors 1 suite {suite} function NAME checks COUNT`. A call is
`check ID`, then its arrays, then `end`. An array is `argument NAME DTYPE RANK SHAPE...` and its numbers (`option`,
`expected`, `remainder`, `pytorch` and `allowed` likewise); a word is `option NAME word WORD`. Numbers that are no
integers are hexadecimal, as `fscanf("%lf")` of C99 reads them, or `nan`, `inf`, `-inf`.""",
}
EXAMPLES = {
    "json": """\
```python
import json
from pathlib import Path
calls = json.loads(Path("rnn_cell_step.json").read_text())["checks"]
h_t = calls[0]["outputs"][0]
print(calls[0]["id"], float.fromhex(h_t["expected"][0]), "+-", float.fromhex(h_t["allowed"][0]))
```
""",
    "npz": """\
```python
import numpy as np
h_t = np.load("rnn_cell_step.npz")
print(h_t["generic-float64/expected/h_t"].shape, h_t["generic-float64/allowed/h_t"].max())
```
""",
    "text": """\
`example.c` is an rnn_forward in C with what is needed to judge it; put yours in its place:

```sh
cc -std=c99 example.c -lm -o example && ./example rnn_forward.txt
```
""",
}


def readme(format: str, count: int, provenance: Mapping[str, str]) -> str:  # noqa: A002
    """Return the README of a folder in this format."""
    functions = "\n".join(f"- `{name}`: {', '.join(told.outputs)}" for name, told in OPERATIONS.items())
    said = "; ".join(f"{name} {value}" for name, value in provenance.items())
    return README.format(
        suite=SUITE,
        count=count,
        format=format,
        provenance=said,
        functions=functions,
        layout=LAYOUTS[format].format(suite=SUITE),
        example="\n## Example\n\n" + EXAMPLES[format],
    )
