"""Pictures: text everywhere, drawn where matplotlib is there, and what is drawn is what was measured."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import rnn_ref
from rnn_ref import lesson
from rnn_ref.conformance.judge.error_map import SHADES
from rnn_ref.lesson import notebooks
from rnn_ref.lesson.pictures.picture import INSTALL, Picture, place
from rnn_ref.lesson.pictures.sensitivity import digit, sensitivities

pictured = pytest.mark.skipif(not Picture("", lambda _: None).drawable, reason="matplotlib is not installed")


def forgetful(X_seq, h0, W_xh, W_hh, b_h):
    """rnn_forward, but after every second step the state is lost."""
    h_t, h_states = h0, []
    for t, x_t in enumerate(X_seq):
        h_t = rnn_ref.rnn_cell_step(x_t, h_t if t % 2 or not t else 0 * h0, W_xh, W_hh, b_h)
        h_states.append(h_t)
    return h_states


DRAWN = {
    "gradient_flow": lambda: lesson.gradient_flow([0.5, 2.0], steps=4, hidden=3),
    "error_map": lambda: lesson.error_map("rnn_forward", {"rnn_forward": forgetful}),
    "sensitivity": lambda: lesson.sensitivity("$a\n$" * 40, np.linspace(0, 1, 160), "next: $x$"),
}


@pictured
@pytest.mark.parametrize("name", DRAWN)
def test_a_notebook_shows_it_and_files_are_the_same_every_time(name: str, tmp_path: Path) -> None:
    picture = DRAWN[name]()
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert repr(picture) == str(picture) == picture.text
    for kind, begins in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        one, other = tmp_path / f"one{kind}", tmp_path / f"other{kind}"
        picture.save(one)
        DRAWN[name]().save(other)
        assert one.read_bytes().startswith(begins)
        assert one.read_bytes() == other.read_bytes()


@pictured
@pytest.mark.parametrize("name", DRAWN)
def test_axes_are_labelled_and_all_colours_are_grey(name: str) -> None:
    from matplotlib.colors import to_rgb  # noqa: PLC0415

    figure = DRAWN[name]().figure
    axes = figure.axes[0]
    assert axes.get_title()
    assert axes.get_ylabel()
    assert any(one.get_xlabel() for one in figure.axes)
    shown = [line.get_color() for line in axes.lines] + [text.get_color() for text in axes.texts]
    assert shown
    assert all(len(set(to_rgb(color))) == 1 for color in shown)


@pictured
def test_a_dark_notebook_has_it_on_white_paper_too() -> None:
    from matplotlib import style  # noqa: PLC0415

    with style.context("dark_background"):
        assert DRAWN["error_map"]().figure.get_facecolor() == (1, 1, 1, 1)
    assert DRAWN["error_map"]().figure.axes[0].xaxis.label.get_color() == "black"


@pytest.mark.parametrize("name", DRAWN)
def test_without_matplotlib_it_is_text_and_the_way_to_get_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    picture = DRAWN[name]()
    assert picture._repr_png_() is None
    assert repr(picture) == f"{picture.text}\n{INSTALL}"
    with pytest.raises(ImportError, match=r'pip install "rnn_ref\[plot\]"'):
        _ = picture.figure


def test_without_pytorch_its_column_and_its_rings_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    picture = lesson.gradient_flow([0.5], steps=4, hidden=3)
    assert "PyTorch is not installed" in picture.text
    assert picture.text.splitlines()[1].split()[4:6] == ["–", "–"]
    if picture.drawable:
        assert not [line for line in picture.figure.axes[0].lines if line.get_marker() == "o"]


@pictured
def test_the_cells_of_an_error_map_are_the_reports() -> None:
    found = rnn_ref.check({"rnn_forward": forgetful}).functions["rnn_forward"].error_map
    assert found is not None
    axes = DRAWN["error_map"]().figure.axes[0]
    expected = {(t, unit): next(letter for most, letter in SHADES if ratio <= most)
                for t, row in enumerate(found.ratios) for unit, ratio in enumerate(row)}  # fmt: skip
    assert {text.get_position(): text.get_text() for text in axes.texts} == expected
    assert set(expected.values()) == {".", "#"}
    greys = np.asarray(axes.collections[0].get_array()).reshape(-1)
    assert ["#" if grey == 3 else "." for grey in greys] == [
        expected[t, unit] for unit in range(len(found.ratios[0])) for t in range(len(found.ratios))
    ]


def test_where_there_is_no_error_a_sentence_says_so() -> None:
    for names, said in (
        ({"rnn_forward": rnn_ref.rnn_forward}, "rnn_forward: conforms, there is no error to draw."),
        ({}, "rnn_forward: not there yet. Run the cell that defines it, then this one again."),
        (
            {"rnn_forward": lambda X_seq, h0, W_xh, W_hh, b_h: [h0[:1]]},
            "rnn_forward: wrong, there are no numbers to draw: h_states has shape (1, 1, 6), expected (5, 3, 6).",
        ),
    ):
        picture = lesson.error_map("rnn_forward", names)
        assert picture.empty
        assert repr(picture) == said
        assert picture._repr_png_() is None
        with pytest.raises(ValueError, match="there is nothing to draw"):
            _ = picture.figure


def test_why_there_is_nothing_to_draw_is_said(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(f"{FORMS}")
    names: dict = {"rnn_ref": rnn_ref, "np": np}
    exec(compile(FORMS, str(mine), "exec"), names)
    told = lesson.error_map("rnn_forward", {"rnn_forward": names["raises"]})
    assert told.text == (
        "rnn_forward: crashed, there are no numbers to draw: it raises NameError at mine.py:3: return [h_t]."
    )
    assert "<code>rnn_forward</code>" in told._repr_html_()
    wrong_weight = lesson.error_map("rnn_backward", {"rnn_backward": names["doubles"]})
    assert wrong_weight.text == (
        "rnn_backward: wrong, there is nothing over time to draw: what is wrong is W_hh, which has no axis of time."
    )
    names = {"rnn_cell_step": names["no_bias"], "rnn_forward": names["calls"]}
    names["rnn_forward"].__globals__["rnn_cell_step"] = names["rnn_cell_step"]
    passed = lesson.error_map("rnn_forward", names)
    assert passed.text == (
        "rnn_forward: passes-on, there is nothing of its own to draw: the fault is in rnn_cell_step."
    )
    assert lesson.error_map("rnn_forward", {"rnn_forward": forgetful})._repr_html_() is None


FORMS = """
def raises(X_seq, h0, W_xh, W_hh, b_h):
    return [h_t]

