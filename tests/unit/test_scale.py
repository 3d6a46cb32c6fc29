"""Reports of a class of any size: few of them in memory, written piece by piece, and pages of bounded length."""

import dataclasses
import errno
import functools
import gc
import io
import json
import os
import re
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from unit_reports import mixed, right

from rnn_ref.conformance import several
from rnn_ref.conformance.options import options_of
from rnn_ref.conformance.reports import shelf
from rnn_ref.conformance.reports.destinations import deliver
from rnn_ref.conformance.reports.findings import Findings, Several, Unchecked
from rnn_ref.conformance.reports.formats import FORMATS, pieces, rendered
from rnn_ref.conformance.reports.html import page
from rnn_ref.conformance.reports.shelf import HELD, Arranged, Shelf

model = functools.cache(lambda kind: (mixed, right)[kind]())


def learner(number: int) -> Findings:
    """Return a report with arrays of results that it shares with no other."""
    results = [dataclasses.replace(one) for one in model(number % 2).results]
    return dataclasses.replace(model(number % 2), target=f"class/{number:05}.py", results=results)


def class_of(count: int) -> Several:
    kept = Shelf()
    return Several(Arranged(kept, [kept.put(learner(number)) for number in range(count)]))


def test_what_is_on_the_shelf_comes_back_as_it_was() -> None:
    found = class_of(HELD + 4)
    assert [*found] == [learner(number) for number in range(HELD + 4)]
    assert found[-1] is not found[-1]  # it lies in a file
    assert (found.checked, found.conform, found.ok) == (HELD + 4, HELD // 2 + 2, False)


@pytest.mark.parametrize("fault", [errno.ENOENT, errno.ENOSPC])
def test_without_room_for_a_file_the_reports_are_held(fault: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(fault, os.strerror(fault))

    def file() -> Any:
        if fault == errno.ENOENT:
            raise FileNotFoundError(fault, "no folder of temporary files")
        return Full()

    monkeypatch.setattr(tempfile, "TemporaryFile", file)
    monkeypatch.setattr(shelf, "HELD", 1)
    assert [*class_of(3)] == [learner(number) for number in range(3)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_made_in_pieces_that_are_the_whole(name: str) -> None:
    found = Several([learner(0), Unchecked("gone.py", "no such file"), learner(1)])
    assert _timeless(rendered(found, name)) == _timeless("".join(pieces(found, name)))
    held = class_of(2)
    assert _timeless(rendered(held, name)) == _timeless(rendered(Several([*held]), name))


def _timeless(text: str) -> str:
    return re.sub(r'timestamp="[^"]*"', "", text)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten reports more take no more than two would, where all of them are written out."""
    monkeypatch.setattr(shelf, "HELD", 2)
    where: dict[str, Path | None] = {name: tmp_path / name for name in FORMATS}
    peaks = []
    for count in (3, 3, 13, 13):  # the first loads what is loaded once, and what threads of others do is not meant
        gc.collect()
        tracemalloc.start()
        deliver(class_of(count), where)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    tracemalloc.start()
    one = learner(0)
    assert one.results
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert min(peaks[2:]) - peaks[1] < 2 * size
    told = json.loads((tmp_path / "json").read_text())
    assert [target["target"] for target in told["targets"]] == [f"class/{number:05}.py" for number in range(13)]


def test_a_class_that_is_checked_is_put_on_the_shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shelf, "HELD", 0)
    monkeypatch.setattr(several, "examine_all", lambda target, _: [learner(int(target))])
    targets = [(str(number), options_of({})) for number in range(5)]
    journal = tmp_path / "done.jsonl"
    found = several.examine_several(targets, jobs=2, resume=journal)
    assert [*found] == [learner(number) for number in range(5)]
    assert found[0] is not found[0]
    monkeypatch.setattr(several, "examine_all", None)  # nothing is left to do
    assert [*several.examine_several(targets, resume=journal)] == [*found]


def test_a_page_has_as_many_lines_and_articles_as_a_browser_opens_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LINES", 4)
    monkeypatch.setattr(page, "ARTICLES", 2)
    reports = [learner(number) for number in range(10)]  # every other one does not conform
    text = "".join(page.pieces(Several(reports)))
    lines = text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert re.findall(r"class/0000\d", lines.replace("<wbr>", "")) == [f"class/0000{number}" for number in (0, 2, 4, 6)]
    assert re.findall(r'id="target-(\d+)"', text) == ["0", "2"] == re.findall(r'href="#target-(\d+)"', text)
    assert "<strong>1 more do not conform: </strong>class/00008.py<" in text
    assert "<strong>5 more conform: </strong>class/00001.py, class/00003.py" in text
    assert "2 of 10 targets have an article here" in text
    assert "more conform" not in "".join(page.pieces(Several(reports[:4])))
