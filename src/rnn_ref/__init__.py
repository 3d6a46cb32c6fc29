"""The recurrent network in plain NumPy, forward and backward, and the instrument that checks other people's.

Symbols: T steps, B batch (an optional axis), D inputs, H hidden units, V outputs. Time first, classes last. Every
function takes one sequence or a batch; either everything carries B or nothing does.

==============================  ====================================  ===================================
name                            shape                                 ``torch.nn.RNN`` / ``nn.Linear``
==============================  ====================================  ===================================
``x_t`` / ``X_seq``             (D,) or (B, D) / (T, D) or (T, B, D)  input
``h_prev``, ``h0``              (H,) or (B, H)                        hx
``W_xh``                        (H, D)                                weight_ih
``W_hh``                        (H, H)                                weight_hh
``b_h``                         (H,)                                  bias_ih + bias_hh
``h_states``                    T of (H,) or (B, H), or (T, …, H)     output (h0 is not in it)
a GRU's ``W_xh``, ``W_hh``      (3H, D), (3H, H), gates r, z, n       weight_ih, weight_hh
a GRU's ``b_xh``, ``b_hh``      (3H,), (3H,)                          bias_ih, bias_hh
an LSTM's ``W_xh``, ``W_hh``    (4H, D), (4H, H), gates i, f, g, o    weight_ih, weight_hh
an LSTM's ``c_prev``, ``c0``    (H,) or (B, H)                        cx
a stack's ``states0``           tuple of (LK, H) or (LK, B, H)        hx, cx; L layers, K directions
``W_hy``, ``b_y``               (V, H), (V,)                          Linear weight, bias
``logits_seq``                  (T, V) or (T, B, V)                   cross_entropy input (classes moved)
``targets_seq``                 (T,) or (T, B) integers               cross_entropy target
==============================  ====================================  ===================================

A gradient of data is written with a ``d`` before its name (``dh_t`` is dL/dh_t). A ``_backward`` takes the upstream
gradient, then the output where it is needed (cell and sequence), then its twin's own arguments; several gradients are
returned as a NamedTuple whose fields bear the arguments' names, a single one as it is.

dtype in = dtype out: float32 or float64 throughout (complex128 for the complex-step check). Nothing is ever written
into an argument, and nothing is random.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import cell as cell
    from . import conformance as conformance
    from . import gradcheck as gradcheck
    from . import gru as gru
    from . import interop as interop
    from . import loss as loss
    from . import lstm as lstm
    from . import optimisers as optimisers
    from . import output as output
    from . import sequence as sequence
    from . import stack as stack
    from . import training as training
    from .cell import rnn_cell_backward, rnn_cell_step
    from .conformance import check as check
    from .conformance import check_several as check_several
    from .conformance.given.asking import allowed_error, assert_conforms, measure
    from .gru import gru_backward, gru_cell_backward, gru_cell_step, gru_forward
    from .loss import cross_entropy, cross_entropy_backward, rnn_sequence_loss, rnn_sequence_loss_backward
    from .lstm import lstm_backward, lstm_cell_backward, lstm_cell_step, lstm_forward
    from .optimisers import SGD, Adagrad, Adam
    from .output import rnn_output_backward, rnn_output_layer
    from .sequence import rnn_backward, rnn_forward
    from .stack import stack_backward, stack_bptt, stack_forward, stack_layers, stack_parameters
    from .training import clip_grad_norm, rnn_bptt

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "allowed_error",
    "assert_conforms",
    "check",
    "check_several",
    "clip_grad_norm",
    "cross_entropy",
    "cross_entropy_backward",
    "gru_backward",
    "gru_cell_backward",
    "gru_cell_step",
    "gru_forward",
    "lstm_backward",
    "lstm_cell_backward",
    "lstm_cell_step",
    "lstm_forward",
    "measure",
    "rnn_backward",
    "rnn_bptt",
    "rnn_cell_backward",
    "rnn_cell_step",
    "rnn_forward",
    "rnn_output_backward",
    "rnn_output_layer",
    "rnn_sequence_loss",
    "rnn_sequence_loss_backward",
    "stack_backward",
    "stack_bptt",
    "stack_forward",
    "stack_layers",
    "stack_parameters",
]
__version__ = "0.1.0"

# Names are looked up where they are asked for: pytest imports this package for its plugin in every run of every project
# of an environment, and must not wait for NumPy in those that have no use for it.
_MODULES = {
    "cell": ("rnn_cell_step", "rnn_cell_backward"),
    "conformance": ("check", "check_several"),
    "conformance.given.asking": ("allowed_error", "assert_conforms", "measure"),
    "gru": ("gru_cell_step", "gru_forward", "gru_cell_backward", "gru_backward"),
    "loss": ("cross_entropy", "cross_entropy_backward", "rnn_sequence_loss", "rnn_sequence_loss_backward"),
    "lstm": ("lstm_cell_step", "lstm_forward", "lstm_cell_backward", "lstm_backward"),
    "optimisers": ("SGD", "Adagrad", "Adam"),
    "output": ("rnn_output_layer", "rnn_output_backward"),
    "sequence": ("rnn_forward", "rnn_backward"),
    "stack": ("stack_forward", "stack_backward", "stack_bptt", "stack_parameters", "stack_layers"),
    "training": ("clip_grad_norm", "rnn_bptt"),
    "gradcheck": (),
    "interop": (),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


if not TYPE_CHECKING:  # a name that is misspelt is an error there

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f".{name}", __name__)
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
