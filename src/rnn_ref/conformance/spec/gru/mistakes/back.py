"""Mistakes on the way back within one step: the gates' gradients, the reset gate's two sides, and the slopes."""

from ...mistake import Entry, Form, Words, form, mistake, more
from .text import B_HN, BACKS, CANDIDATE, DA_N, DA_R, DA_X, DA_Z, DN, DR, DR_BEFORE, DZ

GATES = (
    mistake(
        "dn-misses-gate",
        Words(
            found="the candidate's gradient is not weighed by its share of the new state",
            matters="Candidates that were hardly let in are blamed as if they had made the whole state. Where the "
            "update gate is near 0, nothing shows.",
            look="By what is the candidate multiplied in the last line of the step?",
            right="dn = dh * (1 - z)",
            wrong="dn = dh   (or dh * z)",
        ),
        form(BACKS, (DN, "dh_t"), variant="dh"),
        form(BACKS, (DN, "dh_t * z_t"), variant="z for 1 - z"),
    ),
    mistake(
        "dz-sign",
        Words(
            found="the gradient of the update gate has the wrong sign",
            matters="The gate is trained uphill: it learns to keep what should be replaced. Where z lets the candidate "
            "in, as in some papers, that would be its right sign.",
            look="If z grows a little, does the state move towards the candidate or towards what it was?",
            right="dz = dh * (h_prev - n)",
            wrong="dz = dh * (n - h_prev)",
        ),
        form(BACKS, (DZ, "dh_t * (n_t - h_prev)")),
    ),
    mistake(
        "dz-forgets-n",
        Words(
            found="the gradient of the update gate leaves out the candidate, or what it was weighed against",
            matters="The gate stands in two places: by the state that is kept, and by the candidate as 1 - z. One of "
            "the two is gone, so the gate learns from half of what it does.",
            look="In how many places does z stand in the last line of the step, and with which signs?",
            right="dz = dh * (h_prev - n)",
            wrong="dz = dh * h_prev   (or -dh * n)",
        ),
        form(BACKS, (DZ, "dh_t * h_prev")),
        form(BACKS, (DZ, "dh_t * -n_t"), variant="h forgotten"),
    ),
    mistake(
        "dr-from-h_prev",
        Words(
            found="the reset gate's gradient is made with the state, not with what the gate multiplies",
            matters="Only the rows of r, and what goes back through them, are wrong. In the cell with the gate before "
            "the product the state has its place there, and W_hn too.",
            look="Which array does r multiply, entry by entry, on the way forward?",
            right="dr = da_n * (W_hn h_prev + b_hn)",
            wrong="dr = da_n * h_prev",
        ),
        form(BACKS, (DR, "da_n * h_prev")),
    ),
    mistake(
        "dr-misses-bias",
        Words(
            found="the gradient of the reset gate leaves out the bias b_hn",
            matters="The gate multiplies the bias as well as the product. Biases often begin as zeros, so it shows "
            "only when they have been trained.",
            look="Write down everything that stands behind r on the way forward. Is all of it in dr?",
            right="dr = da_n * (W_hn h_prev + b_hn)",
            wrong="dr = da_n * (W_hn h_prev)",
        ),
        form(BACKS, (DR, f"da_n * (h_n - {B_HN})")),
    ),
    mistake(
        "dr-not-through-tanh",
        Words(
            found="the reset gate's gradient has not been through the slope of the candidate's tanh",
            matters="The gate lies behind tanh on the way back. Saturated candidates send it gradients that are too "
            "large; small ones hide it.",
            look="Which gradient of the candidate do you take for dr: the one before its activation or behind?",
            right="dr = da_n * (W_hn h_prev + b_hn)   with da_n = dn * (1 - n^2)",
            wrong="dr = dn * (W_hn h_prev + b_hn)",
        ),
        form(BACKS, (DR, "dn_t * h_n"), (DR_BEFORE, "(dn_t @ W_hn) * h_prev")),
    ),
)

