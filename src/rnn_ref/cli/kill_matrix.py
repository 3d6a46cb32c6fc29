"""``rnn-ref kill-matrix``: by how many vectors each mistake of the catalogue is caught."""

import argparse

from ..conformance.cases.asked import all_questions
from ..conformance.mistakes import kill_matrix


def add(one: argparse.ArgumentParser) -> None:
    """Add what the command takes to its parser."""
    one.description = "Run every mistake of the catalogue against the vectors; margins are errors over allowed errors."
    one.add_argument("--wide", action="store_true", help="a line for every mistake and check")
    one.set_defaults(run=_kill_matrix)


def _kill_matrix(options: argparse.Namespace) -> int:
    checks = all_questions(None, "vectors")
    rows = list(kill_matrix.matrix(checks))
    for line in kill_matrix.render(rows, wide=options.wide):
        print(line)
    spared = [mistake.slug for mistake, _, found in rows if kill_matrix.kills(found) < kill_matrix.KILLS]
    slugs = {mistake.slug for mistake, _, _ in rows}
    counted = f"{len(slugs)} mistakes made in {len(rows)} ways, {len(checks)} vectors"
    told = f"all are killed {kill_matrix.KILLS} times or more" if not spared else f"spared: {', '.join(spared)}"
    print(f"{counted}: {told}")
    return 1 if spared else 0
