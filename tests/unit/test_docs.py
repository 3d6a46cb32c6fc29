"""The documentation is true: its commands run and print what it shows, its links lead somewhere, no name is missing."""

import doctest
import importlib
import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from unit_pages import DOCS, ROOT, blocks_on, walk

import rnn_ref
from rnn_ref import pytest_plugin
from rnn_ref.cli import COMMANDS, parser_of
from rnn_ref.conformance.mistakes.find import find, slugs
from rnn_ref.conformance.spec.catalogue import of

sys.path.insert(0, str(ROOT / "scripts"))
from pages.hooks import generated

MADE = generated()
PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in [ROOT / "README.md", *DOCS.rglob("*.md")]}
PLUGIN = {"--rnn-ref", pytest_plugin.EXPECT, pytest_plugin.PROJECT, "--deselect"}
PLUGIN |= {f"--rnn-ref-{name}" for name in pytest_plugin.OPTIONS}
OPTIONS = {name: set(parser_of(name)._option_string_actions) for name in COMMANDS}


@pytest.mark.parametrize(
    ("page", "commands"),
    [("learn/first-check.md", 5), ("do/ci.md", 5), ("do/class.md", 11), ("look-up/conventions.md", 1)],
)
def test_a_page_is_done_as_it_says(page, commands, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert walk(page, tmp_path) == commands


@pytest.mark.parametrize("name", ["kernel", "class"])
def test_an_example_runs(name, tmp_path, monkeypatch):
    shutil.copytree(DOCS / "examples" / name, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    assert walk("examples/index.md", tmp_path, f"docs/examples/{name}") == 1


def test_an_example_that_fails_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(DOCS / "examples" / "class" / "ada.ipynb", tmp_path)
    with pytest.raises(AssertionError, match=r"ben\.ipynb"):
        walk("examples/index.md", tmp_path, "docs/examples/class")


@pytest.mark.parametrize("page", ["look-up/functions.md", "look-up/conventions.md"])
def test_the_examples_of_a_page_run(page):
    failed, run = doctest.testfile(str(DOCS / page), module_relative=False, encoding="utf-8")
    assert (failed, run > 5) == (0, True)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\((?!http|#)([^)#\s]+)", PAGES[page]):
        assert (folder / link).exists(), link  # in a clone too, where no page is made


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_their_options_exist(page):
    text = PAGES[page]
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for line in block.split("\n")
    ]
    for line in [*re.findall(r"`(rnn-ref [^`]+|pytest [^`]+)`", text), *lines]:
        words = shlex.split(line.partition("#")[0].partition("&&")[2] or line.partition(" #")[0])
        if words[:1] == ["pytest"]:
            assert {word for word in words if word.startswith("--")} <= PLUGIN
        elif words[:1] == ["rnn-ref"] and words[1:] and words[1] != "COMMAND":
            assert {word for word in words if word.startswith("--")} <= OPTIONS[words[1]] | PLUGIN


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith(("README", "docs/do/", "docs/look-up/"))])
def test_options_that_are_mentioned_exist(page):
    assert set(re.findall(r"`(--[a-z-]+)", PAGES[page])) <= set.union(PLUGIN, *OPTIONS.values())


def test_the_reports_that_are_explained_are_the_readmes():
    shown = [text for _, language, text in blocks_on("look-up/report.md") if language == "text"]
    assert len(shown) == 2
    lines = [line.removesuffix(" ...") for text in shown for line in text.splitlines()]
    assert [line for line in lines if line not in PAGES["README.md"]] == []


@pytest.mark.parametrize("slug", slugs())
def test_every_mistake_has_a_page_with_its_words_and_a_picture(slug):
    page = MADE[f"look-up/mistakes/{slug}.md"].replace("\\", "")
    names = {name for _, name in find(slug)}
    for words in {of(slug, name) for name in names or {""}}:
        assert all(
            text in page for text in (words.matters, words.look, f"right   {words.right}", f"wrong   {words.wrong}")
        )
    assert "<svg" in page or any(
        told in page for told in ("nothing to draw", "no numbers to draw", "Its numbers", "shape")
    )
    assert f"({slug}.md)" in MADE["look-up/mistakes/index.md"]


def test_the_command_line_has_a_page():
    page = MADE["look-up/command-line.md"]
    assert all(f"## rnn-ref {name}\n" in page for name in COMMANDS)
    assert all(option in page for option in OPTIONS["check"])


def test_every_public_name_is_in_the_python_reference():
    named = re.findall(r"^::: ([\w.]+)$", PAGES["docs/look-up/api.md"], re.MULTILINE)
    assert set(rnn_ref.__all__) <= {name.rpartition(".")[2] for name in named}
    for name in named:
        module, _, last = name.rpartition(".")
        assert name == "rnn_ref.gradcheck" or getattr(importlib.import_module(module), last).__doc__


def faults_of(folder):
    spec = importlib.util.spec_from_file_location("check_site", ROOT / ".ci" / "check_site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.faults(folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<img src=b.png><a href='c/#here'>c</a><a href=https://example.org>away</a>", []),
        ("<script src=//example.org/x.js></script>", ["a.html: loads //example.org/x.js"]),
        ("<link rel=stylesheet href=https://example.org/x.css>", ["a.html: loads https://example.org/x.css"]),
        ("<a href=gone/>d</a>", ["a.html: gone/ leads nowhere"]),
        ("<a href=c/#gone>d</a>", ["a.html: c/#gone leads to no such place"]),
    ],
)
def test_what_is_wrong_with_a_built_site_is_seen(text, told, tmp_path: Path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "index.html").write_text("<h1 id=here>c</h1>")
    (tmp_path / "b.png").touch()
    (tmp_path / "a.html").write_text(text)
    assert faults_of(tmp_path) == told
