"""Every case that was planned is there to be run, and nothing else is: the guard over ``parity_expand.expand``."""

import ast
import importlib
import sys
import unittest
from pathlib import Path

from parity_expand import PLANNED, expand, phantoms

HERE = Path(__file__).parent
MODULES = sorted(path.stem for path in HERE.glob("test_parity_*.py"))
SPEAKS_TORCH = "parity_torch.py"


class ThePlan(unittest.TestCase):
    @expand([(name, name) for name in MODULES])
    def test_every_planned_case_is_a_method_and_no_phantom_stands_beside_it(self, name):
        module = importlib.import_module(name)
        classes = {label: value for label, value in vars(module).items() if isinstance(value, type)}
        for _, owner, test in (entry for entry in PLANNED if entry[0] == name and "<locals>" not in entry[1]):
            self.assertTrue(callable(vars(classes[owner]).get(test)), f"{owner}.{test} was planned and is not there")
        for case in classes.values():
            self.assertEqual(phantoms(case), [], f"in {case.__name__}: put the decorator below expand")

    def test_every_test_file_takes_the_helper_for_its_cases(self):
        for path in HERE.glob("*.py"):
            if path.name != "parity_expand.py":
                self.assertNotIn("parameterized", _imported(path), path.name)

    def test_pytorch_is_spoken_in_one_file(self):
        speakers = {path.name for path in HERE.glob("*.py") if "torch" in _imported(path)}
        self.assertEqual(speakers, {SPEAKS_TORCH})


class TheHelper(unittest.TestCase):
    def test_runs_each_case_under_its_own_name(self):
        seen = []

        class Sample(unittest.TestCase):
            @expand([("one", 1), ("T=2, B=3", 2)])
            def test_it(self, case):
                seen.append(case)

        outcome = unittest.defaultTestLoader.loadTestsFromTestCase(Sample).run(unittest.TestResult())
        self.assertEqual(
            (outcome.testsRun, seen, sorted(n for n in vars(Sample) if "__" in n[2:-2])),
            (2, [2, 1], ["test_it__T_2_B_3", "test_it__one"]),
        )

    @expand(
        [
            ("empty", ([], "0 cases")),
            ("an exhausted generator", ((pair for pair in ()), "0 cases")),
            ("doubled", ([("a", 1), ("a", 2)], "more than one case is called a")),
            ("doubled once made safe", ([("a b", 1), ("a_b", 2)], "more than one case is called a_b")),
            ("without a name", ([("", 1)], "each named")),
        ]
    )
    def test_refuses(self, case):
        pairs, reason = case
        with self.assertRaisesRegex(ValueError, reason):
            expand(pairs)

    def test_a_skip_above_expand_is_seen_as_a_phantom(self):
        class Sample(unittest.TestCase):
            @unittest.skip("lands on a test that does not exist")
            @expand([("one", 1)])
            def test_it(self, case):
                pass

        self.assertEqual(phantoms(Sample), ["test_it"])

    def test_a_skip_below_expand_skips_every_case_and_leaves_no_phantom(self):
        class Sample(unittest.TestCase):
            @expand([("one", 1), ("two", 2)])
            @unittest.skip("below")
            def test_it(self, case):
                pass

        outcome = unittest.defaultTestLoader.loadTestsFromTestCase(Sample).run(unittest.TestResult())
        self.assertEqual((phantoms(Sample), len(outcome.skipped)), ([], 2))


def _imported(path: Path) -> set[str]:
    """Return the top-level packages a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names)
