"""Programs as targets: what they are asked, what they say of themselves, and what they answer."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from unit_programs import BOTH, PROGRAM, before_answering, command, program
from unit_pytest import pytest_in

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import TargetError, parametrize_with_checks
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.operation import UnusableError
from rnn_ref.conformance.project.place import identity, seen_from_here
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.targets.program.arrays import from_json

CELL = {"only": "rnn_cell_step/", "timeout": 20}
CHECKS = [check for check in frozen.load()[0] if check.function == "rnn_cell_step"]
PLAIN = [check for check in CHECKS if "generic" in check.flags]  # asked twice more, first with other numbers


def test_a_right_program_conforms_and_is_asked_what_it_claims(tmp_path: Path) -> None:
    report = rnn_ref.check(program(tmp_path, BOTH))
    assert report.ok
    asked = sum(check.dtype == "float64" for check in CHECKS)
    assert report.functions["rnn_cell_step"].passed == asked > 15
    target = report.target
    assert report.reasons[f"float32 not claimed by {target} (--dtype both insists)"] == report.skipped > 30
    assert report.functions["rnn_forward"].verdict == "missing"


def test_what_is_not_claimed_never_reaches_the_program_unless_it_is_insisted(tmp_path: Path) -> None:
    log = tmp_path / "asked"
    noting = before_answering(f'open({str(log)!r}, "a").write(line)')
    ranks = ('"dtypes": ["float64"]', '"dtypes": ["float64"], "ranks": ["batch"]')
    report = rnn_ref.check(program(tmp_path, noting, ranks), **CELL)
    asked = [json.loads(line) for line in log.read_text().splitlines()]
    assert {question["dtype"] for question in asked} == {"float64"}
    assert {len(question["arguments"]["x_t"]["shape"]) for question in asked} == {2}
    ran, plain = ([one for one in some if (one.dtype, one.rank) == ("float64", "batch")] for some in (CHECKS, PLAIN))
    assert (report.ran, len(asked)) == (len(ran), 2 * len(ran) + 2 * len(plain))
    assert f"single sequences not claimed by {report.target} (--rank both insists)" in report.reasons
    log.unlink()
    report = rnn_ref.check(program(tmp_path, noting, ranks), dtype="both", rank="both", **CELL)
    asked = [json.loads(line) for line in log.read_text().splitlines()]
    assert {question["dtype"] for question in asked} == {"float32", "float64"}
    assert {len(question["arguments"]["x_t"]["shape"]) for question in asked} == {1, 2}
    assert report.ran == len(CHECKS)


def test_a_question_is_one_line_in_the_promised_order_and_exact(tmp_path: Path) -> None:
    log = tmp_path / "asked"
    rnn_ref.check(program(tmp_path, before_answering(f'open({str(log)!r}, "a").write(line)')), dtype="both", **CELL)
    lines = log.read_text().splitlines()
    order = [(one, False) for one in CHECKS for _ in "12"] + [(one, other) for one in PLAIN for other in (True, False)]
    for number, (line, (check, other)) in enumerate(zip(lines, order, strict=True), 1):
        head = f'{{"id": {number}, "function": "rnn_cell_step", "dtype": "{check.dtype}", "arguments": {{"x_t": '
        assert line.startswith(head + f'{{"dtype": "{check.dtype}", "shape": [')
        assert line.endswith('"options": {}}')
        for name, value in json.loads(line)["arguments"].items():
            assert value["shape"] == list(check.arguments[name].shape)
            given = check.arguments[name].ravel().tolist()
            given = ["nan" if math.isnan(one) else one for one in given]
            assert value["data"] == (given[::-1] if other else given)


def test_options_it_names_are_sent_and_others_are_not_asked(tmp_path: Path) -> None:
    log = tmp_path / "asked"
    functions = ('["rnn_cell_step"]', '{"cross_entropy": ["reduction", "weight"]}')
    answering = before_answering(
        f'open({str(log)!r}, "a").write(line); say({{"id": asked["id"], "error": "no"}}); continue'
    )
    report = rnn_ref.check(program(tmp_path, functions, answering), timeout=20)
    asked = [json.loads(line)["options"] for line in log.read_text().splitlines()]
    assert {"reduction": "sum"} in asked
    assert {name for options in asked for name in options} == {"reduction", "weight"}
    assert {"dtype", "shape", "data"} == next(one["weight"] for one in asked if "weight" in one).keys()
    assert any(reason.startswith("options not among its arguments (") for reason in report.reasons)
    classes = [json.loads(line)["arguments"]["targets"] for line in log.read_text().splitlines()]
    assert {"int64", "float64", "uint8"} <= {one["dtype"] for one in classes}
    assert [] in [one["shape"] for one in classes]


def test_what_takes_a_function_is_not_asked_and_it_is_said(tmp_path: Path) -> None:
    both = ('["rnn_cell_step"]', '["rnn_cell_step", "rnn_sequence_loss"]')
    report = rnn_ref.check(program(tmp_path, both))
    assert report.ok
    assert report.reasons["loss_fn is a function, which cannot be handed to a program"] > 10
    assert "loss_fn is a function, which cannot be handed to a program" in str(report)
    alone = program(tmp_path, ('["rnn_cell_step"]', '["rnn_sequence_loss_backward"]'))
    with pytest.raises(TargetError, match=r"nothing to check: .*loss_backward is a function"):
        rnn_ref.check(alone)


def test_an_error_that_is_answered_is_the_exception_of_that_call(tmp_path: Path) -> None:
    refuses = before_answering(
        'if len(asked["arguments"]["x_t"]["shape"]) == 2:\n'
        '        say({"id": asked["id"], "error": "no batches here"})\n        continue'
    )
    report = rnn_ref.check(program(tmp_path, refuses))
    assert report.ok
    assert report.left_out_of_all == ["batches: not asked, they raise"]
    report = rnn_ref.check(program(tmp_path, refuses), rank="both")
    assert report.functions["rnn_cell_step"].verdict == "crashed"
    assert "raised ProgramError: no batches here" in {result.message for result in report.results}


def test_a_rank_that_it_claims_is_held_against_it_where_it_raises(tmp_path: Path) -> None:
    refuses = before_answering(
        'if len(asked["arguments"]["x_t"]["shape"]) == 2:\n'
        '        say({"id": asked["id"], "error": "no batches here"})\n        continue'
    )
    claims = ('"dtypes": ["float64"]', '"dtypes": ["float64"], "ranks": ["single", "batch"]')
    assert rnn_ref.check(program(tmp_path, refuses, claims)).functions["rnn_cell_step"].verdict == "crashed"


WRONG = {
    "W_hh-transposed": ('W_hh["data"][i * H + j]', 'W_hh["data"][j * H + i]'),
    "bias-missing": (' + b_h["data"][i])', ")"),
    "no-tanh": ("math.tanh(z(r, i))", "z(r, i)"),
}


@pytest.mark.parametrize("slug", WRONG)
def test_mistakes_have_the_names_that_they_have_in_python(slug: str, tmp_path: Path) -> None:
    function = rnn_ref.check(program(tmp_path, WRONG[slug]), **CELL).functions["rnn_cell_step"]
    assert (function.verdict, function.mistakes) == ("wrong", [slug])


def test_what_is_kept_between_questions_is_found(tmp_path: Path) -> None:
    keeps = before_answering('x = asked["arguments"]["h_prev"]["data"]; x[0] += 1e-3 * (asked["id"] % 2 == 0)')
    report = rnn_ref.check(program(tmp_path, keeps), only="rnn_cell_step/generic-float64")
    assert report.functions["rnn_cell_step"].verdict == "wrong"
    assert "right at the first call, but the same call again" in report.results[0].message


def test_nan_is_right_where_it_is_due_and_a_number_is_not(tmp_path: Path) -> None:
    hidden = ("math.tanh(z(r, i))", "0.0 if z(r, i) != z(r, i) else math.tanh(z(r, i))")
    for edit, verdict in ((SINGLE, "conforms"), (hidden, "wrong")):
        report = rnn_ref.check(program(tmp_path, edit), only="rnn_cell_step/nan-batch", dtype="float32")
        assert (report.ran, report.functions["rnn_cell_step"].verdict) == (1, verdict)


@pytest.mark.parametrize("text", ["nan", "-NaN", "NAN", "nan(ind)", "-nan(0x8000000000000)", "+nan(char_1)"])
def test_nan_is_read_as_every_language_writes_it(text: str) -> None:
    assert np.isnan(from_json({"shape": [1], "data": [text]}, "float32")).all()


@pytest.mark.parametrize("text", ["nan(", "nan(a b)", "none", "1nan(ind)", "inf(ind)", ""])
def test_what_only_looks_like_it_is_no_number(text: str) -> None:
    with pytest.raises(UnusableError, match="among its numbers"):
        from_json({"shape": [1], "data": [text]}, "float64")


NUMBERS = {
    "hexadecimal": "[float.hex(one) for one in data]",
    "decimal text": "[repr(one) for one in data]",
    "upper case": "[float.hex(one).upper() for one in data]",
}


@pytest.mark.parametrize("form", NUMBERS)
def test_numbers_may_be_texts(form: str, tmp_path: Path) -> None:
    assert rnn_ref.check(
        program(tmp_path, ('h_prev["shape"], "data": data}', f'h_prev["shape"], "data": {NUMBERS[form]}}}'))
    ).ok


def test_nan_and_infinity_are_texts_or_what_python_writes_and_are_wrong_numbers(tmp_path: Path) -> None:
    for number in ("'-nan'", "'Infinity'", "math.nan", "-math.inf"):
        edit = ("[math.tanh(z(r, i)) for r", f"[{number} for r")
        function = rnn_ref.check(program(tmp_path, edit), only="rnn_cell_step/generic-float64").functions[
            "rnn_cell_step"
        ]
        assert (function.verdict, "off by inf" in function.explanation) == ("wrong", True), number


SINGLE = ('"dtypes": ["float64"]', '"dtypes": ["float32"]')
ROUNDED = "struct.unpack('f', struct.pack('f', math.tanh(z(r, i))))[0]"


def test_an_answer_in_float32_is_read_as_float32(tmp_path: Path) -> None:
    """The shortest decimal that tells a float32 from every other is up to half an ulp off it."""
    struct = ("import json, math,", "import struct, json, math,")
    report = rnn_ref.check(program(tmp_path, SINGLE, struct, ("math.tanh(z(r, i))", ROUNDED)))
    assert report.ok
    assert {result.dtype for result in report.results if result.status == "passed"} == {"float32"}
    shortest = from_json({"shape": [2], "data": [0.1, "0.3"]}, "float32")
    assert (shortest.dtype, shortest.tolist()) == ("float32", np.array([0.1, 0.3], np.float32).tolist())


def test_float32_where_float64_is_claimed_is_low_precision(tmp_path: Path) -> None:
    struct = ("import json, math,", "import struct, json, math,")
    report = rnn_ref.check(program(tmp_path, struct, ("math.tanh(z(r, i))", ROUNDED)))
    assert report.functions["rnn_cell_step"].verdict == "low-precision"


def test_a_program_has_arguments_and_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = PROGRAM.replace("say(FIRST)", "assert sys.argv[1:] == ['a b', '*'], sys.argv\nsay(FIRST)")
    Path("my program.py").write_text(f"#!{sys.executable} -ES\n{source}", encoding="utf-8")
    Path("my program.py").chmod(0o755)
    assert rnn_ref.check("exec:'./my program.py' 'a b' '*'").ok
    assert main(["check", "exec:my\\ program.py 'a b' '*'"]) == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rnn_ref.check("exec:my\\ program.py 'a b' '*'").ok


def test_the_line_that_repeats_it_can_be_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = program(tmp_path, WRONG["no-tanh"])
    assert main(["check", target, "--only", "rnn_cell_step/"]) == 1
    assert f"again: rnn-ref check '{target}'" in capsys.readouterr().out


def test_several_programs_are_targets_beside_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong = program(tmp_path), program(tmp_path, WRONG["no-tanh"], name="wrong.py")
    assert main(["check", right, wrong, "rnn_ref", "-j", "2"]) == 1
    assert "2 of 3 targets conform" in capsys.readouterr().out
    assert main(["check", f"{right} *.py"]) == 0  # no pattern of files


def test_parametrize_and_the_plugin_take_programs(tmp_path: Path) -> None:
    parameters = parametrize_with_checks({"mine": program(tmp_path)}, only="rnn_cell_step/").args[1]
    ids = [parameter.id for parameter in parameters]
    assert "mine-rnn_cell_step/generic-float64" in ids
    by_id = {parameter.id: parameter.values[0] for parameter in parameters}
    by_id["mine-rnn_cell_step/generic-float64"]()
    with pytest.raises(pytest.skip.Exception, match="float32 not claimed by exec:"):
        by_id["mine-rnn_cell_step/generic-float32"]()
    done = pytest_in(tmp_path, "-q", "--rnn-ref", program(tmp_path, WRONG["no-tanh"]), "-k", "generic-float64")
    assert done.returncode == 1
    assert "rnn_cell_step: wrong, no-tanh" in done.stdout


def test_a_project_knows_a_program_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    program(tmp_path)
    monkeypatch.chdir(tmp_path)
    python = f"{sys.executable} -ES"
    assert identity(f"exec:{python} {tmp_path}/program.py", tmp_path) == f"exec:{python} program.py"
    (tmp_path / "run").write_text(f"#!{python}\n{PROGRAM}")
    (tmp_path / "run").chmod(0o755)
    section = '[tool.rnn_ref.targets.mine]\ntarget = "exec:./run program.py x.py"\nonly = "generic"\n'
    (tmp_path / "pyproject.toml").write_text(section)
    assert main(["check", "mine", "--record"]) == 0
    record = json.loads((tmp_path / "rnn_ref.json").read_text())["targets"]["mine"]
    assert record["target"] == "exec:./run program.py x.py"
    claims = record["functions"]["rnn_cell_step"]["claims"]
    assert claims == [f"float32 not claimed by {record['target']} (--dtype both insists)"]
    monkeypatch.chdir(tmp_path / "inner")
    assert identity("exec:../run ../program.py x.py", tmp_path) == record["target"]
    assert seen_from_here(record["target"], tmp_path) == "exec:../run ../program.py x.py"
    assert main(["check", "mine"]) == 0
    assert main(["check", "--project"]) == 0
    assert main(["check", "exec:../run ../program.py x.py"]) == 0
    (tmp_path / "run").write_text((tmp_path / "run").read_text().replace('["float64"]', '["float32"]'))
    assert main(["check", "mine"]) == 1  # what was recorded is not asked any more


def test_a_folder_does_not_take_a_recorded_program_for_a_file_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "run").write_text(f"#!{sys.executable} -ES\n{PROGRAM}")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "mine.py").write_text("from rnn_ref import rnn_cell_step\n")
    assert main(["check", "exec:./run", "mine.py", "--record"]) == 0
    assert main(["check", "."]) == 0
    assert main(["check", "exec:./run"]) == 0


def test_the_help_tells_of_programs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "exec:./my_rnn" in capsys.readouterr().out


REFERENCE = """\
import json, sys
import numpy as np
import rnn_ref
from rnn_ref.conformance.given.inputs import options_of
from rnn_ref.conformance.spec import OPERATIONS

