"""Mistakes in the second direction: in what order it reads, and how it joins the first."""

from ...mistake import Entry, Words, form, mistake
from .text import AT_END, CUT, FORWARD, JOINED, READ, SHOWN

PAIR = "np.concatenate(shown, -1)"
TWICE = "np.concatenate([{}] * directions, -1)"
TOP = "{} if k + 1 == len(layers) else np.concatenate(shown, -1)"


def _merged(one: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the edits that join the directions in another way: at the top, and twice, so that the shape is kept."""
    return (JOINED, f"below = {TOP.format(one)}"), (JOINED, f"below = {TWICE.format(one)}")


ENTRIES: tuple[Entry, ...] = (
    mistake(
        "not-turned",
        Words(
            found="both directions read forwards",
            matters="The second network has weights of its own, so it looks like more; but nothing of it has seen what "
            "comes later, which is what it is there for.",
            look="Change the last input of a sequence. Does the first output change?",
            right="the second direction reads x_T, ..., x_1",
            wrong="the second direction reads x_1, ..., x_T",
        ),
        form(FORWARD, (READ, "below"), (SHOWN, "states[0]")),
    ),
    mistake(
        "not-turned-back",
        Words(
            found="what the second direction shows stays in the order in which it read",
            matters="At step t one half is about x_t and the other about x_(T-t). Keras leaves it so in a layer with "
            "go_backwards; its Bidirectional turns it back.",
            look="The second direction's first state belongs to which element of the sequence?",
            right="at step t stand the two states that have just read x_t",
            wrong="at step t stand the states after t steps of either direction",
        ),
        form(FORWARD, (SHOWN, "states[0]")),
    ),
    mistake(
        "turned-back-only",
        Words(
            found="the second direction reads forwards, and what it shows is turned round",
            matters="Its states are of the beginning of the sequence, and stand at its end. Shapes are right, and "
            "training finds a use for it.",
            look="There are two places where an order changes, on the way in and on the way out. Are both there?",
            right="reads x_T, ..., x_1, and its states are turned back",
            wrong="reads x_1, ..., x_T, and its states are turned round",
        ),
        form(FORWARD, (READ, "below")),
    ),
    mistake(
        "directions-swapped",
        Words(
            found="the two directions have changed places",
            matters="The layer above reads each half with the weights for the other. Trained from scratch it makes no "
            "difference; with weights from PyTorch it does.",
            look="Which half of what is shown is the forward one, and which weights and states come first?",
            right="[forward, backward] side by side",
            wrong="[backward, forward] side by side   (or the other weights read backwards)",
        ),
        form(FORWARD, (JOINED, "below = np.concatenate(shown[::-1], -1)"), variant="in what is shown"),
        form(FORWARD, (READ, "below if backward or directions == 1 else below[turn, b]"),
             (SHOWN, "states[0] if backward or directions == 1 else states[0][turn, b]"), variant="in reading"),
    ),
    mistake(
        "directions-summed",
        Words(
            found="what the two directions show is added up, not laid side by side",
            matters="Keras has merge_mode='sum', and some speech models do it to save weights. The next layer then has "
            "H inputs, not 2 H.",
            look="How wide is what a layer of two directions shows, H or 2 H?",
            right="shown = [h_forward, h_backward]",
            wrong="shown = h_forward + h_backward",
        ),
        form(FORWARD, _merged("sum(shown)")[0], variant="at the top"),
        form(FORWARD, _merged("sum(shown)")[1], variant="twice side by side"),
    ),
    mistake(
        "directions-averaged",
        Words(
            found="what the two directions show is averaged, not laid side by side",
            matters="Keras has merge_mode='ave'. It is half of the sum: what one direction says can no longer be told "
            "from what the other says.",
            look="Is there a mean, or a factor of a half, where the two directions meet?",
            right="shown = [h_forward, h_backward]   (2 H wide)",
            wrong="shown = (h_forward + h_backward) / 2",
        ),
        form(FORWARD, _merged("sum(shown) / directions")[0], variant="at the top"),
        form(FORWARD, _merged("sum(shown) / directions")[1], variant="twice side by side"),
    ),
    mistake(
        "directions-interleaved",
        Words(
            found="the units of the two directions alternate",
            matters="A stack on the last axis and a reshape do this. The shape is right, and every weight above "
            "belongs to another unit.",
            look="Along which axis are the two halves joined, and is it a new one?",
            right="unit j of direction d stands at d H + j",
            wrong="unit j of direction d stands at 2 j + d",
        ),
        form(FORWARD, (JOINED, "below = np.stack(shown, -1).reshape(T, B, -1)")),
    ),
    mistake(
        "directions-kept-apart",
        Words(
            found="each direction of a layer reads its own direction below alone",
            matters="These are two stacks beside each other, which meet at the top only. PyTorch joins the directions "
            "after every layer, as the width of its weights shows.",
            look="What does the second layer's forward direction read: one direction of the first layer, or both?",
            right="both directions of layer l read [h_forward, h_backward] of layer l-1",
            wrong="each direction of layer l reads its own half of layer l-1",
        ),
        form(FORWARD, (JOINED, f"below, apart = {PAIR}, shown"),
             (f"read = {READ}", f"alone = {TWICE.format('apart[k % directions]')} if k >= directions else below\n"
              "        read = alone[turn, b] if backward else alone")),
    ),
    mistake(
        "backward-state-at-end",
        Words(
            found="the second direction's last state is the one that stands at the sequence's end",
            matters="There it has read a single element. A classifier that takes the outputs at the last step gets "
            "half of its features from one token.",
            look="Where in time does the second direction stop reading, and which of its states is that?",
            right="h_T of the second direction: after it has read x_1",
            wrong="h_T of the second direction: after it has read x_T alone",
        ),
        form(FORWARD, (AT_END, "one[0 * ends if backward else ends - 1, b]")),
    ),
    mistake(
        "last-state-from-outputs",
        Words(
            found="the last state is taken from the last row of what is shown",
            matters="Behind the end of a short sequence that row is zeros, and of the second direction it has read one "
            "element. For one direction and equal lengths it is right.",
            look="Take two sequences of different lengths. In which row does each one's last state stand?",
            right="h_T = h_states[length - 1], of the second direction h_states[0]",
            wrong="h_T = h_states[-1]",
        ),
        form(FORWARD, (CUT, f"{CUT}\n        states_T[0][-1] = shown[-1][-1]")),
    ),
)  # fmt: skip
