"""The command line for people: what there is, what was meant, what is wrong first, and colours where they are seen."""

import io
import re
import sys
from pathlib import Path

import pytest
from unit_learner import notebook, write

import rnn_ref
from rnn_ref.cli import COMMANDS, main
from rnn_ref.cli.colours import coloured
from rnn_ref.conformance import parametrize_with_checks
from rnn_ref.conformance.judge.verdict import VERDICTS, FunctionReport
from rnn_ref.conformance.misspelt import nearest
from rnn_ref.conformance.reports.block import in_brackets
from rnn_ref.conformance.reports.findings import AS_DECLARED, UNEXPECTED

READ_AS = """\
import rnn_ref
class Net:
    def step(self, a, b): return a
def unroll(x, h): return 3
def rnn_forward(X_seq, h0, W_xh, W_hh, b_h): return rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
"""


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the lines of an error of use, and see that it is one."""
    try:
        code = main(list(arguments))
    except SystemExit as exit_:
        code = int(str(exit_.code))
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    return captured.err.splitlines()


def test_alone_it_lists_the_commands_and_three_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2  # nothing was checked
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ") and "rnn-ref" not in line] == list(COMMANDS)
    examples = [line.split()[1] for line in lines if line.startswith("  rnn-ref ")]
    assert len(examples) == 3
    assert {*examples} <= COMMANDS.keys()
    assert max(map(len, lines)) <= 80
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == lines[0]
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"rnn-ref {rnn_ref.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("chek", "check"),
        ("version", "--version"),
        ("kill-matrx", "kill-matrix"),
        ("check torhc", "torch"),
        ("check --ony x", "--only"),
        ("check --dtype floa32", "float32"),
        ("check --require rnn_foward", "rnn_forward"),
        ("check --as rnn_foward=f", "rnn_forward"),
        ("check --expect-fail rnn_foward=later", "rnn_forward"),
        ("check --layout kera", "keras"),
        ("check --claims noh0", "no h0"),
        ("check mi_rnn.py", "my_rnn.py"),
        ("check my_rnn.py:Nett", "Net"),
        ("my_rnn.py --rank both", "rnn-ref check my_rnn.py --rank both"),
        ("gone.py", "rnn-ref check gone.py"),
        ("package.module:Net --rank both", "rnn-ref check package.module:Net --rank both"),
        ("model.onnx", "rnn-ref check model.onnx"),
        ("torch", "rnn-ref check torch"),
        ("h0-every-step", "rnn-ref mistakes h0-every-step"),
        ("check my_rnn.py --only rnn_foward", "rnn_forward"),
        ("check my_rnn.py --only rnn_foward/*", "rnn_forward"),
        ("check --only rnn_forward/memory-single-read-onyl-float64", "rnn_forward/memory-single-read-only-float64"),
        ("check --list --only rnn_foward", "rnn_forward"),
        ("mistakes h0-evry-step", "h0-every-step"),
        ("mistakes --function rnn_foward", "rnn_forward"),
        ("export --fromat text DIR", "--format"),
        ("check my_rnn.py --claims dX", "no dX"),
        ("check mi_rnn", "my_rnn.py"),
        ("check mien", "mine"),
        ("--versoin", "--version"),
    ],
)
def test_what_is_misspelt_is_asked_about(
    arguments: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "class Net: ...\n", "my_rnn.py")
    (tmp_path / "pyproject.toml").write_text('[tool.rnn_ref.targets.mine]\ntarget = "my_rnn.py"\n')
    assert f"did you mean {meant}?" in told(capsys, *arguments.split())[0]


def test_a_name_like_no_other_gets_no_question() -> None:
    assert nearest("qqqq", ["torch", "jax"]) == []
    assert nearest("W_hh-transposd", ["W_hh-transposed", "no-tanh"]) == ["W_hh-transposed"]
    with pytest.raises(ValueError, match="expected one of rnn_cell_step, "):
        rnn_ref.check(require="qqqq")
    with pytest.raises(ValueError, match="did you mean rnn_forward"):
        rnn_ref.assert_conforms("rnn_foward", {}, [])


@pytest.mark.parametrize("arguments", ["check --dtype float16", "check f.py --claims nononsense", "--only x"])
def test_what_means_something_else_is_not_asked_about(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean" not in told(capsys, *arguments.replace("nonon", "no non").split(" ", 3))[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check f.py --seed x", "--seed is 'x', expected a whole number"),
        ("check f.py -j 1.5", "-j/--jobs is '1.5', expected a whole number"),
        ("check f.py --memory x", "--memory is 'x', expected a whole number"),
        ("check f.py --timeout x", "--timeout is 'x', expected a number"),
        ("check f.py --seed -1", "seed is -1, expected 0 or above"),
        ("check f.py --as rnn_forward", "reads (--as) is 'rnn_forward', expected rnn_forward=ITS_NAME"),
        ("check f.py --as =f", "reads (--as) is '=f', but no function is called '', expected one of rnn_cell_step, "),
        ("mistakes --make x.py", "--make and --form are of one mistake, expected a SLUG before them"),
        ("check f.py --only", "--only: expected one argument"),
    ],
)
def test_a_value_that_cannot_be_is_told_in_the_same_words_with_what_is_expected(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, *arguments.split())[0].startswith(f"rnn-ref: {said}")


def test_an_option_of_python_that_is_not_there_is_told_without_names_of_ours() -> None:
    for call in (rnn_ref.check_several, parametrize_with_checks):
        with pytest.raises(
            (TypeError, pytest.Collector.CollectError), match="no option is called 'requires', did you mean require"
        ):
            call(["f.py"], requires="rnn_forward")


def test_what_is_said_to_be_a_function_and_is_not_read_as_that_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, READ_AS, "f.py")
    for its, said in (
        (
            "rnn_cell_step=unrol",
            "cannot read unrol as rnn_cell_step: no function of it is called unrol, did you mean unroll?",
        ),
        ("rnn_cell_step=Net.stepp", "no function of it is called Net.stepp, did you mean Net.step?"),
        (
            "rnn_cell_step=rnn_forward",
            "what it takes or returns is not that of rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h)",
        ),
        ("rnn_cell_step=unroll", "f.py: cannot read unroll(x, h) as rnn_cell_step: its arguments are not understood"),
    ):
        assert said in told(capsys, "check", "f.py", "--as", its)[0]


@pytest.mark.parametrize("arguments", ["check --what", "check --dtype float16", "export", "check -j x", "lesson a b"])
def test_an_error_of_use_says_what_is_wrong_and_one_line_of_usage(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = arguments.split(maxsplit=1)[0]
    wrong, usage = told(capsys, *arguments.split())
    assert wrong.startswith("rnn-ref: ")
    assert usage.startswith(f"usage: rnn-ref {command} ")
    assert usage.endswith(f"rnn-ref {command} --help")
    assert len(usage) <= 100


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "mine.py",
            "import math\ndef update(a, b): ...\nclass Thing:\n    def run(self): ...\ndef rnn_fowrad(a): ...\n",
        ),
        ("mine.ipynb", notebook("import math\ndef update(a, b): ...\nclass Thing: ...", "def rnn_fowrad(a): ...")),
    ],
)
def test_where_nothing_is_found_it_says_what_is_there_what_is_wanted_and_where_to_read(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, text, name)
    lines = told(capsys, "check", name)
    assert lines[0] == f"rnn-ref: {name}: none of the functions is in it"
    whole = " ".join(" ".join(lines).split())
    assert "found: update(a, b), class Thing, rnn_fowrad(a) (did you mean rnn_forward?)" in whole
    assert "not read: update(a, b)" in whole
    assert "    rnn_forward(X_seq, h0, W_xh, W_hh, b_h)" in lines
    page = re.findall(r"docs/\S+\.md", whole)
    assert (Path(__file__).parents[2] / page[0]).exists()
    assert max(map(len, lines[1:])) <= 80


def test_the_reference_greets_with_its_verdict_and_says_of_pytorch_only_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["check", "--only", "cross_entropy/*float32"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert out.startswith("ok: rnn_ref works here: 1 of its functions, right in ")
    assert "PyTorch is off by" not in out
    assert re.search(r"off in [1-9] of them; --verbose\s+says where", out)
    assert main([*asked, "--verbose"]) == 0
    assert re.search(r"PyTorch\s+is off by ", capsys.readouterr().out)


def test_a_mistake_that_is_called_as_its_verdict_is_said_once() -> None:
    once = FunctionReport("low-precision", mistakes=["low-precision"], mistake="low-precision")
    assert in_brackets(once) == ""
    assert in_brackets(FunctionReport("wrong", mistakes=["low-precision", "no-tanh"])) == " (low-precision, no-tanh)"


class Terminal(io.StringIO):
    """What claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variable", "value", "seen"), [("TERM", "xterm", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)]
)
def test_colours_are_for_terminals_that_want_them(
    variable: str, value: str, seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert main(["check", "--only", "rnn_cell_step/generic*"]) == 0
    assert ("\033[32mconforms\033[0m" in sys.stdout.getvalue()) == seen  # type: ignore[attr-defined]


def test_nothing_is_coloured_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--only", "rnn_cell_step/generic*"]) == 0
    assert "\033" not in capsys.readouterr().out


@pytest.mark.parametrize("line", ["f.py   0/1  f {}, g", "  f {}; not read: unroll", "f {}   0/1", "f {} (x)"])
@pytest.mark.parametrize("verdict", sorted({*VERDICTS, AS_DECLARED, UNEXPECTED}))
def test_every_verdict_has_its_colour_wherever_it_stands(line: str, verdict: str) -> None:
    assert f"m{verdict}\x1b[0m" in coloured(line.format(verdict))


@pytest.mark.parametrize("verdict", VERDICTS)
def test_without_its_colours_a_report_is_the_same(verdict: str) -> None:
    text = (
        f"function                   verdict\nrnn_cell_step              {verdict:<15}    3/24\n\nrnn_bptt: {verdict}\n"
    )
    painted = coloured(text)
    assert re.sub("\033\\[[0-9;]*m", "", painted) == text
    assert re.search(rf"\033\[[0-9;]+m{verdict}\033\[0m +3/24", painted)
