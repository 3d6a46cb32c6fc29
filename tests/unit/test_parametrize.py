"""``parametrize_with_checks``: one pytest case for every check, in the project that has the implementation."""

import sys
import types
from pathlib import Path
from typing import Any

import pytest
from unit_learner import LEARNER, STUB, edited, write

import rnn_ref
from rnn_ref.conformance import ConformanceError, examine, parametrize_with_checks
from rnn_ref.conformance.targets.artefacts.held import Mark, marked
from rnn_ref.conformance.testing import items

FORGETFUL = edited(("h = rnn_cell_step(x_t, h,", "h = rnn_cell_step(x_t, h0,"))


def module(source: str, name: str = "mine") -> types.ModuleType:
    made = types.ModuleType(name)
    exec(source, made.__dict__)  # as a test file of the project has it: imported
    return made


def cases(targets: Any, **options: Any) -> dict[str, Any]:
    """Return the checks by the ids that pytest gives them."""
    mark = parametrize_with_checks(targets, **options)
    return {parameter.id: parameter.values[0] for parameter in mark.args[1]}


@parametrize_with_checks({"reference": None, "cell": rnn_ref.rnn_cell_step}, dtype="float64", only="generic-")
def test_as_it_is_meant(check: Any) -> None:
    check()


def test_the_ids_are_the_suites_in_its_order_and_the_functions_that_are_there() -> None:
    ids = list(cases({"mine": module(LEARNER)}))
    planned = rnn_ref.check(module(LEARNER)).results
    assert ids == [f"mine-{result.id}" for result in planned]
    assert not [one for one in ids if "rnn_backward" in one]


def test_a_right_one_passes_and_what_it_does_not_claim_is_skipped() -> None:
    mine = cases(module(LEARNER))
    mine["mine-rnn_forward/single-float64"]()
    with pytest.raises(pytest.skip.Exception, match="batches: not asked, they raise ValueError"):
        mine["mine-rnn_forward/generic-float64"]()
    claimed = cases(module(LEARNER), dtype="float32")["mine-rnn_forward/single-float64"]
    with pytest.raises(pytest.skip.Exception, match="--dtype float32 claimed"):
        claimed()


def test_every_outcome_is_the_reports() -> None:
    report = rnn_ref.check(module(FORGETFUL))
    mine = items.Items(module(FORGETFUL)).all
    assert [(one.id, one.outcome()[0]) for one in mine] == [(one.id, one.status) for one in report.results]


def test_a_failure_has_the_reports_words_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    path = write(tmp_path, FORGETFUL)
    failing = cases(path)[f"{path}-rnn_forward/single-float32"]
    with pytest.raises(ConformanceError) as caught:
        failing()
    first, verdict, hint, again = str(caught.value).splitlines()
    assert first.startswith("rnn_forward/single-float32: h_states: off by ")
    assert "first wrong step 1" in first
    assert verdict == "  rnn_forward: wrong, h0-every-step"
    assert hint.startswith("  rnn_forward, line 14: Which variable holds the state")
    assert again == f"  again: rnn-ref check {path} --only rnn_forward/single-float32"


def test_text_is_loaded_in_another_process_and_each_function_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    monkeypatch.setattr(items, "examine", lambda t, options: runs.append(options.only) or examine.examine(t, options))
    write(tmp_path, LEARNER + f"\nopen({str(tmp_path / 'loads')!r}, 'a').write('x')\n", "remembers.py")
    mine = cases({"mine": tmp_path / "remembers.py"})
    assert not [name for name in sys.modules if "remembers" in name]
    assert (tmp_path / "loads").read_text() == "x"
    for case in ("single", "long", "square-single"):
        mine[f"mine-rnn_forward/{case}-float64"]()
    assert runs.count("rnn_forward/*") == 1
    assert (tmp_path / "loads").read_text() == "xx"


def test_what_is_required_and_absent_fails_and_so_does_a_stub(tmp_path: Path) -> None:
    mine = cases({"mine": module(LEARNER)}, require=["rnn_bptt", "rnn_forward"])
    with pytest.raises(ConformanceError, match="rnn_bptt: required, but not there"):
        mine["mine-rnn_bptt/present"]()
    assert "mine-rnn_forward/present" not in mine
    stubs = cases({"mine": write(tmp_path, STUB)})
    assert len(stubs) == 4
    with pytest.raises(ConformanceError, match="not implemented yet"):
        stubs["mine-rnn_forward/implemented"]()


def test_a_target_that_breaks_between_collecting_and_checking_fails(tmp_path: Path) -> None:
    path = write(tmp_path, LEARNER)
    case = cases({"mine": path})["mine-rnn_forward/single-float64"]
    write(tmp_path, "raise RuntimeError('gone')")
    with pytest.raises(ConformanceError, match=r"cannot be loaded: RuntimeError: gone"):
        case()


