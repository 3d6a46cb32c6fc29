"""Mistakes in one step of the forward pass: the activation, and the terms of the sum under it.

rnn_forward and rnn_bptt take such steps too.
"""

from ...mistake import BPTT, FORWARD, STEP, Words, form, mistake

ALL, LOOPS = STEP + FORWARD + BPTT, FORWARD + BPTT
TANH, SLOPE = "np.tanh(z_t)", "1 - h_t**2"
ASSIGNED = f"h_t = {TANH}"
UNITS = "for i in range(len(b_h)):\n{indent}    h_t[..., i] = np.tanh(x_t @ W_xh[i] + h_t @ W_hh[i] + b_h[i])"
PARTS = {  # where the activation ends before the sum does
    "of the input": "np.tanh({x} + b_h) + {h}",
    "of the state": "{x} + np.tanh({h} + b_h)",
    "of the input, without the bias": "np.tanh({x}) + {h} + b_h",
    "of the state, without the bias": "{x} + b_h + np.tanh({h})",
    "of each, bias with the input": "np.tanh({x} + b_h) + np.tanh({h})",
    "of each, bias with the state": "np.tanh({x}) + np.tanh({h} + b_h)",
    "of each, without the bias": "np.tanh({x}) + np.tanh({h}) + b_h",
}

