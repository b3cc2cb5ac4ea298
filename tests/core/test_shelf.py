"""The shelf of models: promoted whole or not at all, checked, and one step back always works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from langnghe.core.errors import ConfigError, InputError
from langnghe.core.shelf import MANIFEST, POINTER, WEIGHTS, Shelf


def candidate(folder: Path, words: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / WEIGHTS).write_text(words)
    (folder / "CARD.md").write_text("Phiếu")
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "home")


def test_an_empty_shelf_means_the_shipped_model(shelf: Shelf) -> None:
    assert shelf.active() is None
    assert shelf.versions() == []
    with pytest.raises(InputError, match="kèm theo sản phẩm"):
        shelf.back()
    assert not shelf.folder.exists()


def test_there_and_back_again(shelf: Shelf, tmp_path: Path) -> None:
    shelf.promote(candidate(tmp_path / "c1", "một"), "v1", {"promoted_at": "1"})
    shelf.promote(candidate(tmp_path / "c2", "hai"), "v2", {"promoted_at": "2", "forced": "thử"})
    used = shelf.active()
    assert used is not None
    assert (used.name, used.facts["forced"]) == ("v2", "thử")
    assert (used.folder / WEIGHTS).read_text() == "hai"
    assert [one.name for one in shelf.versions()] == ["v1", "v2"]
    assert shelf.back() == ("v2", "v1")
    assert shelf.back() == ("v1", None)
    assert shelf.active() is None
    assert [one.name for one in shelf.versions()] == ["v1", "v2"]


def test_promoting_the_same_again_is_no_step(shelf: Shelf, tmp_path: Path) -> None:
    folder = candidate(tmp_path / "c1", "một")
    for at in ("1", "2"):
        shelf.promote(folder, "v1", {"promoted_at": at})
    used = shelf.active()
    assert used is not None
    assert used.facts["promoted_at"] == "2"
    assert shelf.back() == ("v1", None)
    assert [path.name for path in shelf.folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("how", ["changed", "gone", "cut", "no manifest", "escape"])
def test_a_model_that_is_not_what_it_was_is_refused(shelf: Shelf, tmp_path: Path, how: str) -> None:
    shelf.promote(candidate(tmp_path / "c1", "một"), "v1", {})
    place = shelf.folder / "v1"
    manifest = place / MANIFEST
    if how == "changed":
        (place / WEIGHTS).write_text("một!")
    elif how == "gone":
        (place / WEIGHTS).unlink()
    elif how == "cut":
        manifest.write_text(manifest.read_text()[:30])
    elif how == "no manifest":
        manifest.unlink()
    else:
        told = json.loads(manifest.read_text())
        told["sha256"]["../../c1/CARD.md"] = "x"
        manifest.write_text(json.dumps(told))
    with pytest.raises(ConfigError) as caught:
        shelf.active()
    assert "v1" in caught.value.message
    assert "langnghe model back" in caught.value.mend
    assert shelf.back() == ("v1", None)
    assert shelf.active() is None


@pytest.mark.parametrize("said", ["", "{", "[]", '{"now": "../x", "before": []}', '{"now": "v1"}'])
def test_a_torn_pointer_leads_back_to_the_shipped_model(
    shelf: Shelf, tmp_path: Path, said: str
) -> None:
    shelf.promote(candidate(tmp_path / "c1", "một"), "v1", {})
    (shelf.folder / POINTER).write_text(said)
    with pytest.raises(ConfigError, match="bị hỏng"):
        shelf.active()
    assert shelf.back()[1] is None
    assert shelf.active() is None


def test_a_folder_without_weights_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.promote(candidate(tmp_path / "c1", "một"), "v1", {})
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=WEIGHTS):
        shelf.promote(tmp_path / "empty", "v2", {})
    used = shelf.active()
    assert used is not None
    assert used.name == "v1"
