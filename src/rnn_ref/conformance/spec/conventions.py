"""Words for what is right in another convention: another layout of the arrays, or a pair that is returned."""

from .mistake import Words

CONVENTIONS = {
    "layout-keras": Words(
        found="it is right if every weight is read transposed and the batch comes first",
        matters="This is how Keras lays out its arrays. Taken for PyTorch's, weights are transposed, which where D "
        "equals H no shape tells; nothing has to be changed if it is what you claim.",
        look="Do your products read x W, with the weights behind? Declare it with --layout keras, or transpose.",
        right="W_xh (H, D), W_hh (H, H), W_hy (V, H), X_seq (T, B, D)",
        wrong="W_xh (D, H), W_hh (H, H) transposed, W_hy (H, V), X_seq (B, T, D)",
    ),
    "layout-batch-first": Words(
        found="it is right if the batch comes before time",
        matters="PyTorch calls this batch_first=True. Given arrays with time first, where T equals B, it mixes the "
        "sequences without an error.",
        look="Which axis does your loop run over? Declare it with --layout batch-first, or exchange the axes.",
        right="X_seq (T, B, D) -> h_states (T, B, H)",
        wrong="X_seq (B, T, D) -> h_states (B, T, H)",
    ),
    "layout-onnx": Words(
        found="it is right if weights and states have ONNX's axes, and the bias comes in two halves",
        matters="An exported network can be run like this only by something that expects these axes. "
        "Whoever uses one half of the bias and forgets the other loses part of every sum.",
        look="Is there an axis of length 1 in your weights? Declare it with --layout onnx, or take it out.",
        right="W_xh (H, D), b_h (H,), h0 (B, H)",
        wrong="W (1, H, D), B (1, 2 H), initial_h (1, B, H)",
    ),
    "layout-torch": Words(
        found="it is right if h0 has a leading axis for the layer and the classes of a loss are on axis 1",
        matters="These are the axes of torch.nn.RNN and of its cross-entropy. Code that has none of them, given such "
        "arrays, may broadcast the extra axis instead of refusing it.",
        look="Does your code expect an axis for layers? Declare it with --layout torch, or take it out.",
        right="h0 (B, H), logits (N, ..., V)",
        wrong="h0 (1, B, H), logits (N, V, ...)",
    ),
    "returns-pair": Words(
        found="it returns a pair of all states and the last one",
        matters="Frameworks do so, to save the caller an index. Whoever expects a list of states takes the pair for "
        "two states, which for T = 2 nobody notices.",
        look="What stands behind your `return`, one thing or two? Declare it with --returns pair, or return one.",
        right="return h_states",
        wrong="return h_states, h_T",
    ),
}
