"""Mistakes on the way back within one step: what reaches the memory, and what reaches the gates."""

from ...mistake import Entry, Words, form, mistake, more
from .text import BACKS, DC

SLOPE, SHARES = "(1 - np.tanh(c_t) ** 2)", "dc * g_t, dc * c_prev, dc * i_t"
SLOPES = {gate: (f"d{gate} * {gate}_t * (1 - {gate}_t)", f"d{gate}") for gate in "ifo"}
DI, DF, DG, DO = "di = dc * g", "df = dc * c_prev", "dg = dc * i", "do = dh_t * tanh(c_t)"

MEMORY = (
    mistake(
        "only-dc-next",
        Words(
            found="what the state says is not handed to the memory",
            matters="The memory then learns nothing from what it showed at this step: i, f and g get no gradient from "
            "it, and the output gate alone is trained.",
            look="The memory acts in two ways: on what is shown now, and on the next memory. Do both come back?",
            right=DC,
            wrong="dc = dc_t",
        ),
        form(BACKS, (f" + dh_t * o_t * {SLOPE}", "")),
    ),
    mistake(
        "dc-not-through-tanh",
        Words(
            found="the slope of the tanh of the memory is missing",
            matters="Full memories get gradients as if more of them could still be seen. Near zero the slope is 1, "
            "which hides it.",
            look="The state is a gate times a function of c_t. What is left of that function in the gradient?",
            right=DC,
            wrong="dc = dc_t + dh_t * o",
        ),
        form(BACKS, (f"dh_t * o_t * {SLOPE}", "dh_t * o_t")),
    ),
    mistake(
        "slope-of-c",
        Words(
            found="the slope is taken from the memory instead of from its tanh",
            matters="The slope of tanh is written in what tanh returns. Memories beyond 1 get a negative slope, and "
            "there the gradient points the wrong way.",
            look="In your slope, is the squared array the input of tanh or its output?",
            right=DC,
            wrong="dc = dc_t + dh_t * o * (1 - c_t^2)",
        ),
        form(BACKS, (SLOPE, "(1 - c_t**2)")),
    ),
    mistake(
        "slope-of-h",
        Words(
            found="the slope is taken from the state, as in the tanh network",
            matters="There the state is what tanh returns. Here the output gate has made it smaller, so all slopes "
            "are too large.",
            look="In an LSTM, is h_t itself the output of a tanh?",
            right=DC,
            wrong="dc = dc_t + dh_t * o * (1 - h_t^2)",
        ),
        form(BACKS, (SLOPE, "(1 - (o_t * np.tanh(c_t)) ** 2)")),
    ),
    mistake(
        "dc-misses-output-gate",
        Words(
            found="the output gate is missing on the way back to the memory",
            matters="Memories that were not shown get a gradient as if they had been.",
            look="Which factors stood between the memory and the state? Each leaves itself or its slope.",
            right=DC,
            wrong="dc = dc_t + dh_t * (1 - tanh(c_t)^2)",
        ),
        form(BACKS, (f"dh_t * o_t * {SLOPE}", f"dh_t * {SLOPE}")),
    ),
)

GATES = (
    mistake(
        "do-from-c",
        Words(
            found="the output gate's gradient is made with the memory, not with its tanh",
            matters="It is too large wherever the memory is; with small memories nothing shows.",
            look="What did the output gate multiply in the forward pass?",
            right=DO,
            wrong="do = dh_t * c_t",
        ),
        form(BACKS, ("do = dh_t * np.tanh(c_t)", "do = dh_t * c_t")),
    ),
    mistake(
        "do-from-dc",
        Words(
            found="the output gate's gradient is made of the memory's gradient instead of the state's",
            matters="The output gate has no part in the memory. What comes back to the memory from later steps is "
            "none of its business.",
            look="Four gradients of gates: which of the two states does each gate act on directly?",
            right=DO,
            wrong="do = dc * tanh(c_t)",
        ),
        form(BACKS, ("do = dh_t * np.tanh(c_t)", "do = dc * np.tanh(c_t)")),
    ),
    mistake(
        "df-from-c_t",
        Words(
            found="the forget gate's gradient is made with the memory after the step",
            matters="Neighbouring memories resemble each other, so the loss falls all the same. What to keep is "
            "learnt from what was just written.",
            look="Which memory did the forget gate multiply?",
            right=DF,
            wrong="df = dc * c_t",
        ),
        form(BACKS, (SHARES, "dc * g_t, dc * c_t, dc * i_t")),
    ),
    mistake(
        "df-from-h",
        Words(
            found="the forget gate's gradient is made with the state before, not with the memory",
            matters="It has the right shape, and often the right sign, for h_prev comes from c_prev. With both zero at "
            "the start a single step is right.",
            look="Of the two arrays that came from the step before, which one did the forget gate keep?",
            right=DF,
            wrong="df = dc * h_prev",
        ),
        form(BACKS, (SHARES, "dc * g_t, dc * h_prev, dc * i_t")),
    ),
    mistake(
        "di-dg-swapped",
        Words(
            found="input gate and candidate each get their own value as a factor instead of the other's",
            matters="For i * g the derivative by i is g. Where the two are alike in size, it trains nearly as well.",
            look="Derive a product of two factors by the first one. What stays?",
            right=f"{DI}, {DG}",
            wrong="di = dc * i, dg = dc * g",
        ),
        form(BACKS, (SHARES, "dc * i_t, dc * c_prev, dc * g_t")),
    ),
)

