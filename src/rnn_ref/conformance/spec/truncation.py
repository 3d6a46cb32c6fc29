"""Gradients that are not carried back through all steps: the forms of one mistake, in any loop over time."""

from typing import NamedTuple

from .mistake import Form, form

CUTS = (2, 3, 4, 5, 8, 10, 16, 20, 32, 35)
LOOP, END = "reversed(range(T))", "dh0 = dh_next"


class Truncation(NamedTuple):
    """The loops back through time, and the line in which they hand ``dh_next`` to the step before."""

    functions: tuple[str, ...]
    handed: str

    def _while(self, condition: str, variant: str) -> Form:
        return form(
            self.functions, (self.handed, f"{self.handed}\n        dh_next = dh_next * ({condition})"), variant=variant
        )

    def once(self, k: int) -> Form:
        """Return the form that hands nothing on after the last k steps."""
        return self._while(f"t > T - {k}", f"cut once, after {k}")

    def one_link(self, k: int) -> Form:
        """Return the form that misses the link behind the last k steps, and no other."""
        return self._while(f"t != T - {k}", f"one link cut, after {k}")

    def stops(self, k: int) -> Form:
        """Return the form that goes back k steps and ends."""
        return form(self.functions, (LOOP, f"reversed(range(T)[-{k}:])"), variant=f"stops after {k}")

    def stops_before_h0(self, k: int) -> Form:
        """Return the same, where the initial state gets no gradient then."""
        last = (END, f"{END} * (T <= {k})")
        return form(
            self.functions, (LOOP, f"reversed(range(T)[-{k}:])"), last, variant=f"stops after {k}, dh0 not reached"
        )

    def chunks(self, k: int) -> Form:
        """Return the form that goes back through each chunk of k steps by itself."""
        return self._while(f"t % {k} > 0", f"chunks of {k}")

    def chunks_to_h0(self, k: int) -> Form:
        """Return the same, where the first chunk's gradient reaches the initial state."""
        return self._while(f"t % {k} > 0 or t == 0", f"chunks of {k}, dh0 reached")

    def at(self, step: int, T: int) -> list[Form]:
        """Return what leaves ``step`` the last wrong row: T - 1 - step rows are right, or it ends a chunk."""
        k, border = T - 1 - step, step + 1
        some = [self.once(k), self.one_link(k), self.stops(k), self.stops_before_h0(k)] if k else []
        lengths = [k for k in range(max(2, T - border), border + 1) if border % k == 0]
        return some + [one(k) for k in lengths for one in (self.chunks, self.chunks_to_h0)]
