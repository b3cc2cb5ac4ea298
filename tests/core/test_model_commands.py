"""From a correction on the screen to a model in use and back, by the commands a person types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from langnghe.cli import app
from langnghe.core.auth import Caller
from langnghe.core.correcting import correct
from langnghe.core.corrections import Field
from langnghe.core.errors import LangNgheError
from langnghe.core.settings import Settings
from langnghe.core.shelf import MANIFEST, WEIGHTS
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.types import Item, Role
from langnghe.doctor import examine
from langnghe.house import load_reader
from nlp.models import LinearModels
from nlp.reader import Reader
from nlp.stage import understand_due
from tests.conftest import NOW
from tests.nlp.fictional import rows, write
from tests.nlp.test_adapt import OTHER, TOLD, UNSEEN
from tests.webhouse import POLICY

CHILD = "Vừ Thị Mỷ Lan"
OFFICER = Caller(1, "can_bo", "Cán bộ", Role.OFFICER, None, "browser", "", "")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def failed(result: Result) -> LangNgheError:
    assert isinstance(result.exception, LangNgheError), result.output
    return result.exception


def database(home: Path) -> Store:
    home.mkdir(exist_ok=True)
    store = Store(Settings(home=home).database)
    store.migrate()
    return store


def corrected_house(home: Path, words: dict[Field, Any]) -> None:
    """Let a house hear invented texts, read them, and its officer correct the first of them."""
    texts = [*TOLD, f"Em {CHILD} lớp 4A đi phiên chợ lá ở Trường Suối Lê", *OTHER]
    items = [Item(id=str(n), title=text, source="Báo Thử") for n, text in enumerate(texts)]
    with database(home) as store:
        with store.write() as session:
            keep(session, items, now=NOW, secret=b"k")
        while understand_due(store, Reader.load()):
            pass
        for mention in range(1, len(TOLD) + 2):
            correct(store, OFFICER, mention, words, topics=list(POLICY.topics), now=NOW)


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("gold") / "gold.jsonl", rows())


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a candidate learnt from corrections."""
    home = tmp_path_factory.mktemp("house") / "home"
    tone = Reader.load().predict([Item("a", title=UNSEEN[0])])[0].sentiment
    corrected_house(home, {Field.SENTIMENT: "neu" if tone == "pos" else "pos"})
    assert run("train", "--corrections", "--home", str(home)).exit_code == 0
    return home


@pytest.fixture
def home(taught: Path, tmp_path: Path) -> Path:
    """Return a home of one test's own, beside the candidate made once."""
    with database(tmp_path / "h"):
        return tmp_path / "h"


def test_training_makes_a_candidate_that_names_no_child(taught: Path) -> None:
    report = json.loads((taught / "candidate" / "candidate.json").read_text(encoding="utf-8"))
    assert report["corrected"] == len(TOLD) + 1
    assert report["anchors"] == len(OTHER)
    model = LinearModels.load(taught / "candidate" / WEIGHTS)
    assert model.version == report["version"] != LinearModels.load().version
    raw = json.dumps(report, ensure_ascii=False) + " ".join(model.vocabulary.words)
    assert "mỷ" not in raw.lower()
    assert load_reader(Settings(home=taught)).version == Reader.load().version  # nothing is used


