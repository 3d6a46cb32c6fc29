"""The exported folder: complete, the same every time, and never half-way."""

import re
from pathlib import Path

import pytest
from unit_export import files

from rnn_ref.cli import main
from rnn_ref.conformance import export as export_room
from rnn_ref.conformance.export import EXAMPLE, FORMATS, export
from rnn_ref.conformance.spec import OPERATIONS


@pytest.mark.parametrize("name", FORMATS)
def test_the_folder_is_complete_and_the_same_every_time(name: str, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()  # an empty folder will do
    assert main(["export", "--format", name, str(tmp_path / "again")]) == 0
    again = {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()}
    assert again == files(name)
    functions = {f"{function}{FORMATS[name][1]}" for function in OPERATIONS}
    assert set(again) == functions | {"index.json", "README.md"} | ({EXAMPLE.name} if name == "text" else set())
    assert [one.name for one in tmp_path.iterdir()] == ["again"]


@pytest.mark.parametrize("name", ["json", "npz"])
def test_the_examples_in_its_readme_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(export(tmp_path / "vectors", name))
    readme = Path("README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) == 1
    exec(blocks[0], {})
    assert "e-" in capsys.readouterr().out
    assert all(f"`{function}`" in readme for function in OPERATIONS)


def test_nothing_is_overwritten_and_nothing_left_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("mine")
    for taken in (tmp_path, tmp_path / "mine"):
        assert main(["export", str(taken)]) == 2
        assert "exists, expected a folder that is absent or empty" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "no" / "where")]) == 2
    assert "the folder above does not exist" in capsys.readouterr().err
    with pytest.raises(ValueError, match="export: format is 'xml', expected 'json', 'npz', 'text'"):
        export(tmp_path / "new", "xml")
    monkeypatch.setattr(export_room, "readme", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(tmp_path / "new")
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]