ACTIVATIONS = (
    mistake(
        "sigmoid-slope-missing",
        Words(
            found="the slope of the sigmoid is missing in a gate's gradient",
            matters="It is at most 1/4, so the gradient is four times too large or more, and a gate that is wide open "
            "or closed still gets all of it.",
            look="Gates come out of a sigmoid. How do you get from a gate's gradient to that of its sum?",
            right="da_i = di * i * (1 - i)   (f and o alike)",
            wrong="da_i = di   (or da_f = df, or da_o = do)",
        ),
        *(form(BACKS, edit, variant=gate) for gate, edit in SLOPES.items()),
        form(BACKS, *SLOPES.values(), variant="all"),
    ),
    mistake(
        "tanh-slope-missing",
        Words(
            found="the slope of tanh is missing in the candidate's gradient",
            matters="Saturated candidates get gradients as if they could still move. Small sums hide it.",
            look="Three of the four sums have a slope in your code. Which one goes through another function?",
            right="da_g = dg * (1 - g^2)",
            wrong="da_g = dg",
        ),
        form(BACKS, ("dg * (1 - g_t**2)", "dg")),
    ),
    mistake(
        "tanh-slope-for-sigmoid",
        Words(
            found="the gates have the slope of tanh, expected the sigmoid's",
            matters="Between 0 and 1 it is several times too large, and largest where a gate is closed.",
            look="Which activation does each gate have? The slope follows from it.",
            right="da_f = df * f * (1 - f)   (i and o alike)",
            wrong="da_f = df * (1 - f^2)",
        ),
        form(BACKS, *((old, f"d{gate} * (1 - {gate}_t**2)") for gate, (old, _) in SLOPES.items()), variant="all"),
        *(form(BACKS, (old, f"d{gate} * (1 - {gate}_t**2)"), variant=gate) for gate, (old, _) in SLOPES.items()),
    ),
    mistake(
        "sigmoid-slope-for-tanh",
        Words(
            found="the candidate has the slope of the sigmoid, expected that of tanh",
            matters="It is negative for negative candidates, so half of the units learn the wrong way round.",
            look="All four blocks in one loop? One of them is not like the others.",
            right="da_g = dg * (1 - g^2),   between 0 and 1",
            wrong="da_g = dg * g * (1 - g)",
        ),
        form(BACKS, ("dg * (1 - g_t**2)", "dg * g_t * (1 - g_t)")),
    ),
    mistake(
        "sigmoid-slope-of-argument",
        Words(
            found="the slope of the sigmoid is made of the gates' sums, not of the gates",
            matters="s (1 - s) is written in the sigmoid's result. A sum may be any number, and the slope then negative"
            " and large.",
            look="Is the array in your slope between 0 and 1?",
            right="da_o = do * o * (1 - o)   (i and f alike)",
            wrong="da_o = do * a_o * (1 - a_o)",
        ),
        form(BACKS, *((old, f"d{gate} * a_{gate} * (1 - a_{gate})") for gate, (old, _) in SLOPES.items())),
    ),
)

WEIGHTS = (
    mistake(
        "dW_hh-from-c",
        Words(
            found="dW_hh is made with the memory before, expected the state",
            matters="Shapes agree, and only this gradient is wrong. Memories can be larger than 1, so its steps are "
            "too long as well.",
            look="What did the recurrent weights multiply in the forward pass?",
            right="dW_hh = sum_t da_t h_prev^T",
            wrong="dW_hh = sum_t da_t c_prev^T",
        ),
        form(BACKS, ("da.T @ h_prev", "da.T @ c_prev")),
    ),
    more("dW_hh-from-h_t", form(BACKS, ("da.T @ h_prev", "da.T @ (o_t * np.tanh(c_t))"))),
    more("db-twice", form(BACKS, ("da.sum(0)", "2 * da.sum(0)"))),
)

ENTRIES: tuple[Entry, ...] = MEMORY + GATES + ACTIVATIONS + WEIGHTS
