"""Python 2, as much public code of recurrent networks is: read in Python 3's words, and judged."""

from pathlib import Path

import numpy as np
import pytest
from unit_learner import notebook, verdicts, write

import rnn_ref
from rnn_ref.conformance.targets.apart.text.python2 import PYTHON2, in_python3

FORWARD = """\
import numpy as np
import cPickle as pickle
def forward(xs, h, Wx, Wh, b):
    hs = []
    for t in xrange(len(xs)):
        h = np.tanh(np.dot(Wx, xs[t]) + np.dot(Wh, h) + b)
        if t % 100 == 0: print 'step %d of %d' % (t, len(xs))  # now and then
        hs.append(h)
    try:
        print >>log, "done",
    except NameError, e:
        pass
\tfor name, one in {'a': 1}.iteritems(): print
    return np.array(hs)
print "forward is there"
""".replace("\tfor", "    for")

SAID = {
    "print": "print()",
    "print 'a', b": "print('a', b)",
    "print 'a' % (b,\n  c)": "print('a' % (b,\n  c))",
    "print ('a') % b": "print(('a') % b)",
    "print 'a',": "print('a', end=' ')",
    "print >>sys.stderr, 'a'": "print('a', file=sys.stderr)",
    "print '#', 1  # why": "print('#', 1)  # why",
    "if x: print 'a'": "if x: print('a')",
    "raise ValueError, 'no'": "raise ValueError('no')",
    "x = '''\nprint 'a'\n'''\nprint x": "x = '''\nprint 'a'\n'''\nprint(x)",
    "def f():\n\tx = 1\n        print x": "def f():\n        x = 1\n        print(x)",
}


@pytest.mark.parametrize("old", SAID)
def test_a_statement_of_python_2_is_put_in_python_3s_words(old: str) -> None:
    got = in_python3(old + "\nprint 'that it is Python 2'")
    assert got is not None
    assert got.splitlines()[: old.count("\n") + 1] == SAID[old].splitlines()


def test_what_is_python_3_or_nothing_is_left() -> None:
    assert [in_python3(one) for one in ("print('a')", "x =", "print 'a", "def f(:\n  print 'a'")] == [None] * 4


@pytest.mark.parametrize("name", ["mine.py", "mine.ipynb"])
def test_a_file_of_python_2_is_judged(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    version = '"metadata": {"language_info": {"version": "2.7.1"}}, "cells"'
    written = notebook("print 'begins'", FORWARD).replace('"metadata": {}, "cells"', version)
    path.write_text(FORWARD if path.suffix == ".py" else written, encoding="utf-8")
    report = rnn_ref.check(str(path), timeout=20)
    assert verdicts(report) == {"rnn_forward": "conforms"}, str(report)
    assert PYTHON2 in report.notes


def test_so_is_one_that_is_python_3_as_it_stands(tmp_path: Path) -> None:
    future = "from __future__ import print_function, division\nimport numpy as np\n"
    text = future + FORWARD[FORWARD.index("def") : FORWARD.index("    try")].replace("print ", "print(").replace(
        "len(xs))  #", "len(xs)))  #"
    )
    report = rnn_ref.check(write(tmp_path, text + "    return np.array(hs)\n"), timeout=20)
    assert verdicts(report) == {"rnn_forward": "conforms"}, str(report)
    assert PYTHON2 in report.notes


def test_a_fault_is_told_with_its_line(tmp_path: Path) -> None:
    text = FORWARD.replace("np.dot(Wx, xs[t])", "np.dot(Wx, nothing)")
    report = rnn_ref.check(write(tmp_path, text), timeout=20)
    assert verdicts(report) == {"rnn_forward": "crashed"}
    assert "mine.py:6" in str(report) or "learner.py:6" in str(report), str(report)


def test_nothing_of_it_is_lent_to_python_3(tmp_path: Path) -> None:
    text = "import numpy as np\ndef rnn_output_layer(h_states, W_hy, b_y):\n    return [xrange(1), W_hy @ b_y]\n"
    report = rnn_ref.check(write(tmp_path, text), timeout=20)
    assert "name 'xrange' is not defined" in str(report)
    assert np.all([PYTHON2 not in note for note in report.notes])
