"""Mistakes in the activations, and in what the four sums are made of."""

from ...mistake import Entry, Number, Words, form, mistake, more
from .text import BOTH, CANDIDATE, SHOWN, SIGMOIDS, SUM, blocks_transposed

PEEPHOLES = [(SIGMOIDS[gate], f"1 / (1 + np.exp(-a_{gate} - c_prev))") for gate in "if"]
ACTIVATIONS = (
    mistake(
        "candidate-sigmoid",
        Words(
            found="the candidate g goes through the logistic sigmoid, as the gates do",
            matters="What is written is never negative, so the memory of a unit can only be pushed one way.",
            look="Three of the four blocks are gates. How is the fourth one treated, and may it be negative?",
            right="g = tanh(a_g)",
            wrong="g = 1 / (1 + e^-a_g)",
        ),
        form(BOTH, (CANDIDATE, "1 / (1 + np.exp(-a_g))")),
    ),
    mistake(
        "candidate-no-tanh",
        Words(
            found="the candidate g has no activation",
            matters="One large input can fill the memory for good. Small weights hide it, for there tanh changes "
            "little.",
            look="What lies between the candidate's sum and the product with the input gate?",
            right="g = tanh(a_g)",
            wrong="g = a_g",
        ),
        form(BOTH, (CANDIDATE, "a_g")),
    ),
    mistake(
        "candidate-relu",
        Words(
            found="a ReLU stands where tanh belongs",
            matters="Keras's activation='relu' does so in both places, and asks for other weights. What is written is "
            "never negative and has no upper limit, so states can grow over a sequence.",
            look="Which function makes the candidate, and which one the state? Try each on -1 and on 100.",
            right="g = tanh(a_g), h_t = o * tanh(c_t)",
            wrong="g = max(a_g, 0)   (and h_t = o * max(c_t, 0))",
        ),
        form(BOTH, (CANDIDATE, "np.maximum(a_g, 0)"), (SHOWN, "o_t * np.maximum(c_t, 0)"), variant="in both places"),
        form(BOTH, (CANDIDATE, "np.maximum(a_g, 0)"), variant="of the candidate"),
        form(BOTH, (SHOWN, "o_t * np.maximum(c_t, 0)"), variant="of the memory"),
    ),
    more(
        "gate-tanh",
        *(form(BOTH, (own, f"np.tanh(a_{gate})"), variant=gate) for gate, own in SIGMOIDS.items()),
        form(BOTH, *((own, f"np.tanh(a_{gate})") for gate, own in SIGMOIDS.items()), variant="all"),
    ),
    more(
        "gate-hard-sigmoid",
        *(form(BOTH, *((own, f"np.clip({slope} * a_{gate} + 0.5, 0, 1)") for gate, own in SIGMOIDS.items()),
               variant=told) for slope, told in (("0.2", "0.2 a + 0.5"), ("1 / 6", "a / 6 + 0.5"))),
    ),
    more(
        "gate-clipped",
        form(
            BOTH,
            *((own, f"1 / (1 + np.exp(-np.clip(a_{gate}, -NUMBER, NUMBER)))") for gate, own in SIGMOIDS.items()),
            number=Number(20, "at {}", points=4),
        ),
    ),
    more(
        "gate-sigmoid-twice",
        *(form(BOTH, (own, f"1 / (1 + np.exp(-{own}))"), variant=gate) for gate, own in SIGMOIDS.items()),
        form(BOTH, *((own, f"1 / (1 + np.exp(-{own}))") for own in SIGMOIDS.values()), variant="all"),
    ),
)  # fmt: skip

TERMS = (
    mistake(
        "peepholes",
        Words(
            found="the gates look at the memory as well",
            matters="Peepholes make another cell (Gers and Schmidhuber 2000), which PyTorch and Keras do not have. "
            "With c0 = 0 the first step is right.",
            look="Where in the sums of the gates does the memory occur?",
            right="i = sigmoid(W_xi x + W_hi h_prev + b_i)",
            wrong="i = sigmoid(W_xi x + W_hi h_prev + b_i + c_prev)",
        ),
        form(BOTH, *PEEPHOLES, variant="i, f"),
        form(BOTH, *PEEPHOLES, (SHOWN, "1 / (1 + np.exp(-a_o - c_t)) * np.tanh(c_t)"), variant="i, f, o"),
    ),
    mistake(
        "memory-for-state",
        Words(
            found="the gates read the memory c_prev instead of the state h_prev",
            matters="Both have the same shape. The gates then see everything that is remembered, whatever the output "
            "gate hides; where h0 = c0 the first step is right.",
            look="Which of the two arrays that a step is given does W_hh multiply?",
            right="a = W_xh x + W_hh h_prev + b_h",
            wrong="a = W_xh x + W_hh c_prev + b_h",
        ),
        form(BOTH, ("h_prev @ W_hh.T", "c_prev @ W_hh.T")),
    ),
    mistake(
        "gate-without-state",
        Words(
            found="one gate sees the input and not the state",
            matters="It opens and closes by the present input alone. With h0 zero the first step is right.",
            look="Each gate's sum has three terms. Count them, gate by gate.",
            right="o = sigmoid(W_xo x + W_ho h_prev + b_o)",
            wrong="o = sigmoid(W_xo x + b_o)",
        ),
        *(form(BOTH, (own, f"1 / (1 + np.exp(-(x_t @ W_xh.T + b_h)[..., {k} * h_prev.shape[-1]:]"
               "[..., : h_prev.shape[-1]]))"), variant=gate)
          for (gate, own), k in zip(SIGMOIDS.items(), (0, 1, 3), strict=True)),
    ),
    mistake(
        "W_hh-transposed",
        Words(
            found="each gate's block of W_hh is used transposed",
            matters="A block is square, so no shape tells. With h0 = 0 the first step is right, and a network that is "
            "trained like this works until its weights are loaded elsewhere.",
            look="Is W_hh cut into blocks before the product? Which axis of a block belongs to the unit that is made?",
            right="(W_hi h)_j = sum_k W_hi[j, k] h_k,   for each gate",
            wrong="(W_hi h)_j = sum_k W_hi[k, j] h_k",
        ),
        form(BOTH, ("h_prev @ W_hh.T", f"h_prev @ {blocks_transposed('W_hh')}.T")),
    ),
    mistake(
        "no-recurrence",
        Words(
            found="the state before is in none of the gates' sums",
            matters="The memory still goes on, but nothing that was shown decides what is kept or written. With h0 = 0 "
            "the first step is right.",
            look="Where is W_hh used? Change it and see what changes.",
            right="a = W_xh x + W_hh h_prev + b_h",
            wrong="a = W_xh x + b_h",
        ),
        form(BOTH, (" + h_prev @ W_hh.T", "")),
    ),
    more("input-ignored", form(BOTH, ("x_t @ W_xh.T + ", ""))),
    more("bias-missing", form(BOTH, (" + b_h", ""))),
    more("bias-twice", form(BOTH, (SUM, f"{SUM} + b_h"))),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = ACTIVATIONS + TERMS
