"""Steps and sequences mixed by a reshape that stands for an exchange of axes: on the way in, or on the way out."""

from ..mistake import Form, form

MIXED = {
    "cut as batch first": "({0}.reshape({0}.shape[-2], -1, {0}.shape[-1]).swapaxes(0, 1) if {0}.ndim == 3 else {0})",
    "batch first": "{0}.swapaxes(0, {0}.ndim - 2).reshape({0}.shape)",
}  # of (T, B, n), which is read as if it were (B, T, n), or stands for what lies so in memory
SIZES = "T, B, _ = X_seq.shape"


def mixed(array: str) -> dict[str, str]:
    """Return by what an array (T, B, n) is replaced, and what is told of it; a single sequence stays as it is.

    >>> mixed("dX")["batch first"]
    'dX.swapaxes(0, dX.ndim - 2).reshape(dX.shape)'
    """
    return {told: text.format(array) for told, text in MIXED.items()}


def forward(functions: tuple[str, ...], *states: str) -> list[Form]:
    """Return the forms of a loop that reads its inputs so, or that returns its states so."""
    made = [f"np.array({one})" for one in states]
    found = [form(functions, ("enumerate(X_seq)", f"enumerate({x})"), variant=f"inputs, {told}")
             for told, x in mixed("X_seq").items()]  # fmt: skip
    for told in MIXED:
        out = ", ".join(mixed(one)[told] for one in states)
        edit = (f"return {', '.join(states)}", f"{', '.join(states)} = {', '.join(made)}\n    return {out}")
        found.append(form(functions, edit, variant=f"states on the way out, {told}"))
    return found


def back(functions: tuple[str, ...], end: str) -> list[Form]:
    """Return the forms of a way back that reads its inputs so, or what comes from above, or that returns dX so."""
    found = [
        form(functions, (SIZES, f"{array} = np.asarray({array})\n    {array} = {text}\n    {SIZES}"),
             variant=f"{array}, {told}") for array in ("dh_states", "X_seq") for told, text in mixed(array).items()
    ]  # fmt: skip
    out = mixed("dX").items()
    return found + [form(functions, (end, f"dX = {dX}\n    {end}"), variant=f"dX, {told}") for told, dX in out]