ENTRIES = [
    # the activation
    mistake("no-tanh", Words(
        found="the activation is missing, the sum is returned as it is",
        matters="Without it the network is linear, however many steps it takes, and its states are not kept within "
        "(-1, 1): over a long sequence they can grow without limit. Small weights hide it, for tanh(z) is close to z "
        "near zero.",
        look="Follow the sum from where it is computed to where it is returned. What should happen to it in between?",
        right="h_t = tanh(W_xh x_t + W_hh h_prev + b_h)",
        wrong="h_t = W_xh x_t + W_hh h_prev + b_h"),
        form(ALL, (TANH, "z_t")),
        form(LOOPS, ("h_states.append(h_t)", "h_states.append(z_t)"), variant="in what is returned"),
        form(BPTT, (TANH, "z_t"), (SLOPE, "1"), variant="and no slope")),

    mistake("relu-for-tanh", Words(
        found="the activation is a ReLU, expected tanh",
        matters="Negative sums become zero, so states are never negative and have no upper limit. Such a network "
        "trains, which is why nobody notices until weights of a tanh network are loaded into it.",
        look="Which function is applied to the sum? Try it on -1: a state may well be negative.",
        right="h_t = tanh(z_t)",
        wrong="h_t = max(z_t, 0)"),
        form(ALL, (TANH, "np.maximum(z_t, 0)")),
        form(BPTT, (TANH, "np.maximum(z_t, 0)"), (SLOPE, "(h_t > 0)"), variant="with its slope")),

    mistake("sigmoid-for-tanh", Words(
        found="the activation is the logistic sigmoid, expected tanh",
        matters="States lie between 0 and 1 and centre on one half instead of zero. The sigmoid's slope is at most "
        "1/4, so gradients fade over fewer steps than they have to.",
        look="What does your activation give at zero? A unit that receives nothing should also say nothing.",
        right="h_t = tanh(z_t) = (e^z_t - e^-z_t) / (e^z_t + e^-z_t)",
        wrong="h_t = 1 / (1 + e^-z_t)"),
        form(ALL, (TANH, "1 / (1 + np.exp(-z_t))")),
        form(BPTT, (TANH, "1 / (1 + np.exp(-z_t))"), (SLOPE, "h_t * (1 - h_t)"), variant="with its slope")),

    mistake("tanh-twice", Words(
        found="the activation is applied twice",
        matters="No state can get beyond 0.762, which is tanh(1), and the slope that goes with 1 - h_t^2 is no longer "
        "the true one. States still look plausible, and near zero they are almost right.",
        look="Count the activations on the way from the sum to the caller, the helper functions included.",
        right="h_t = tanh(z_t), once",
        wrong="h_t = tanh(tanh(z_t))"),
        form(ALL, (TANH, "np.tanh(np.tanh(z_t))"))),

    mistake("tanh-of-part", Words(
        found="the activation covers only one part of the sum",
        matters="The other part goes through unbounded, so states can leave (-1, 1). Where the part outside is small "
        "the states are nearly right, and training goes on with gradients that do not belong to this function.",
        look="Check the brackets: what belongs inside the activation, and where does yours close?",
        right="h_t = tanh(W_xh x_t + W_hh h_prev + b_h)",
        wrong="h_t = tanh(W_xh x_t + b_h) + W_hh h_prev   (or the reverse)"),
        *(form(functions, (TANH, whole.format(x="x_t @ W_xh.T", h=f"{state} @ W_hh.T")), variant=told)
          for functions, state in ((STEP, "h_prev"), (LOOPS, "h_t"))
          for told, whole in PARTS.items())),

    mistake("tanh-of-exponentials", Words(
        found="tanh is written out in exponentials, which overflow",
        matters="For sums of some hundreds in size (88 in float32) it is inf / inf, which is nan, and one nan spreads "
        "to every later state and to all weights. Until then nothing shows.",
        look="What is e to the power of 1000 in your arithmetic? A library's own function knows how to avoid it.",
        right="h_t = tanh(z_t)",
        wrong="h_t = (e^z_t - e^-z_t) / (e^z_t + e^-z_t)"),
        form(ALL, (TANH, "(np.exp(z_t) - np.exp(-z_t)) / (np.exp(z_t) + np.exp(-z_t))")),
        form(ALL, (TANH, "(np.exp(2 * z_t) - 1) / (np.exp(2 * z_t) + 1)"), variant="of 2 z"),
        form(ALL, (TANH, "(1 - np.exp(-2 * z_t)) / (1 + np.exp(-2 * z_t))"), variant="of -2 z")),

    mistake("state-updated-in-place", Words(
        found="units read the new states of the units before them, not those of the step before",
        matters="The state is overwritten while it is still being read: unit 0 is right, and every later one depends "
        "on how the units are numbered. Small recurrent weights hide it.",
        look="In which array does the loop over the units write, and from which does it read?",
        right="h_t[i] = tanh(W_xh[i] x_t + W_hh[i] h_prev + b_h[i])",
        wrong="h[i] = tanh(W_xh[i] x_t + W_hh[i] h + b_h[i])   in one array h"),
        form(STEP, (ASSIGNED, f"h_t = h_prev.copy()\n    {UNITS}".replace("{indent}", "    "))),
        form(LOOPS, (ASSIGNED, f"h_t = h_t.copy()\n        {UNITS}".replace("{indent}", "        ")))),

    # the terms of the sum
    mistake("bias-missing", Words(
        found="the bias b_h is left out",
        matters="A unit can then no longer be shifted: with no input and a zero state it is zero for good. As biases "
        "often start as zeros, it hides until they have been trained or loaded from elsewhere.",
        look="Does every argument of the function take part in the result? Change b_h and see what changes.",
        right="z_t = W_xh x_t + W_hh h_prev + b_h",
        wrong="z_t = W_xh x_t + W_hh h_prev"),
        form(ALL, (" + b_h", ""))),

    mistake("bias-twice", Words(
        found="the bias b_h is added twice",
        matters="Every unit is shifted by twice what was learnt. It happens where PyTorch's two biases have already "
        "been added up into b_h and the sum is then used for the input and for the state; zero biases hide it.",
        look="PyTorch has a bias for the input and one for the state. How many does this function have, and where "
        "does each place that adds one get its own from?",
        right="z_t = W_xh x_t + W_hh h_prev + b_h   (b_h = bias_ih + bias_hh)",
        wrong="z_t = (W_xh x_t + b_h) + (W_hh h_prev + b_h)"),
        form(ALL, (" + b_h", " + b_h + b_h"))),

    mistake("bias-outside-tanh", Words(
        found="the bias b_h is added after the activation",
        matters="It then shifts the state itself instead of the point at which the unit switches, states can leave "
        "(-1, 1), and 1 - h_t^2 is no longer the slope. Zero biases hide it entirely.",
        look="Is the bias inside or outside the brackets of the activation?",
        right="h_t = tanh(W_xh x_t + W_hh h_prev + b_h)",
        wrong="h_t = tanh(W_xh x_t + W_hh h_prev) + b_h"),
        form(ALL, (TANH, "np.tanh(z_t - b_h) + b_h"))),

    mistake("bias-first-step-only", Words(
        found="the bias b_h takes part in the first step only",
        matters="The first state is exact, so a test with one step passes; every later state misses the shift that "
        "training gave to its units.",
        look="Which of the things you compute before the loop have to be used again in each turn of it?",
        right="z_t = W_xh x_t + W_hh h_prev + b_h   at every t",
        wrong="z_t = W_xh x_t + W_hh h_prev   for t > 0"),
        form(LOOPS, (" + b_h", " + (b_h if t == 0 else 0)"))),

    mistake("bias-at-some-steps", Words(
        found="the bias b_h takes part in every second step only",
        matters="Between two steps with it comes one without, so units lose and regain their shift all the time. "
        "Biases that are still zero hide it.",
        look="Under which condition on t is the bias added?",
        right="z_t = W_xh x_t + W_hh h_prev + b_h   at every t",
        wrong="z_t = W_xh x_t + W_hh h_prev   at every second t"),
        form(LOOPS, (" + b_h", " + (b_h if t % 2 == 0 else 0)"), variant="even ones"),
        form(LOOPS, (" + b_h", " + (b_h if t % 2 else 0)"), variant="odd ones")),

    mistake("W_hh-transposed", Words(
        found="W_hh is used transposed",
        matters="W_hh is square, so nothing raises, and with a zero h0 even the first state is right. Trained by "
        "itself the network may learn the transpose; weights from PyTorch give something else altogether.",
        look="Rows of W_hh belong to the units that receive. For arrays with the batch in front, what does `@` sum "
        "over, and is it that axis of W_hh?",
        right="(W_hh h)_i = sum_j W_hh[i, j] h_j",
        wrong="(W_hh h)_i = sum_j W_hh[j, i] h_j"),
        form(ALL, ("@ W_hh.T", "@ W_hh")),
        form(BPTT, ("@ W_hh.T", "@ W_hh"), ("dz_t @ W_hh", "dz_t @ W_hh.T"),
             ("dz_t.T @ h_prev", "h_prev.T @ dz_t"), variant="both ways")),

    mistake("W_xh-transposed", Words(
        found="W_xh is used transposed",
        matters="It only runs where D equals H and raises everywhere else, so a test with square sizes lets it "
        "through, and loaded weights then connect the wrong inputs with the wrong units.",
        look="W_xh has the shape (H, D). Try sizes that all differ: which product still fits?",
        right="(W_xh x)_i = sum_d W_xh[i, d] x_d",
        wrong="(W_xh x)_i = sum_d W_xh[d, i] x_d"),
        form(ALL, ("@ W_xh.T", "@ W_xh"))),

    mistake("weights-swapped", Words(
        found="W_xh is applied to the state and W_hh to the input",
        matters="Where it runs, the weights learnt for reading the input are used for remembering. With D different "
        "from H it raises, unless the two matrices are joined to one.",
        look="The letters say from where to where: x to h, h to h. Read your two products aloud, and compare the "
        "order of the arguments where the function is called.",
        right="z_t = W_xh x_t + W_hh h_prev + b_h",
        wrong="z_t = W_xh h_prev + W_hh x_t + b_h"),
        form(ALL, ("W_xh.T", "W_t.T"), ("W_hh.T", "W_xh.T"), ("W_t.T", "W_hh.T")),
        *(form(functions, (f"x_t @ W_xh.T + {h} @ W_hh.T", f"np.concatenate([x_t, {h}], -1) @ "
               "np.concatenate([W_hh, W_xh], 1).T"), variant="end to end")
          for functions, h in ((STEP, "h_prev"), (LOOPS, "h_t")))),

    mistake("input-ignored", Words(
        found="the input x_t is not used",
        matters="Every sequence gives the same states, and the loss can get no better than always guessing by how "
        "frequent the classes are. It also hides whatever is wrong with W_xh.",
        look="Feed two different inputs with the same state. Where in your code should they begin to differ?",
        right="z_t = W_xh x_t + W_hh h_prev + b_h",
        wrong="z_t = W_hh h_prev + b_h"),
        form(ALL, ("x_t @ W_xh.T + ", ""))),

    mistake("no-recurrence", Words(
        found="the state before is not used, nothing is remembered",
        matters="Each step sees its own input alone, so this is a feed-forward layer. On data in which the current "
        "input says most, it trains well enough to deceive.",
        look="Change only the first input. Does the last state change, and through which variable should it?",
        right="h_t = tanh(W_xh x_t + W_hh h_prev + b_h)",
        wrong="h_t = tanh(W_xh x_t + b_h)"),
        form(STEP, (" + h_prev @ W_hh.T", "")),
        form(LOOPS, (" + h_t @ W_hh.T", ""))),

    mistake("recurrence-twice", Words(
        found="the recurrent term is added twice",
        matters="It is as if W_hh were twice as large: a network whose memory fades begins to saturate or to behave "
        "chaotically, and gradients through many steps explode.",
        look="Is the state multiplied by its weights in two places, such as once in a helper and once in the loop?",
        right="z_t = W_xh x_t + W_hh h_prev + b_h",
        wrong="z_t = W_xh x_t + 2 W_hh h_prev + b_h"),
        form(ALL, ("@ W_hh.T", "@ (2 * W_hh.T)"))),

    mistake("outer-broadcast", Words(
        found="a vector (H,) and a column (H, 1) were added, which gives (H, H)",
        matters="NumPy stretches the two against each other without a word. What follows runs on with an array of "
        "another rank, or stops with an error in quite another place.",
        look="Print the shape of each term of the sum. Which of them is a column, and who made it one?",
        right="(H,) + (H,) + (H,) -> (H,)",
        wrong="(H,) + (H,) + (H, 1) -> (H, H)"),
        form(STEP + FORWARD, (" + b_h", " + b_h[:, None]")),
        form(FORWARD, ("x_t @ W_xh.T + h_t @ W_hh.T + b_h", "W_xh @ x_t + W_hh @ h_t + b_h[:, None]"),
             variant="W @ x"),
        form(STEP, ("z_t = x_t @ W_xh.T + h_prev @ W_hh.T + b_h",
             "z_t = (x_t @ W_xh.T + h_prev @ W_hh.T)[..., None] + b_h"), variant="columns")),
]  # fmt: skip
