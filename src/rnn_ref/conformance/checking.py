"""The instrument's one call: check a target, get the report."""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from .examine import examine
from .options import MEMORY, TIMEOUT, options_of
from .reports.report import Report
from .targets.convention import Adapter


def check(
    target: Any = None,
    *,
    only: str | None = None,
    require: Iterable[str] = (),
    expect_fail: Mapping[str, str] | None = None,
    dtype: Literal["float32", "float64", "both"] | None = None,
    rank: Literal["step", "single", "batch", "both"] | None = None,
    layout: str | Adapter | None = None,
    returns: Literal["last", "pair"] | None = None,
    oracle: Literal["vectors", "torch"] = "vectors",
    seed: int | None = None,
    against: Any = None,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    whole: bool = False,
    apart: bool = False,
    claims: str | None = None,
    reads: str | None = None,
) -> Report:
    """Check an implementation and return the report.

    Parameters
    ----------
    target : str, path, module, dict, class or instance, optional
        What is checked; text as on the command line (``pkg.module``, ``pkg.module:object``, ``path.py``,
        ``path.ipynb``, a program, ``exec:./my_rnn``, or a built-in: ``torch``, ``jax``, ``keras``, ``onnxruntime``), a
        ``torch.nn.Module`` (class or instance), a Keras layer or model, a ``.onnx`` or ``.keras`` file. Of several
        networks in one file, ``#NAME`` behind it says which. None checks the reference.
    only : str, optional
        Check ids to run: a part of them, or a pattern as for files.
    require : iterable of str
        Functions that must be there; others may be missing.
    expect_fail : mapping, optional
        Declared deviations: check id, pattern of ids, or function -> the reason. They do not count as failures,
        nor does what only passes them on; one that passes is not a pass.
    dtype : {"float32", "float64", "both"}, optional
        The precision the target claims. Without it both are asked, but float32 alone of built-ins that claim no more.
    rank : {"step", "single", "batch", "both"}, optional
        Whether it claims one prediction (cross_entropy), one sequence, batches, or both. Without it, that is found out.
    layout : {"torch", "keras", "onnx", "batch-first"}, "module:function" or callable, optional
        The convention of the target's arrays; or a function of your own, which is given the name of a function and the
        candidate, and returns what is to be called in its place.
    returns : {"last", "pair"}, optional
        What rnn_forward returns, if not all states: the last one, or a pair of all and the last.
    oracle : {"vectors", "torch"}
        The frozen answers, or those that the installed PyTorch gives now.
    seed : int, optional
        Adds fresh random cases, which nobody could have memorised.
    against : str or object, optional
        What the target, a model or file with weights of its own, was exported from: it is asked with *these* weights,
        and what was lost on the way is told.
    timeout : float
        Seconds that loading the target, and each of its functions, may take. A target given as text runs in a child
        process; an object is called in this one, without limits.
    memory : int
        MiB of address space that the child may take, at least 512, where the system can limit it.
    whole, apart : bool
        Insist on how a target given as text is loaded. Without them a file or module is imported whole, and taken
        apart where that raises or has not ended after some seconds: what the functions reach is run, and what
        configures that. A notebook is taken apart at once; ``whole`` runs all of its cells.
    claims : str, optional
        What the target does not offer, and is not asked: some of ``no h0``, ``no bias``, ``no dX``, ``no dh0``,
        ``no loss``, ``no h_T``, ``class indices``, ``last only``, ``clip 5`` (gradients clipped at 5), by commas.
    reads : str, optional
        Which of its functions is which, where they have other names: ``rnn_forward=unroll, rnn_cell_step=Net.step``.
        Without it that is found out, by names, signatures and shapes.

    Returns
    -------
    Report
        ``report.ok``, ``report.to_json()``, ``.to_junit()``, ``.to_markdown()``, ``report.raise_if_failed()``.

    Raises
    ------
    TargetError
        There is nothing that can be checked.
    ValueError
        An option that does not exist.

    Examples
    --------
    >>> import rnn_ref
    >>> rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step}).ok
    True
    """
    target = os.fspath(target) if isinstance(target, os.PathLike) else target
    claimed = {"dtype": dtype, "rank": rank, "layout": layout, "returns": returns, "claims": claims, "reads": reads}
    asked = {"only": only, "require": require, "expect_fail": expect_fail, "oracle": oracle, "seed": seed}
    asked["against"] = os.fspath(against) if isinstance(against, os.PathLike) else against
    limits = {"timeout": timeout, "memory": memory, "whole": whole, "apart": apart}
    return examine(target, options_of({**asked, **claimed, **limits}))
