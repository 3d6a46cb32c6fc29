"""``rnn_ref.json``: which checks were asked of the project's targets, so that none of them is lost without a word.

By target and function: the suite, the claims (what it was not asked, and why), and the ids of the checks that were
asked. It says what was asked, not what passed. What else stands in an entry is kept as it is.
"""

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..._files import write
from ..cases.asked import all_questions
from ..errors import ProjectError
from ..judge.claims import unclaimed
from ..judge.result import Result
from ..options import Options
from ..reports.findings import Findings
from ..spec import suite_of
from .place import shown

SCHEMA = 1
MEND = "mend it, or delete it and record anew with --record"


@dataclass(frozen=True)
class Record:
    """The record of a project, as it is in the file."""

    file: Path
    targets: dict[str, Any] = field(default_factory=dict)

    def asked(self, key: str) -> frozenset[str]:
        """Return the ids that were asked of a target."""
        functions = self.targets.get(key, {}).get("functions", {})
        return frozenset(one for function in functions.values() for one in function["asked"])

    def key(self, name: str | None, identity: str | None, taken: Container[str] = ()) -> str | None:
        """Return under what a target is recorded: its name, what it is called in the project, or else another name.

        Another name counts unless it is ``taken`` by another target now, so that renaming loses nothing.
        """
        same = [key for key, entry in self.targets.items() if entry.get("target", key) == identity]
        others = [key for key in same if name is None or key not in taken]
        return name if name in self.targets or not others else others[0]

    def with_report(self, key: str, identity: str | None, report: Findings, options: Options, *, whole: bool) -> str:
        """Take in what was asked of a target, and return a sentence on it.

        ``whole`` replaces what is recorded of the target; what was narrowed adds to it, and removes nothing.
        """
        before = self.asked(key)
        entry = self.targets.get(key, {})
        functions = dict(_functions(report, options, whole=whole))
        if not functions and not before:
            return f"nothing to record of {key}: none of the suite's checks was asked, as of networks with own weights"
        if not whole:
            known = entry.get("functions", {})
            functions = {**known, **{name: _merged(known.get(name, {}), one) for name, one in functions.items()}}
        self.targets[key] = {**entry, "target": identity or key, "functions": functions}
        after = self.asked(key)
        lost = sorted(before - after)
        of = f"{len(functions)} function{'' if len(functions) == 1 else 's'}"
        told = f"recorded in {shown(self.file)}: {key}: {len(after)} checks of {of}"
        return told + (f"; no longer recorded: {len(lost)}: {', '.join(lost)}" if lost else "")

    def save(self) -> None:
        """Write the file, complete or not at all; none where there is nothing to be written."""
        if not self.targets and not self.file.exists():
            return
        content = {"schema": SCHEMA, "targets": dict(sorted(self.targets.items()))}
        write(self.file, json.dumps(content, indent=1) + "\n")


def read_record(file: Path) -> Record:
    """Return the record, an empty one where there is no file. Raises ProjectError for one that cannot be used."""
    content: Any = {"schema": SCHEMA, "targets": {}}
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file.exists() else content
    except OSError as error:
        raise ProjectError(f"{shown(file)}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # of JSON, and of UTF-8
        raise ProjectError(f"{shown(file)}: is damaged: {error}; {MEND}") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise ProjectError(f"{shown(file)}: schema is {schema}, expected {SCHEMA}: a newer rnn_ref wrote it")
    for problem in _problems(content):
        raise ProjectError(f"{shown(file)}: {problem}: it is damaged; {MEND}")
    return Record(file, content["targets"])


def _functions(report: Findings, options: Options, *, whole: bool) -> Iterator[tuple[str, Any]]:
    """Yield what is recorded of every function of which something was asked: nothing of a seed's, which are made anew.

    Of a check that was narrowed, what the narrowing left out is no claim.
    """
    checks = {one.id: one for one in all_questions(None, "vectors", report.suites)}
    for function in report.functions:
        mine = [one for one in report.of(function) if one.id in checks]
        asked = [one.id for one in mine if one.status != "skipped"]
        skipped = [one for one in mine if one.status == "skipped"]
        claims = [_claim(one) for one in skipped if whole or not unclaimed(checks[one.id], options.rank, options.dtype)]
        if asked:
            suite = suite_of(function)
            yield function, {"suite": suite, "claims": list(dict.fromkeys(claims)), "asked": asked}


def _claim(result: Result) -> str:
    """Return why a check is not asked, without the line of code, which moves when something else is edited."""
    why = result.left_out
    return f"{why.what}: not asked, they raise {why.raised.type}" if why else result.message


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = {name: list(dict.fromkeys([*old.get(name, []), *new[name]])) for name in ("claims", "asked")}
    return {**old, **new, **both}


def _problems(content: Any) -> Iterator[str]:
    """Yield what is wrong with the form of a record: where, what is there, and what was expected."""
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        yield f"schema is {content.get('schema') if isinstance(content, dict) else None!r}, expected {SCHEMA}"
        return
    targets: Any = content.get("targets")
    yield from _not_tables("targets", {"": targets})
    for key, entry in targets.items():
        yield from _not_tables(f"targets.{key}", {"": entry})
        yield from _not_tables(f"targets.{key}.", {"functions": entry.get("functions")})
        yield from _not_tables(f"targets.{key}.functions.", entry["functions"])
        for name, function in entry["functions"].items():
            yield from _not_tables(f"targets.{key}.functions.", {name: function})
            for part in ("asked", "claims"):
                found = function.get(part)
                if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
                    yield f"targets.{key}.functions.{name}.{part} is {found!r}, expected a list of texts"


def _not_tables(where: str, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if not isinstance(value, dict):
            yield f"{where}{name} is {value!r}, expected an object"
