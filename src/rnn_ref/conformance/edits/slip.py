"""How it is told which one edit of a line makes all right."""

from typing import NamedTuple

from ..foreign_text import printable

LONGEST = 70  # letters of a statement that is told whole


class Slip(NamedTuple):
    """What stands in a line of a function, what would be right there, and the statement with that.

    The line is 0 in a notebook.
    """

    function: str
    line: int
    was: str
    becomes: str
    statement: str

    @property
    def place(self) -> str:
        """Where it is.

        >>> Slip("step", 12, "", "", "").place, Slip("step", 0, "", "", "").place
        ('step, line 12', 'step')
        """
        return printable(self.function + (f", line {self.line}" if self.line else ""))

    def told(self, right: str) -> str:
        """Return the sentence that says what is ``right`` with it.

        >>> Slip("step", 12, "W @ h", "W.T @ h", "a = W.T @ h").told("it is right")
        'step, line 12: it is right with `W.T @ h` in place of `W @ h`: `a = W.T @ h`'
        """
        is_short = len(self.statement) <= LONGEST and self.statement != self.becomes
        whole = f": `{self.statement}`" if is_short else ""
        return f"{self.place}: {right} with " + printable(f"`{self.becomes}` in place of `{self.was}`{whole}")
