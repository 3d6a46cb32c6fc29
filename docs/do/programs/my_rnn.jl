# A recurrent network in Julia, for one sequence, and what rnn-ref asks of it; needs the package JSON:
#
#     rnn-ref check exec:'julia my_rnn.jl' --memory 16384
using JSON

# Data come row by row, and Julia keeps columns together: the axes are read in reverse.
read_array(a) = permutedims(reshape(map(number, a["data"]), reverse(Int.(a["shape"]))...))
read_vector(a) = map(number, a["data"])
number(z::Number) = Float64(z)
number(z::AbstractString) = parse(Float64, z)  # "inf", "-inf" and "nan"
written(z) = isfinite(z) ? z : string(z)

rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h) = tanh.(W_xh * x_t + W_hh * h_prev + b_h)

function rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
    h_states = [rnn_cell_step(X_seq[1, :], h0, W_xh, W_hh, b_h)]
    for t in 2:size(X_seq, 1)
        push!(h_states, rnn_cell_step(X_seq[t, :], h_states[end], W_xh, W_hh, b_h))
    end
    h_states
end

function answer(asked)
    a = asked["arguments"]
    weights = read_array(a["W_xh"]), read_array(a["W_hh"]), read_vector(a["b_h"])
    if asked["function"] == "rnn_cell_step"
        h_t = rnn_cell_step(read_vector(a["x_t"]), read_vector(a["h_prev"]), weights...)
        return Dict("h_t" => Dict("shape" => [length(h_t)], "data" => written.(h_t)))
    end
    h_states = rnn_forward(read_array(a["X_seq"]), read_vector(a["h0"]), weights...)
    shape = [length(h_states), length(h_states[1])]
    Dict("h_states" => Dict("shape" => shape, "data" => written.(vcat(h_states...))))
end

say(value) = (println(JSON.json(value)); flush(stdout))
say(Dict("rnn-ref-exec" => 1, "functions" => ["rnn_cell_step", "rnn_forward"],
         "dtypes" => ["float64"], "ranks" => ["single"]))
for line in eachline(stdin)
    asked = JSON.parse(line)
    try
        say(Dict("id" => asked["id"], "outputs" => answer(asked)))
    catch error
        say(Dict("id" => asked["id"], "error" => sprint(showerror, error)))
    end
end
