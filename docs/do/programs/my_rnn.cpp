// A recurrent network in C++17, in both precisions, and what rnn-ref asks of it:
//
//     c++ -std=c++17 -O2 my_rnn.cpp -o my_rnn && rnn-ref check exec:./my_rnn
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

template <class Real> using Numbers = std::vector<Real>;

/// h = tanh(W_xh x_t + W_hh h + b_h) at every step, for each of B rows; returns all states.
template <class Real>
Numbers<Real> rnn_forward(std::size_t T, const Numbers<Real> &X_seq, Numbers<Real> h, const Numbers<Real> &W_xh,
                          const Numbers<Real> &W_hh, const Numbers<Real> &b_h)
{
    const std::size_t H = b_h.size(), B = h.size() / H, D = W_xh.size() / H;
    Numbers<Real> h_states;
    for (std::size_t t = 0; t < T; t++) {
        Numbers<Real> next(B * H);
        for (std::size_t b = 0; b < B; b++)
            for (std::size_t i = 0; i < H; i++) {
                Real z = b_h[i];
                for (std::size_t j = 0; j < D; j++) z += W_xh[i * D + j] * X_seq[(t * B + b) * D + j];
                for (std::size_t j = 0; j < H; j++) z += W_hh[i * H + j] * h[b * H + j];
                next[b * H + i] = std::tanh(z);
            }
        h = next;
        h_states.insert(h_states.end(), h.begin(), h.end());
    }
    return h_states;
}

// What follows reads questions and writes answers.

/// What stands behind `"KEY": ` from a place on: the keys of a question always come in the same order.
const char *behind(const std::string &line, const std::string &key, std::size_t from = 0)
{
    const std::size_t at = line.find("\"" + key + "\": ", from);
    if (at == std::string::npos) throw std::runtime_error("no " + key);
    return line.c_str() + at + key.size() + 4;
}

/// The numbers between two brackets; inf and nan stand between quotes.
template <class Real> Numbers<Real> numbers(const char *at)
{
    Numbers<Real> found;
    while (*at != ']') {
        char *end = nullptr;
        const double number = std::strtod(at, &end);
        if (end != at) found.push_back(static_cast<Real>(number));
        at = end == at ? at + 1 : end;
    }
    return found;
}

template <class Real> Numbers<Real> array(const std::string &line, const std::string &name, const char *part = "data")
{
    return numbers<Real>(behind(line, part, behind(line, name) - line.c_str()));
}

template <class Real> void answer(const std::string &line)
{
    const bool forward = line.find("\"rnn_forward\"") != std::string::npos;
    auto shape = array<int>(line, forward ? "h0" : "h_prev", "shape");
    std::size_t T = 1;
    if (forward) {
        T = array<int>(line, "X_seq", "shape")[0];
        shape.insert(shape.begin(), static_cast<int>(T));
    }
    const auto states = rnn_forward<Real>(
        T, array<Real>(line, forward ? "X_seq" : "x_t"), array<Real>(line, forward ? "h0" : "h_prev"),
        array<Real>(line, "W_xh"), array<Real>(line, "W_hh"), array<Real>(line, "b_h"));
    std::cout << "{\"id\": " << std::atol(behind(line, "id"));
    std::cout << ", \"outputs\": {\"" << (forward ? "h_states" : "h_t") << "\": {\"shape\": [";
    for (std::size_t i = 0; i < shape.size(); i++) std::cout << (i ? ", " : "") << shape[i];
    std::cout << "], \"data\": [" << std::hexfloat;
    for (std::size_t i = 0; i < states.size(); i++) std::cout << (i ? ", " : "") << '"' << states[i] << '"';
    std::cout << "]}}}" << std::endl; // and flush
}

int main()
{
    std::cout << R"({"rnn-ref-exec": 1, "functions": ["rnn_cell_step", "rnn_forward"]})" << std::endl;
    for (std::string line; std::getline(std::cin, line);)
        line.find("\"dtype\": \"float32\"") < line.find("\"arguments\"") ? answer<float>(line) : answer<double>(line);
}