def test_a_candidate_is_compared(taught: Path, gold: Path, tmp_path: Path) -> None:
    out = tmp_path / "c.json"
    done = run(
        "evaluate", "--gold", str(gold), "--candidate", str(taught / "candidate"),
        "--home", str(taught), "--json", str(out),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["rows"] == 140
    figure = told["figures"]["education_f1"]
    assert figure["gain"]["low"] <= figure["gain"]["value"] <= figure["gain"]["high"]
    assert "education_f1" in done.stdout


def test_promoted_used_listed_and_back(taught: Path, home: Path, gold: Path) -> None:
    candidate, where = str(taught / "candidate"), ("--home", str(home))
    shipped = Reader.load().version
    done = run("model", "promote", candidate, "--gold", str(gold), *where)
    assert done.exit_code == 0, done.output
    used = load_reader(Settings(home=home))
    assert used.version == Reader.load(weights=Path(candidate) / WEIGHTS).version != shipped
    listed = [json.loads(x) for x in run("model", "list", "--json", *where).stdout.splitlines()]
    assert [one["active"] for one in listed] == [False, True]
    assert listed[1]["gold"] == ["gold.jsonl"]
    analysed = CliRunner().invoke(
        app, ["analyse", *where], input=json.dumps({"id": "a", "title": UNSEEN[0]})
    )
    assert json.loads(analysed.stdout)["model"] == used.version
    back = run("model", "back", *where)
    assert "kèm theo sản phẩm" in back.output
    assert load_reader(Settings(home=home)).version == shipped
    with database(home) as store, store.read() as session:
        trail = session.scalars(sa.select(t.AuditRow).order_by(t.AuditRow.id)).all()
    assert [a.action for a in trail] == ["model_promote", "model_back"]
    assert trail[0].actor.startswith("cli")
    again = failed(run("model", "back", *where))
    assert "không có bản nào trước" in again.message


def worse(folder: Path) -> Path:
    """Write a candidate that has forgotten what education is."""
    model = LinearModels.load()
    model.coef[:, 0] = 0
    model.save(folder / WEIGHTS)
    return folder


def test_a_worse_one_is_refused_unless_forced_with_a_reason(
    home: Path, gold: Path, tmp_path: Path
) -> None:
    bad = worse(tmp_path / "bad")
    arguments = ("model", "promote", str(bad), "--gold", str(gold), "--home", str(home))
    refused = failed(run(*arguments))
    assert "kém hơn" in refused.message
    assert "education_f1" in refused.message
    assert load_reader(Settings(home=home)).version == Reader.load().version
    assert "phải có lý do" in failed(run(*arguments, "--force")).message
    assert run(*arguments, "--force", "--reason", "Thử trong buổi tập").exit_code == 0
    with database(home) as store, store.read() as session:
        line = session.scalars(sa.select(t.AuditRow)).one()
    assert (line.reason, line.data["forced"]) == ("Thử trong buổi tập", True)
    assert "Thử trong buổi tập" in run("model", "list", "--home", str(home)).output


def test_a_gold_of_a_few_lines_proves_nothing(taught: Path, home: Path, tmp_path: Path) -> None:
    small = write(tmp_path / "small.jsonl", rows()[:20])
    candidate = str(taught / "candidate")
    refused = run("model", "promote", candidate, "--gold", str(small), "--home", str(home))
    assert "20 dòng" in failed(refused).message


def test_a_broken_model_is_told_by_doctor_with_the_way_back(
    taught: Path, home: Path, gold: Path
) -> None:
    candidate = str(taught / "candidate")
    run("model", "promote", candidate, "--gold", str(gold), "--home", str(home))
    (finding,) = (f for f in examine(Settings(home=home)) if f.check == "mô hình đọc hiểu")
    assert finding.ok
    (manifest,) = (home / "models").glob(f"*/{MANIFEST}")
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(facts | {"shipped": "khác"}), encoding="utf-8")
    (finding,) = (f for f in examine(Settings(home=home)) if f.check == "mô hình đọc hiểu")
    assert not finding.ok
    assert "mới hơn" in finding.what
    manifest.write_text(json.dumps(facts | {"lexicon": "khác"}), encoding="utf-8")
    (finding,) = (f for f in examine(Settings(home=home)) if f.check == "mô hình đọc hiểu")
    assert not finding.ok
    assert "bộ từ khác" in finding.what
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    (manifest.parent / WEIGHTS).write_bytes(b"PK nothing")
    (finding,) = (f for f in examine(Settings(home=home)) if f.check == "mô hình đọc hiểu")
    assert not finding.ok
    assert "langnghe model back" in finding.mend
    assert run("model", "back", "--home", str(home)).exit_code == 0
    (finding,) = (f for f in examine(Settings(home=home)) if f.check == "mô hình đọc hiểu")
    assert finding.ok


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train",), "Chưa nêu học từ đâu"),
        (("train", "khong-co.jsonl"), "Không có tệp"),
        (("train", "--corrections"), "Chưa có lần chỉnh nào"),
        (("model", "promote", "khong-co", "--gold", "khong-co.jsonl"), "Không có tệp"),
        (("evaluate", "--gold", "khong-co.jsonl"), "Không có tệp"),
    ],
)
def test_wrong_use_is_one_plain_sentence(home: Path, arguments: tuple[str, ...], said: str) -> None:
    error = failed(run(*arguments, "--home", str(home)))
    assert said in error.message
    assert error.mend


def test_no_house_no_corrections(tmp_path: Path) -> None:
    refused = failed(run("train", "--corrections", "--home", str(tmp_path / "nowhere")))
    assert "langnghe init" in refused.mend
    assert not (tmp_path / "nowhere").exists()


def test_a_wrong_unit_alone_teaches_nothing(tmp_path: Path) -> None:
    home = tmp_path / "h"
    with database(home) as store, store.write() as session:
        session.add(
            t.CorrectionRow(
                mention_id=1, revision=1, field="not_about_us", value=["x"], user_id=1, at=NOW
            )
        )
    refused = failed(run("train", "--corrections", "--home", str(home)))
    assert "hồ sơ" in refused.mend


def test_training_on_labelled_files_still_makes_a_candidate(tmp_path: Path) -> None:
    data = write(tmp_path / "train.jsonl", rows())
    out = tmp_path / "out"
    done = run("train", str(data), "--out", str(out), "--home", str(tmp_path / "h"), "--json")
    assert done.exit_code == 0, done.output
    assert (out / WEIGHTS).is_file()
    assert json.loads(done.stdout.splitlines()[-1])["rows"] == 140
