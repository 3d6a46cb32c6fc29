"""What a report says of gradients beside differences, from what was found: verdicts, claims, facts and figures."""

from typing import Any

import pytest

from rnn_ref.conformance.judge.own_gradients import FAR, loss_in_words, reported


def gradient(name: str, verdict: str = "right", *, due: float = 2.0, got: float = 2.0, **more: Any) -> dict[str, Any]:
    return {"name": f"d{name}", "weight": name, "verdict": verdict, "due": due, "got": got, "where": "", "factor": None,
            **more}  # fmt: skip


def told(*gradients: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"function": "bptt", "number": ["bptt", 1, "returned", 0], "factor": 1.0, "mend": None,
            "gradients": gradients, **more}  # fmt: skip


def test_what_is_right_conforms_and_counts() -> None:
    report, results = reported(told(gradient("W"), gradient("b"), gradient("x", "unknown", due=1.0, got=1.0)))
    assert (report.verdict, report.passed, report.failed, report.claims) == ("conforms", 2, 0, [])
    assert [one.status for one in results] == ["passed", "passed", "skipped"]
    assert report.reading == "bptt, beside differences of what bptt returns [0], on its author's data"


@pytest.mark.parametrize(("factor", "claimed"), [(1.0, False), (1.0005, False), (1.002, True), (-1.0, True)])
def test_a_factor_is_a_claim(factor: float, claimed: bool) -> None:
    report, _ = reported(told(gradient("W"), factor=factor))
    assert [one.endswith("times the derivatives of that") for one in report.claims] == [True] * claimed


def test_a_loss_that_is_not_computed_is_a_claim_and_one_of_two_a_fault_that_is_right_in_itself() -> None:
    usual = ["usual", "squares of y less t"]
    report, _ = reported(told(gradient("W"), number=usual))
    assert report.claims == ["that its loss is made of squares of y less t, which is not computed there"]
    report, _ = reported(told(gradient("W"), number=usual, instead=["caller", "before", "loss"]))
    assert (report.verdict, report.claims) == ("right-but", [])
    assert report.explanation.endswith("they are the derivatives of squares of y less t, not of loss")


@pytest.mark.parametrize(("got", "meant"), [(2.0, False), (2 - FAR, False), (1.0, True), (-2.0, True), (0.0, True)])
def test_what_is_far_from_what_is_due_and_not_called_wrong_may_be_meant(got: float, meant: bool) -> None:
    report, _ = reported(told(gradient("W"), gradient("b", "unknown", due=2.0, got=got)))
    assert report.claims == ["that db shall be no derivative of that"] * meant


def test_what_is_off_is_told_with_the_worst_of_it() -> None:
    off = [
        gradient("W", "off", due=1.0, got=3.0, factor=3.00001),
        gradient("U", "off", due=10.0, got=-10.0, where="row 2"),
        gradient("V", "off", due=100.0, got=104.0, factor=3.0),
    ]
    report, results = reported(told(*off, gradient("b")))
    assert (report.verdict, report.passed, report.failed) == ("wrong", 1, 3)
    assert report.explanation == "not the derivative of the loss: dW, dU, dV; right are db"
    assert report.facts == [
        "dU is off in row 2 alone",
        "dV is 3 times what is due",
        "dU: along one direction it says -10, due is 10",
    ]
    assert report.hint == ("Which ways lead from W, U, V to the loss, and is each of them in the sum, with its slope?")
    assert results[0].message == "dW is not the derivative of the loss by W: along one direction it says 3, due is 1"


def test_of_many_names_six_are_told() -> None:
    names = "ABCDEFGH"
    for count, end in ((6, "dE, dF"), (7, "dE, dF and 1 more"), (8, "dE, dF and 2 more")):
        report, _ = reported(told(*(gradient(one, "off", got=3.0) for one in names[:count])))
        assert report.explanation == f"not the derivative of the loss: dA, dB, dC, dD, {end}"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (["caller", "before", "loss"], "loss"),
        (["usual", "logarithms of p at t"], "logarithms of p at t"),
        (["bptt", 1, "total"], "total in bptt"),
        (["f", 1, "returned"], "what f returns"),
        (["f", 1, "returned", 0, 2], "what f returns [0][2]"),
        (["f", 1, "returned", "times", "dy"], "what f returns times dy"),
        (["f", 1, "returned", 3, "times", "dy", "more"], "what f returns [3] times dy"),
    ],
    ids=["caller", "usual", "local", "returned", "inside", "times", "inside times"],
)
def test_a_loss_is_told_by_where_its_number_was_found(key: list[Any], words: str) -> None:
    assert loss_in_words(key) == words
