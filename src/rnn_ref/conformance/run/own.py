"""What answers is taken before the target is loaded: a target that replaces functions of NumPy does so for itself."""

import sys
from types import ModuleType

TAKEN = ("numpy", "json", "os", "time", "contextlib", "functools", "threading", "queue")
PACKAGE = __name__.partition(".")[0]


def take() -> None:
    """Have the modules of this package use copies of others as they are now; what is replaced there is not seen here.

    This guards against ``np.concatenate = mine`` and the like, not against one who looks for a way around.
    """
    copies = {id(sys.modules[name]): _copy(sys.modules[name]) for name in TAKEN}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == PACKAGE:
            for alias, value in list(vars(module).items()):
                if id(value) in copies:
                    setattr(module, alias, copies[id(value)])


def _copy(module: ModuleType) -> ModuleType:
    copied = ModuleType(module.__name__, module.__doc__)
    vars(copied).update(vars(module))
    return copied
