"""From results to a verdict, at the edges: which check tells most, what most checks raise, and what is left out."""

from typing import Any

from rnn_ref.conformance.judge.raising import Raising
from rnn_ref.conformance.judge.recorded import not_asked, with_recorded
from rnn_ref.conformance.judge.result import Result
from rnn_ref.conformance.judge.verdict import FunctionReport, verdict_of
from rnn_ref.conformance.targets.raised import Raised

HERE, THERE = (Raised("ValueError", "three sizes", "my.py", number) for number in (5, 7))


def one(case: str, status: str = "passed", rank: str = "single", **more: Any) -> Result:
    return Result(f"f/{case}", "f", status, more.pop("message", ""), rank=rank, **more)


def raising(case: str, raised: Raised = HERE, rank: str = "single") -> Result:
    return one(case, "error", rank, raised=raised)


def told(results: list[Result]) -> list[tuple[str, Raised]]:
    return [(each.what, each.raised) for each in verdict_of(results, "").raises]


def passing(number: int, rank: str = "single") -> list[Result]:
    return [one(f"right-{rank}-{i}", rank=rank) for i in range(number)]


def test_a_report_counts_what_passed_and_what_did_not() -> None:
    assert (FunctionReport("missing").passed, FunctionReport("missing").failed) == (0, 0)
    declared = [one("x", "xfail"), one("p", "xpass"), one("s", "skipped"), one("w", "failed")]
    found = verdict_of([*passing(3), *declared], "again")
    assert (found.passed, found.failed, found.verdict) == (3, 2, "wrong")
    assert found.reproduce == "again --only f/w"


def test_the_first_of_several_tells() -> None:
    narrow = [one(name, "failed", narrow=True, max_abs_error=1e-9) for name in ("a", "b")]
    assert (verdict_of(narrow, "").verdict, verdict_of(narrow, "").telling) == ("low-precision", "f/a")
    assert verdict_of(narrow[:1], "").verdict == "low-precision"
    writes = [one(name, "failed", mutated=("x",)) for name in ("a", "b")]
    assert (verdict_of(writes, "").verdict, verdict_of(writes, "").telling) == ("mutates-input", "f/a")
    assert verdict_of(writes[:1], "").verdict == "mutates-input"
    lost = [one(name, "failed", not_asked="no batches") for name in ("a", "b")]
    assert (verdict_of(lost, "").verdict, verdict_of(lost, "").telling) == ("not-asked", "f/a")
    assert verdict_of(lost[:1], "").explanation == "1 recorded check is not asked now: no batches: a"


def test_what_is_recorded_and_skipped_has_failed_and_is_told_by_its_case() -> None:
    skipped = [one(name, "skipped", message="no batches") for name in ("a/b", "c")]
    found = with_recorded([*skipped, *passing(1)], {"f/a/b", "f/right-single-0"})
    assert [(each.status, each.not_asked) for each in found] == [
        ("failed", "no batches"),
        ("skipped", ""),
        ("passed", ""),
    ]
    assert not_asked(found) == ["1 recorded check is not asked now: no batches: a/b"]


def test_what_is_left_out_is_told_once_for_each_kind_in_the_order_of_the_checks() -> None:
    kinds = [Raising("batches", HERE), Raising("lists", THERE), Raising("weights", HERE)]
    again = Raising("weights", Raised("ValueError", "four sizes", "my.py", 5))
    results = [one(f"{i}", "skipped", left_out=kind) for i, kind in enumerate([*kinds, again])]
    assert verdict_of([*results, *passing(1)], "").left_out == kinds


def test_most_checks_raise_when_more_than_half_of_those_that_ran_do() -> None:
    assert told([raising("a"), *passing(1)]) == []
    assert told([raising("a"), raising("b"), *passing(3)]) == []
    assert told([raising("a"), raising("b"), raising("c"), *passing(1)]) == [("3 of 4 checks", HERE)]
    assert told([raising("a"), *[one(f"s{i}", "skipped") for i in range(5)]]) == [("1 of 1 checks", HERE)]
    assert told([raising("a"), raising("b", THERE)]) == [("1 of 2 checks", HERE), ("1 of 2 checks", THERE)]


def test_where_some_ranks_alone_raise_they_are_named() -> None:
    batches = [raising(name, rank="batch") for name in ("a", "b", "c")]
    assert told([*batches, *passing(2)]) == [("3 of 5 checks (batches)", HERE)]
    assert told(batches) == [("3 of 3 checks", HERE)]
    mixed = [raising("f"), raising("g"), raising("h", THERE, "batch")]
    assert told(mixed) == [("2 of 3 checks (single sequences)", HERE), ("1 of 3 checks (batches)", THERE)]
    assert told([raising("d"), raising("e"), *batches]) == [("5 of 5 checks", HERE)]


def test_another_rank_that_raises_in_other_words_is_told_by_its_first() -> None:
    words = [Raised("ValueError", text, "my.py", 5) for text in ("of a batch", "of a larger batch")]
    batches = [raising("a", words[0], "batch"), raising("b", words[1], "batch")]
    found = told([raising("c"), raising("d", words[1]), *batches])
    assert found == [("4 of 4 checks", HERE), ("2 of them (batches)", words[0])]
    assert told([raising("c"), batches[0]]) == [("2 of 2 checks", HERE), ("1 of them (batches)", words[0])]