def doubles(*arguments):
    grads = rnn_ref.rnn_backward(*arguments)
    return grads._replace(W_hh=2 * grads.W_hh)

def no_bias(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)

def calls(X_seq, h0, W_xh, W_hh, b_h):
    h_states = [h0]
    for x_t in X_seq:
        h_states.append(rnn_cell_step(x_t, h_states[-1], W_xh, W_hh, b_h))
    return h_states[1:]
"""


def test_the_notebook_around_it_is_looked_at() -> None:
    picture = eval("lesson.error_map(rnn_forward)", {"lesson": lesson, "rnn_forward": rnn_ref.rnn_forward})
    assert "conforms" in picture.text


def test_sensitivities_are_those_of_the_complex_step() -> None:
    rng = np.random.default_rng(5)
    T, D, H, V, target = 7, 3, 4, 5, 2
    weights = [rng.normal(size=shape) / 2 for shape in ((H,), (H, D), (H, H), (H,), (V, H), (V,))]
    X_seq, step = rng.normal(size=(T, D)), 1e-30

    def log_p(X):
        h, W_xh, W_hh, b_h, W_hy, b_y = weights
        for x_t in X:
            h = np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        z = W_hy @ h + b_y
        return z[target] - np.log(np.exp(z).sum())

    expected = np.zeros((T, D))
    for at in np.ndindex(T, D):
        moved = X_seq.astype(complex)
        moved[at] += 1j * step
        expected[at] = log_p(moved).imag / step
    np.testing.assert_allclose(sensitivities(X_seq, target, *weights), np.linalg.norm(expected, axis=1), rtol=1e-12)


@pictured
def test_each_character_is_painted_with_its_own_share() -> None:
    norms = np.linspace(0.001, 1, 130)
    axes = lesson.sensitivity("x" * 129 + "\t", norms, "$x$").figure.axes[0]
    assert not axes.title.get_parse_math()
    painted = np.ma.filled(axes.images[0].get_array(), np.nan).ravel()
    np.testing.assert_allclose(painted[:130], np.maximum(norms, 1 / 512))
    assert np.isnan(painted[130:]).all()
    assert [text.get_position() for text in axes.texts] == [(i % 60, i // 60) for i in range(130)]
    assert axes.texts[-1].get_text() == "→"


def test_a_digit_less_is_half_as_strong() -> None:
    shares = [1, 0.51, 0.5, 0.26, 0.25, 2**-9, 2**-9.01, 0]
    assert [digit(share) for share in shares] == ["9", "8", "8", "7", "7", "0", " ", " "]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: lesson.gradient_flow([]), "gradient_flow: radii is empty, expected one number or more"),
        (lambda: lesson.gradient_flow([1, -1]), "gradient_flow: radii is -1, expected a number above 0"),
        (lambda: lesson.gradient_flow([np.nan]), "gradient_flow: radii is nan, expected"),
        (lambda: lesson.gradient_flow(steps=0), "gradient_flow: steps is 0, expected a number above 0"),
        (lambda: lesson.gradient_flow(seed=-1), "gradient_flow: seed is -1, expected 0 or above"),
        (lambda: lesson.gradient_flow(keep=1), "gradient_flow: keep is 1, expected a number between 0 and 1"),
        (lambda: lesson.gradient_flow(cells=["lstn"]), "gradient_flow: cells has 'lstn', expected some of rnn, gru, "),
        (lambda: lesson.gradient_flow(cells=[]), "gradient_flow: cells has '', expected some of"),
        (lambda: lesson.overlooked("rnn_output_layer"), "overlooked: function is 'rnn_output_layer', expected one of "),
        (lambda: lesson.overlooked("rnn_forward", zero="h0"), "overlooked: zero has 'h0', expected biases, states or "),
        (
            lambda: lesson.error_map("rnn_cell_step"),
            "error_map: name is 'rnn_cell_step', expected one of rnn_forward, ",
        ),
        (lambda: lesson.sensitivity("abc", np.ones(2), ""), "sensitivity: norms has 2 numbers, expected 3; text has"),
        (lambda: lesson.sensitivity("ab", np.zeros(2), ""), "sensitivity: the largest of norms is 0.0, expected a num"),
        (lambda: place("flow.jpg"), "--save is flow.jpg, expected a name that ends in .png or .svg"),
        (lambda: place(""), "--save is '', expected a name"),
    ],
)
def test_what_cannot_be_is_refused(call, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        call()


def test_a_place_is_refused_where_nothing_can_be_drawn_or_written(monkeypatch: pytest.MonkeyPatch) -> None:
    if Picture("", lambda _: None).drawable:
        with pytest.raises(NotADirectoryError, match="its folder does not exist"):
            place("/nowhere/flow.png")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ValueError, match=r"^--save: matplotlib is not installed"):
        place("flow.png")


def test_the_cells_of_the_notebooks_show_pictures_last() -> None:
    called = [cell.source for name in notebooks.NAMES for cell in notebooks.cells(notebooks.text_of(name))
              if re.search(r"lesson\.(error_map|gradient_flow)", cell.source)]  # fmt: skip
    assert called[:3] == [
        'lesson.error_map("rnn_forward")',
        'lesson.error_map("rnn_backward")',
        "lesson.gradient_flow()",
    ]
    assert called[3] == 'lesson.gradient_flow([0.9], cells=["rnn", "gru", "lstm"], keep=0.95)'