def given(one):
    return np.array([float(n) if isinstance(n, str) else n for n in one["data"]], one["dtype"]).reshape(one["shape"])

def put(array):
    array = np.asarray(array)
    return {"shape": array.shape, "data": [str(n) for n in array.ravel().tolist()]}

def outputs(operation, returned):
    if operation.packed:
        loss, grads, h_T = returned
        return {"loss": float(loss), "h_T": put(h_T)} | {name: put(one) for name, one in grads._asdict().items()}
    names = list(operation.outputs)
    return {name: put(one) for name, one in zip(names, [returned] if len(names) == 1 else returned)}

def options(name):
    return list(options_of(OPERATIONS[name]))

print(json.dumps({"rnn-ref-exec": 1, "functions": {name: options(name) for name in OPERATIONS}}), flush=True)
for line in sys.stdin:
    asked = json.loads(line, parse_constant=sys.exit)  # Infinity and NaN are no JSON
    operation = OPERATIONS[asked["function"]]
    arguments = [given(one) for one in asked["arguments"].values()]
    named = {n: given(one) if isinstance(one, dict) else one for n, one in asked["options"].items()}
    try:
        said = {"outputs": outputs(operation, getattr(rnn_ref, operation.name)(*arguments, **named))}
    except (TypeError, ValueError) as error:
        said = {"error": str(error)}
    print(json.dumps({"id": asked["id"], **said}), flush=True)
