"""Mistakes in what the reset gate does."""

from ...mistake import Entry, Words, form, mistake
from .text import B_HN, B_XN, BEFORE, BOTH, CANDIDATE, HERE, RESET, N

RESETS = (
    mistake(
        "reset-before",
        Words(
            found="the reset gate multiplies the state before the product with W_hn instead of the product",
            matters="It is the cell of Cho et al. (2014), Keras with reset_after=False and ONNX's default, and another"
            " function. PyTorch and cuDNN have the gate behind the product; weights do not carry over.",
            look="What does the reset gate multiply: the state, or what W_hn and b_hn have made of it?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + W_hn (r * h_prev) + b_hn)",
        ),
        form(BOTH, ("if not reset_after", "if True"), (RESET, "h_n")),
    ),
    mistake(
        "reset-misses-bias",
        Words(
            found="the bias b_hn stands outside of the reset gate",
            matters="It happens where the two biases of the candidate are merged into one. Where the gate is closed, "
            "PyTorch's b_hn has no effect and this one has. Zero biases hide it.",
            look="Which of the candidate's two biases does the reset gate multiply?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + r * (W_hn h_prev) + b_hn)",
        ),
        form(BOTH, (RESET, f"r_t * (h_n - {B_HN}) + {B_HN} if reset_after else h_n")),
    ),
    mistake(
        "reset-takes-both-biases",
        Words(
            found="both biases of the candidate stand inside of the reset gate",
            matters="The input's bias b_xn then vanishes with the past wherever the gate closes. Zero biases hide it.",
            look="Close the reset gate in your mind: what of the candidate's two biases should be left?",
            right=HERE,
            wrong="n = tanh(W_xn x + r * (W_hn h_prev + b_xn + b_hn))",
        ),
        form(BOTH, (RESET, f"r_t * (h_n + {B_XN}) - {B_XN} if reset_after else h_n")),
    ),
    mistake(
        "reset-ignored",
        Words(
            found="the reset gate is not used",
            matters="The candidate always sees the whole past. A third of the weights has no effect, and training "
            "hides it: the update gate takes over.",
            look="Change the rows of the reset gate in W_xh: does anything change?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + W_hn h_prev + b_hn)",
        ),
        form(BOTH, (RESET, "h_n"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "reset-inverted",
        Words(
            found="the reset gate has the opposite sense: it lets the past in where it should keep it out",
            matters="With its rows negated it is the same cell, so it trains. With weights from elsewhere the "
            "candidate sees the past exactly where it should not.",
            look="What should the candidate be made of where r is exactly 0?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + (1 - r) * (W_hn h_prev + b_hn))",
        ),
        form(BOTH, (RESET, "(1 - r_t) * h_n if reset_after else h_n"), (BEFORE, "((1 - r_t) * h_prev) @")),
    ),
    mistake(
        "update-for-reset",
        Words(
            found="the candidate is made with the update gate in the place of the reset gate",
            matters="Both gates have the same shape, so nothing raises. What is kept and what is looked at are then "
            "one and the same decision.",
            look="Which gate stands in the candidate's line?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + z * (W_hn h_prev + b_hn))",
        ),
        form(BOTH, (RESET, "z_t * h_n if reset_after else h_n"), (BEFORE, "(z_t * h_prev) @")),
        form(
            BOTH,
            (RESET, "(1 - z_t) * h_n if reset_after else h_n"),
            (BEFORE, "((1 - z_t) * h_prev) @"),
            variant="counted the other way round",
        ),
    ),
    mistake(
        "reset-both",
        Words(
            found="the reset gate is applied twice, before the product with W_hn and behind it",
            matters="What the gate half lets through is quartered. Where it is nearly open or nearly closed, little "
            "shows.",
            look="How often does the reset gate occur on the way from the state to the candidate?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + r * (W_hn (r * h_prev) + b_hn))",
        ),
        form(BOTH, ("if not reset_after", "if True"), (RESET, "r_t * h_n")),
    ),
    mistake(
        "reset-of-input",
        Words(
            found="the reset gate multiplies the input's side of the candidate instead of the state's",
            matters="It decides what of the input is read, and the past always counts in full.",
            look="What is reset: the past or the present?",
            right=HERE,
            wrong="n = tanh(r * (W_xn x + b_xn) + W_hn h_prev + b_hn)",
        ),
        form(BOTH, (CANDIDATE, "(r_t * x_n + h_n)"), (BEFORE, "h_prev @")),
        form(
            BOTH,
            (CANDIDATE, "(r_t * (x_n - np.split(b_xh, 3)[2]) + np.split(b_xh, 3)[2] + h_n)"),
            (BEFORE, "h_prev @"),
            variant="its bias left out",
        ),
    ),
    mistake(
        "reset-of-all",
        Words(
            found="the reset gate multiplies both sides of the candidate's sum",
            matters="Where it closes, the candidate is zero whatever is read, and the state fades instead of starting "
            "anew.",
            look="Where do the brackets behind the reset gate open and close?",
            right=HERE,
            wrong="n = tanh(r * (W_xn x + b_xn + W_hn h_prev + b_hn))",
        ),
        form(BOTH, (CANDIDATE, "r_t * (x_n + h_n)"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "reset-outside-tanh",
        Words(
            found="the reset gate multiplies the finished candidate",
            matters="The candidate shrinks instead of forgetting, and with it the new state.",
            look="Is the reset gate inside or outside of the brackets of tanh?",
            right=HERE,
            wrong="n = r * tanh(W_xn x + b_xn + W_hn h_prev + b_hn)",
        ),
        form(BOTH, (N, "r_t * np.tanh(x_n + h_n)"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "option-ignored",
        Words(
            found="the option reset_after is accepted and changes nothing",
            matters="Who asks for the other cell gets this one, without a word.",
            look="Search the function for the option's name. Where does the path divide?",
            right="reset_after=False: n = tanh(W_xn x + b_xn + W_hn (r * h_prev) + b_hn)",
            wrong="reset_after=False: n = tanh(W_xn x + b_xn + r * (W_hn h_prev + b_hn))",
        ),
        form(BOTH, ("if not reset_after", "if False"), (RESET, "r_t * h_n"), variant="reset_after"),
    ),
    mistake(
        "option-inverted",
        Words(
            found="the option reset_after means the opposite",
            matters="Both cells are there, and right, and each bears the other's name. Weights that were made for one "
            "of them run through the other without any error.",
            look="With reset_after=True, does the reset gate multiply the state, or the product that was made of it?",
            right="reset_after=True: r * (W_hn h_prev + b_hn), False: W_hn (r * h_prev) + b_hn",
            wrong="reset_after=True: W_hn (r * h_prev) + b_hn, False: r * (W_hn h_prev + b_hn)",
        ),
        form(BOTH, ("if not reset_after", "if reset_after"), (RESET, "h_n if reset_after else r_t * h_n")),
    ),
)

ENTRIES: tuple[Entry, ...] = RESETS
