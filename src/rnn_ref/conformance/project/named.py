"""The targets of a check as the project knows them: their options, and what its record says was asked of them."""

import fnmatch
import glob
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ProjectError
from ..misspelt import nearest as nearest_name
from ..misspelt import question
from ..options import Options, options_of, over
from ..reports.findings import Findings
from ..several import is_several, written_out
from ..targets.from_text.by_text import divided
from .configuration import SECTION, Configured, read_configuration
from .place import (
    FILE,
    MARK,
    current_folder,
    file_of,
    identity,
    is_known,
    is_path,
    nearest,
    resolved,
    seen_from_here,
    shown,
)
from .record import Record, read_record


@dataclass(frozen=True)
class Named:
    """A target, what it is called in the project and in its record, and what is asked of it."""

    project: "Project"
    target: Any
    identity: str | None
    key: str | None
    given: Mapping[str, Any]  # options as ``rnn_ref.check`` takes them, and the recorded ids
    whole: bool = True  # not narrowed: what is asked now is all that is asked of it
    listed: bool = False  # a file of a folder or a pattern

    @property
    def options(self) -> Options:
        """The options, vetted."""
        return options_of(self.given)

    @property
    def may_be_empty(self) -> bool:
        """Whether it is no failure if none of the functions is in it."""
        return self.listed and not self.options.require and not self.options.recorded

    @property
    def called(self) -> str:
        """The name in reports."""
        return self.given.get("name") or self.target or "rnn_ref"


class Projects:
    """The projects that the targets of a check belong to, each read once."""

    def __init__(self, *, recording: bool = False) -> None:
        """Read what there is of the project that the current folder is in. Raises ProjectError."""
        self._recording = recording
        self._read: dict[Path, Project] = {}
        here = current_folder()
        self.here = self._in(nearest(here, MARK, FILE) or here)

    def named(self, text: str | None, given: Mapping[str, Any]) -> list[Named]:
        """Return what a text stands for: configured targets, files of a folder or a pattern, or one target."""
        own = self._of(text, text)
        if text and own.configured and not own.names(text, text) and not is_known(text):
            close = nearest_name(text, [*own.configured, *(one.stem for one in Path().glob("*.*"))])[:1]
            if set(close) & set(own.configured):
                raise ProjectError(f"{text}: no such file, module or name in {shown(own.file)}{question(close)}")
        if not text or not is_several(text) or own.names(text, text):
            return own.named(text, given)
        all_of_them = {id(one): one for one in (own, *(self._of(file, file) for file in written_out([text])))}
        files = dict.fromkeys(file for one in all_of_them.values() for file in one.files(text, given))
        return [_as_listed(one) for file in files for one in self.named(file, given)]

    def single(self, label: str, target: Any, given: Mapping[str, Any]) -> Named:
        """Return one target, object or text, that a test calls by a label. Raises ProjectError for an ambiguity."""
        return self._of(label, target).single(label, target, given)

    def _of(self, label: str | None, target: Any) -> "Project":
        """Return the project of a target: that of the current folder if it knows the target, else that of its file.

        It is the nearest folder, from the file upwards, that has a configuration or a record. Where none has, it is
        the current one if the file lies in that, else the file's own: so it is the same from whichever folder.
        """
        file = file_of(target)
        if file is None or self.here.knows(label, target):
            return self.here
        folder = resolved(file) if file.is_dir() else resolved(file).parent
        found = nearest(folder, MARK, FILE)
        return self._in(found or (self.here.folder if folder.is_relative_to(self.here.folder) else folder))

    def _in(self, folder: Path) -> "Project":
        if folder not in self._read:
            configuration = (nearest(folder, MARK) or folder) / MARK
            configured, record = read_configuration(configuration), read_record(folder / FILE)
            self._read[folder] = Project(folder, configuration, configured, record, self._recording)
        return self._read[folder]


