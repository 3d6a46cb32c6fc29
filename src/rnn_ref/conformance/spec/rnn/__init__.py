"""The tanh network: one step, all steps, and the way back; rnn_bptt, which joins it to output and losses."""
