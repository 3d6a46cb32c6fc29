"""What a way back may find kept in the place of the state before a step, after a way forward with a mistake."""

from ..mistake import Edit

H_PREV, C_PREV = "h_states[t - 1] if t > 0 else h0", "c_states[t - 1] if t > 0 else c0"
KEPT: dict[str, tuple[Edit, ...]] = {  # by slug of the way forward
    "h0-ignored": ((H_PREV, f"{H_PREV.replace('h0', '0 * h0')}"),),
    "c0-ignored": ((C_PREV, f"{C_PREV.replace('c0', '0 * c0')}"),),
    "h0-every-step": ((H_PREV, "h0"),),
}
