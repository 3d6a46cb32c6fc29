"""What the arguments of a loss are, by their names, and which functions are losses, by theirs."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..calling.way import Way
from ..names import BACK, WEIGHTS, parts_of, plain, words_of

LOGITS, TARGETS, UP, FUNCTION, MASK, KEPT = "logits", "targets", "dloss", "function", "mask", "kept"
ROLES = {
    UP: r"(dloss|dout|dl|upstream|up|gradoutput|gradout|gout|gradloss|dy|dlast|seed|dcost)",
    FUNCTION: r"(.*(fn|func|function|criterion|callback|backward|bwd|steploss|losses|vjp)|loss|perstep|step|rowloss"
    r"|lossof\w*|stepgrad|lossgrads?|rowgrad|gradof\w*|nll|f)",
    MASK: r"(masks?|valid|padmask|weightsmask|notpad|keep)",
    KEPT: r"(caches?|ctx|saved|memory|context|p|ps|probs?|probabilities|probas?|softmaxout\w*|sm|logp|logprobs?)",
    TARGETS: r"(y|ys|yt|t|ts|targets?\w*|labels?\w*|ytrue|gold\w*|truth|groundtruth|idx|indices|index|cls|class\w*"
    r"|correct\w*|onehot\w*|yonehot|tokens?|ids|next\w*|yseq|answers?|k|expected|tgt|tgts|want\w*)",
    LOGITS: r"(logits?\w*|scores?\w*|x|xs|z|zs|yhats?|ypreds?|preds?|predictions?|predicted|outputs?\w*|out|outs|o|os"
    r"|inputs?|inp|a|al|s|f|raw\w*|unnormali[sz]ed\w*|activations?|energies|row|rows|v|l)",
}
OPTIONS = {"weight", "ignore_index", "reduction", "label_smoothing"}
LOSSES = {"loss", "losses", "nll", "entropy", "xent", "xentropy", "ce", "crossentropy", "cost", "surprisal", "nats"}
LOSSES |= {"criterion", "objective", "likelihood", "logloss", "celoss", "nllloss", "crossent"}
OTHER_LOSSES = {"svm", "hinge", "mse", "l1", "l2", "mae", "huber", "bce", "binary", "margin", "squared", "regression"}
OTHER_LOSSES |= {"optimizer", "test", "check", "plot", "train", "accuracy", "perplexity", "kl", "reg", "sigmoid"}
SEQUENCES = {"sequence", "seq", "temporal", "steps", "time", "rnn", "unrolled", "total"}
GRADIENT = re.compile(r"(d|grad|g|delta)_?\w*", re.IGNORECASE)


def is_loss(name: str) -> bool:
    """Whether something of this name may be a cross-entropy.

    >>> [is_loss(one) for one in ("temporal_softmax_loss", "token_nll", "svm_loss", "SoftmaxCrossEntropy", "rnn_step")]
    [True, True, False, True, False]
    """
    words = set(words_of(name))
    return bool(words & LOSSES or "crossentropy" in plain(name)) and not words & OTHER_LOSSES


def goes_back(name: str) -> bool:
    """Whether something of this name may be the way back through one.

    >>> goes_back("softmax_grad"), goes_back("d_cross_entropy"), goes_back("nll_loss")
    (True, True, False)
    """
    words = words_of(name)
    named = bool(set(words) & (BACK | {"delta", "derivative", "prime"})) or words[:1] == ["d"]
    starts = name.startswith(("dloss", "dlogits", "dsoftmax", "dcross", "dce", "dnll", "dscores"))
    return (named or starts) and not set(words) & OTHER_LOSSES


def of_sequences(name: str) -> bool:
    """Whether something of this name is a loss of whole sequences."""
    return bool(set(words_of(name)) & SEQUENCES)


def weight_of(name: str) -> str:
    """Return the weight or the bias that an argument of this name is, empty if it is none.

    >>> weight_of("Why"), weight_of("w"), weight_of("b_out"), weight_of("h")
    ('W_hy', 'W_hh', 'b_y', '')
    """
    parts = parts_of(name)
    found = [part for part in parts if part in WEIGHTS]
    return found[0] if found and parts[0] in {*WEIGHTS, "parameters"} else ""


def assignments(signature: inspect.Signature) -> Iterator[dict[str, str]]:
    """Yield what the arguments of a loss may be, the likeliest first; nothing if it takes something else as well."""
    given: dict[str, str] = {}
    unknown: list[str] = []
    for name, parameter in signature.parameters.items():
        needed = parameter.default is parameter.empty
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD} or (name in OPTIONS and not needed):
            continue
        roles = [role for role, pattern in ROLES.items() if re.fullmatch(pattern, plain(name))]
        if not needed:
            roles = [role for role in roles if role == FUNCTION or (role == UP and name != "seed")]
            if roles:
                given[name] = roles[0]
        elif weight_of(name) and not roles:
            return
        elif roles[:1] and roles[0] in {UP, MASK}:
            given[name] = roles[0]
        else:
            unknown.append(name)
    yield from _completed(given, unknown)


def _completed(given: Mapping[str, str], unknown: list[str]) -> Iterator[dict[str, str]]:
    """Yield the assignments of what is left: logits and targets, a function, or what the way forward has kept."""
    found: list[tuple[int, dict[str, str]]] = []

    def go(at: int, roles: dict[str, str], odd: int) -> None:
        if at == len(unknown):
            found.append((odd, roles))
            return
        name = unknown[at]
        for role in (LOGITS, TARGETS, FUNCTION, KEPT):
            if role not in roles.values():
                fits = re.fullmatch(ROLES[role], plain(name)) is not None
                if fits or role in {LOGITS, TARGETS}:
                    go(at + 1, {**roles, name: role}, odd + (not fits))

    go(0, dict(given), 0)
    yield from (roles for odd, roles in sorted(found, key=lambda pair: pair[0]) if odd <= 1)


class LossWay(Way):
    """A loss as it is called: a function, or a method of an object that is made without arguments for every call."""

    def __init__(self, function: Callable[..., Any], text: str, kind: type | None = None, method: str = "") -> None:
        super().__init__(function, text)
        self.kind, self.method = kind, method
        self.last: Any = None  # the object on which it was called last
        back = kind is not None and goes_back(method)
        self.called = (method if back else text.partition(".")[0]) if kind is not None else text

    def _look_for_globals(self) -> None:
        self.global_sizes = {}

    def called_with(self, arguments: Mapping[str, Any], last: Any = None) -> Any:
        """Call it, on the object on which the way forward was called ``last``."""
        if self.kind is not None:
            self.last = self.kind() if last is None else last
            self.function = getattr(self.last, self.method)
        return self.call_with(arguments)
