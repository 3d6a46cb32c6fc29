"""Mistakes in the output layer, and on the way back through it; rnn_bptt has both."""

from ..mistake import BPTT, OUTPUT, OUTPUT_BACK, Words, form, mistake, more

LOGITS = "h_states @ W_hy.T + b_y"
P = f"np.exp({LOGITS}) / np.exp({LOGITS}).sum(-1, keepdims=True)"
BOTH, BACKS = OUTPUT + BPTT, OUTPUT_BACK + BPTT

ENTRIES = [
    # forwards
    mistake("output-bias-missing", Words(
        found="the bias b_y is left out",
        matters="The logits miss the same vector at every step, so classes that are frequent in the data get no head "
        "start. A bias that is still zero hides it.",
        look="Which of the three arguments does not appear in your return value?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = W_hy h_t"),
        form(BOTH, (" + b_y", ""))),

    mistake("output-bias-twice", Words(
        found="the bias b_y is added twice",
        matters="Frequent classes are preferred more than was learnt, by the same amount at every step.",
        look="Is b_y added by the caller or a helper as well as here?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = W_hy h_t + 2 b_y"),
        form(BOTH, (" + b_y", " + 2 * b_y"))),

    mistake("W_hy-transposed", Words(
        found="W_hy is used transposed",
        matters="With V different from H it raises; with V equal to H it runs and maps every state to wrong logits.",
        look="W_hy has the shape (V, H). Over which of its axes does your product sum, and how long is a state?",
        right="logits[v] = sum_j W_hy[v, j] h[j] + b_y[v]",
        wrong="logits[v] = sum_j W_hy[j, v] h[j] + b_y[v]"),
        form(BOTH, ("@ W_hy.T", "@ W_hy"))),

    mistake("softmax-in-output", Words(
        found="probabilities are returned, expected logits",
        matters="A cross-entropy applies the softmax itself, so it is applied twice: the loss can no longer approach "
        "zero, gradients are small, and training seems to be merely slow.",
        look="Who is responsible for the softmax, this layer or the loss? See what the rows of your result add up to.",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = softmax(W_hy h_t + b_y)"),
        form(OUTPUT, (LOGITS, P))),

    mistake("log-softmax-in-output", Words(
        found="log-probabilities are returned, expected logits",
        matters="The loss does not notice, for a second log-softmax changes nothing; but the numbers are not the "
        "logits, which shows where they are compared, averaged or given to another program.",
        look="Is a constant subtracted from each row of your result, and whose task would that be?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = log softmax(W_hy h_t + b_y)"),
        form(OUTPUT, (LOGITS, f"np.log({P})"))),

    mistake("tanh-in-output", Words(
        found="an activation is applied to the logits",
        matters="Logits between -1 and 1 cannot express certainty: with two classes no probability gets beyond "
        "0.881. The loss stops falling at a level that looks like a hard problem.",
        look="The output layer is a linear map. What else does yours do?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = tanh(W_hy h_t + b_y)"),
        form(BOTH, (LOGITS, f"np.tanh({LOGITS})"))),

    mistake("output-of-previous-state", Words(
        found="the logits of step t come from the state before it",
        matters="The prediction at t does not know the input at t. Sequences that change slowly hide it; the loss is "
        "just somewhat worse.",
        look="Does the list of states begin with h0 somewhere on its way here? Compare its length with T.",
        right="logits[t] = W_hy h_states[t] + b_y",
        wrong="logits[t] = W_hy h_states[t-1] + b_y"),
        form(BOTH, ("h_states @ W_hy.T", "np.roll(h_states, 1, axis=0) @ W_hy.T"), variant="wraps"),
        form(OUTPUT,
             ("h_states @ W_hy.T", "np.concatenate([0 * h_states[:1], h_states[:-1]]) @ W_hy.T"), variant="0 first"),
        form(BPTT, ("h_states @ W_hy.T", "np.concatenate([h0[None], h_states[:-1]]) @ W_hy.T"), variant="h0 first")),

    mistake("last-logits-only", Words(
        found="only the last step is mapped to logits",
        matters="A loss at every step needs logits at every step; from one row alone the steps before it learn "
        "through the recurrence only.",
        look="Is the result indexed by the last step, or does a loop overwrite it?",
        right="logits of shape (T, ..., V)",
        wrong="logits of shape (..., V), those of t = T-1"),
        form(OUTPUT, ("return logits", "return logits[-1]")),
        form(OUTPUT, ("return logits", "return logits[-1:]"), variant="as a list of one")),

    # backwards
    mistake("W_hy-transposed:rnn_output_backward", Words(
        found="W_hy is used the wrong way round on the way back",
        matters="Gradients of the logits are sent to the wrong hidden units. dW_hy and db_y stay right, so the output "
        "layer still learns, while what lies below it is led astray. It runs only where V equals H.",
        look="Forward, W_hy turns H numbers into V. Over which axis does the way back have to sum?",
        right="dh[j] = sum_v W_hy[v, j] dlogits[v]",
        wrong="dh[j] = sum_v W_hy[j, v] dlogits[v]"),
        form(BACKS, ("dlogits_seq @ W_hy", "dlogits_seq @ W_hy.T"), variant="on the way back")),

    mistake("dW_hy-transposed", Words(
        found="the gradient dW_hy is transposed",
        matters="It has the shape of W_hy only where V equals H. There it is subtracted without an error, and each "
        "weight moves by the gradient that belongs to its mirror image.",
        look="Which index of W_hy belongs to the logits and which to the states? In an outer product the left factor "
        "gives the rows.",
        right="dW_hy = sum_t dlogits_t h_t^T",
        wrong="dW_hy = sum_t h_t dlogits_t^T"),
        form(BACKS, ("dz.T @ h\n", "h.T @ dz\n")),
        form(BACKS, ("dz.T @ h\n", "np.zeros_like(W_hy) + h.T @ dz\n"), variant="added up in place")),

    mistake("dW_hy-from-h_prev", Words(
        found="dW_hy is made with the states of the step before",
        matters="The state before takes part in the recurrence; the output layer saw the current one. Neighbouring "
        "states resemble each other, so training still improves, towards the wrong place.",
        look="Which state did the forward pass multiply by W_hy at step t?",
        right="dW_hy = sum_t dlogits_t h_t^T",
        wrong="dW_hy = sum_t dlogits_t h_prev^T"),
        form(OUTPUT_BACK, ("dz.T @ h\n", "dz.T @ np.roll(h_states, 1, axis=0).reshape(h.shape)\n")),
        form(BPTT, ("dz.T @ h\n", "dz.T @ np.concatenate([h0[None], h_states[:-1]]).reshape(h.shape)\n"),
             variant="h0 first"),
        form(BACKS, ("dz.T @ h\n", "dz.T @ np.concatenate([0 * h_states[:1], h_states[:-1]]).reshape(h.shape)\n"),
             variant="0 first")),

    more("db-twice", form(BACKS, ("db_y = dz.sum(0)", "db_y = 2 * dz.sum(0)"), variant="b_y")),

    more("db-first-step-only",
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dlogits_seq[0].reshape(-1, len(b_y)).sum(0)"), variant="b_y")),

    more("assigned-not-accumulated",
        form(OUTPUT_BACK,
             ("dW_hy = dz.T @ h\n",
              "last = len(dz) - len(dz) // len(dlogits_seq)\n    dW_hy = dz[last:].T @ h[last:]\n"),
             variant="W_hy"),
        form(BPTT, ("dW_hy = dz.T @ h\n", "dW_hy = dz[-B:].T @ h[-B:]\n"), variant="W_hy")),

    more("db-without-first-step",
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dlogits_seq[1:].reshape(-1, len(b_y)).sum(0)"), variant="b_y")),

    more("averaged-over-steps",
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dz.sum(0) / len(dlogits_seq)"), variant="b_y")),

    more("averaged-over-batch",
        form(BACKS, ("db_y = dz.sum(0)", "db_y = dz.sum(0) * (len(dlogits_seq) / len(dz))"), variant="b_y")),

    more("averaged-over-steps", form(OUTPUT_BACK, ("dW_hy, db_y\n", "dW_hy / len(h_states), db_y / len(h_states)\n"))),

    more("averaged-over-batch",
        form(OUTPUT_BACK, ("dW_hy, db_y\n",
             "*(d * (len(h_states) / len(h)) for d in (dW_hy, db_y))\n"), variant="weights"),
        form(OUTPUT_BACK, ("dh_states, dW_hy, db_y\n",
             "tuple(d * (len(h_states) / len(h)) for d in (dh_states, dW_hy, db_y))\n"), variant="all")),

    mistake("mean-over-steps:rnn_output_backward", Words(
        found="the gradients of W_hy and b_y are divided by the number of predictions",
        matters="If the loss is a mean, dlogits_seq already contains the division; done again, the output layer "
        "learns T*B times more slowly than the layer below it.",
        look="Whether the loss was a mean is settled in the gradient that comes in. What is left to do here?",
        right="dW_hy = sum_t dlogits_t h_t^T,   summed over the batch as well",
        wrong="dW_hy = (1/(T*B)) sum_t dlogits_t h_t^T"),
        form(OUTPUT_BACK, ("dW_hy, db_y\n", "dW_hy / len(h), db_y / len(h)\n"), variant="by T * B"),
        form(OUTPUT_BACK, ("db_y = dz.sum(0)", "db_y = dz.mean(0)"), variant="b_y by T * B")),
]  # fmt: skip
