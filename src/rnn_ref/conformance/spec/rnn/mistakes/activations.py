"""Other functions where tanh belongs, which look much like it, or like a ReLU."""

from ...mistake import BPTT, FORWARD, STEP, Number, Words, form, mistake

ALL = STEP + FORWARD + BPTT
TANH = "np.tanh(z_t)"
SIGMOID = "(1 / (1 + np.exp(-z_t)))"
SMOOTH = {  # kinds of ReLU that bend where a ReLU has its corner
    "ELU": "np.where(z_t > 0, z_t, np.exp(np.minimum(z_t, 0)) - 1)",
    "softplus": "np.logaddexp(0, z_t)",
    "SiLU": f"z_t * {SIGMOID}",
    "GELU": "0.5 * z_t * (1 + np.tanh(np.sqrt(2 / np.pi) * (z_t + 0.044715 * z_t**3)))",
}
NEARLY = {  # formulas in place of tanh
    "a ratio": "z_t * (27 + z_t**2) / (27 + 9 * z_t**2)",
    "a ratio, clipped": "np.clip(z_t * (27 + z_t**2) / (27 + 9 * z_t**2), -1, 1)",
    "a longer ratio": "z_t * (135135 + z_t**2 * (17325 + z_t**2 * (378 + z_t**2))) / "
    "(135135 + z_t**2 * (62370 + z_t**2 * (3150 + 28 * z_t**2)))",
    "two terms of the series": "z_t - z_t**3 / 3",
    "three terms of the series": "z_t - z_t**3 / 3 + 2 * z_t**5 / 15",
}

ENTRIES = [
    mistake("scaled-tanh", Words(
        found="the activation is LeCun's c tanh(2 z / 3), expected tanh",
        matters="It has about the slope of tanh at zero and goes up to 1.7 in size, where a state should stay below 1. "
        "Weights that were trained with the one give other states with the other.",
        look="Which constants stand before tanh and inside it? The formula has none.",
        right="h_t = tanh(z_t)",
        wrong="h_t = 1.7159 tanh(2/3 z_t)"),
        form(ALL, (TANH, "NUMBER * np.tanh(2 * z_t / 3)"), number=Number(1.7159, "with c = {}", 0.5, 5, points=4))),

    mistake("hard-tanh", Words(
        found="the activation is tanh made of straight lines, expected tanh",
        matters="It equals tanh at zero and far away and is off by up to 0.24 in between, so much seems right. States "
        "are exactly 1 in size sooner than they should be, and then pass no gradient at all.",
        look="Is the sum cut off at two limits? tanh only comes near to them.",
        right="h_t = tanh(z_t)",
        wrong="h_t = max(-1, min(1, z_t))"),
        form(ALL, (TANH, "np.clip(z_t, -1, 1)"))),

    mistake("softsign", Words(
        found="the activation is the softsign z / (1 + |z|), expected tanh",
        matters="It has the same slope at zero and the same limits, and comes near to them far more slowly: of a sum "
        "of 2 it makes 0.67, tanh 0.96. Trained that way it works; with weights from elsewhere it does not.",
        look="A fraction with a size in its denominator is no tanh. Try your activation on 2.",
        right="h_t = tanh(z_t)",
        wrong="h_t = z_t / (1 + |z_t|)"),
        form(ALL, (TANH, "z_t / (1 + np.abs(z_t))"))),

    mistake("arctan-for-tanh", Words(
        found="the activation is the inverse tangent, expected tanh",
        matters="arctan looks alike, has the limits -pi/2 and pi/2, and reaches them slowly. The names of the two "
        "differ by a few letters.",
        look="Which function of the library is called, and what does it give for a very large number?",
        right="h_t = tanh(z_t)",
        wrong="h_t = arctan(z_t)   (or 2/pi times that)"),
        form(ALL, (TANH, "np.arctan(z_t)")),
        form(ALL, (TANH, "np.arctan(z_t) * 2 / np.pi"), variant="up to 1"),
        form(ALL, (TANH, "np.arctan(np.pi * z_t / 2) * 2 / np.pi"), variant="up to 1, with a slope of 1")),

    mistake("leaky-relu-for-tanh", Words(
        found="the activation is a leaky ReLU, expected tanh",
        matters="Positive sums pass as they are, without an upper limit, and negative ones almost vanish. In a loop "
        "over time such states can grow without end.",
        look="Are there two cases for the sign of the sum? tanh has none.",
        right="h_t = tanh(z_t)",
        wrong="h_t = z_t where z_t > 0, else c z_t"),
        form(ALL, (TANH, "np.where(z_t > 0, z_t, NUMBER * z_t)"),
             number=Number(0.01, "with a slope of {} below zero", 1e-4, 0.9))),

    mistake("smooth-relu-for-tanh", Words(
        found="the activation is a smooth kind of ReLU (ELU, GELU, SiLU or softplus), expected tanh",
        matters="Such functions are made for deep networks without recurrence: they have no upper limit, so states may "
        "grow from step to step, and weights of a tanh network mean nothing to them.",
        look="What does your activation give for 10? A state may be at most 1.",
        right="h_t = tanh(z_t)",
        wrong="h_t = ELU(z_t)   (or GELU, SiLU, softplus)"),
        *(form(ALL, (TANH, made), variant=told) for told, made in SMOOTH.items())),

    mistake("tanh-approximated", Words(
        found="tanh is approximated by a formula that holds near zero",
        matters="Small sums are right to several digits, so tests with small weights pass. Beyond 1 the error grows, "
        "and a short series even turns round and runs away.",
        look="How large are the sums for which your formula was made, and how large are they here?",
        right="h_t = tanh(z_t)",
        wrong="h_t = z_t - z_t^3 / 3   (or z_t (27 + z_t^2) / (27 + 9 z_t^2))"),
        *(form(ALL, (TANH, made), variant=told) for told, made in NEARLY.items())),
]  # fmt: skip
