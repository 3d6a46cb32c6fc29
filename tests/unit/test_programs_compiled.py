"""The page on programs is true: its commands run, its examples conform, and spoilt they get their names."""

import contextlib
import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from unit_programs import before_answering, program

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import Report
from rnn_ref.conformance.given.inputs import options_of
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.targets.program.command import words_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "do" / "programs.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "docs" / "do" / "programs"
STRICT = {
    "c": ("cc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"),
    "cpp": ("c++", "-std=c++17", "-pedantic", "-Wall", "-Wextra", "-Werror"),
    "rs": ("rustc", "-O", "-D", "warnings"),
}
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def needed(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool}")


def built(folder: Path, language: str, *edits: tuple[str, str]) -> str:
    """Return the target that is an example, with pieces of its text replaced, compiled as strictly as can be."""
    source = (EXAMPLES / f"my_rnn.{language}").read_text(encoding="utf-8")
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    file = folder / f"my_rnn.{language}"
    file.write_text(source, encoding="utf-8")
    if language == "js":
        needed("node")
        return f"exec:{shlex.join(['node', str(file)])}"
    needed(STRICT[language][0])
    libraries = ["-lm"] if language == "c" else []
    subprocess.run([*STRICT[language], str(file), *libraries, "-o", str(folder / "my_rnn")], check=True)
    return f"exec:{shlex.join([str(folder / 'my_rnn')])}"


def named(report: Report) -> dict[str, tuple[str, list[str]]]:
    """Return verdicts and names of mistakes, of the functions that are there."""
    found = {name: one for name, one in report.functions.items() if one.verdict != "missing"}
    return {name: (one.verdict, one.mistakes) for name, one in found.items()}


@pytest.mark.parametrize(("language", "dtypes"), [("c", 1), ("cpp", 2), ("js", 1), ("rs", 1)])
def test_an_example_conforms_in_all_it_claims(language: str, dtypes: int, tmp_path: Path) -> None:
    target = built(tmp_path, language)
    report = rnn_ref.check(target)
    assert named(report) == {"rnn_cell_step": ("conforms", []), "rnn_forward": ("conforms", [])}
    assert {result.dtype for result in report.results if result.status == "passed"} == (
        {"float32", "float64"} if dtypes == 2 else {"float64"}
    )
    assert {result.rank for result in report.results if result.status == "passed"} == {"single", "batch"}
    assert not report.left_out_of_all
    report = rnn_ref.check(target, only="nan-batch", dtype="both")  # it is read from a text, and written as one
    assert (report.ok, report.ran) == (True, 2)


TRANSPOSED = "(0..hidden).map(|j| w_hh[j * hidden + i] * h_prev[j]).sum::<f64>()"
TWINS = {
    ("c", "W_hh-transposed"): ("W_hh[i * H + j]", "W_hh[j * H + i]"),
    ("c", "bias-missing"): ("double z = b_h[i];", "double z = 0 * b_h[i];"),
    ("c", "low-precision"): ("= tanh(z)", "= (float)tanh(z)"),
    ("c", "no-tanh"): ("= tanh(z)", "= z"),
    ("c", "h0-every-step"): ("        h0 = h;\n", ""),
    ("cpp", "W_hh-transposed"): ("W_hh[i * H + j]", "W_hh[j * H + i]"),
    ("cpp", "low-precision"): ("answer<double>(line)", "answer<float>(line)"),
    ("js", "W_hh-transposed"): ("W_hh[i * H + j]", "W_hh[j * H + i]"),
    ("js", "bias-missing"): ("let z = b_h[i]", "let z = 0"),
    ("js", "low-precision"): ("Math.tanh(z)", "Math.fround(Math.tanh(z))"),
    ("js", "h0-every-step"): ("slice(t, t + rows), h, W_xh", "slice(t, t + rows), h0, W_xh"),
    ("rs", "W_hh-transposed"): ("product(&w_hh[i * hidden..], h_prev)", TRANSPOSED),
}


@pytest.mark.parametrize(("language", "slug"), TWINS)
def test_a_spoilt_twin_gets_its_name(language: str, slug: str, tmp_path: Path) -> None:
    found = named(rnn_ref.check(built(tmp_path, language, TWINS[language, slug])))
    expected = ("low-precision" if slug == "low-precision" else "wrong", [slug])
    assert found.pop("rnn_forward") == expected
    assert found.pop("rnn_cell_step") == (("conforms", []) if slug == "h0-every-step" else expected)


def test_more_precision_than_is_asked_is_no_fault(tmp_path: Path) -> None:
    assert rnn_ref.check(built(tmp_path, "cpp", ("answer<float>(line)", "answer<double>(line)"))).ok


