/* A recurrent network in C99, and what rnn-ref asks of it:
 *
 *     cc -std=c99 -O2 my_rnn.c -lm -o my_rnn && rnn-ref check exec:./my_rnn
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* h_t = tanh(W_xh x_t + W_hh h_prev + b_h) for each of B rows; one sequence is B = 1. */
void rnn_cell_step(int B, int D, int H, const double *x_t, const double *h_prev,
                   const double *W_xh, const double *W_hh, const double *b_h, double *h_t)
{
    for (int b = 0; b < B; b++)
        for (int i = 0; i < H; i++) {
            double z = b_h[i];
            for (int j = 0; j < D; j++) z += W_xh[i * D + j] * x_t[b * D + j];
            for (int j = 0; j < H; j++) z += W_hh[i * H + j] * h_prev[b * H + j];
            h_t[b * H + i] = tanh(z);
        }
}

void rnn_forward(int T, int B, int D, int H, const double *X_seq, const double *h0,
                 const double *W_xh, const double *W_hh, const double *b_h, double *h_states)
{
    for (int t = 0; t < T; t++) {
        double *h = h_states + t * B * H;
        rnn_cell_step(B, D, H, X_seq + t * B * D, h0, W_xh, W_hh, b_h, h);
        h0 = h;
    }
}

/* What follows reads questions and writes answers. */

typedef struct { int axes, shape[3], size; double *data; } array;

static void *allocated(void *memory)
{
    if (!memory) { fputs("my_rnn: out of memory\n", stderr); exit(1); }
    return memory;
}

static double *numbers(int count)
{
    return allocated(malloc(sizeof(double) * (size_t)(count + 1)));
}

/* What stands behind a text: the keys of a question always come in the same order. */
static const char *behind(const char *at, const char *text)
{
    const char *found = strstr(at, text);
    if (!found) { fprintf(stderr, "my_rnn: no %s in: %.60s\n", text, at); exit(1); }
    return found + strlen(text);
}

/* A line of any length; NULL where there is none. */
static char *read_line(void)
{
    size_t length = 0, room = 4096;
    char *line = allocated(malloc(room));
    for (int c; (c = getchar()) != EOF && c != '\n'; line[length++] = (char)c)
        if (length + 2 > room) line = allocated(realloc(line, room *= 2));
    line[length] = 0;
    if (length) return line;
    free(line);
    return NULL;
}

/* The next number of a list, or 0 behind its end; inf and nan stand between quotes. */
static int next_number(const char **at, double *number)
{
    char *end;
    *at += strspn(*at, " ,\"[");
    *number = strtod(*at, &end);
    return end == *at ? 0 : (*at = end, 1);
}

/* "NAME": {"dtype": "float64", "shape": [...], "data": [...]} */
static array read_array(const char *line, const char *name)
{
    array a = {0, {1, 1, 1}, 1, NULL};
    char key[32];
    double number;
    sprintf(key, "\"%s\": {", name);
    const char *shape = behind(behind(line, key), "\"shape\": ");
    while (next_number(&shape, &number) && a.axes < 3) a.size *= a.shape[a.axes++] = (int)number;
    const char *data = behind(shape, "\"data\": ");
    a.data = numbers(a.size);
    for (int i = 0; i < a.size && next_number(&data, &number); i++) a.data[i] = number;
    return a;
}

static void answer(long id, const char *name, array a)
{
    printf("{\"id\": %ld, \"outputs\": {\"%s\": {\"shape\": [", id, name);
    for (int i = 0; i < a.axes; i++) printf("%s%d", i ? ", " : "", a.shape[i]);
    printf("], \"data\": [");
    for (int i = 0; i < a.size; i++) printf("%s\"%a\"", i ? ", " : "", a.data[i]);
    printf("]}}}\n");
    free(a.data);
}

int main(void)
{
    char *line;
    puts("{\"rnn-ref-exec\": 1, \"functions\": [\"rnn_cell_step\", \"rnn_forward\"], \"dtypes\": [\"float64\"]}");
    fflush(stdout); /* a pipe is not flushed at the end of a line */
    while ((line = read_line())) {
        int forward = strstr(line, "\"rnn_forward\"") != NULL;
        long id = strtol(behind(line, "\"id\": "), NULL, 10);
        array x = read_array(line, forward ? "X_seq" : "x_t"), h = read_array(line, forward ? "h0" : "h_prev");
        array W_xh = read_array(line, "W_xh"), W_hh = read_array(line, "W_hh"), b_h = read_array(line, "b_h");
        int T = forward ? x.shape[0] : 1, D = W_xh.shape[1], H = b_h.size, B = h.size / H;
        array states = h; /* the axes of h0, behind that of time */
        if (forward) {
            states.axes = h.axes + 1;
            states.shape[0] = T;
            memcpy(states.shape + 1, h.shape, sizeof(int) * 2);
        }
        states.size = T * h.size;
        states.data = numbers(states.size);
        rnn_forward(T, B, D, H, x.data, h.data, W_xh.data, W_hh.data, b_h.data, states.data);
        answer(id, forward ? "h_states" : "h_t", states);
        fflush(stdout);
        free(x.data), free(h.data), free(W_xh.data), free(W_hh.data), free(b_h.data), free(line);
    }
    return 0;
}
