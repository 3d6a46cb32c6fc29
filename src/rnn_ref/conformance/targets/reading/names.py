"""What people call things: the part that a name plays in a recurrent network, and what a function of a name does.

Part of the names that stand for one thing is in ``conventions``; where a letter stands for several (U and W change
places between schools), all of them are told, and shapes decide.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

PARTS = {  # in the field's own order; names are compared in lower case, without underscores
    "x": r"(x|xt|xs|xseq|xbatch|xonehot|xembedded|xinput|xemb|xin|inputs?|inputt|inputseq|inputsequence|inp|inps|in|ins"
    r"|hprevl|seqs?|sequences?|tokens?|letters?|symbols?|frames?|observations?|obs|embedded|data|features|indices|idxs?|ids|xx|chars?|words?|u(t|s|seq)|(batch)?dataset|batch(x|data|inputs?))",
    "h": r"(h|h0|hx|hprev(ious|t)?|prevh|previoush|hpast|pasth|hold|oldh|hin|hinit|inith|initialh|ht1|htm1|htminus1|hm1"
    r"|hlast|lasth|hstart|hzero|a|a0|aprev|preva|s|s0|sprev|prevs|carry|state|states0|state0|prevstate|stateprev"
    r"|hiddenstate|hidden|hidden0|hiddenprev|prevhidden|hiddenstateprev|initialstate|initstate|initialhidden|inithidden"
    r"|context(units|layer|state)?|hstate|hidprev|hnow|hcur|current(state|hidden|h)?|curr?(state|hidden|h)|initial|start|hstart|previous|prev|last"
    r"|before|[hsa]before|before[hsa]|statebefore|beforestate|oldstate|stateold|[hsa]old|old|hiddenbefore|oldhidden|prev(ious)?activations?)",
    "W_xh": r"(wx|wxh|wih|wax|whx|wx2h|wi2h|wi|win|winp|winput|wihl0|weightih|weightihl0|weightsinputtohidden|wxtoh"
    r"|weightsih|syn(apse)?0|inputweights?|inweights?|kernel|i2h|x2h|i2hweight|wihid|winh|wxa|weightx|wxhidden|inputtohidden"
    r"|(weights?|w)(input|in)(to)?(hidden|hid)|input(to)?hidden(weights?|w))",
    "W_hh": r"(wh|whh|waa|wh2h|wrec|wr|wrecurrent|(r|rec|recurrent|state)kernel|weighthh|weighthhl0"
    r"|weightshiddentohidden|weightshh|recurrentweights?|w?ch|(context|ctx)(to)?(hidden|hid)|h2h|h2hweight|whidden|wstate|whtoh|wss|wa|weighth|hiddentohidden|wback|syn(apse)?h"
    r"|(weights?|w)(hidden|hid)(to)?(hidden|hid)|hidden(to)?hidden(weights?|w))",
    "b_xh": r"(bih|bw|bxh|bx|biasih|biasihl0|bi2h|bi|bin)",
    "b_hh": r"(bhh|bu|biashh|biashhl0|bh2h|brec)",
    "b_h": r"(b|bh|ba|bias|biash|biashidden|hiddenbias|bhidden|bs|brnn|bcell|h2hbias|b1|biases|br|bxhh)",
    "W_hy": r"(wy|why|wya|whq|wyh|wout|wo|wh2o|who|whv|w[oqv]h|wq|weightshiddentooutput|outputweights?|outweights?"
    r"|weightho|h2o|wh2y|wdec|woutput|wout?put|weighty|hiddentooutput|(weights?|w)(hidden|hid)(to)?(output|out)|hidden(to)?output(weights?|w)|wlogits?|wsy|wv|wvocab|wproj|wdense|syn(apse)?1)",
    "b_y": r"(bh?[yqov]|bout|biasy|biasoutput|outputbias|boutput|b2|biaso|h2obias|bdec|blogits?|bvocab|bproj)",
    "targets": r"(y|ys|yt|t|targets?|tgts?|tgtseq|labels?|ytrue|yseq|targetids?|targetseq|targetindices|yidx|gold"
    r"|golds?|goals?|outputstrue|nextids?|nxt|nextseq|nextsymbols?|truth|wanted|tags?|desired|correct|answers?"
    r"|(target|label|ytrue|true|next)(id|idx|idxs|index)|targety|y(targets?|labels?|real|actual|gt|truth)|truelabels?)",
    "up": r"(dh|dhs|dhout|dhnext|dnexth|danext|da|dout|douts|dhstates|dhseq|dht|dhall|dhidden|gradh|gradhs|gradout"
    r"|gradoutputs?|gradstates?|upstream|delta|deltas|dstates?|ds|dhiddens?|gh|gout|grad|dldh|dldhs|dhtotal|dy|grads|gradsout|gradients?|above|dhabove)",
    "cache": r"(caches?|ctx|saved|memory|tape|context|stash|trace|history|record|residuals?)",
    "states": r"(hs|hstates?|hseq|hall|hiddens|hiddenstates|hnext|nexth|anext|ht|hout|states|outputs?|as|hnew|newh|alla"
    r"|nexthidden|hiddennext|allh|after|[hsa]after|after[hsa]|stateafter|afterstate|statenew|newstate|hiddenafter)",
    "parameters": r"(parameters|params?|weights|theta|p|model|ws?eights|w|rnn|net|variables|vars|cell|prm)",
}
LETTERS = {  # single capitals and the like, which schools give different parts
    "U": ("W_xh", "W_hh"),
    "W": ("W_hh", "W_xh", "W_hy", "parameters"),
    "V": ("W_hy", "W_hh"),
    "R": ("W_hh",),
    "A": ("W_xh", "W_hh"),
    "B": ("W_hh", "W_xh", "b_h", "parameters"),
    "C": ("W_hy",),
    "Q": ("W_hy",),
    "q": ("b_y",),
    "K": ("W_xh",),
    "X": ("x",),
    "Y": ("targets",),
    "H": ("h", "states"),
    "c": ("b_y", "b_h"),
    "d": ("b_y", "b_h", "up"),
    "y": ("targets", "x"),
    "t": ("targets",),
    "w": ("parameters", "W_hh", "W_xh"),
    "v": ("W_hy",),
    "u": ("x", "W_xh"),
    **dict.fromkeys(("Uh", "U_h"), ("W_hh", "W_xh")),
}
WEIGHTS = ("W_xh", "W_hh", "b_h", "b_xh", "b_hh", "W_hy", "b_y")
SIZES = {
    "D": r"(d|nx|nin|i|isize|indim|insize|inputsize|inputdim|inputdimensions?|inputnodes|inputunits|inputfeatures"
    r"|ninputs?|numinputs?|wordim|worddim|embeddim|embedsize|embeddingdim|embeddingsize|emb|features|infeatures|xdim"
    r"|xsize|dimin|numfeatures|nfeatures|fanin|dimx|inputdims?|nletters)",
    "H": r"(h|nh|na|nhid|hid(dim|size|units)?|hsize"
    r"|hiddensize|hiddendim|hiddendimensions?|hiddennodes|hiddenunits|hiddenlayersize"
    r"|nhidden|dimhid(den)?|dimstate|numhiddens?|numhiddenunits|nneurons|neurons|nnodes|nodes|units|nunits|statesize|statedim|hdim|dimh|nstate|hn|nrec)",
    "V": r"(v|o|ny|nout|noutputs?|outputsize|outputdim|outputdimensions?|outputnodes|outputunits|osize|ydim|ysize"
    r"|numoutputs?|numclasses|nclasses|numlabels|nlabels|labels|ncategories|numcategories|ntags|numtags|outdim|outsize"
    r"|classes|outfeatures|dimout|dimy|fanout)",
    "vocabulary": r"(vocab|vocabsize|vocabularysize|vsize|nvocab|(n|num)(chars|words|tokens)|vocabdim)",
    "T": r"(t|seqlength|seqlen|sequencelength|nsteps|numsteps|n?timesteps?|numtimesteps?|steps|length|tx|maxlen|ntime)",
    "lengths": r"(x|in(put)?s?|seq(uence)?s?|sentence)?(lengths|lens)|lengthsx",  # of every sequence of a batch
    "B": r"(b|n|m|batch|batchsize|nbatch|bs|numexamples)",
}
ABOUT_WEIGHTS = {"w", "weight", "weights", "matrix", "mat", "kernel", "weight_matrix"}
ABOUT_BIASES = {"b", "bias", "biases", "offset"}
DESCRIBED = {
    "W_xh": {"in", "input", "inputs", "inp", "x", "i", "embed", "embedding", "emb", "encoder", "xh", "ih", "to", "h"},
    "W_hh": {
        "hid",
        "rec",
        "recur",
        "recurrent",
        "hidden",
        "h",
        "hh",
        "state",
        "back",
        "loop",
        "self",
        "r",
        "s",
        "carry",
        "to",
    },
    "W_hy": {"out", "output", "outputs", "head", "o", "y", "dec", "decoder", "readout", "logits", "hy", "ho", "vocab"},
}
ALONE = {"rec", "recur", "recurrent", "embed", "head", "readout", "out", "decoder"}
BACK = {"backward", "backwards", "bwd", "backprop", "bprop", "vjp", "back", "grad", "grads", "gradient", "gradients"}
BPTT = {"bptt", "lossfun", "lossfn", "loss", "objective", "train", "step", "cost"}
STEP = {"step", "cell", "onestep", "timestep", "tick", "next", "update", "advance"}
TRAIN = {"train", "training", "fit", "learn", "epoch", "epochs"}
LAYERS = {
    "output",
    "outputs",
    "affine",
    "dense",
    "linear",
    "project",
    "projection",
    "logits",
    "readout",
    "scores",
    "head",
}
GATED = ("gru", "lstm")  # of cells with gates
OTHERS = {  # of functions that are something else
    *(*GATED, "softmax", "sigmoid", "sample", "init", "initialize", "initialise", "plot", "adam", "sgd", "main"),
    *(
        "optimizer",
        "optimiser",
        "rmsprop",
        "adagrad",
        "adadelta",
        "nesterov",
        "momentum",
        "adamw",
        "embedding",
        "batchnorm",
        "conv",
        "load",
        "save",
        "dump",
        "write",
        "generate",
        "predict",
        "accuracy",
        "onehot",
    ),
    *(
        "descent",
        "zero",
        "check",
        "gradcheck",
        "numerical",
        "clip",
        "test",
        "demo",
        "run_demo",
        "make",
        "random",
        "glorot",
        "xavier",
    ),
}


def plain(name: str) -> str:
    """Return a name in lower case, without underscores.

    >>> plain("W_xh")
    'wxh'
    """
    return name.lower().replace("_", "")


@functools.lru_cache(4096)
def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts that something of this name may play, the likeliest first; none where nothing is known.

    >>> parts_of("prev_h"), parts_of("U"), parts_of("grad_h_after"), parts_of("lr")
    (('h',), ('W_xh', 'W_hh'), ('up',), ())
    """
    if name.strip("_") in LETTERS:
        return LETTERS[name.strip("_")]
    name = without_kind(name)
    found = tuple(part for part, pattern in PARTS.items() if re.fullmatch(pattern, plain(name)))
    return found or _by_words(words_of(name)) or _from_above(name) or _of_network(name)


