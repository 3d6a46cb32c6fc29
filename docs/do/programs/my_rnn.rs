// A recurrent network in Rust, without any crate, and what rnn-ref asks of it:
//
//     rustc -O my_rnn.rs && rnn-ref check exec:./my_rnn
use std::io::{self, BufRead, Write};

/// h = tanh(W_xh x_t + W_hh h + b_h) at every step, for every row of a batch; returns all states.
fn rnn_forward(steps: usize, x_seq: &[f64], h0: &[f64], w_xh: &[f64], w_hh: &[f64], b_h: &[f64]) -> Vec<f64> {
    let hidden = b_h.len();
    let (rows, inputs) = (h0.len() / hidden, w_xh.len() / hidden);
    let product = |w: &[f64], x: &[f64]| -> f64 { w.iter().zip(x).map(|(a, b)| a * b).sum() };
    let (mut h, mut h_states) = (h0.to_vec(), Vec::new());
    for t in 0..steps {
        let mut next = Vec::new();
        for row in 0..rows {
            let x_t = &x_seq[(t * rows + row) * inputs..][..inputs];
            let h_prev = &h[row * hidden..][..hidden];
            for i in 0..hidden {
                let z = product(&w_xh[i * inputs..], x_t) + product(&w_hh[i * hidden..], h_prev) + b_h[i];
                next.push(z.tanh());
            }
        }
        h = next;
        h_states.extend(&h);
    }
    h_states
}

/// The words of the list behind `"KEY": [` in an argument; the keys of a question always come in the same order.
fn words<'a>(line: &'a str, name: &str, key: &str) -> impl Iterator<Item = &'a str> {
    let argument = line.split_once(&format!("\"{name}\": {{")).expect(name).1;
    let list = argument.split_once(&format!("\"{key}\": [")).expect(key).1.split_once(']').expect("]").0;
    list.split(", ").map(|word| word.trim_matches('"')).filter(|word| !word.is_empty())
}

fn shape(line: &str, name: &str) -> Vec<usize> {
    words(line, name, "shape").map(|word| word.parse().expect(word)).collect()
}

fn data(line: &str, name: &str) -> Vec<f64> {
    words(line, name, "data").map(|word| word.parse().expect(word)).collect() // inf and nan as well
}

fn main() {
    println!(r#"{{"rnn-ref-exec": 1, "functions": ["rnn_cell_step", "rnn_forward"], "dtypes": ["float64"]}}"#);
    for line in io::stdin().lock().lines().map(Result::unwrap) {
        let forward = line.contains("\"rnn_forward\"");
        let (x, h, output) = if forward { ("X_seq", "h0", "h_states") } else { ("x_t", "h_prev", "h_t") };
        let [x_seq, h0, w_xh, w_hh, b_h] = [x, h, "W_xh", "W_hh", "b_h"].map(|name| data(&line, name));
        let mut axes = shape(&line, h);
        let steps = if forward { shape(&line, x)[0] } else { 1 };
        if forward {
            axes.insert(0, steps);
        }
        let states = rnn_forward(steps, &x_seq, &h0, &w_xh, &w_hh, &b_h);
        let id = line.split_once("\"id\": ").expect("id").1.split_once(',').expect(",").0;
        let written: Vec<String> = states.iter().map(|z| format!("\"{z:e}\"")).collect(); // "NaN" and "inf" as well
        let list = written.join(", ");
        println!("{{\"id\": {id}, \"outputs\": {{\"{output}\": {{\"shape\": {axes:?}, \"data\": [{list}]}}}}}}");
        io::stdout().flush().unwrap();
    }
}
