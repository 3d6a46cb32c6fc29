"use strict";
// A recurrent network in JavaScript, and what rnn-ref asks of it: rnn-ref check exec:'node my_rnn.js'

const readline = require("node:readline");

/** tanh(W_xh x + W_hh h + b_h) for every row of a batch; a matrix is one array, row by row. */
function rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h) {
  const H = b_h.length, D = W_xh.length / H, h_t = new Array(h_prev.length);
  for (let row = 0; row < h_prev.length / H; row++)
    for (let i = 0; i < H; i++) {
      let z = b_h[i];
      for (let j = 0; j < D; j++) z += W_xh[i * D + j] * x_t[row * D + j];
      for (let j = 0; j < H; j++) z += W_hh[i * H + j] * h_prev[row * H + j];
      h_t[row * H + i] = Math.tanh(z);
    }
  return h_t;
}

function rnn_forward(X_seq, h0, W_xh, W_hh, b_h) {
  const rows = h0.length / b_h.length * (W_xh.length / b_h.length), h_states = [];
  for (let h = h0, t = 0; t < X_seq.length; t += rows) {
    h = rnn_cell_step(X_seq.slice(t, t + rows), h, W_xh, W_hh, b_h);
    h_states.push(...h);
  }
  return h_states;
}

// Arrays come as {"shape": [...], "data": [...]} and go back so. What is no finite number is a text, for JSON.stringify
// would write null in its place.
const read = (array) => array.data.map((z) => Number(String(z).replace("inf", "Infinity")));
const written = (shape, data) => ({ shape, data: data.map((z) => (Number.isFinite(z) ? z : String(z))) });

const answers = {
  rnn_cell_step: ({ x_t, h_prev, W_xh, W_hh, b_h }) => ({
    h_t: written(h_prev.shape, rnn_cell_step(...[x_t, h_prev, W_xh, W_hh, b_h].map(read))),
  }),
  rnn_forward: ({ X_seq, h0, W_xh, W_hh, b_h }) => ({
    h_states: written([X_seq.shape[0], ...h0.shape], rnn_forward(...[X_seq, h0, W_xh, W_hh, b_h].map(read))),
  }),
};

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
say({ "rnn-ref-exec": 1, functions: Object.keys(answers), dtypes: ["float64"] });
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  try {
    say({ id: asked.id, outputs: answers[asked.function](asked.arguments) });
  } catch (error) {
    say({ id: asked.id, error: String(error) });
  }
});
