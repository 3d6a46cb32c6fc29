"""Words for mistakes in the output layer, and on the way back through it."""

from ..mistake import Words

FORWARDS = {
    "output-bias-missing": Words(
        found="the bias b_y is left out",
        matters="The logits miss the same vector at every step, so classes that are frequent in the data get no head "
        "start. A bias that is still zero hides it.",
        look="Which of the three arguments does not appear in your return value?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = W_hy h_t",
    ),
    "output-bias-twice": Words(
        found="the bias b_y is added twice",
        matters="Frequent classes are preferred more than was learnt, by the same amount at every step.",
        look="Is b_y added by the caller or a helper as well as here?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = W_hy h_t + 2 b_y",
    ),
    "W_hy-transposed": Words(
        found="W_hy is used transposed",
        matters="With V different from H it raises; with V equal to H it runs and maps every state to wrong logits.",
        look="W_hy has the shape (V, H). Over which of its axes does your product sum, and how long is a state?",
        right="logits[v] = sum_j W_hy[v, j] h[j] + b_y[v]",
        wrong="logits[v] = sum_j W_hy[j, v] h[j] + b_y[v]",
    ),
    "W_hy-transposed:rnn_output_backward": Words(
        found="W_hy is used the wrong way round on the way back",
        matters="Gradients of the logits are sent to the wrong hidden units. dW_hy and db_y stay right, so the output "
        "layer still learns, while what lies below it is led astray. It runs only where V equals H.",
        look="Forward, W_hy turns H numbers into V. Over which axis does the way back have to sum?",
        right="dh[j] = sum_v W_hy[v, j] dlogits[v]",
        wrong="dh[j] = sum_v W_hy[j, v] dlogits[v]",
    ),
    "softmax-in-output": Words(
        found="probabilities are returned, expected logits",
        matters="A cross-entropy applies the softmax itself, so it is applied twice: the loss can no longer approach "
        "zero, gradients are small, and training seems to be merely slow.",
        look="Who is responsible for the softmax, this layer or the loss? See what the rows of your result add up to.",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = softmax(W_hy h_t + b_y)",
    ),
    "log-softmax-in-output": Words(
        found="log-probabilities are returned, expected logits",
        matters="The loss does not notice, for a second log-softmax changes nothing; but the numbers are not the "
        "logits, which shows where they are compared, averaged or given to another program.",
        look="Is a constant subtracted from each row of your result, and whose task would that be?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = log softmax(W_hy h_t + b_y)",
    ),
    "tanh-in-output": Words(
        found="an activation is applied to the logits",
        matters="Logits between -1 and 1 cannot express certainty: with two classes no probability gets beyond "
        "0.881. The loss stops falling at a level that looks like a hard problem.",
        look="The output layer is a linear map. What else does yours do?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = tanh(W_hy h_t + b_y)",
    ),
    "output-of-previous-state": Words(
        found="the logits of step t come from the state before it",
        matters="The prediction at t does not know the input at t. Sequences that change slowly hide it; the loss is "
        "just somewhat worse.",
        look="Does the list of states begin with h0 somewhere on its way here? Compare its length with T.",
        right="logits[t] = W_hy h_states[t] + b_y",
        wrong="logits[t] = W_hy h_states[t-1] + b_y",
    ),
    "last-logits-only": Words(
        found="only the last step is mapped to logits",
        matters="A loss at every step needs logits at every step; from one row alone the steps before it learn "
        "through the recurrence only.",
        look="Is the result indexed by the last step, or does a loop overwrite it?",
        right="logits of shape (T, ..., V)",
        wrong="logits of shape (..., V), those of t = T-1",
    ),
}

BACKWARDS = {
    "dW_hy-transposed": Words(
        found="the gradient dW_hy is transposed",
        matters="It has the shape of W_hy only where V equals H. There it is subtracted without an error, and each "
        "weight moves by the gradient that belongs to its mirror image.",
        look="Which index of W_hy belongs to the logits and which to the states? In an outer product the left factor "
        "gives the rows.",
        right="dW_hy = sum_t dlogits_t h_t^T",
        wrong="dW_hy = sum_t h_t dlogits_t^T",
    ),
    "dW_hy-from-h_prev": Words(
        found="dW_hy is made with the states of the step before",
        matters="The state before takes part in the recurrence; the output layer saw the current one. Neighbouring "
        "states resemble each other, so training still improves, towards the wrong place.",
        look="Which state did the forward pass multiply by W_hy at step t?",
        right="dW_hy = sum_t dlogits_t h_t^T",
        wrong="dW_hy = sum_t dlogits_t h_prev^T",
    ),
}
