"""``rnn-ref mistakes``: the list, all about one, and the module that makes it on purpose."""

from pathlib import Path
from typing import Any

import pytest
from sampled import some

from rnn_ref.cli import main
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.mistakes.find import command, find, functions, module, slugs
from rnn_ref.conformance.mistakes.kill_matrix import answerable, kills, margins
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.catalogue import MISTAKES, of

CHECKS = all_questions(None, "vectors")
MADE = tuple(dict.fromkeys(mistake.slug for mistake in MISTAKES))


def fails(candidate: Any, check: Check) -> bool:
    """Whether a check fails at the first call, or at the second."""
    return any(judge(check, [perform(candidate, check)]).status != "passed" for _ in range(2))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["mistakes", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    return lines


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["mistakes", *arguments]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    return error


def test_the_list_has_every_slug_once_its_functions_and_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys)
    heads = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert heads == list(slugs())
    told = " ".join(" ".join(lines).split())
    for slug in slugs():
        assert of(slug).found in told
    assert "bias-first-step-only        rnn_forward, rnn_bptt" in lines
    assert "returns-none                every function but stack_forward, stack_backward," in lines


def test_the_list_of_one_function(capsys: pytest.CaptureFixture[str]) -> None:
    heads = {line.split()[0] for line in printed(capsys, "--function", "rnn_output_layer") if line[0] != " "}
    assert heads == {mistake.slug for mistake in MISTAKES if "rnn_output_layer" in mistake.functions}


@pytest.mark.parametrize("slug", some(slugs(), 8))
def test_one_is_told_in_full(slug: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn_ref.conformance.mistakes.explain.margins", lambda *_: {})  # that has a test of its own
    lines = printed(capsys, slug)
    told = " ".join(" ".join(lines).split())
    for name in {function for _, function in find(slug)} or {""}:
        words = of(slug, name)
        assert name in told
        assert all(text in told for text in (words.found, words.matters, words.look))
        assert {f"    {words.right}", f"    {words.wrong}"} <= set(lines)
    assert (f"    rnn-ref mistakes {slug} --make wrong.py" in lines) == (slug in MADE)


def test_it_is_said_by_how_many_vectors_it_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    checks = answerable("rnn_forward", all_questions(None, "vectors"))
    forms = [mistake for mistake, _ in find("low-precision", "rnn_forward")]
    fewest, most = sorted(kills(margins(mistake, "rnn_forward", checks)) for mistake in forms)
    assert fewest < most
    lines = printed(capsys, "low-precision", "--function", "rnn_forward")
    assert f"    rnn_forward                 {fewest} of {len(checks)} (the form caught least, of 2)" in lines
    assert "    float16; float32" in lines
    assert "    rnn-ref mistakes low-precision --function rnn_forward --make wrong.py" in lines
    assert not [line for line in lines if "rnn_bptt" in line]  # which was not asked for


@pytest.mark.parametrize("slug", some(MADE, 3))
def test_the_module_that_is_written_does_not_conform(slug: str) -> None:
    names = {function for _, function in find(slug)}
    namespace: dict[str, object] = {}
    exec(module(slug), namespace)
    one = min(names, key=list(OPERATIONS).index)
    assert command("a b.py") == "rnn-ref check 'a b.py'"
    assert any(fails(namespace[one], check) for check in CHECKS if check.function == one)
    assert {name for name in namespace if name in OPERATIONS} == names


def test_what_was_written_is_checked_and_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = "wrong.py: written; see the verdict with: rnn-ref check wrong.py"
    assert printed(capsys, "state-leaks", "--make", "wrong.py") == [line]
    text = Path("wrong.py").read_text(encoding="utf-8")
    assert text.startswith('"""Wrong on purpose: state-leaks.\n\nA state is kept from one call to the next.\n"""\n')
    assert max(map(len, text.splitlines())) <= 120
    assert main(["check", "wrong.py"]) == 1
    assert "rnn_forward: wrong" in capsys.readouterr().out
    assert "wrong.py: exists, expected a new file" in refused(capsys, "no-tanh", "--make", "wrong.py")
    assert Path("wrong.py").read_text(encoding="utf-8") == text
    Path("link.py").symlink_to("nowhere.py")
    assert "link.py: exists" in refused(capsys, "no-tanh", "--make", "link.py")
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == ["link.py", "wrong.py"]


def test_one_form_in_one_function(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.py"
    asked = ["mistakes", "sign", "--function", "rnn_bptt", "--form", "of the gradients", "--make", str(path)]
    assert main(asked) == 0
    text = path.read_text(encoding="utf-8")
    assert text.count("\ndef ") == 1
    assert "# form: of the gradients\ndef rnn_bptt(" in text
    assert "loss = -log_p[rows, y].sum()" in text  # which is right


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bias-mising"], "rnn-ref: no mistake is called 'bias-mising', did you mean bias-missing?"),
        (["w_HH-transposd"], "did you mean W_hh-transposed"),
        (["qqqq"], "no mistake is called 'qqqq' (rnn-ref mistakes lists all)"),
        (["--function", "rnn_foward"], "no function is called 'rnn_foward', did you mean rnn_forward"),
        (["no-tanh", "--function", "rnn_backward"], "not made in rnn_backward, expected one of rnn_cell_step, rnn_"),
        (["truncated", "--form", "after lunch"], "truncated has no form 'after lunch', expected one of 'cut once', "),
        (["no-tanh-of-c", "--form", "x", "--function", "lstm_forward"], "has no form 'x', expected one of none"),
        (["layout-keras", "--make", "wrong.py"], "layout-keras names a convention"),
        (["--make", "wrong.py"], "expected a SLUG"),
        (["no-tanh", "--make", "wrong.txt"], "--make is 'wrong.txt', expected a file that ends in .py"),
        (["no-tanh", "--make", "nowhere/wrong.py"], "nowhere/wrong.py: cannot be written, its folder does not exist"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_functions_are_named_or_said_to_be_all_but_few() -> None:
    assert functions(find("no-tanh")) == "rnn_cell_step, rnn_forward, rnn_bptt"
    assert functions(find("mutates-input")).startswith("rnn_cell_step, rnn_forward, rnn_output_layer, cross_entropy")
    assert functions(find("returns-none")) == "every function but stack_forward, stack_backward, stack_bptt"
    assert functions(find("returns-pair")) == ""