"""


def reference(folder: Path, *edits: tuple[str, str]) -> str:
    """Return a program that hands all questions to the reference."""
    source = REFERENCE
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / "reference.py").write_text(source, encoding="utf-8")
    return command(folder / "reference.py").replace(" -ES ", " ")


def test_every_function_every_option_and_every_value_goes_through(tmp_path: Path) -> None:
    """Infinite logits, class probabilities, one prediction, weights of classes, gradients, and the gated cells."""
    report = rnn_ref.check(reference(tmp_path))
    left = {"rnn_sequence_loss": "loss_fn", "rnn_sequence_loss_backward": "loss_backward"}
    left |= {"stack_forward": "run", "stack_backward": "run_back", "stack_bptt": "run"}
    assert {name for name, one in report.functions.items() if one.verdict == "conforms"} == {*OPERATIONS} - {*left}
    assert {one.function for one in report.results if one.status == "skipped"} == {*left}
    assert {*report.reasons} == {f"{one} is a function, which cannot be handed to a program" for one in left.values()}


def test_gradients_come_by_name_and_a_missing_one_is_named(tmp_path: Path) -> None:
    lacking = ("grads._asdict().items()}", "grads._asdict().items() if name != 'W_hh'}")
    function = rnn_ref.check(reference(tmp_path, lacking), only="rnn_bptt/generic-float64").functions["rnn_bptt"]
    assert function.verdict == "wrong"
    assert "without W_hh" in function.explanation


RETURNS = {
    "last": "return {'h_T': put(returned[-1])}",
    "pair": "return {'h_T': put(returned[-1]), 'h_states': put(returned)}",
}


@pytest.mark.parametrize("returns", RETURNS)
def test_the_last_state_may_be_declared_as_in_python(returns: str, tmp_path: Path) -> None:
    edit = ("    return {name: put", f"    if 'h_states' in names: {RETURNS[returns]}\n    return {{name: put")
    target = reference(tmp_path, edit)
    assert rnn_ref.check(target, only="rnn_forward/", returns=returns).ok
    assert not rnn_ref.check(target, only="rnn_forward/generic-float64").ok


def test_a_layout_may_be_declared_as_in_python(tmp_path: Path) -> None:
    """Keras keeps the transposes of our weights."""
    turned = "[given(one).T if name[0] == 'W' else given(one) for name, one in asked['arguments'].items()]"
    target = reference(tmp_path, ('[given(one) for one in asked["arguments"].values()]', turned))
    assert rnn_ref.check(target, only="rnn_cell_step/", layout="keras").ok
    assert rnn_ref.check(target, only="rnn_cell_step/").functions["rnn_cell_step"].mistake == "layout-keras"
