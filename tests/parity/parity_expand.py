"""One door to ``parameterized``: named cases, none lost, none doubled, none empty.

``parameterized`` gives two cases with the same name to one test without a word, and leaves a phantom test where a
skip or another decorator stands above ``expand``. Here the names are checked when a test class is made, and every
planned test is written down, so that ``test_parity_plan.py`` can look for each of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from parameterized import parameterized

PLANNED: list[tuple[str, str, str]] = []  # (module, class, test) for every case of every expanded test


def expand(pairs: Iterable[tuple[str, Any]]) -> Callable[[Callable[..., None]], None]:
    """Decorate ``test_promise(self, case)`` to run as ``test_promise__label`` for every (label, case).

    >>> expand([("a b", 1), ("a_b", 2)])
    Traceback (most recent call last):
        ...
    ValueError: expand: more than one case is called a_b
    """
    cases = list(pairs)
    labels = [parameterized.to_safe_name(label) for label, _ in cases]
    if not labels or "" in labels:
        raise ValueError(f"expand: {len(labels)} cases with the labels {labels}, expected at least one, each named")
    doubled = [label for label, count in Counter(labels).items() if count > 1]
    if doubled:
        raise ValueError(f"expand: more than one case is called {', '.join(doubled)}")

    def name(test: Callable[..., None], number: str, _: Any) -> str:
        label = f"{test.__name__}__{labels[int(number)]}"
        PLANNED.append((test.__module__, test.__qualname__.rpartition(".")[0], label))
        return label

    decorator: Callable[[Callable[..., None]], None] = parameterized.expand(
        [(case,) for _, case in cases], name_func=name, doc_func=lambda test, *_: test.__doc__
    )
    return decorator


def phantoms(case: type) -> list[str]:
    """Return the tests of a TestCase class that stand beside expanded ones under the bare, unexpanded name."""
    attributes = vars(case)
    expanded = {name.partition("__")[0] for name in attributes if name.startswith("test_") and "__" in name}
    return sorted(name for name in expanded if attributes.get(name) is not None)