def without_kind(name: str) -> str:
    """Return a name without what something is stored as.

    >>> without_kind("prev_h_matrix"), without_kind("x_vec"), without_kind("matrix")
    ('prev_h', 'x', 'matrix')
    """
    return re.sub(r"_(matrix|mat|vector|vec|tensor|array)$", "", name, flags=re.IGNORECASE)


def _of_network(name: str) -> tuple[str, ...]:
    """Return the weights that something may be which is called after its network: ``WLSTM``, ``b_gru``, ``lstm_W``."""
    short = re.sub(f"_?({'|'.join(GATED)})_?", "", name, flags=re.IGNORECASE)
    return tuple(one for one in parts_of(short) if one in WEIGHTS) if 0 < len(short) < len(name) else ()


def _from_above(name: str) -> tuple[str, ...]:
    """Return that something is a gradient from above, if by its name it is the gradient of a state."""
    short = of_what(name)
    of_state = any(re.fullmatch(PARTS[part], plain(short)) for part in ("h", "states"))
    return ("up",) if short != name and len(plain(short)) > 1 and of_state else ()


def is_weight(name: str) -> bool:
    """Whether something of this name is most likely a weight or a bias.

    >>> is_weight("Wxh"), is_weight("h"), is_weight("data")
    (True, False, False)
    """
    return len(plain(name)) > 1 and bool(set(parts_of(name)[:1]) & set(WEIGHTS))


