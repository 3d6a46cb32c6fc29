"""Mistakes in which states the output layer reads, and in what is done to them on the way there and back."""

from ..across.batch_first import mixed
from ..mistake import BPTT, OUTPUT, OUTPUT_BACK, Words, form, mistake, more
from .mistakes import BACKS, BOTH

ACTIVATIONS = {
    "tanh": "np.tanh(h_states)",
    "relu": "np.maximum(h_states, 0)",
    "sigmoid": "(1 / (1 + np.exp(-h_states)))",
}

ENTRIES = [
    mistake("activation-before-output", Words(
        found="an activation is applied to the states before they are mapped to logits",
        matters="The states have been through tanh already. A second function bends them again, or cuts off all that "
        "is negative, and weights from elsewhere give other logits.",
        look="What does the output layer do to a state before the product? The formula has nothing there.",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = W_hy tanh(h_t) + b_y   (or relu, or sigmoid)"),
        *(form(BOTH, ("h_states @ W_hy.T", f"{made} @ W_hy.T"), variant=told)
          for told, made in ACTIVATIONS.items())),

    mistake("output-of-one-state", Words(
        found="every row of logits comes from the same state",
        matters="The number of rows is right, so nothing raises, but all predictions of a sequence are alike. Only "
        "one of them is what the network meant.",
        look="Which index does the state have inside your loop, or is it a variable left over from another one?",
        right="logits[t] = W_hy h_states[t] + b_y",
        wrong="logits[t] = W_hy h_states[T-1] + b_y   at every t   (or h_states[0])"),
        *(form(BOTH, ("h_states @ W_hy.T", f"(0 * h_states + h_states[{which}]) @ W_hy.T"), variant=told)
          for told, which in (("the last", -1), ("the first", 0)))),

    mistake("output-reversed", Words(
        found="the rows of logits are in reverse order",
        matters="Each prediction is compared with the target of another step. The middle one of an odd number is "
        "right, and so is a sequence of one.",
        look="In which order do you go through the states, and in which do you collect the rows?",
        right="logits[t] = W_hy h_states[t] + b_y",
        wrong="logits[t] = W_hy h_states[T-1-t] + b_y"),
        form(BOTH, ("h_states @ W_hy.T", "h_states[::-1] @ W_hy.T"))),

    mistake("logits-shifted", Words(
        found="the largest of the logits, or their mean, is subtracted from each row",
        matters="A softmax does not notice, so loss and predictions stay as they are. But the numbers are no logits, "
        "which shows where they are compared, averaged or handed to another program.",
        look="What of a numerically safe softmax has found its way into this layer?",
        right="logits_t = W_hy h_t + b_y",
        wrong="logits_t = W_hy h_t + b_y - max(W_hy h_t + b_y)"),
        *(form(OUTPUT, ("return logits", f"return logits - logits.{of}(-1, keepdims=True)"), variant=told)
          for of, told in (("max", "the largest"), ("mean", "the mean")))),

    mistake("output-bias-once", Words(
        found="the bias b_y is added at one step only",
        matters="One prediction is right, and all others miss what makes frequent classes likely. Biases that are "
        "still zero hide it.",
        look="Is b_y added inside the loop over the steps, or once, before or after it?",
        right="logits_t = W_hy h_t + b_y   at every t",
        wrong="logits_t = W_hy h_t   for all t but one"),
        *(form(OUTPUT, ("return logits", f"logits[{others}] -= b_y\n    return logits"), variant=told)
          for told, others in (("the first", "1:"), ("the last", ":-1"))),
        *(form(BPTT, ("    z = logits.reshape(-1, V)", f"    logits[{others}] -= b_y\n    z = logits.reshape(-1, V)"),
               variant=told) for told, others in (("the first", "1:"), ("the last", ":-1")))),

    mistake("slope-in-output-backward", Words(
        found="the gradient of the states has been through the slope of tanh already",
        matters="The output layer reads the states as they are; their tanh belongs to the recurrence, which undoes "
        "it itself. So the slope is multiplied in twice, and gradients are too small.",
        look="The output layer is a linear map. Which function in it has a slope?",
        right="dh_states = W_hy^T dlogits",
        wrong="dh_states = W_hy^T dlogits * (1 - h_states^2)"),
        form(OUTPUT_BACK, ("dh_states = dlogits_seq @ W_hy", "dh_states = dlogits_seq @ W_hy * (1 - h_states**2)")),
        form(BPTT, ("dh_states = dlogits_seq @ W_hy", "dh_states = dlogits_seq @ W_hy * (1 - h_states**2)"))),

    mistake("dh_states-without-W_hy", Words(
        found="the gradient of the states has not been carried through W_hy",
        matters="It runs only where V equals H. The output layer itself learns, and all that lies below is led by "
        "numbers that belong to classes, not to units.",
        look="Forward, a state is multiplied by a matrix to give logits. Where is that matrix on the way back?",
        right="dh_t = W_hy^T dlogits_t",
        wrong="dh_t = dlogits_t"),
        form(BACKS, ("dh_states = dlogits_seq @ W_hy", "dh_states = dlogits_seq.copy()"))),

    more("batch-rows-mixed",
        *(form(BOTH, ("h_states @ W_hy.T", f"{states} @ W_hy.T"), variant=f"states, {told}")
          for told, states in mixed("h_states").items()),
        *(form(OUTPUT, ("return logits", f"return {logits}"), variant=f"logits, {told}")
          for told, logits in mixed("logits").items()),
        *(form(OUTPUT_BACK,
               ("dh_states = dlogits_seq @ W_hy", f"dh_states = dlogits_seq @ W_hy\n    dh_states = {states}"),
               variant=f"gradients of states, {told}")
          for told, states in mixed("dh_states").items()),
        form(OUTPUT, ("return logits", "return np.array([z.T.reshape(z.shape) for z in logits])"),
             variant="on the way out"),
        form(OUTPUT_BACK, ("dh_states = dlogits_seq @ W_hy", "dh_states = np.array([d.T.reshape(d.shape) for d in "
             "dlogits_seq @ W_hy])"), variant="on the way out of the gradients")),

    mistake("h_T-of-another-step", Words(
        found="the state that is handed on is not that after the last step",
        matters="Loss and gradients are right. The next chunk of text starts from a state that has not read the end "
        "of this one, or nothing of it at all.",
        look="Which variable do you return for the last state, and which step wrote to it?",
        right="h_T = h_states[T-1]",
        wrong="h_T = h_states[T-2]   (or h_states[0], or h0)"),
        *(form(BPTT, ("h_T = h_states[-1]", f"h_T = {which}"), variant=told)
          for told, which in (("the one before", "np.array([h0, *h_states])[-2]"), ("the first", "h_states[0]"),
                              ("h0", "h0.copy()")))),
]  # fmt: skip
