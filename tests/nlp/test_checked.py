"""Weights that were cut, changed, swapped or do not fit are refused in one plain sentence."""

import json
from pathlib import Path

import numpy as np
import pytest

from langnghe.core.errors import ConfigError
from nlp.checked import MANIFEST, check_arrays, check_same, seal, sealed_bytes


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "linear.npz"
    path.write_bytes(bytes(range(256)) * 40)
    seal(path)
    return path


def test_what_was_sealed_is_read(weights: Path) -> None:
    assert sealed_bytes(weights) == bytes(range(256)) * 40


@pytest.mark.parametrize("change", ["cut", "bit", "longer", "empty"])
def test_a_changed_file_is_refused(weights: Path, change: str) -> None:
    whole = weights.read_bytes()
    flipped = bytes([whole[0] ^ 1]) + whole[1:]
    told = {"cut": whole[:-1], "bit": flipped, "longer": whole + b"x", "empty": b""}[change]
    weights.write_bytes(told)
    with pytest.raises(ConfigError, match="không còn nguyên vẹn") as caught:
        sealed_bytes(weights)
    assert "langnghe train" in caught.value.mend


def test_two_files_swapped_are_refused(weights: Path) -> None:
    other = weights.with_name("other.npz")
    other.write_bytes(b"another model")
    seal(other)
    assert sealed_bytes(weights)  # sealing one leaves the other's entry
    first, second = weights.read_bytes(), other.read_bytes()
    weights.write_bytes(second)
    other.write_bytes(first)
    for path in (weights, other):
        with pytest.raises(ConfigError, match="nguyên vẹn"):
            sealed_bytes(path)


def test_a_file_without_entry_or_manifest_is_refused(weights: Path) -> None:
    stray = weights.with_name("stray.npz")
    stray.write_bytes(b"x")
    with pytest.raises(ConfigError, match="không có trong bảng kê"):
        sealed_bytes(stray)
    manifest = weights.with_name(MANIFEST)
    for broken in ("{", "[]", "\x00"):
        manifest.write_text(broken)
        with pytest.raises(ConfigError, match="ảng kê"):
            sealed_bytes(weights)
    manifest.unlink()
    with pytest.raises(ConfigError, match="Không đọc được bảng kê"):
        sealed_bytes(weights)
    with pytest.raises(ConfigError, match="Không đọc được tệp mô hình"):
        sealed_bytes(weights.with_name("none.npz"))


def test_the_manifest_is_the_same_for_the_same_files(weights: Path) -> None:
    before = weights.with_name(MANIFEST).read_bytes()
    seal(weights)
    assert weights.with_name(MANIFEST).read_bytes() == before
    assert set(json.loads(before)) == {"linear.npz"}
    assert sorted(path.name for path in weights.parent.iterdir()) == [MANIFEST, "linear.npz"]


def test_arrays_of_another_shape_or_no_numbers_are_refused(tmp_path: Path) -> None:
    good = np.zeros((3, 2), dtype=np.float32)
    check_arrays(tmp_path, {"coef": (good, (3, 2))})
    hole = good.copy()
    hole[1, 1] = np.nan
    endless = good.astype(np.float16)
    endless[0, 0] = np.inf
    for array, said in (
        (good.T, "có kích thước 2 × 3, cần 3 × 2"),
        (np.zeros((), dtype=np.float32), "kích thước một số"),
        (hole, "không phải là số"),
        (endless, "không phải là số"),
        (good.astype(str), "không phải bảng số"),
        ([[0.0]], "không phải bảng số"),
    ):
        with pytest.raises(ConfigError, match=f"“coef” .*{said}|“coef” {said}"):
            check_arrays(tmp_path, {"coef": (array, (3, 2))})


def test_weights_of_another_taxonomy_are_refused(tmp_path: Path) -> None:
    check_same(tmp_path, "bảng chủ đề", "a1", "a1")
    with pytest.raises(ConfigError, match="bảng chủ đề khác với bảng chủ đề đang dùng"):
        check_same(tmp_path, "bảng chủ đề", "a1", "b2")
