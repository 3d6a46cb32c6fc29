"""Nothing raw: what a target is called, raises or answers reaches no terminal and no report as anything but text."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.reports.clean_text import in_markdown

EVIL = "\x1b]0;x\x07\x1b[2J\u202e\u2066\ud800\x00\U000e0041\r\x9b"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]")
LOUD = f"EVIL = {EVIL!a} + 'x' * 3_000_000\n"
CELL = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    "
SOURCES = {
    "an exception's text": f"{LOUD}{CELL}raise ValueError(EVIL)\n",
    "an exception's name": f"{LOUD}{CELL}raise type(EVIL[:9].replace(chr(0), ''), (Exception,), {{}})('x')\n",
    "an exception without a text": f"class Mute(Exception):\n    __str__ = lambda self: 1 // 0\n{CELL}raise Mute\n",
    "an array's text": f"{LOUD}class A:\n    def __array__(self, *_, **__): raise ValueError(EVIL)\n{CELL}return A()\n",
    "a key": f"{LOUD}{CELL}return {{EVIL: x_t}}\n",
    "an import that fails": f"{LOUD}raise ImportError(EVIL)\n",
    "a syntax error": f"x = '{EVIL[:-6]}\n",
    "last words": f"import os\n{LOUD}os.write(2, EVIL.encode('utf-8', 'surrogatepass'))\nos._exit(3)\n",
}


@pytest.mark.parametrize("what", SOURCES)
def test_what_a_target_says_is_text_wherever_it_is_told(
    what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("e\x1b[2J\u202e\udcff\n.py" if what == "a key" else "target.py")  # \udcff: a byte that is no UTF-8
    path.write_bytes(SOURCES[what].encode("utf-8", "surrogatepass"))
    files = ["--json", "a.json", "--junit", "a.xml", "--markdown", "a.md", "--html", "a.html"]
    code = main(["check", str(path), "--only", "rnn_cell_step/generic*", "--whole", "--resume", "done", *files])
    assert code in {1, 2}
    captured = capfd.readouterr()
    written = [Path(one).read_text(encoding="utf-8") for one in files[1::2]]
    json_texts = json.dumps(json.loads(written[0]), ensure_ascii=False)
    ET.fromstring(written[1])
    for text in (captured.out, captured.err, *written, json_texts):
        assert not RAW.search(text), repr(RAW.search(text))
        assert len(text) < 100_000


def test_an_object_in_this_process_is_bounded_as_well(tmp_path: Path) -> None:
    class Loud:
        def __array__(self, *_: object, **__: object) -> None:
            raise ValueError(EVIL + "x" * 3_000_000)

    report = rnn_ref.check({"rnn_cell_step": lambda *_: Loud()})
    assert len(report.to_json()) < 1_000_000
    assert not RAW.search(str(report))


def test_mentions_links_and_references_are_none_in_markdown() -> None:
    text = in_markdown("@all #1 https://example.org www.example.org a@b.org")
    assert not re.search(r"[@#]|://|www\.", text.replace("&#", ""))
    assert text.count("&#8203;") == 5
