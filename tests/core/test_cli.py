"""The command line: contracts of files, exit codes, plain sentences, data instead of code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result

from langnghe.cli import app

RUNNER = CliRunner()
ROOT = Path(__file__).resolve().parents[2]
PROFILE = """
name = "Hồ sơ thử"
[[units]]
id = "truong"
kind = "school"
name = "Trường Tiểu học Đồi Thông"
places = [{ commune = "xã Suối Mơ", province = "tỉnh Điện Biên" }]
"""
SECOND_UNIT = """
[[units]]
id = "truong_hai"
kind = "school"
name = "Trường THCS Thác Trắng"
places = [{ commune = "xã Suối Mơ", province = "tỉnh Điện Biên" }]
"""


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return RUNNER.invoke(app, list(arguments), input=given)


def langnghe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "langnghe", *arguments], capture_output=True, text=True,
        stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], **environment}, check=False,
        cwd=ROOT, timeout=100,
    )  # fmt: skip


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "profile.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


def test_analyse_answers_every_good_line_in_the_shape_of_the_contract(profile: Path) -> None:
    items = [
        {"id": "a", "kind": "news", "source": None, "url": None, "published_at": None,
         "title": "20 học sinh Trường Tiểu học Đồi Thông nhập viện sau bữa trưa",
         "text": "Sự việc xảy ra ở xã Suối Mơ, tỉnh Điện Biên.", "unknown": 1},
        {"id": "b", "title": "Giá vàng trong nước tăng phiên thứ ba liên tiếp"},
    ]  # fmt: skip
    given = "\n".join(json.dumps(i, ensure_ascii=False) for i in items) + "\n"
    done = run("analyse", "--profile", str(profile), given=given)
    assert done.exit_code == 0, done.output
    first, second = lines(done)
    assert set(first) == {
        "id", "about_education", "about_education_p", "scope", "sentiment", "sentiment_p",
        "topics", "risk", "risk_p", "stance", "facts", "units", "masked_text", "model",
        "undecided", "note",
    }  # fmt: skip
    assert first["about_education"] is True
    assert first["risk"] == 3
    assert [unit["unit"] for unit in first["units"]] == ["truong"]  # type: ignore[union-attr, index]
    assert (second["id"], second["about_education"]) == ("b", False)


def test_a_bad_line_is_named_and_the_others_are_answered(profile: Path) -> None:
    given = '{"id": "a", "title": "Trường khai giảng"}\nkhông phải JSON\n{"title": "không có id"}\n'
    done = run("analyse", "--profile", str(profile), given=given)
    assert done.exit_code == 1
    assert [line["id"] for line in lines(done)] == ["a"]
    assert "Dòng 2" in done.stderr
    assert "Dòng 3" in done.stderr


def test_cluster_gives_each_item_a_story() -> None:
    titles = (
        "Cháy nhà kho ở xã Suối Mơ, 12 học sinh nội trú được sơ tán",
        "Vụ cháy nhà kho xã Suối Mơ: 12 học sinh nội trú được sơ tán an toàn",
        "Đội tuyển cờ vua tỉnh đoạt huy chương vàng",
    )
    given = "".join(
        json.dumps({"id": str(n), "title": t, "published_at": f"2026-03-0{n + 1}T08:00:00+07:00"})
        + "\n"
        for n, t in enumerate(titles)
    )
    done = run("cluster", given=given)
    assert done.exit_code == 0
    stories = {line["id"]: line["story_id"] for line in lines(done)}
    assert stories["0"] == stories["1"] != stories["2"]


def test_a_new_unit_is_data(profile: Path) -> None:
    item = json.dumps(
        {"id": "x", "title": "Học sinh Trường THCS Thác Trắng, xã Suối Mơ, Điện Biên đạt giải"}
    )
    before = lines(run("analyse", "--profile", str(profile), given=item))
    profile.write_text(PROFILE + SECOND_UNIT, encoding="utf-8")
    after = lines(run("analyse", "--profile", str(profile), given=item))
    assert before[0]["units"] == []
    assert [unit["unit"] for unit in after[0]["units"]] == ["truong_hai"]  # type: ignore[union-attr, index, attr-defined]


def test_init_is_enough_to_run_and_loses_nothing_when_repeated(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = langnghe("init", "--home", str(home))
    assert first.returncode == 0, first.stderr
    assert "mật khẩu" in first.stderr
    assert (home / "secret.key").stat().st_mode & 0o077 == 0
    key = (home / "secret.key").read_text()
    again = langnghe("init", "--home", str(home))
    assert again.returncode == 0, again.stderr
    assert "mật khẩu:" not in again.stderr
    assert (home / "secret.key").read_text() == key


def test_doctor_says_what_is_missing_and_how_to_mend_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = langnghe("doctor", "--home", str(home), "--json")
    assert before.returncode == 1
    found = {f["check"]: f for f in map(json.loads, before.stdout.splitlines())}
    assert "langnghe init" in found["thư mục dữ liệu"]["mend"]
    langnghe("init", "--home", str(home))
    after = langnghe("doctor", "--home", str(home), "--json")
    found = {f["check"]: f for f in map(json.loads, after.stdout.splitlines())}
    assert found["cơ sở dữ liệu"]["ok"]
    assert not found["thư điện tử"]["ok"]
    assert "smtp_host" in found["thư điện tử"]["mend"]


def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text("smtp_port = 99999\n", encoding="utf-8")
    done = langnghe("doctor", "--home", str(tmp_path))
    assert done.returncode == 2
    assert "smtp_port" in done.stderr
    assert "langnghe.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_users_and_tokens(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path / "home")]
    run("init", *home)
    made = run(
        "user", "add", "hieutruong", "--role", "principal", *home, given="mat-khau-dai-118\n"
    )
    assert made.exit_code == 0, made.output
    listed = run("user", "list", "--json", *home)
    assert {line["username"] for line in lines(listed)} == {"quantri", "hieutruong"}
    token = run("user", "token", "hieutruong", *home).stdout.strip()
    assert token.startswith("ln_")


def test_policy_check_prints_the_version() -> None:
    done = run("policy", "check", "--json")
    assert done.exit_code == 0
    assert len(lines(done)[0]["levels"]) == 4  # type: ignore[arg-type]


def test_evaluate_measures_a_gold_file(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = [
        {"id": "1", "kind": "news", "title": "Trường tiểu học khai giảng năm học mới",
         "about_education": True, "scope": "vn", "sentiment": "neu", "topics": [], "risk": 0},
        {"id": "2", "kind": "news", "title": "Giá xăng giảm từ chiều nay",
         "about_education": False, "scope": "n/a", "sentiment": "neu", "topics": [], "risk": 0},
    ]  # fmt: skip
    gold.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    out = tmp_path / "out.json"
    done = run("evaluate", "--gold", str(gold), "--json", str(out))
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text(encoding="utf-8"))


def test_evaluate_measures_stories_where_the_gold_has_them(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    told = (
        ("1", "Cháy bếp ăn Trường Mầm non Đồi Thông, 30 trẻ được sơ tán", "chay"),
        ("2", "Vụ cháy bếp ăn Trường Mầm non Đồi Thông: 30 trẻ đã an toàn", "chay"),
        ("3", "Trường THPT Thác Trắng đón đoàn đánh giá chuẩn quốc gia", "chuan"),
    )
    rows = [
        {"id": i, "title": t, "story_id": s, "published_at": f"2026-03-0{i}T08:00:00+07:00"}
        for i, t, s in told
    ]
    gold.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    out = tmp_path / "out.json"
    assert run("evaluate", "--gold", str(gold), "--json", str(out)).exit_code == 0
    stories = json.loads(out.read_text(encoding="utf-8"))["stories"]
    assert (stories["items"], stories["gold_stories"]) == (3, 2)
    assert stories["b_cubed"]["f1"] == 1.0


FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Báo</title>
<item><title>Trường Tiểu học Đồi Thông khai giảng</title><link>https://bao.example/1.html</link>
<description>Lễ khai giảng.</description></item></channel></rss>"""
CATALOG = """
sources:
  - {id: bao-thu, name: Báo Thử, kind: rss, url: "%s"}
  - {id: bao-hong, name: Báo Hỏng, kind: rss, url: "%s"}
"""


def test_a_new_source_is_data_and_collect_tells_how_each_one_does(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/rss").respond_with_data(FEED, content_type="text/xml")
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    home = tmp_path / "home"
    home.mkdir()
    catalog = CATALOG % (httpserver.url_for("/rss"), httpserver.url_for("/gone"))
    (home / "catalog.yaml").write_text(catalog, encoding="utf-8")
    (home / "langnghe.toml").write_text(
        f'catalog = "catalog.yaml"\n'
        f'allow_private_hosts = ["{httpserver.host}:{httpserver.port}"]\n',
        encoding="utf-8",
    )
    (home / "profile.toml").write_text(PROFILE, encoding="utf-8")
    done = run("collect", "--home", str(home), "--json")
    assert done.exit_code == 1  # one of them is broken, and the other is heard all the same
    told = {line["source"]: line for line in lines(done)}
    assert (told["bao-thu"]["state"], told["bao-thu"]["items"]) == ("undated", 1)
    assert told["bao-hong"]["state"] == "failing"
    assert told["bao-hong"]["reason"]
    assert told["bao-hong"]["mend"]
    again = run("collect", "--home", str(home), "--json", "--all")
    assert {line["source"]: line["items"] for line in lines(again)}["bao-thu"] == 1
