"""Mistakes in what the memory becomes, and in what of it is shown."""

from ...mistake import Entry, Number, Words, form, mistake
from .text import BOTH, C_T, CELL, H_T, LOOP, MEMORY, SHOWN, SIGMOIDS

KEPT = (
    mistake(
        "forget-bias-added",
        Words(
            found="a constant is added to the forget gate's sum",
            matters="TensorFlow's BasicLSTMCell and Haiku add 1 at every step, so that a new network remembers. "
            "PyTorch has nothing of the kind: there it belongs into b_h, once, when the weights are made.",
            look="Is there a forget_bias, or a number, in the line of the forget gate?",
            right="f = sigmoid(a_f)",
            wrong="f = sigmoid(a_f + 1)   (or another number)",
        ),
        form(
            BOTH, (SIGMOIDS["f"], "1 / (1 + np.exp(-a_f - (NUMBER)))"), number=Number(1, "({} is added)", signed=True)
        ),
    ),
    mistake(
        "forget-missing",
        Words(
            found="the forget gate is not used: the old memory is kept in full",
            matters="It is the LSTM of 1997. The memory can only grow, tanh(c_t) saturates on long sequences, and "
            "nothing is ever thrown away. With c0 = 0 the first step is right.",
            look="By what is the old memory multiplied on its way into the new one?",
            right=C_T,
            wrong="c_t = c_prev + i * g",
        ),
        form(BOTH, (MEMORY, "c_prev + i_t * g_t")),
    ),
    mistake(
        "forget-inverted",
        Words(
            found="the forget gate has the opposite sense: where it is open, the memory is erased",
            matters="The name misleads: in the equations f says how much stays. Trained from the start the gate learns "
            "the reverse; with weights from elsewhere the network forgets what it should keep.",
            look="What should be left of the old memory where f is exactly 1?",
            right=C_T,
            wrong="c_t = (1 - f) * c_prev + i * g",
        ),
        form(BOTH, (MEMORY, "(1 - f_t) * c_prev + i_t * g_t")),
    ),
    mistake(
        "forget-of-h",
        Words(
            found="the forget gate keeps the state h_prev instead of the memory c_prev",
            matters="What is kept has been through tanh and the output gate, so the memory is no path on which a "
            "gradient passes unchanged: the very thing an LSTM is for. With both zero nothing shows.",
            look="An LSTM carries two arrays of the same shape. Which one does the forget gate multiply?",
            right=C_T,
            wrong="c_t = f * h_prev + i * g",
        ),
        form(BOTH, (MEMORY, "f_t * h_prev + i_t * g_t")),
    ),
    mistake(
        "memory-dropped",
        Words(
            found="the old memory is missing from the new one",
            matters="Each step begins with an empty memory; the past is left in h alone, which fades as in the tanh "
            "network. With c0 = 0 the first step is right.",
            look="The new memory is a sum of two products. Where is the one with the past in it?",
            right=C_T,
            wrong="c_t = i * g",
        ),
        form(BOTH, (MEMORY, "i_t * g_t")),
    ),
    mistake(
        "gates-coupled",
        Words(
            found="one gate decides both what is kept and what is written: the other one is 1 minus it",
            matters="It is a cell of its own (coupled input and forget gates). A quarter of the weights has no effect, "
            "and weights of a full LSTM do not fit.",
            look="Change the rows of the input gate, then those of the forget gate. Does the memory notice both?",
            right=C_T,
            wrong="c_t = f * c_prev + (1 - f) * g   (or i and 1 - i)",
        ),
        form(BOTH, (MEMORY, "f_t * c_prev + (1 - f_t) * g_t"), variant="f and 1 - f"),
        form(BOTH, (MEMORY, "(1 - i_t) * c_prev + i_t * g_t"), variant="i and 1 - i"),
    ),
    mistake(
        "input-gate-missing",
        Words(
            found="the input gate is not used: every candidate is written in full",
            matters="The network cannot ignore an input, so each step disturbs what is remembered. A quarter of the "
            "weights has no effect.",
            look="What decides how much of the candidate gets into the memory?",
            right=C_T,
            wrong="c_t = f * c_prev + g",
        ),
        form(BOTH, (MEMORY, "f_t * c_prev + g_t")),
    ),
    mistake(
        "input-gate-added",
        Words(
            found="the input gate is added to the candidate instead of multiplying it",
            matters="A gate is never negative, so the memory grows at every step, and a closed gate keeps nothing out.",
            look="Which operator stands between the input gate and the candidate? A gate lets a share through.",
            right=C_T,
            wrong="c_t = f * c_prev + i + g",
        ),
        form(BOTH, (MEMORY, "f_t * c_prev + i_t + g_t")),
    ),
    mistake(
        "memory-clipped",
        Words(
            found="the memory is clipped",
            matters="It may grow to the number of steps. Clipped (cell_clip in TensorFlow), it is right as long as it "
            "is small, and beyond the bound values are lost and their gradients zero.",
            look="Is there a clip, a minimum or a maximum in the step? From what size on do answers differ?",
            right="c_t = f * c_prev + i * g,   whatever its size",
            wrong="c_t = clip(f * c_prev + i * g, -bound, bound)",
        ),
        form(BOTH, (MEMORY, f"np.clip({MEMORY}, -NUMBER, NUMBER)"), number=Number(3, "at {}", points=4)),
    ),
    mistake(
        "memory-squashed",
        Words(
            found="the memory goes through tanh before it is handed on",
            matters="What was remembered shrinks at every step, with open gates too, and so does its gradient. tanh "
            "belongs to what is shown; the memory itself passes without it.",
            look="Does the variable that tanh is applied to live on into the next step?",
            right="c_prev of the next step = c_t",
            wrong="c_prev of the next step = tanh(c_t)",
        ),
        form(CELL, ("return h_t, c_t", "return h_t, np.tanh(c_t)"), variant="handed on"),
        form(LOOP, ("h_t, c_t\n    return", "h_t, np.tanh(c_t)\n    return"), variant="handed on"),
        form(LOOP, ("c_states.append(c_t)", "c_t = np.tanh(c_t)\n        c_states.append(c_t)"),
             variant="handed on and kept"),
        form(BOTH, (MEMORY, f"np.tanh({MEMORY})"), variant="at once"),
    ),
)  # fmt: skip

