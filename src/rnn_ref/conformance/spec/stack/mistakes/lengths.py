"""Mistakes in sequences of different lengths: what is read and shown behind their ends, and whose is what."""

from ...mistake import Entry, Words, form, mistake
from .text import AT_END, CUT, ENDS, FORWARD, INPUT, LAST, PLACES, SHOWS, SIZES, TURN, UNCUT

SORTED = 'order = np.argsort(-ends, kind="stable")\n    '
ALL_SORTED = f"{SORTED}X_seq, ends, states0 = X_seq[:, order], ends[order], [one[:, order] for one in states0]\n    "
MASKED = (INPUT, UNCUT), (CUT, "shown.append(h * real)")
TURNED_TOO = (TURN, "T - 1 - t + 0 * ends"), (AT_END, "one[T - 1 if backward else ends - 1, b]")
KEPT = f"{LAST}:\n            last.append({AT_END})"

ENTRIES: tuple[Entry, ...] = (
    mistake(
        "padding-computed",
        Words(
            found="lengths are ignored, and what stands behind the ends is read like any other input",
            matters="Last states are those of padding, and the second direction begins in it. How wrong it is depends "
            "on what the batch was padded with, and on who else is in the batch.",
            look="Does a sequence give the same result alone and in a batch with a longer one?",
            right="each sequence is read to its own end",
            wrong="every sequence is read to T",
        ),
        form(FORWARD, (ENDS, "np.full(B, T)")),
    ),
    mistake(
        "padding-in-last-state",
        Words(
            found="last states are those at T, after the padding has been read",
            matters="What is shown is cut at the ends and looks right. The summary of a short sequence, which is what "
            "encoders hand on, has been through padding.",
            look="At which step is the state of a sequence of length 2 taken?",
            right="states_T = the states after step length",
            wrong="states_T = the states after step T",
        ),
        form(FORWARD, (AT_END, "one[-1]")),
    ),
    mistake(
        "padding-turned-too",
        Words(
            found="the second direction turns the whole padded array round, and reads the padding first",
            matters="Its state is stirred by padding before the first real element. Only sequences of full length are "
            "right, so a batch of equal lengths hides it.",
            look="Turn a sequence of 2 elements and 3 zeros round. What does the second direction read first?",
            right="x_length, ..., x_1, then the padding",
            wrong="the padding, then x_length, ..., x_1",
        ),
        form(FORWARD, *TURNED_TOO),
        form(FORWARD, *TURNED_TOO, (INPUT, UNCUT), variant="as it is"),
        form(FORWARD, *TURNED_TOO, *MASKED, variant="as it is, and multiplied by a mask"),
        form(FORWARD, (TURN, "T - 1 - t + 0 * ends"), variant="its last state after as many steps"),
        form(FORWARD, (TURN, "T - 1 - t + 0 * ends"), (AT_END, "one[-1]"), variant="and last states at T"),
    ),
    mistake(
        "padding-in-last-memory",
        Words(
            found="the state waits at the end of its sequence, and the memory goes on through the padding",
            matters="A mask was put on h and not on c. What is shown is right, and the next chunk starts with a memory "
            "that has read padding.",
            look="How many kinds of states does the cell have, and on how many of them is the mask?",
            right="c_T = the memory after step length",
            wrong="c_T = the memory after step T",
        ),
        form(FORWARD, (KEPT, "for last, one in zip(states_T, states):\n            last.append(one[-1] if "
                       f"last is not states_T[0] else {AT_END})")),
    ),
    mistake(
        "padding-resets-state",
        Words(
            found="states are set to zero behind the end, and the last states with them",
            matters="A mask by multiplication ends the memory of every sequence but the longest. Encoders then hand on "
            "zeros for short sentences.",
            look="What is left of a state after it was multiplied by the mask of a step behind the end?",
            right="behind the end the state stays what it was",
            wrong="behind the end the state is 0",
        ),
        form(FORWARD, (AT_END, "one[-1] * (ends == T)[:, np.newaxis]")),
    ),
    mistake(
        "mask-multiplied",
        Words(
            found="right if what stands behind the end of a sequence is finite: it is multiplied by 0",
            matters="0 * nan is nan. Padding that was never set, or is infinite, goes on to the layers above and into "
            "every sum over the outputs.",
            look="What is behind the ends of the sequences that come in, and what does the mask make of it?",
            right="0 is shown where t >= length, whatever stands there   (where, not a product)",
            wrong="states of the padding, times 0",
        ),
        form(FORWARD, *MASKED),
    ),
    mistake(
        "outputs-repeated",
        Words(
            found="right if behind the end of a sequence its last output is repeated, as Keras does",
            matters="A matter of convention. Sums and means over all steps, and losses without a mask, count the "
            "repeated rows, and differ from those of PyTorch's packed sequences.",
            look="What is shown at steps behind the end of a sequence: zeros, or something of before?",
            right="h_states[t] = 0 where t >= length",
            wrong="h_states[t] = h_states[length - 1] where t >= length",
        ),
        form(FORWARD, (SHOWS, "h_states, states_T = below[np.minimum(t, ends - 1), b], ")),
    ),
    mistake(
        "outputs-not-masked",
        Words(
            found="right if nobody looks at what is shown behind the end of a sequence",
            matters="States of padding stand there. A mean over all steps, attention or a loss without a mask takes "
            "them for states of the sequence.",
            look="Sum the outputs over time. Does the sum change with the length to which the batch is padded?",
            right="0 is shown where t >= length",
            wrong="states of padding are shown where t >= length",
        ),
        form(FORWARD, (CUT, "shown.append(h if k + directions >= len(layers) else np.where(real, h, 0))"),
             variant="at the top"),
        form(FORWARD, (CUT, "shown.append(h)"), variant="in every layer"),
    ),
    mistake(
        "length-off-by-one",
        Words(
            found="the ends of the sequences are off by one step",
            matters="One element is lost, or one of padding is read, in every sequence. In long ones it hardly shows, "
            "and sequences of full length may be right.",
            look="Of a sequence of length 1, which steps are read? Is a length an index, or a count?",
            right="steps 0, ..., length - 1 are read",
            wrong="steps 0, ..., length - 2 are read   (or up to length)",
        ),
        form(FORWARD, (ENDS, "np.full(B, T) if lengths is None else np.maximum(np.asarray(lengths) - 1, 1)"),
             variant="one too few"),
        form(FORWARD, (ENDS, "np.full(B, T) if lengths is None else np.minimum(np.asarray(lengths) + 1, T)"),
             variant="one too many"),
    ),
    mistake(
        "order-not-restored",
        Words(
            found="sequences are sorted by length, and what comes out is not sorted back",
            matters="Every row is right and belongs to another sequence. With one sequence, or with batches that come "
            "sorted, it is right.",
            look="Packing wants the longest first. Where is the order undone: for outputs, and for last states?",
            right="row b of the answer belongs to row b of X_seq",
            wrong="row b of the answer belongs to the b-th longest sequence",
        ),
        form(FORWARD, (PLACES, ALL_SORTED + PLACES), variant="outputs and last states"),
        form(FORWARD, (PLACES, ALL_SORTED + PLACES), (SHOWS, "h_states, states_T = below[:, np.argsort(order)], "),
             variant="last states"),
    ),
    mistake(
        "states-not-sorted",
        Words(
            found="sequences are sorted by length, and their initial states are not",
            matters="Every sequence starts from another one's state. Zeros hide it, or a batch that comes sorted.",
            look="Which arrays have an axis of the batch, and which of them are put into the new order?",
            right="X_seq, lengths and the initial states are sorted alike",
            wrong="X_seq and lengths are sorted, the initial states are not",
        ),
        form(FORWARD, (PLACES, f"{SORTED}X_seq, ends, back = X_seq[:, order], ends[order], np.argsort(order)\n    "
                       f"{PLACES}"),
             (f"{SHOWS}[np.array(one)", "h_states, states_T = below[:, back], [np.array(one)[:, back]")),
    ),
    mistake(
        "lengths-sorted-only",
        Words(
            found="the lengths are sorted, and the sequences are not",
            matters="Sequences are cut where others end. A batch that comes sorted is right, and one of equal lengths.",
            look="After sorting, does entry b of the lengths still speak of column b of the inputs?",
            right="sequence b ends after lengths[b]",
            wrong="sequence b ends after the b-th longest length",
        ),
        form(FORWARD, (ENDS, "np.full(B, T) if lengths is None else np.sort(np.asarray(lengths))[::-1]")),
    ),
    mistake(
        "batch-rows-mixed",
        Words(
            found="the inputs are brought to time first by a reshape, which mixes the sequences",
            matters="The shape is right and the numbers are all there, each in another sequence. A batch of one is "
            "right.",
            look="Is the order of the first two axes changed by a transpose, or by a reshape?",
            right="X_seq[t, b] is element t of sequence b",
            wrong="X_seq.reshape(B, T, D)[b, t] is taken for element t of sequence b",
        ),
        form(FORWARD, (SIZES, f"{SIZES}\n    X_seq = X_seq.reshape(B, T, -1).swapaxes(0, 1)")),
    ),
    mistake(
        "input-batch-first",
        Words(
            found="the inputs are read with the batch first, and what is shown has time first",
            matters="Where T equals B nothing raises: steps and sequences change places on the way in alone.",
            look="Which axis of the inputs does the loop run over, and which one do the outputs have first?",
            right="X_seq (T, B, D) -> h_states (T, B, KH)",
            wrong="X_seq (B, T, D) -> h_states (T, B, KH)",
        ),
        form(FORWARD, (SIZES, f"X_seq = X_seq.swapaxes(0, 1)\n    {SIZES}")),
    ),
)  # fmt: skip
