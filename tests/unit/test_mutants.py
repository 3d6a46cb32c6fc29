"""The mutants that are made of arrays' arithmetic: each one fault, none in an annotation, and a weak test is told."""

import ast
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import mutants
from forked_tests import ForkedTests

SOURCE = "def f(x: float, a=-1):\n    a += x @ x.T\n    return a[1:] - 2.0 if a < 3 else [True, 'x']\n"
FAULTS = {
    "-1  ->  1",
    "1  ->  2",
    "a += x @ x.T  ->  a = x @ x.T",
    "x @ x.T  ->  x.T @ x",
    "x.T  ->  x",
    "a[1:] - 2.0  ->  a[1:] + 2.0",
    "1:  ->  :",
    "2.0  ->  3.0",
    "a < 3  ->  a <= 3",
    "3  ->  4",
}


def test_every_place_has_its_faults_one_at_a_time() -> None:
    made = list(mutants.mutants(SOURCE))
    assert {f"{one.before}  ->  {one.after}" for one in made} == FAULTS
    plain = ast.unparse(ast.parse(SOURCE)).splitlines()
    for one in made:
        assert sum(old != new for old, new in zip(plain, one.text.splitlines(), strict=True)) == 1
        assert plain[one.line - 1] != one.text.splitlines()[one.line - 1]


def test_a_mutant_survives_what_does_not_look(tmp_path: Path) -> None:
    file = tmp_path / "rnn_ref" / "odd.py"
    file.parent.mkdir()
    (file.parent / "__init__.py").touch()
    looks = tmp_path / "looks.py"
    looks.write_text("import rnn_ref.odd\ndef test(): assert rnn_ref.odd.f(2) == 1\n")
    away = tmp_path / "away.py"
    away.write_text("import rnn_ref.odd\ndef test(): assert rnn_ref.odd.f\n")
    (mutant, *_) = mutants.mutants("def f(x):\n    return x - 1\n")
    options = ["-c", str(tmp_path / "none.ini"), "--rootdir", str(tmp_path), "-p", "no:rnn_ref.pytest_plugin"]
    (tmp_path / "none.ini").write_text("[pytest]\n")
    source = Path("src") / "rnn_ref" / "odd.py"
    with ForkedTests(tmp_path) as tests:
        assert mutants.survives(mutant, source, tests, [*options, str(away)])
        assert not mutants.survives(mutant, source, tests, [*options, str(looks)])
        assert mutants.survives(mutant, source, tests, [*options, str(away)])