def weights_of(name: str) -> tuple[str, ...]:
    """Return the weights or biases that something of this name may be, where it can be nothing else.

    >>> weights_of("in"), weights_of("b_rec"), weights_of("W")
    (('W_xh',), ('b_hh',), ('W_hh', 'W_xh', 'W_hy'))
    """
    found = tuple(part for part in parts_of(name) if part in WEIGHTS)
    return found or _by_words(["w", *words_of(name)]) or _by_words(words_of(name))


def parts_of_keys(container: str, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what the entries of a dict may be that holds weights.

    A dict of biases holds biases. Beside keys for what a weight connects, one for a layer alone is its bias.

    >>> parts_of_keys("W", ["xh", "hh", "h"]), parts_of_keys("B", ["hid"])
    ({'xh': ('W_xh',), 'hh': ('W_hh',), 'h': ('b_h',)}, {'hid': ('b_h',)})
    """
    if plain(container) in ABOUT_BIASES:
        return {key: _by_words(["b", *words_of(key)]) or ("b_h",) for key in keys}
    known = {key: weights_of(key.rpartition(".")[2]) for key in keys}
    connected = {part for key, parts in known.items() if len(key) > 1 for part in parts[:1]}
    layers = {"h": ({"W_hh"}, "b_h"), "y": ({"W_hy"}, "b_y"), "o": ({"W_hy"}, "b_y")}
    for key in keys:
        weights, bias = layers.get(key, ({""}, ""))
        if weights <= connected:
            known[key] = (bias,)
    return known


def _by_words(words: list[str]) -> tuple[str, ...]:
    """Return what weights and biases are that are described: ``recurrent_weights``, ``b_rec``, ``head_bias``."""
    left = [word for word in words if word not in ABOUT_WEIGHTS | ABOUT_BIASES]
    found = [part for part, known in DESCRIBED.items() if left and set(left) <= known]
    if set(words) & ABOUT_BIASES and (found or not left):
        return ({"W_xh": "b_xh", "W_hh": "b_h", "W_hy": "b_y"}[found[0]],) if found else ("b_h",)
    if found and (len(left) < len(words) or left[0] in ALONE):
        return tuple(found)
    return ()


def gradients_of(name: str) -> tuple[str, ...]:
    """Return the parts whose gradient something of this name may be, the likeliest first.

    >>> [gradients_of(one) for one in ("dW_xh", "grad_b", "dLdU", "dprev_h", "loss", "")]
    [('W_xh',), ('b_h',), ('W_xh', 'W_hh'), ('h',), (), ()]
    """
    for one in dict.fromkeys((of_what(name), name)):
        found = tuple(part for part in parts_of(one) if part not in {"up", "cache", "parameters", "targets"})
        if found:
            return found
    return ()


def of_what(name: str) -> str:
    """Return the name of what something is the gradient of, the name itself if it does not say.

    >>> of_what("dW"), of_what("b_grad"), of_what("U")
    ('W', 'b', 'U')
    """
    short = re.sub(r"^(self\.)?_*(d_?L_?d_?|gradients?_?(of_)?|grads?_?|g_|g(?=[A-Z]|[bchsx]$)|d_?)(?=.)", "", name)
    return re.sub(r"_?(grad|gradient|update|diff|_g)$", "", short) or short


def is_gradient(name: str) -> bool:
    """Whether something of this name may be a gradient, or hold some.

    >>> is_gradient("dWxh"), is_gradient("_grads"), is_gradient("W_grad"), is_gradient("Wxh"), is_gradient("W_update")
    (True, True, True, False, False)
    """
    short = name.lower().strip("_")
    changed = short.endswith("update") and len(short.removesuffix("update").strip("_")) != 1  # of an update gate's
    return short.startswith(("d", "g")) or "grad" in short or short.endswith("diff") or changed


def size_of(name: str) -> str | None:
    """Return the axis whose size something of this name is.

    >>> size_of("hidden_size"), size_of("n_x"), size_of("lr")
    ('H', 'D', None)
    """
    return next((axis for axis, pattern in SIZES.items() if re.fullmatch(pattern, plain(name))), None)


def sizes_in(given: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the values of arguments that are sizes, by the axis of each; a rate of learning is 0.

    >>> sizes_in({"n": "H", "lens": "lengths", "lr": "rate"}, {"T": 3, "B": 2, "H": 5})
    {'n': 5, 'lens': array([3, 3]), 'lr': 0.0}
    """
    full = np.full(sizes.get("B", 1), sizes.get("T", 1))  # every sequence is as long as the batch
    known: dict[str, Any] = {**sizes, "rate": 0.0, "lengths": full}
    return {name: known.get(size, 1) for name, size in given.items()}


def words_of(name: str) -> list[str]:
    """Return the words of a name.

    >>> words_of("rnn_step_forward"), words_of("lossFun"), words_of("RNNCell")
    (['rnn', 'step', 'forward'], ['loss', 'fun'], ['rnn', 'cell'])
    """
    divided = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in divided.lower().split("_") if word]
