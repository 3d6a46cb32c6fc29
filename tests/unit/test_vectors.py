"""The frozen vectors: whole, small, and able to tell mistakes apart."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance import VectorsError
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge.result import pytorch_beyond
from rnn_ref.conformance.spec import OPERATIONS, SUITES
from rnn_ref.conformance.spec.tolerance import allowed_errors

PROVENANCE = frozen.load()[1]
CHECKS = all_questions(None, "vectors")
SMALLEST = float(np.finfo(np.float32).smallest_subnormal)  # what is allowed is stored in float32, rounded up
GENERIC = [check for check in CHECKS if "generic" in check.flags]


def test_ids_are_unique_and_every_function_has_both_precisions() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert {(check.function, check.dtype) for check in GENERIC} == {
        (function, dtype) for function in OPERATIONS for dtype in ("float32", "float64")
    }


def test_every_function_has_generic_checks_of_one_sequence_and_of_a_batch() -> None:
    assert {(c.function, c.rank) for c in GENERIC} >= {(f, rank) for f in OPERATIONS for rank in ("single", "batch")}


def test_they_say_where_they_come_from_and_stay_within_budget() -> None:
    assert PROVENANCE["pytorch"].startswith("2.13.0")
    assert PROVENANCE["truth"].endswith("50 digits")
    sizes = {suite: sum(path.stat().st_size for path in frozen.FOLDER.glob(f"suite-{suite}.*")) for suite in SUITES}
    assert sizes.pop("1") <= 2**20
    assert all(size <= 470_000 for size in sizes.values()), sizes


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_what_is_frozen_as_allowed_is_what_is_derived(check: Any) -> None:
    """Plain arithmetic is not to the bit the same everywhere; some are allowed a multiple of its error."""
    derived = allowed_errors(replace(check, allowed={}))
    assert check.allowed.keys() == check.expected.keys() <= derived.keys()
    by_plain = check.operation.from_the_end or "states_T[0]" in check.expected
    factor = 4 if by_plain else 1 + 1e-6
    for name, allowed in check.allowed.items():
        flushed = (check.expected[name] == 0) & (allowed <= frozen.FLUSHED) & (check.dtype == "float32")
        most = np.where(flushed, max(factor, 2), factor)
        assert np.all(allowed <= most * np.asarray(derived[name]) + SMALLEST), name
        assert np.all(allowed >= np.asarray(derived[name]) / factor), name


def test_where_pytorch_is_off_is_frozen_as_it_is_found() -> None:
    found = [check.id for check in CHECKS if pytorch_beyond(replace(check, pytorch_off=None)) is not None]
    assert found == [check.id for check in CHECKS if check.pytorch_off]
    assert 0 < len(found) < 10


@pytest.mark.parametrize("check", GENERIC, ids=lambda check: check.id)
def test_generic_probes_obey_what_the_catalogue_asks_of_probes(check: Any) -> None:
    arrays = {name: value for name, value in check.arguments.items() if isinstance(value, np.ndarray)}
    if "W_hh" in arrays:
        sizes = [*arrays["W_xh"].shape, *arrays["W_hy"].shape[:1]] if "W_hy" in arrays else arrays["W_xh"].shape
        assert len(set(sizes)) == len(sizes)
    if "X_seq" in arrays:
        leading = arrays["X_seq"].shape[:-1]
        assert leading[0] >= 4
        assert len(leading) == 1 or leading[1] >= 2
        H = arrays.get("W_hh", arrays.get("layers[0].W_hh")).shape[-1]
        assert len({*leading, *arrays.get("W_xh", arrays["X_seq"]).shape[-1:], H}) == len(leading) + 2
    targets = arrays.get("targets", arrays.get("targets_seq"))
    if targets is not None and targets.ndim:
        assert len(np.unique(targets)) >= 3, "nearly constant: shifted targets would go unnoticed"
    logits = arrays.get("logits", arrays.get("logits_seq"))
    if logits is not None:
        assert logits.std() >= 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(frozen.FOLDER, tmp_path / "frozen"))


@pytest.mark.parametrize("pool", np.load(frozen.FOLDER / "suite-1.npz").files)
def test_an_edited_number_is_found_out(folder: Path, pool: str) -> None:
    npz = folder / "suite-1.npz"
    pools = dict(np.load(npz))
    number = pools[pool][7]
    pools[pool][7] = number + 1 if pools[pool].dtype.kind == "i" else np.nextafter(number, number.dtype.type(np.inf))
    np.savez(npz, **pools)
    with pytest.raises(VectorsError, match=rf"suite-1.npz: {pool} is missing or is not what the manifest vouches for"):
        frozen.load(folder)


def test_numbers_missing_at_the_end_are_found_out(folder: Path) -> None:
    npz = folder / "suite-1.npz"
    pools = dict(np.load(npz))
    np.savez(npz, **(pools | {"int64": pools["int64"][:-1]}))
    with pytest.raises(VectorsError, match="is missing"):
        frozen.load(folder)


@pytest.mark.parametrize(("old", "new"), [('"batch"', '"single"'), (",4,3,7]", ",4,7,3]"), (",\n[", ",\n\n[")])
def test_an_edited_manifest_is_found_out(folder: Path, old: str, new: str) -> None:
    text = (folder / "suite-1.json").read_text()
    assert old in text
    (folder / "suite-1.json").write_text(text.replace(old, new, 1))
    with pytest.raises(VectorsError, match=r"suite-1.json is not what it was when it was written"):
        frozen.load(folder)


@pytest.mark.parametrize("damage", ["truncate", "remove", "garble"])
def test_a_damaged_file_is_a_clear_error(folder: Path, damage: str) -> None:
    npz = folder / "suite-1.npz"
    content = npz.read_bytes()
    npz.unlink()
    if damage != "remove":
        npz.write_bytes(content[:5000] if damage == "truncate" else content.replace(b"\x3f", b"\x3e"))
    with pytest.raises(VectorsError, match=r"cannot be read|vouches"):
        frozen.load(folder)


def test_saving_and_loading_give_the_same(tmp_path: Path) -> None:
    """The manifest has digests of all numbers; the other file is compressed, not by the same program everywhere."""
    frozen.save(frozen.load()[0], PROVENANCE, tmp_path)
    assert (tmp_path / "suite-1.json").read_bytes() == (frozen.FOLDER / "suite-1.json").read_bytes()
    assert frozen.load(tmp_path)[0][0].id == frozen.load()[0][0].id