SHOWS = (
    mistake(
        "no-tanh-of-c",
        Words(
            found="the memory is shown without its tanh",
            matters="The memory has no bounds, and so the state has none. Small memories hide it, as at the start of a "
            "sequence with c0 = 0.",
            look="May a state be 3? Follow the memory on its way to the state.",
            right=H_T,
            wrong="h_t = o * c_t",
        ),
        form(BOTH, (SHOWN, "o_t * c_t")),
    ),
    mistake(
        "tanh-after-gate",
        Words(
            found="tanh is taken after the output gate instead of before it",
            matters="A gate that is half open should halve what is shown; here it halves the memory, and tanh undoes "
            "part of that wherever the memory is large.",
            look="What is inside of the brackets of the last tanh?",
            right=H_T,
            wrong="h_t = tanh(o * c_t)",
        ),
        form(BOTH, (SHOWN, "np.tanh(o_t * c_t)")),
    ),
    mistake(
        "output-gate-missing",
        Words(
            found="the output gate is not used: all of the memory is shown",
            matters="Whatever is remembered acts at once, on the output and on all gates of the next step. A quarter "
            "of the weights has no effect.",
            look="Change the rows of the output gate, the last H: does anything change?",
            right=H_T,
            wrong="h_t = tanh(c_t)",
        ),
        form(BOTH, (SHOWN, "np.tanh(c_t)")),
    ),
    mistake(
        "shows-old-memory",
        Words(
            found="the state shows the memory before the step",
            matters="What is read at a step is seen one step later. The memory itself is right, and with one array "
            "for both, the order of two lines decides it.",
            look="Which of the two memories of a step is in the last line?",
            right=H_T,
            wrong="h_t = o * tanh(c_prev)",
        ),
        form(BOTH, (SHOWN, "o_t * np.tanh(c_prev)")),
    ),
    mistake(
        "sigmoid-of-c",
        Words(
            found="the memory is shown through the logistic sigmoid, expected tanh",
            matters="A state is then never negative, and an empty memory shows as half a gate instead of nothing.",
            look="What should the state be where the memory is 0? Two kinds of activations are in a step.",
            right=H_T,
            wrong="h_t = o * sigmoid(c_t)",
        ),
        form(BOTH, (SHOWN, "o_t * (1 / (1 + np.exp(-c_t)))")),
    ),
)

ENTRIES: tuple[Entry, ...] = KEPT + SHOWS
