"""Programs that say nothing, too much or something else, die, hang or hold on: each gets its words, and ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sampled import some
from unit_programs import BOTH, PROGRAM, before_answering, command, program

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.targets.program.lines import AHEAD

CELL = {"only": "rnn_cell_step/", "timeout": 3.0}
NO_START = {
    "nothing at all": ("say(FIRST)", "sys.exit(0)", "the program ended with exit code 0 before it had answered"),
    "a crash": ("say(FIRST)", "os.abort()", "the program was ended by SIGABRT"),
    "a closed output": (
        "say(FIRST)",
        "os.close(1); time.sleep(60)",
        "the program has closed its standard output",
    ),
    "silence": ("say(FIRST)", "time.sleep(60)", "timeout: no answer within 3 s (--timeout allows more; or was it not"),
    "words": ("say(FIRST)", "print('Loading ...', flush=True); time.sleep(60)", "'Loading ...', which is no JSON"),
    "no bytes of text": (
        "say(FIRST)",
        r"os.write(1, b'\xff\x00\x1b[2J\n'); time.sleep(60)",
        r"the program wrote '\\xff\x00\x1b[2J', which is no JSON",
    ),
    "another object": ("say(FIRST)", "say({'x': 1})", 'its first line is {"x": 1}, expected {"rnn-ref-exec": 1,'),
    "a number": ("say(FIRST)", "say(1)", "its first line is 1, expected"),
    "another version": ('"rnn-ref-exec": 1', '"rnn-ref-exec": 2', "it speaks version 2 of the protocol, expected 1"),
    "an unknown function": ('["rnn_cell_step"]', '["rnn_cel_step"]', ' "rnn_cel_step", expected rnn_cell_step'),
    "an unknown option": (
        '["rnn_cell_step"]',
        '{"cross_entropy": ["reducton"]}',
        'the option of cross_entropy "reducton", expected reduction',
    ),
    "an option of none": (
        '["rnn_cell_step"]',
        '{"rnn_output_layer": ["x"]}',
        'the option of rnn_output_layer "x", expected no option',
    ),
    "no functions": (', "functions": ["rnn_cell_step"]', "", "has the functions null, expected a list of names, or"),
    "functions in a text": ('["rnn_cell_step"]', '"rnn_cell_step"', 'has the functions "rnn_cell_step", expected'),
    "an unknown precision": ('["float64"]', '["double"]', 'has the dtypes ["double"], expected some of float32,'),
    "no precision": ('["float64"]', "[]", "has the dtypes [], expected some of float32, float64"),
    "a misspelt key": ('"dtypes"', '"dtype"', 'has "dtype", expected nothing but rnn-ref-exec, functions,'),
    "none of the functions": ('["rnn_cell_step"]', "[]", "none of the functions is in it"),
}  # fmt: skip


@pytest.mark.parametrize("start", some(NO_START, 3))
def test_a_program_that_does_not_say_what_it_is_is_one_clear_line(
    start: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *edit, sentence = NO_START[start]
    target = program(tmp_path, (edit[0], edit[1]))
    assert main(["check", target, "--timeout", "3"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"rnn-ref: {target}: ")
    assert sentence in said
    nothing = "none of the functions is in it" in said  # then it says which are looked for
    assert len(said.splitlines()) == 1 or nothing


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("exec:", "names no program, expected exec:./my_rnn"),
        ("exec:''", "names no program, expected exec:./my_rnn"),
        ("exec:./no_such", "./no_such: no such file"),
        ("exec:no_such_program", "no program no_such_program is on the PATH"),
        ("text", "text: expected a .py or .ipynb file; a program is checked as exec:./text"),
        ("./plain", "plain: expected a .py or .ipynb file\n"),
        ("exec:plain", "no program plain is on the PATH; the file here is exec:./plain"),
        ("exec:./plain", "./plain cannot be started: Permission denied"),
        ("exec:./text", "./text cannot be started: Exec format error"),
        ("exec:.", "no program . is on the PATH"),
        ("exec:./folder", "./folder: no such file"),
        ("exec:./run 'it", "cannot be read as a command line: No closing quotation"),
    ],
)
def test_what_cannot_be_started_is_one_clear_line(
    target: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, mode in (("plain", 0o644), ("text", 0o755)):
        Path(name).write_text("neither\n")
        Path(name).chmod(mode)
    Path("folder").mkdir()
    assert main(["check", target]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    nothing = "none of the functions is in it" in said  # then it says which are looked for
    assert len(said.splitlines()) == 1 or nothing


def at_third(statement: str) -> tuple[str, str]:
    """Return the edit by which the program does something when it is asked for the third time, for the step."""
    return before_answering(f"if asked['id'] == 3 and asked['function'] == 'rnn_cell_step': {statement}")


ENDINGS = {
    "sys.exit(0)": ("crashed", "the program ended with exit code 0 before it had answered"),
    "os._exit(7)": ("crashed", "the program ended with exit code 7 before it had answered"),
    "os.abort()": ("crashed", "the program was ended by SIGABRT"),
    "os.kill(os.getpid(), 9)": ("crashed", "the program was ended by SIGKILL"),
    "os.close(1); time.sleep(60)": ("crashed", "the program has closed its standard output"),
    "time.sleep(60)": ("timeout", "timeout: no answer within 3 s"),
    "print('step 1', flush=True)": ("crashed", "the program wrote 'step 1', which is no JSON"),
    "print(end='[', flush=True); sys.exit(0)": ("crashed", "the program wrote '[', which is no JSON"),
    "print('[' * 100000, flush=True)": ("crashed", f"the program wrote '{'[' * 80}' ..., which is no JSON"),
    "say(3)": ("crashed", 'the program answered 3, expected {"id": 3, "outputs": {...}} or an "error"'),
    "say({'id': 3})": ("crashed", 'the program answered {"id": 3}, expected {"id": 3, "outputs": {...}}'),
    "say({'id': 3, 'outputs': []})": ("crashed", 'the program answered {"id": 3, "outputs": []}, expected'),
    "say({'outputs': {}})": ("crashed", "the program answered question null, asked was question 3"),
    "asked['id'] = 2": ("crashed", "the program answered question 2, asked was question 3"),
    "asked['id'] = '3'": ("crashed", 'the program answered question "3", asked was question 3'),
    "say({'id': 2, 'error': 'late'})": ("crashed", "the program answered question 2, asked was question 3"),
}


def test_a_program_that_echoes_is_told_what_is_awaited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "exec:cat", "--timeout", "1"]) == 2
    assert 'its first line, before it is asked anything, is to be {"rnn-ref-exec": 1, "f' in capsys.readouterr().err
    report = rnn_ref.check(program(tmp_path, before_answering("say(asked); continue")))
    said = 'the program answers what it was asked, expected {"id": 1, "outputs": {...}} or an "error"'
    assert said in report.functions["rnn_cell_step"].explanation


@pytest.mark.parametrize("statement", some(ENDINGS, 2))
def test_what_ends_badly_has_its_verdict_and_the_next_function_is_still_checked(statement: str, tmp_path: Path) -> None:
    verdict, sentence = ENDINGS[statement]
    report = rnn_ref.check(program(tmp_path, BOTH, at_third(statement)), timeout=3.0)
    function = report.functions["rnn_cell_step"]
    assert (function.verdict, sentence in function.explanation) == (verdict, True), function.explanation
    lost = [one for one in report.of("rnn_cell_step") if one.status != "skipped"]
    assert all(one.lost for one in lost)
    assert sum(one.ended for one in lost) == 1
    assert report.functions["rnn_output_layer"].verdict == "conforms"


def test_a_crash_where_batches_are_asked_leaves_no_rank_unclaimed(tmp_path: Path) -> None:
    crash = before_answering("if len(asked['arguments']['x_t']['shape']) == 2: os.abort()")
    assert rnn_ref.check(program(tmp_path, crash), **CELL).functions["rnn_cell_step"].verdict == "crashed"
    noise = before_answering("if len(asked['arguments']['x_t']['shape']) == 2: print('batch', flush=True)")
    assert rnn_ref.check(program(tmp_path, noise), **CELL).functions["rnn_cell_step"].verdict == "crashed"


def test_the_end_of_its_standard_error_is_in_the_report(tmp_path: Path) -> None:
    complaint = r"sys.stderr.write('much\n' * 10**5 + 'rnn.c:41: assertion \x1b failed\n'); sys.stderr.flush()"
    for ending in ("os.abort()", "time.sleep(60)"):
        dies = before_answering(f"{complaint}; {ending}")
        report = rnn_ref.check(program(tmp_path, dies), **CELL)
        told = report.functions["rnn_cell_step"].explanation
        assert "; its standard error ends: ... " in told
        assert len(told) < 400
        assert told.endswith(r"rnn.c:41: assertion \x1b failed")
        assert "assertion" in str(report)
    with pytest.raises(TargetError, match=r"exit code 3 before it had answered; its standard error ends: .* failed$"):
        rnn_ref.check(program(tmp_path, ("say(FIRST)", f"{complaint}; sys.exit(3)")), **CELL)
    assert rnn_ref.check(program(tmp_path, before_answering(complaint)), only="rnn_cell_step/generic-float64").ok


@pytest.mark.parametrize("line", ["b'x' * 2**16", "b'[0]\\n' * 2**14"])
def test_a_flood_fills_no_memory(line: str, tmp_path: Path) -> None:
    floods = f"[os.write(1, {line}) for _ in iter(int, 1)]"
    with pytest.raises(TargetError, match=r"a line of more than 33,554,432 bytes: 'xxx|first line is"):
        rnn_ref.check(program(tmp_path, ("say(FIRST)", floods)), memory=512, **(CELL | {"timeout": 20}))
    report = rnn_ref.check(program(tmp_path, before_answering(floods)), memory=512, **(CELL | {"timeout": 20}))
    function = report.functions["rnn_cell_step"]
    assert function.verdict == "crashed"
    assert "the program wrote a line of more than" in function.explanation or "answered [0]" in function.explanation


def test_a_flood_after_an_answer_is_noticed_before_the_next_question(tmp_path: Path) -> None:
    floods = ("outputs})", "outputs})\n    while asked['id'] == 4: print('and more', flush=True)")
    function = rnn_ref.check(program(tmp_path, floods), **CELL).functions["rnn_cell_step"]
    assert function.verdict == "crashed"
    assert "the program wrote 'and more'" in function.explanation


WAITS = """
import sys, time
from rnn_ref.conformance.errors import LostError
from rnn_ref.conformance.targets.program.lines import Program
program = Program(sys.argv[1])
time.sleep(1)
print(program._lines.qsize())
try:
    program.tell(1)
