/* An rnn_forward in C, held against the vectors:  cc -std=c99 example.c -lm && ./a.out rnn_forward.txt
   Put yours in its place. Exit code: 0 every state within what is allowed, 1 some is not, 2 nothing was checked. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32768 }; /* entries of the largest array; more are an error */
typedef struct { int rank, shape[3], size; double at[MOST]; } Array;

static void rnn_forward(int T, int B, int D, int H, const double *X, const double *h0, const double *W_xh,
                        const double *W_hh, const double *b_h, double *h) { /* h (T, B, H) */
    for (int t = 0; t < T; t++, h0 = h, h += B * H)
        for (int b = 0; b < B; b++)
            for (int i = 0; i < H; i++) {
                double z = b_h[i];
                for (int d = 0; d < D; d++) z += W_xh[i * D + d] * X[(t * B + b) * D + d];
                for (int j = 0; j < H; j++) z += W_hh[i * H + j] * h0[b * H + j];
                h[b * H + i] = tanh(z);
            }
}

static void stop(const char *why) { fprintf(stderr, "%s\n", why); exit(2); }

static void read_array(FILE *file, Array *a) { /* dtype rank shape..., then the numbers */
    if (fscanf(file, "%*s %d", &a->rank) != 1 || a->rank > 3) stop("no array where one is expected");
    a->size = 1;
    for (int i = 0; i < a->rank; a->size *= a->shape[i++])
        if (fscanf(file, "%d", &a->shape[i]) != 1) stop("no shape");
    if (a->size > MOST) stop("MOST is too small");
    for (int i = 0; i < a->size; i++)
        if (fscanf(file, "%lf", &a->at[i]) != 1) stop("a number is missing"); /* C99 reads hexadecimal */
}

/* Where nan is due nan is right, and nothing else; nan in the place of a number is wrong, for no comparison holds. */
static int fits(double answer, double expected, double remainder, double allowed) {
    if (isnan(expected)) return isnan(answer);
    return answer == expected || fabs((answer - expected) - remainder) <= allowed; /* the same infinity is right */
}

static int holds(const Array *X, const Array *h0, const Array *W_xh, const Array *W_hh, const Array *b_h,
                 const Array *expected, const Array *remainder, const Array *allowed) {
    static double h[MOST];
    int batch = X->rank == 3, wrong = 0;
    rnn_forward(X->shape[0], batch ? X->shape[1] : 1, X->shape[X->rank - 1], b_h->size, X->at, h0->at, W_xh->at,
                W_hh->at, b_h->at, h);
    for (int i = 0; i < expected->size; i++)
        wrong += !fits(h[i], expected->at[i], remainder->at[i], allowed->at[i]);
    return !wrong;
}

int main(int count, char **arguments) {
    static const char *names[] = {"X_seq", "h0", "W_xh", "W_hh", "b_h", "expected", "remainder", "allowed", "pytorch"};
    static Array a[9];
    char word[64], name[64], id[64] = "";
    int planned = -1, ran = 0, failed = 0;
    FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;
    if (!file || fscanf(file, "vectors 1 suite %*s function rnn_forward checks %d", &planned) != 1) stop("no vectors");
    while (fscanf(file, "%63s", word) == 1) { /* "check" id, "argument" name, a plane and its output, or "end" */
        int i = 0;
        if (!strcmp(word, "end")) {
            int right = holds(&a[0], &a[1], &a[2], &a[3], &a[4], &a[5], &a[6], &a[7]);
            if (!right) printf("%s: wrong\n", id);
            ran++, failed += !right;
            continue;
        }
        if (fscanf(file, "%63s", name) != 1) stop("a name is missing");
        if (!strcmp(word, "check")) { strcpy(id, name); continue; }
        while (i < 9 && strcmp(names[i], strcmp(word, "argument") ? word : name)) i++;
        if (i == 9) stop("an array of an unknown name");
        read_array(file, &a[i]);
    }
    printf("%d checks planned, %d ran, %d failed\n", planned, ran, failed);
    return ran != planned || ran == 0 ? 2 : failed > 0;
}