@dataclass(frozen=True)
class Project:
    """A project's folder, its configured targets, and its record."""

    folder: Path
    file: Path  # of the configuration
    configured: Mapping[str, Configured]
    record: Record
    recording: bool = False  # a check that is not narrowed makes the record, and is not held against the old one
    forgotten: list[str] = field(default_factory=list)

    def knows(self, label: str | None, target: Any) -> bool:
        """Whether the configuration or the record has a target, under this label or as the same file or module."""
        recorded = label in self.record.targets or self.record.key(None, identity(target, self.folder)) is not None
        return recorded or bool(self.names(label, target))

    def every(self, given: Mapping[str, Any]) -> list[Named]:
        """Return all configured targets. Raises ProjectError if there are none."""
        if not self.configured:
            raise ProjectError(f"{shown(self.file)}: {SECTION}.targets is not there, expected targets by name")
        chosen = [one for name in self.configured for one in self.named(name, given)]
        named = {key for key, entry in self.record.targets.items() if entry.get("target", key) != key}
        lost = sorted(named - {one.key for one in chosen})
        if lost and not self._makes_record(given):
            where = f"{shown(self.file)}: {SECTION}.targets"
            raise ProjectError(
                f"{where} has no {lost[0]}, of which {FILE} has a record; name it, or --project --record"
            )
        self._forget(lost)
        return chosen

    def named(self, text: str | None, given: Mapping[str, Any]) -> list[Named]:
        """Return the configured targets that a text stands for, or the one target that it is.

        A path that is configured under several names stands for all of these.
        """
        names = self.names(text, text)
        if names:
            called = [text] if len(names) == 1 else names
            return [one for name, call in zip(names, called, strict=True) for one in self._expanded(name, call, given)]
        return [self._one(text, None, given, given)]

    def single(self, label: str, target: Any, given: Mapping[str, Any]) -> Named:
        """Return one target, object or text, that a test calls by a label. Raises ProjectError for an ambiguity."""
        names = self.names(label, target)
        if len(names) > 1:
            raise ProjectError(
                f"{label}: is the target of {' and '.join(names)} in {MARK}, expected one of these names"
            )
        name = names[0] if names else None
        options = over(self.configured[name].options if name else {}, given)
        if isinstance(target, str) and target == name:
            return self._one(self.configured[name].target, name, {**options, "name": name}, given)
        return self._one(target, name or (label if label in self.record.targets else None), options, given)

    def take_in(self, named: Named, report: Findings) -> str:
        """Record what was asked of a target, and return a sentence on it."""
        key = named.key or named.identity or named.called
        return self.record.with_report(key, named.identity, report, named.options, whole=named.whole)

    def names(self, label: str | None, target: Any) -> list[str]:
        """Return the configured names of a target: its label if that is one, or those of the same file or module."""
        if label is not None and label in self.configured:
            return [label]
        mine = identity(target, self.folder) if target is not None else None
        known = {name: identity(one.target, self.folder) for name, one in self.configured.items()}
        return [name for name, other in known.items() if mine is not None and other == mine]

    def _expanded(self, name: str, called: str | None, given: Mapping[str, Any]) -> Iterator[Named]:
        target, options = self.configured[name].target, over(self.configured[name].options, given)
        if is_several(target):
            yield from (_as_listed(self._one(file, None, options, given)) for file in self.files(target, given))
            return
        place, _ = divided(target)
        if is_path(place) and not glob.has_magic(place) and not Path(place).is_file():
            where = f"{shown(self.file)}: {SECTION}.targets.{name}.target"
            raise ProjectError(f"{where} is {target!r}, expected a file that is there")
        yield self._one(target, name, {**options, "name": called}, given)

    def _one(self, target: Any, name: str | None, options: Mapping[str, Any], given: Mapping[str, Any]) -> Named:
        mine = identity(target, self.folder)
        key, whole = self.record.key(name, mine, self.configured), _is_whole(given)
        recorded = frozenset() if key is None or self._makes_record(given) else self.record.asked(key)
        return Named(self, target, mine, key, {**options, "recorded": recorded}, whole)

    def files(self, text: str, given: Mapping[str, Any]) -> list[str]:
        """Return the files that a folder or a pattern stands for, those that are recorded and gone among them."""
        known = {key: divided(str(entry.get("target", key)))[0] for key, entry in self.record.targets.items()}
        files = {key: Path(seen_from_here(one, self.folder)) for key, one in known.items() if is_path(one)}
        gone = {key: file for key, file in files.items() if _covers(text, file) and not file.exists()}
        if not self._makes_record(given):
            return [*written_out([text]), *map(str, gone.values())]
        self._forget(gone)
        return written_out([text])

    def _makes_record(self, given: Mapping[str, Any]) -> bool:
        return self.recording and _is_whole(given)

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.forgotten.append(key)
            del self.record.targets[key]


def _is_whole(given: Mapping[str, Any]) -> bool:
    """Whether the user left nothing out; what the configuration leaves out is what the target claims."""
    return not given.get("only") and all(given.get(claim) in {None, "both"} for claim in ("rank", "dtype"))


def _as_listed(one: Named) -> Named:
    return replace(one, listed=True)


def _covers(text: str, file: Path) -> bool:
    whole, path = str(resolved(Path(text))), resolved(file)
    if Path(text).is_dir():
        return path.is_relative_to(whole)
    return fnmatch.fnmatch(str(path), whole.replace("**/", "*")) if "**" in text else path.match(whole)