_WEIGHT, _BIAS = ("da_hn.T @ seen", "da_n.T @ h_prev"), ("[da_r, da_z, da_hn]", "[da_r, da_z, da_n]")
_STATE = tuple((f"dh_through = {old}", "dh_through = da_n @ W_hn") for old in ("da_hn @ W_hn", "(da_n @ W_hn) * r_t"))
SIDES = (
    mistake(
        "reset-missing-in-state-side",
        Words(
            found="on the state's side of the candidate the gradient leaves out the reset gate",
            matters="Where the gate was closed, W_hn and b_hn had no part in the state, and learn as if they had. The "
            "input's side is right, for no gate stands there.",
            look="Between the candidate's sum and the product with W_hn there is a factor. Where is it on the way "
            "back?",
            right="dW_hn = (r * da_n) h_prev^T,   db_hn = r * da_n",
            wrong="dW_hn = da_n h_prev^T,   db_hn = da_n",
        ),
        form(BACKS, _WEIGHT, _BIAS, *_STATE),
        form(BACKS, _WEIGHT, variant="in dW_hn alone"),
        form(BACKS, _WEIGHT, _BIAS, variant="in dW_hn and db_hn"),
        form(BACKS, *_STATE, variant="in dh alone"),
    ),
    mistake(
        "reset-in-input-side",
        Words(
            found="on the input's side of the candidate the gradient is multiplied by the reset gate",
            matters="Where the gate was closed, the input's weights, b_xn and dx get no gradient, though the input had "
            "its full effect. It happens where one array of gradients serves both sides.",
            look="Close the reset gate in your mind: does the input still reach the candidate?",
            right="dW_xn = da_n x^T,   db_xn = da_n",
            wrong="dW_xn = (r * da_n) x^T,   db_xn = r * da_n",
        ),
        form(BACKS, (DA_X, "[da_r, da_z, da_n * r_t], -1")),
    ),
    mistake(
        "bias-gradients-equal",
        Words(
            found="both biases get the same gradient",
            matters="For r and z that is right, and two thirds of the numbers are. In the candidate b_hn stands behind "
            "the reset gate and b_xn does not, so theirs differ.",
            look="Which of the candidate's two biases can the reset gate switch off?",
            right="db_xn = sum_t da_n,   db_hn = sum_t r * da_n",
            wrong="db_xn = db_hn",
        ),
        form(BACKS, ("da_h.sum(0)", "da_x.sum(0)"), variant="b_xh's"),
        form(BACKS, ("da_x.sum(0)", "da_h.sum(0)"), variant="b_hh's"),
    ),
)


def _slopes(variant: str, **slopes: str) -> Form:
    """Return the form in which the activations of n, r or z have these slopes."""
    right = {"n": (DA_N, "dn_t"), "r": (DA_R, "dr_t"), "z": (DA_Z, "dz_t")}
    edits = ((right[gate][0], f"{right[gate][1]} * ({slope})") for gate, slope in slopes.items())
    return form(BACKS, *edits, variant=variant)


def _each(n: str, r: str, z: str) -> tuple[Form, ...]:
    """Return the forms of a wrong slope: the candidate's, the gates' one by one, those of both."""
    return _slopes("n", n=n), _slopes("r", r=r), _slopes("z", z=z), _slopes("r and z", r=r, z=z)


_SUM = "x_{0} + h_{0}"
_TWICE = "(1 / (1 + np.exp(-{0}_t))) * (1 - 1 / (1 + np.exp(-{0}_t)))"
SLOPES = (
    mistake(
        "no-slope",
        Words(
            found="the slope of an activation is missing on the way back",
            matters="Gates that are open or closed for good, and saturated candidates, get gradients as if they could "
            "still move. A sigmoid's slope is at most 1/4, so a gate's gradients are four times too large or more.",
            look="A step has three activations. How many slopes has your way back?",
            right="da_n = dn * (1 - n^2),   da_z = dz * z * (1 - z),   r like z",
            wrong="da_n = dn   (or da_z = dz, da_r = dr)",
        ),
        *_each("1", "1", "1"),
        _slopes("all", n="1", r="1", z="1"),
    ),
    mistake(
        "slopes-swapped",
        Words(
            found="the slope of tanh stands where the sigmoid's belongs, or the other way round",
            matters="Both are written in the activation's own value, and look alike. A gate near 0 gets a slope of 1 "
            "where it hardly moves; a candidate below 0 even gets a negative one.",
            look="Put in a gate of 0 and of 1: should a gate that is fully closed or open still move?",
            right="slope of sigmoid: z * (1 - z),   of tanh: 1 - n^2",
            wrong="slope of sigmoid: 1 - z^2,   of tanh: n * (1 - n)",
        ),
        *_each("n_t * (1 - n_t)", "1 - r_t**2", "1 - z_t**2"),
    ),
    mistake(
        "slope-of-preactivation",
        Words(
            found="a slope is computed from the sum that goes into the activation, expected its value",
            matters="Outside of a small range it has even the wrong sign. It happens where a cache holds the sums, and "
            "the formula is the one for the activated values.",
            look="Which of your variables hold values of a gate, and which hold what goes into it?",
            right="da_z = dz * z * (1 - z)   with z = sigmoid(a)",
            wrong="da_z = dz * a * (1 - a)",
        ),
        *_each(f"1 - ({CANDIDATE}) ** 2", *(f"({sums}) * (1 - ({sums}))" for sums in map(_SUM.format, "rz"))),
    ),
    mistake(
        "slope-of-tanh-h",
        Words(
            found="a slope is taken from a value that has been through its activation already",
            matters="A helper that applies the activation and then takes the slope is handed the gate itself. All "
            "sigmoid slopes are then between 0.19 and 1/4, and no gate ever seems closed.",
            look="Does your function for a slope expect the sum or the activated value? Which one do you give it?",
            right="slope = s * (1 - s)   with s = z",
            wrong="slope = s * (1 - s)   with s = sigmoid(z)",
        ),
        *_each("1 - np.tanh(n_t) ** 2", _TWICE.format("r"), _TWICE.format("z")),
    ),
    more("slope-plus", _slopes("", n="1 + n_t**2")),
)

ENTRIES: tuple[Entry, ...] = GATES + SIDES + SLOPES