def test_what_javascript_throws_is_told_without_its_frames(tmp_path: Path) -> None:
    target = built(
        tmp_path,
        "js",
        ('process.stdin }).on("line", (line) => {', 'process.stdin }).on("line", (line) => { line.no();'),
    )
    report = rnn_ref.check(target, only="rnn_cell_step/generic-float64")
    assert report.functions["rnn_cell_step"].verdict == "crashed"
    assert " TypeError: line.no is not a function Node.js " in report.functions["rnn_cell_step"].explanation


def test_a_program_that_reads_behind_its_memory_is_crashed(tmp_path: Path) -> None:
    target = built(tmp_path, "c", ("+= W_hh[i * H + j]", "+= W_hh[i * H + j + (1 << 28)]"))
    report = rnn_ref.check(target, only="rnn_cell_step/generic-float64")
    assert report.functions["rnn_cell_step"].verdict == "crashed"
    assert "the program was ended by SIGSEGV" in report.functions["rnn_cell_step"].explanation


@pytest.mark.parametrize("line", SHELL)
def test_the_commands_of_the_page_run(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shutil.copytree(EXAMPLES, tmp_path / "programs"))
    for command in map(shlex.split, line.split(" && ")):
        if command[0] != "rnn-ref":
            needed(command[0])
            subprocess.run(command, check=True)
            continue
        if command[2].startswith("exec:node"):
            needed("node")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert main(command[1:]) == 0
        assert re.search(r"^ok: [12] conforms?$", printed.getvalue(), re.MULTILINE)


ASKS = """
import json, sys
import numpy as np
from rnn_ref.conformance.targets.program.candidates import load_program
asked = json.loads(sys.argv[2])
given = [np.array(one["data"], one["dtype"]).reshape(one["shape"]) for one in asked["arguments"].values()]
load_program(sys.argv[1])[asked["function"]](*given)
"""


def rounded(line: str) -> str:
    """Take out the digits in which another version of node may differ."""
    return re.sub(r"(\d\.\d{14})\d+", r"\1", line)


def test_the_conversation_is_what_is_said(tmp_path: Path) -> None:
    shown = re.search(r"<!-- conversation .*?```text\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
    heard = tmp_path / "heard"
    target = program(tmp_path, before_answering(f"open({str(heard)!r}, 'w').write(line)"))
    subprocess.run([sys.executable, "-c", ASKS, target, shown[1].removeprefix("> ")], check=True)
    assert f"> {heard.read_text()}" == f"{shown[1]}\n"
    words = words_of(built(tmp_path, "js"))
    said = subprocess.run(words, input=f"{shown[1][2:]}\n", capture_output=True, text=True, check=True).stdout
    assert rounded("".join(f"< {line}\n" for line in said.splitlines())) == rounded(f"{shown[0]}\n{shown[2]}\n")


def test_the_functions_are_listed_with_what_they_take_and_return() -> None:
    shown = re.search(r"<!-- functions -->\n```text\n(.*?)```", PAGE, re.DOTALL)[1]
    listed = re.findall(r"^(\w+)\(([^*)]*?)(?:, \*, (.*))?\)\n    -> (.*)$", shown, re.MULTILINE)
    take_functions = ("rnn_sequence_loss", "stack_")
    assert [name for name, *_ in listed] == [name for name in OPERATIONS if not name.startswith(take_functions)]
    for name, arguments, options, outputs in listed:
        assert arguments.split(", ") == [*OPERATIONS[name].arguments]
        assert outputs.split(", ") == [*OPERATIONS[name].outputs]
        assert options.split(", ") == [*(options_of(OPERATIONS[name]) or [""])]


def test_the_ctypes_file_is_the_one_that_is_shown() -> None:
    source = (EXAMPLES / "my_rnn_ctypes.py").read_text(encoding="utf-8")
    assert source.endswith(re.search(r"<!-- my_rnn_ctypes.py -->\n```python\n(.*?)```", PAGE, re.DOTALL)[1])


def test_a_shared_library_is_judged_as_sharply(tmp_path: Path) -> None:
    needed("cc")
    shutil.copy(EXAMPLES / "my_rnn_ctypes.py", tmp_path)
    source = (EXAMPLES / "my_rnn.c").read_text(encoding="utf-8").replace("W_hh[i * H + j]", "W_hh[j * H + i]")
    (tmp_path / "my_rnn.c").write_text(source)
    build = ["cc", "-std=c99", "-shared", "-fPIC", "my_rnn.c", "-lm", "-o", "libmy_rnn.so"]
    subprocess.run(build, cwd=tmp_path, check=True)
    report = rnn_ref.check(str(tmp_path / "my_rnn_ctypes.py"), dtype="float64")
    assert named(report) == {"rnn_forward": ("wrong", ["W_hh-transposed"])}
