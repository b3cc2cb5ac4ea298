"""The page of figures says what was measured, by which model, and carries no text of the gold."""

from pathlib import Path

import pytest

from langnghe.core.errors import InputError
from nlp.quality import evaluate_all, page
from nlp.reader import Reader
from tests.nlp.fictional import rows, write


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def test_the_page_of_two_files(tmp_path: Path, reader: Reader) -> None:
    first = write(tmp_path / "labels.jsonl", rows())
    spans = [{"kind": "child_name", "text": "Lường Văn Sao"}]
    gold = {"id": "s", "text": "Em Lường Văn Sao, lớp 7B, bị ngã.", "spans": spans, "keep": []}
    second = write(tmp_path / "masks.jsonl", [gold, "{"])
    found = evaluate_all([first, second], reader)
    assert found.bad_lines == 1
    made = page(found.to_dict(), command="make quality DATA=X", card="card.md")
    assert f"Model `{reader.version}` ([card](card.md))" in made
    assert "make quality DATA=X" in made
    assert f"| labels.jsonl | {len(rows())} | 0 |" in made
    assert "| masks.jsonl | 1 | 1 |" in made
    assert "| about education, F1 | " in made
    assert "| shield: children's names leaked | 0.000 (0.000–0.000) | ≤ 0 | yes |" in made
    assert "kind = comment" in made
    assert "Lường" not in made
    assert rows()[0]["title"] not in made


def test_a_figure_below_its_bar_is_not_reached(tmp_path: Path, reader: Reader) -> None:
    wrong = [{**row, "about_education": not row["about_education"]} for row in rows()]
    found = evaluate_all([write(tmp_path / "g.jsonl", wrong)], reader)
    made = page({"model": "m", "files": {"g": found.to_dict()}}, command="c", card="k")
    line = next(line for line in made.splitlines() if line.startswith("| about education, F1"))
    assert line.endswith("| ≥ 0.965 | no |")


def test_one_file_gives_its_report_alone(tmp_path: Path, reader: Reader) -> None:
    found = evaluate_all([write(tmp_path / "g.jsonl", rows())], reader)
    assert found.to_dict() == found.reports["g.jsonl"].to_dict()
    assert found.render() == found.reports["g.jsonl"].render()


def test_files_of_one_name_are_told_apart(tmp_path: Path, reader: Reader) -> None:
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(write(tmp_path / folder / "dev.jsonl", rows()[:12]))
    assert set(evaluate_all(paths, reader).reports) == {"a/dev.jsonl", "b/dev.jsonl"}


def test_a_file_without_any_label_is_one_plain_error(tmp_path: Path, reader: Reader) -> None:
    bare = write(tmp_path / "g.jsonl", [{"id": "a", "text": "Trường khai giảng"}])
    with pytest.raises(InputError, match="không có nhãn nào"):
        evaluate_all([bare], reader)