@pytest.mark.parametrize(
    ("targets", "options", "text"),
    [
        ({}, {}, "there is no target"),
        ([], {}, "there is no target"),
        ({"": rnn_ref}, {}, "called ''"),
        ([rnn_ref, rnn_ref], {}, "2 targets are called 'rnn_ref'"),
        (types.ModuleType("empty"), {}, "empty: none of the functions is in it"),
        ("no_such_module", {}, "no such module"),
        (rnn_ref, {"only": "rnn_foward"}, "no check matches 'rnn_foward'"),
        (rnn_ref, {"dtype": "float16"}, "dtype is 'float16'"),
        (rnn_ref, {"rank": "triple"}, "rank is 'triple'"),
        (rnn_ref, {"require": ["rnn_foward"]}, "require names rnn_foward"),
        (rnn_ref, {"expect_fail": {"rnn_foward": "known"}}, "expect_fail names 'rnn_foward'"),
        (rnn_ref, {"tolerance": 1e-3}, "no option is called 'tolerance'"),
        (module(LEARNER), {"only": "rnn_bptt"}, "mine: nothing to check: what is asked for is not there"),
        (rnn_ref, {"only": "rnn_forward", "rank": "step"}, "rnn_ref: nothing to check: --rank step claimed"),
    ],
)
def test_what_cannot_be_checked_is_a_collection_error(targets: Any, options: Any, text: str) -> None:
    with pytest.raises(pytest.Collector.CollectError, match=text):
        parametrize_with_checks(targets, **options)


def test_a_dict_of_functions_is_one_target() -> None:
    assert "dict-rnn_cell_step/single-float64" in cases({"rnn_cell_step": rnn_ref.rnn_cell_step})


def test_fresh_checks_have_cases_of_their_own() -> None:
    mine = items.Items({"rnn_cell_step": rnn_ref.rnn_cell_step}, seed=3).all
    fresh = [one for one in mine if "/seed3-" in one.id]
    assert len(fresh) > 5
    assert {one.outcome()[0] for one in fresh} == {"passed"}


def test_a_declared_deviation_is_an_expected_failure_and_an_unexpected_pass_a_failure() -> None:
    declared = {"rnn_forward": "known", "rnn_cell_step/single-float64": "hoped for"}
    mine = cases(module(FORGETFUL), expect_fail=declared, dtype="float64")
    with pytest.raises(pytest.xfail.Exception, match=r"known \(h_states: off by"):
        mine["mine-rnn_forward/single-float64"]()
    with pytest.raises(ConformanceError, match="passes, and was declared to fail: hoped for"):
        mine["mine-rnn_cell_step/single-float64"]()
    mine["mine-rnn_cell_step/square-single-float64"]()


def test_a_precision_that_was_found_to_be_taken_alone_is_no_option_that_was_given() -> None:
    mine = {"rnn_cell_step": marked(rnn_ref.rnn_cell_step, Mark("as it is", dtype="float32"))}
    report = rnn_ref.check(mine)
    assert list(report.reasons) == ["float64 not claimed by dict (--dtype both insists)"]
    assert not rnn_ref.check(mine, dtype="both").reasons
    assert list(rnn_ref.check(mine, dtype="float32").reasons) == ["--dtype float32 claimed"]


def test_what_was_differentiated_of_a_wrong_function_is_that_ones_fault_also_where_it_alone_is_asked() -> None:
    def rnn_forward(X_seq: Any, h0: Any, *weights: Any) -> Any:
        return [rnn_ref.rnn_cell_step(x_t, h0, *weights) for x_t in X_seq]

    def back(*arguments: Any) -> Any:
        return tuple(2 * one for one in rnn_ref.rnn_backward(*arguments))

    derived = marked(back, Mark("by autograd", derives="rnn_forward"))
    mine = {"rnn_forward": rnn_forward, "rnn_backward": derived}
    assert rnn_ref.check(mine, only="rnn_backward/*").functions["rnn_backward"].verdict == "passes-on"
    outcomes = [(one.function, one.outcome()) for one in items.Items(mine, only="*/generic-float64").all]
    assert [(name, status) for name, (status, _) in outcomes] == [("rnn_forward", "failed"), ("rnn_backward", "xfail")]
    assert "the derivative of rnn_forward, which is wrong" in outcomes[1][1][1]
    mine["rnn_forward"] = rnn_ref.rnn_forward
    assert rnn_ref.check(mine, only="rnn_backward/*").functions["rnn_backward"].verdict == "wrong"
