"""Every file on docs/do/your-code.md is read, and gets the verdicts that the page says."""

import pytest
from unit_pages import files_on

import rnn_ref

PAGE = files_on("do/your-code.md")


def test_the_page_has_its_files():
    assert len(PAGE) == 11
    assert {one for _, verdicts, _ in PAGE for one in verdicts.values()} == {"conforms", "right-but", "wrong"}


@pytest.mark.parametrize(("name", "verdicts", "text"), PAGE, ids=[name for name, *_ in PAGE])
def test_a_file_on_the_page_is_read_and_judged(name, verdicts, text, tmp_path):
    if "import torch" in text:
        pytest.importorskip("torch")
    (tmp_path / name).write_text(text, "utf-8")
    report = rnn_ref.check(str(tmp_path / name))
    found = {one: report.functions[one].verdict for one in verdicts}
    assert found == verdicts
    assert all(report.functions[one].reading for one in verdicts)


@pytest.mark.slow
def test_clipping_that_is_declared_conforms(tmp_path):
    name, _, text = next(one for one in PAGE if one[0] == "min_char.py")
    (tmp_path / name).write_text(text, "utf-8")
    undeclared = rnn_ref.check(str(tmp_path / name)).functions["rnn_bptt"]
    assert undeclared.mistake == "gradients-clipped"
    assert "clipped at 5" in undeclared.explanation
    assert rnn_ref.check(str(tmp_path / name), claims="clip 5").ok
    assert not rnn_ref.check(str(tmp_path / name), claims="clip 4").ok
