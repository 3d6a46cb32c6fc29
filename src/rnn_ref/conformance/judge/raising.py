"""Calls of a function that raise: those that are for this reason not held against it, and those that are."""

from dataclasses import dataclass
from pathlib import PurePath

from ..targets.raised import Raised

CALLS = {"step": "single predictions", "single": "single sequences", "batch": "batches"}  # by rank


@dataclass(frozen=True)
class Raising:
    """Calls of one kind, and the exception that they raise."""

    what: str  # in the plural: "batches", "12 of 16 checks"
    raised: Raised
    insist: str = ""  # the option with which they are asked all the same

    @property
    def not_asked(self) -> str:
        """The sentence that is said of calls that are not asked because they raise.

        >>> Raising("batches", Raised("ValueError", file="my_rnn.py", line=5)).not_asked
        'batches: not asked, they raise ValueError, my_rnn.py:5'
        """
        return f"{self.what}: not asked, they raise {self.where}"

    @property
    def where(self) -> str:
        """The exception and its place, without its text."""
        return f"{self.raised.type}, {self.raised.place}" if self.raised.place else self.raised.type

    def within(self, target: str) -> str:
        """The same beside the name of the target, which is not told again.

        >>> Raising("all", Raised("SyntaxError", file="a.ipynb, code cell 3", line=2)).within("class/a.ipynb")
        'SyntaxError, code cell 3, line 2'
        >>> Raising("all", Raised("NameError", file="my_rnn.py", line=5)).within("class/my_rnn.py")
        'NameError, line 5'
        """
        name = PurePath(target).name
        place = self.raised.place
        for before, after in ((f"{name}, ", ""), (f"{name}:", "line ")):
            if PurePath(place).name.startswith(before):
                return f"{self.raised.type}, {after}{PurePath(place).name.removeprefix(before)}"
        return self.where

    @property
    def told(self) -> str:
        """The sentence that is said of calls that are held against the function.

        >>> Raising("12 of 16 checks", Raised("ValueError", "too many", "my_rnn.py", 5)).told
        '12 of 16 checks raise ValueError: too many'

        A module that is not there may be lacking here alone, which is then no mistake of the code.

        >>> Raising("16 of 16 checks", Raised("ModuleNotFoundError", "No module named 'jax'")).told
        "16 of 16 checks raise ModuleNotFoundError: No module named 'jax' (is it to be installed where rnn-ref runs?)"
        """
        hint = " (is it to be installed where rnn-ref runs?)" if self.raised.type == "ModuleNotFoundError" else ""
        message = f": {self.raised.message}" if self.raised.message else ""
        return f"{self.what} raise {self.raised.type}{message}{hint}"