except LostError as error:
    print(error)
"""


def test_what_floods_while_nothing_is_asked_waits_and_is_noticed_before_the_next_question(tmp_path: Path) -> None:
    target = program(tmp_path, ("say(FIRST)", r"[os.write(1, b'and more\n' * 2**14) for _ in iter(int, 1)]"))
    done = subprocess.run([sys.executable, "-c", WAITS, target], capture_output=True, text=True, check=True)
    assert done.stdout == f"{AHEAD}\nthe program wrote 'and more' without being asked\n"


def test_two_answers_to_a_question_are_no_answer_to_the_next(tmp_path: Path) -> None:
    twice = ("outputs})", "outputs})\n    if asked['id'] == 3: say({'id': 3, 'outputs': outputs})")
    function = rnn_ref.check(program(tmp_path, twice), **CELL).functions["rnn_cell_step"]
    assert function.verdict == "crashed"
    assert "without being asked" in function.explanation or "answered question 3, asked was" in function.explanation


def test_its_memory_is_limited(tmp_path: Path) -> None:
    report = rnn_ref.check(program(tmp_path, before_answering("x = bytes(2**30)")), memory=512, **CELL)
    assert report.functions["rnn_cell_step"].verdict == "crashed"
    assert report.functions["rnn_cell_step"].explanation.endswith("MemoryError")


def test_a_program_that_stops_reading(tmp_path: Path) -> None:
    for leaving in ("os.close(0); time.sleep(60)", "sys.exit(0)"):
        deaf = ("outputs})", f"outputs}})\n    if asked['id'] == 2: {leaving}")
        function = rnn_ref.check(program(tmp_path, deaf), **CELL).functions["rnn_cell_step"]
        assert (function.verdict, function.explanation.split(": ")[1].split(" ")[0]) in {
            ("crashed", "the"),
            ("timeout", "timeout"),  # the question was written before the pipe was closed
        }, function.explanation


OUTPUTS = {
    "[1]": 'h_t has the shape null, expected a list of whole numbers',
    '{"shape": [2.5], "data": []}': "h_t has the shape [2.5], expected a list of whole numbers",
    '{"shape": [-1], "data": []}': "h_t has the shape [-1], expected a list of whole numbers",
    '{"shape": [True], "data": [1]}': "h_t has the shape [true], expected a list of whole numbers",
    '{"shape": [2], "data": [1]}': "h_t has 1 numbers, expected 2 for its shape (2,)",
    '{"shape": [10**9] * 3, "data": []}': "h_t has 0 numbers, expected 1000000000000000000000000000",
    '{"shape": [1], "data": 5}': "h_t has the data 5, expected a list of numbers",
    '{"shape": [1], "data": [None]}': 'h_t has null among its numbers, expected a number, or a text such as "0x1.8p+1"',
    '{"shape": [1], "data": [[1]]}': "h_t has [1] among its numbers, expected a number",
    '{"shape": [1], "data": ["one"]}': 'h_t has "one" among its numbers, expected a number',
    '{"shape": [1], "data": [True]}': "h_t has true among its numbers, expected a number",
    '{"shape": [1], "data": [10**400]}': "h_t has 1000",
    '{"shape": [2, 2], "data": [1, 2, 3, 4]}': "h_t has shape (2, 2), expected (",
    "1.5": "h_t has shape (), expected (",
    "None": "h_t has null among its numbers",
}  # fmt: skip


@pytest.mark.parametrize("output", some(OUTPUTS, 3))
def test_an_answer_that_is_no_array_or_has_another_shape_is_wrong(output: str, tmp_path: Path) -> None:
    answer = ('"outputs": outputs', f'"outputs": {{"h_t": {output}}}')
    if output == "[1]":
        answer = ('"outputs": outputs', '"outputs": {"h_t": {"values": [1]}}')
    function = rnn_ref.check(program(tmp_path, answer), only="rnn_cell_step/generic-float64").functions["rnn_cell_step"]
    assert (function.verdict, OUTPUTS[output] in function.explanation) == ("wrong", True), function.explanation


def test_an_answer_under_another_name_says_which_was_expected(tmp_path: Path) -> None:
    function = rnn_ref.check(program(tmp_path, ('return {"h_t"', 'return {"h"')), **CELL).functions["rnn_cell_step"]
    assert function.verdict == "wrong"
    assert "without h_t; expected 1: h_t" in function.explanation


NOTES_PID = "open({0!r} + str(os.getpid()), 'w').close()"


def running(folder: Path) -> list[int]:
    """Return those of the noted processes that still run."""
    return [int(one.name) for one in folder.iterdir() if _is_running(int(one.name))]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return " Z " not in Path(f"/proc/{pid}/stat").read_text()


def until_gone(folder: Path) -> None:
    for _ in range(250):
        if not running(folder):
            return
        time.sleep(0.02)
    pytest.fail("a program is still running")


HOLDS_ON = "\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)\n"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
@pytest.mark.parametrize(
    "ending",
    [
        "",
        "time.sleep(60)",
        "os.close(1); time.sleep(60)",
        "print('x', flush=True); time.sleep(60)",
        "os.kill(os.getppid(), 9); time.sleep(60)",  # as the system does that has no memory left
    ],
)
def test_no_program_is_left_running_however_the_check_ends(ending: str, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    source = PROGRAM.replace("say(FIRST)", f"{NOTES_PID.format(f'{pids}/')}\nsay(FIRST)").replace(
        "import json", "import signal, json"
    )
    source = source.replace("    outputs = globals()", f"    {ending}\n    outputs = globals()") + HOLDS_ON
    (tmp_path / "program.py").write_text(source, encoding="utf-8")
    report = rnn_ref.check(command(tmp_path / "program.py"), only="rnn_cell_step/generic-float64", timeout=3.0)
    assert report.ok == (not ending)
    assert list(pids.iterdir())
    until_gone(pids)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("where", ["say(FIRST)", "    outputs = globals()"])
def test_a_parent_that_is_ended_leaves_no_program_behind(where: str, sent: signal.Signals, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    indent = where[: len(where) - len(where.lstrip())]
    deaf = ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", NOTES_PID.format(f"{pids}/"), "while True: time.sleep(1)")
    holds = "".join(f"{indent}{statement}\n" for statement in deaf)
    source = PROGRAM.replace(where, f"{holds}{where}").replace("import json", "import signal, json")
    (tmp_path / "program.py").write_text(source, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, "-m", "rnn_ref", "check", command(tmp_path / "program.py")])
    for _ in range(500):
        if list(pids.iterdir()):
            break
        time.sleep(0.02)
    assert running(pids)
    parent.send_signal(sent)
    parent.wait()
    until_gone(pids)
