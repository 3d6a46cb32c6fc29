"""What the arrays of cells with gates are called: which gate, what it multiplies, and the states.

A gate may have a matrix of its own (``W_xi``, ``U_z``, ``Wf``), or two or all may share one (``Wg``, ``Wx``).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..names import parts_of, plain, weights_of, without_kind, words_of

WORDS = {  # how the gates are called, by how many there are
    3: {
        "reset": "r",
        "update": "z",
        "candidate": "n",
        "cand": "n",
        "new": "n",
        "hidden": "n",
        "hhat": "n",
        "htilde": "n",
        "proposal": "n",
        "state": "n",
    },
    4: {
        "forget": "f",
        "input": "i",
        "output": "o",
        "candidate": "g",
        "cand": "g",
        "cell": "g",
        "update": "i",
        "ctilde": "g",
        "cbar": "g",
        "chat": "g",
        "modulation": "g",
        "memory": "g",
    },
}
LETTERS = {
    3: {"r": "r", "z": "z", "u": "z", "n": "n", "h": "n", "c": "n", "g": "n"},
    4: {**dict(zip("ifgo", "ifgo", strict=True)), "c": "g", "a": "g", "u": "i", "z": "g"},
}
BACK = {
    *("backward", "backwards", "back", "backprop", "bwd", "bprop", "bptt", "vjp"),
    *("grad", "grads", "gradients", "diff"),
}
STEMS = {"w", "u", "b", "weight", "weights", "bias", "kernel"}
OF_STATES = r"rec(urrent)?_?(kernel|weights?|w)(?![a-z])"  # in Keras' words: recurrent_kernel_i beside kernel_i
STEM = r"(w|u|v|r|b|weights?|bias|kernel|p)"
SIDES = {"x": "x", "i": "x", "h": "h", "a": "h", "s": "h", "r": "h"}
BY_STEM = {"w": "x", "u": "h", "r": "h", "v": "h"}  # of a pair without sides, the school of most
SHARED_BY_TWO = {"g", "gate", "gates", "zr", "rz", "ur", "ru"}
CANDIDATES = {"cc", "cd", "ca", "cb", "cn"}  # the candidate where c alone is a memory: W_cc, W_cd
OF_ALL = r"p|params?|parameters|theta|vars|variables|prms?|model|net"  # what holds all weights says nothing of one
SILENT = {"v", "value", "val", "data", "array", "w", "weight", "weights", "b", "bias", "wx", "wh", "bx", "bh", "u"}
BEFORE = {"p", "prev", "previous", "last", "old", "before"}
MEMORIES = (
    r"c|c[0tsx]|c?(prev|next|init|old|last)c?|initialc|ct1|ctm1|ctminus1|cm1|cell|(prev)?cellstate|prevcell|memory"
    r"|cin|cprevious|cstart|cell0|cellprev"
)


def parsed(name: str, gates: int) -> Iterator[tuple[str, str, str]]:
    """Yield what a name may mean: w, u, v, r or b, the side where it tells, and the gate; ? for two that share it.

    >>> list(parsed("W_xi", 4)), list(parsed("b_forget", 4)), list(parsed("lr", 4))
    ([('w', 'x', 'i')], [('b', '', 'f')], [])
    >>> list(parsed("weight_gates_x", 3)), list(parsed("weight_cand_x", 3))
    ([('w', 'x', '?')], [('w', 'x', 'n')])
    >>> list(parsed("kernel_i", 4)), list(parsed("recurrent_kernel_i", 4))
    ([('w', '', 'i')], [('u', '', 'i')])
    """
    words = words_of(re.sub(OF_STATES, "u", name, flags=re.IGNORECASE))
    if len(words) > 1 and words[-1] in STEMS and words[0] not in STEMS:  # reset_W
        words = [words[-1], *words[:-1]]
    short = plain("".join(words))
    for word in sorted(WORDS[gates], key=len, reverse=True):
        short = short.replace(word, WORDS[gates][word])
    if gates == 3 and (shared := re.fullmatch(f"{STEM}([xh]?)({'|'.join(SHARED_BY_TWO)})([xh]?)", short)):
        yield "w" if shared[1][0] == "k" else shared[1][0], shared[2] or shared[4], "?"
    if turned := re.fullmatch(r"(\w)g([wub])", short):  # of the forget gate, weights: fgw
        short = f"{turned[2]}{turned[1]}"
    found = re.fullmatch(f"{STEM}(.{{1,2}})", short.removesuffix("gate"))
    if found is None:
        return
    stem, rest = found[1][0], found[2]
    if gates == 4 and rest in CANDIDATES:
        yield "w" if stem in "kp" else stem, "", "g"
    for side, letter in ((rest[:-1], rest[-1]), *(((rest[1], rest[0]),) if len(rest) > 1 else ())):
        if letter in LETTERS[gates] and (not side or side in SIDES) and (side != "r" or rest[0] == "r"):
            yield "w" if stem in "kp" else stem, SIDES.get(side, ""), LETTERS[gates][letter]


def is_of_gates(name: str) -> bool:
    """Whether something of a name may be a weight of a cell with gates, of one gate or of several.

    >>> is_of_gates("U_z"), is_of_gates("kernel"), is_of_gates("rate")
    (True, True, False)
    """
    return bool(weights_of(name)) or any(any(parsed(name, gates)) for gates in LETTERS)


def called_with_owner(keys: Sequence[Any]) -> str:
    """Return what an array is called that stands at the end of a way, with its owner if itself says little.

    >>> called_with_owner(["W_f", "v"]), called_with_owner(["w", "g"]), called_with_owner(["reset", "wx"])
    ('W_f', 'w_g', 'wx_reset')
    >>> called_with_owner(["linear_r_x", "weight"]), called_with_owner(["i", "R"])
    ('weight_r_x', 'R_i')
    >>> called_with_owner(["in_", "kernel"]), called_with_owner(["hn", "bias"])
    ('W_in', 'b_hn')
    >>> called_with_owner(["params", "V"])
    'V'
    """
    texts = [str(key) for key in keys if isinstance(key, str)]
    if len(texts) < 2 or re.fullmatch(OF_ALL, plain(texts[-2])):
        return "".join(texts[-1:])
    owner, last = texts[-2:]
    if of_layer := re.fullmatch(r"(linear|lin|fc|dense)_([a-z]_?[a-z])", owner):  # linear_r_x
        return f"{last}_{of_layer[2]}"
    if (of_gate := re.fullmatch(r"([ih][rznifgo])_?", owner)) and plain(last) in {"kernel", "weight", "w", "bias", "b"}:
        return f"{'b' if last[0] == 'b' else 'W'}_{of_gate[1]}"  # as flax has them
    if plain(last) in SILENT - {"w", "b", "u", "wx", "wh"} and weights_like(owner):
        return f"b{owner[1:]}" if plain(last) == "bias" and owner[0] in "wWuU" else owner
    if plain(last) in SILENT or (last == "R" and plain(owner) not in STEMS):
        return f"{last}_{owner}"
    of_owner = plain(owner) in {"w", "u", "b"} or (weights_like(owner) and len(plain(last)) <= 2)
    return f"{owner}_{last}" if of_owner else last


def weights_like(name: str) -> bool:
    """Whether a name begins as that of a weight or a bias."""
    return bool(re.match(r"(w|u|b|r|v)([_a-zA-Z]|$)|(weight|bias|kernel)", name, re.IGNORECASE)) and is_of_gates(name)


def state_of(name: str, count: int) -> str:
    """Return which state something of a name is, h or c, empty if none.

    >>> state_of("prev_c", 2), state_of("a_next", 2), state_of("h_prev_t", 2), state_of("Wx", 2)
    ('c', 'h', 'h', '')
    """
    name = without_kind(name)
    words = words_of(name)
    if len(words) > 1 and {*words} & BEFORE and {*words[1:]} <= BEFORE | {"t"} and words[0] in "hc"[:count]:
        return words[0]
    if count > 1 and re.fullmatch(MEMORIES, plain(name)) and "c" in plain(name) + "c" * (plain(name) == "memory"):
        return "c"
    if re.fullmatch(r"h(tm1|t|old)|hx|hiddens?|htilde|[ha]next|next[ha]", plain(name)):
        return "h"
    return "h" if parts_of(name)[:1] in {("h",), ("states",)} else ""


def is_back(name: str) -> bool:
    """Whether a function goes back, by its name."""
    return bool(BACK & {*words_of(name.rpartition(".")[2])})
