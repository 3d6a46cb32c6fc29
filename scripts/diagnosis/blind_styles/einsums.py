import numpy as np


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    A = np.einsum("hd,t...d->t...h", W_xh, X_seq)
    H = []
    prev = h0
    for a in A:
        prev = np.tanh(a + np.einsum("hk,...k->...h", W_hh, prev) + b_h)
        H.append(prev)
    return H


def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
    H = np.stack(list(h_states))
    G = np.stack(list(dh_states))
    P = np.concatenate([h0[None], H[:-1]])
    DZ = np.empty_like(H)
    carry = np.zeros_like(h0)
    for t in range(len(H) - 1, -1, -1):
        DZ[t] = (G[t] + carry) * (1 - H[t]) * (1 + H[t])
        carry = np.einsum("hk,...h->...k", W_hh, DZ[t])
    D2 = DZ.reshape(-1, DZ.shape[-1])
    dW_xh = np.einsum("nh,nd->hd", D2, X_seq.reshape(-1, X_seq.shape[-1]))
    dW_hh = np.einsum("nh,nk->hk", D2, P.reshape(-1, P.shape[-1]))
    db = np.einsum("nh->h", D2)
    dX = np.einsum("hd,t...h->t...d", W_xh, DZ)
    return dX, carry, dW_xh, dW_hh, db


def rnn_output_layer(h_states, W_hy, b_y):
    return np.einsum("vh,t...h->t...v", W_hy, np.stack(list(h_states))) + b_y


def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
    H = np.stack(list(h_states))
    dH = np.einsum("vh,t...v->t...h", W_hy, dlogits_seq)
    flat_g = dlogits_seq.reshape(-1, dlogits_seq.shape[-1])
    flat_h = H.reshape(-1, H.shape[-1])
    dW = np.einsum("nv,nh->vh", flat_g, flat_h)
    db = np.einsum("nv->v", flat_g)
    return dH, dW, db
