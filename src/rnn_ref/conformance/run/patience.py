"""How long a target is waited for: less once it has hung, and not at all once that has cost enough.

A class has to wait for what hangs, and for little else. Without this a file of four functions that never end costs four
times the time that is allowed for one call.
"""

LESS = 6.0  # by so much is the time for a call shorter once another function has hung
TIMES = 20.0  # but never shorter than so many times the longest call that was answered
LEAST = 2.0  # seconds, and than this: the machine may be busy
ALL = 2.0  # times the time for a call that a target may hang in all


class Patience:
    """What one target has cost so far.

    >>> patience = Patience(60.0)
    >>> patience.hung("rnn_cell_step", 60.0)
    >>> patience.seconds, patience.refusal("rnn_cell_step"), patience.refusal("rnn_forward")
    (10.0, 'not asked again, for it has hung', '')
    """

    def __init__(self, allowed: float) -> None:
        self._allowed, self._longest, self._lost = allowed, 0.0, 0.0
        self._hung: dict[str, None] = {}

    @property
    def seconds(self) -> float:
        """The time for a call."""
        if not self._hung:
            return self._allowed
        return min(self._allowed, max(self._allowed / LESS, LEAST, TIMES * self._longest))

    @property
    def because(self) -> str:
        """Why that is less than what is allowed, empty if it is not."""
        return f", which is less than {self._allowed:g} s, for {next(iter(self._hung))} has hung" if self._hung else ""

    def answered(self, seconds: float) -> None:
        """Take note of how long a call took."""
        self._longest = max(self._longest, seconds)

    def hung(self, function: str, seconds: float) -> None:
        """Take note of a function that was given up after so long."""
        self._hung[function] = None
        self._lost += seconds

    def refusal(self, function: str) -> str:
        """Say why a function is not asked at all, empty if it may be."""
        if function in self._hung:
            return "not asked again, for it has hung"
        if self._lost >= ALL * self._allowed:
            return f"not asked, for {', '.join(self._hung)} have hung, {self._lost:g} s in all"
        return ""
