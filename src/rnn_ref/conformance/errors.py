"""Why a target cannot be checked, or not any more; and what to install where something is missing."""

CPU_BUILD = 'for the build without CUDA, install torch first by the command that pytorch.org gives for "CPU"'


class TargetError(Exception):
    """There is nothing that can be checked; the text says why in one line."""


class OutsideError(TargetError):
    """A target does something that no function of the specification does, so that none of them can be asked of it."""


class LoadingError(TargetError):
    """The target is there, and its own code cannot be parsed, or raises, as it is loaded; ``why`` is a clause."""

    def __init__(self, text: str, why: str = "") -> None:
        super().__init__(text)
        self.why = why or text


class NothingFoundError(TargetError):
    """The target could be loaded, but has none of the functions."""


class OwnLossError(ValueError):
    """The loss of a target, or a gradient of its output layer, is not what it is due: it is wrong, not broken."""


class LostError(BaseException):
    """The target is gone in the middle of a call, and its process with it; the text says how that came."""


class ProjectError(ValueError):
    """The project's configuration or its record cannot be used; the text names the file, the key and what is wrong."""


def install(name: str) -> str:
    """Return the line that installs what a framework needs; of PyTorch, how to come by the build without CUDA as well.

    >>> install("jax")
    'pip install "rnn_ref[jax]"'
    """
    line = f'pip install "rnn_ref[{name}]"'
    return f"{line} ({CPU_BUILD})" if name == "torch" else line
