"""The process from which the processes of targets are forked, once it has loaded what all of them need.

To start Python and load NumPy takes several times as long as to ask a target everything, and a framework takes longer
yet. The stem hears through a
socket, with each request the streams and the folder that the fork is to have, and says which processes it has started
and how they ended. It has one thread, and loads no target. When nobody holds the other end any more, it ends.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Mapping, Sequence

import numpy as np

import rnn_ref

from ..error_state import usual
from ..operation import Check
from ..spec import OPERATIONS
from ..spec.losses.callables import CALLABLES
from ..spec.losses.remembered import remembering
from . import child, exchange, own
from .exchange import ENVIRONMENT
from .forms import handing, in_form
from .session import LocalSession

STREAMS = (0, 1, 2)


def main() -> None:
    """Fork a process whenever one is asked for, until nobody can ask any more."""
    try:
        child.end_with(int(sys.argv[1]))
        own.take()
        _import(sys.argv[3:4])
        _rehearse()
        gc.freeze()  # so that a fork shares the memory of what is loaded for as long as it can
        _serve(socket.socket(fileno=int(sys.argv[2])), sys.argv[4:])
    finally:
        os._exit(0)


def _import(modules: Sequence[str]) -> None:
    with contextlib.suppress(Exception):  # of which a target that needs it will tell
        for module in modules:
            importlib.import_module(module)


def _rehearse() -> None:
    """Look at functions of ours as at those of a target: what that loads, compiles and keeps, all have who come."""
    with contextlib.suppress(Exception):  # of which a target that needs it will tell
        LocalSession({name: getattr(rnn_ref, name) for name in [*OPERATIONS][:2]})
        importlib.import_module("resource")


def _serve(asked: socket.socket, later: Sequence[str] = ()) -> None:
    """Fork for whoever asks; what is needed ``later`` is imported before the second, for the first may be alone."""
    first = True
    running: dict[int, int] = {}  # a descriptor that tells of a process's end, and the process
    with selectors.DefaultSelector() as until:
        until.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in until.select():
                if key.fd in running:
                    until.unregister(key.fd)
                    os.close(key.fd)
                    process, status = os.waitpid(running.pop(key.fd), 0)
                    _say(asked, ended=process, code=os.waitstatus_to_exitcode(status))
                    continue
                text, given, _, _ = socket.recv_fds(asked, ENVIRONMENT, len(STREAMS) + 2)
                if not text:
                    return
                if len(given) == 1:
                    _learn(given[0])
                    continue
                _import(() if first else later)
                first = False
                try:
                    process = _forked(given, json.loads(text))
                    tells = _watched(process)
                except OSError as error:
                    _say(asked, refused=error.errno)
                    continue
                finally:
                    for one in given:
                        os.close(one)
                running[tells] = process
                until.register(tells, selectors.EVENT_READ)
                _say(asked, started=process)


def _learn(descriptor: int) -> None:
    """Take in a request that many targets will be asked, as its file holds it."""
    with os.fdopen(descriptor, "rb") as file:
        heard = exchange.hear(file)
    if heard is None:
        raise OSError("what is to be known came to nothing")
    request = exchange.request_of(*heard)
    exchange.KNOWN.append(request)
    for check in request.checks:
        with contextlib.suppress(Exception), usual():  # else it is asked when it is wanted
            _ask_our_losses(check)
            ready = handing(check, request.convention)
            ready.changed(ready.handed())
    gc.freeze()


def _ask_our_losses(check: Check) -> None:
    """Have asked what a check that hands a loss over will ask of it: every row, in its numbers and in others."""
    names = [value for value in check.arguments.values() if isinstance(value, str) and value in CALLABLES]
    arrays = [
        in_form(value, check.forms.get(name, ""))
        for name, value in check.arguments.items()
        if isinstance(value, np.ndarray)
    ]
    if check.operation.twin or len(names) != 1:
        return
    rows, targets = arrays
    for turned in (rows, np.flip(rows).copy()):
        for row, target in zip(turned, targets, strict=True):
            remembering(names[0])(row, target)


def _say(asked: socket.socket, **said: int | None) -> None:
    asked.send(json.dumps(said).encode("ascii"))


def _watched(process: int) -> int:
    """Return a descriptor that tells of the end of a process, which is ended if there is room for none."""
    try:
        return os.pidfd_open(process)
    except OSError:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        raise


def _forked(given: Sequence[int], environment: Mapping[str, str]) -> int:
    """Return the number of a new process with these streams, in this folder. Raises OSError if there is no room."""
    stem = os.getpid()
    process = os.fork()
    if process:
        return process
    try:
        os.setsid()
        *streams, folder, shared = given
        board = exchange.Board(shared)
        for own, one in zip(STREAMS, streams, strict=True):
            os.dup2(one, own)
        os.fchdir(folder)
        os.closerange(len(STREAMS), os.sysconf("SC_OPEN_MAX"))
        os.environ.clear()
        os.environ.update(environment)
        child.begin(stem, board)
    finally:
        os._exit(1)
