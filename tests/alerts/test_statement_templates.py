"""The templates are whole, filled in from facts alone, and pass their own checks once complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.statements.checks import CheckContext, blocks, check
from alerts.statements.draft import UNKNOWN, canonical, fill, text_hash
from langnghe.core.errors import PolicyError
from langnghe.core.policy.loader import load_policy
from langnghe.core.policy.statement_templates import load_templates

ALL = load_templates()
PERSON, PHONE = "đồng chí Lò Văn Panh, Hiệu trưởng", "0912 345 678"
SAID = {"text": "việc đang được thực hiện", "time": "2026-11-23T17:00", "number": "12",
        "person": PERSON, "phone": PHONE}  # fmt: skip
EACH = [(t, a) for t in ALL.templates for a in t.audiences]


def test_the_eleven_templates_are_there() -> None:
    assert [one.id for one in ALL.templates] == [f"M{n}" for n in range(1, 12)]
    steps = {step.code for step in load_policy().core_steps}
    assert {one.step for one in ALL.templates if one.step} <= steps
    assert set(ALL.done_words) <= steps


@pytest.mark.parametrize(("template", "audience"), EACH, ids=[f"{t.id}-{a}" for t, a in EACH])
def test_empty_it_marks_what_it_lacks_and_full_it_passes(template, audience) -> None:  # type: ignore[no-untyped-def]
    to = ALL.audience(audience)
    unit = {"unit_name": "Trường TH Suối Mơ", "unit_kind": "school"}
    empty = fill(template, to, values={}, **unit)
    wanted = {f.label for f in template.fields if f.required and not f.default}
    assert wanted - {"nơi nhận"} <= set(empty.unknown), "nothing is invented"
    values = {f.id: SAID[f.kind] for f in template.fields}
    values |= {f"{f.id}.nguon": "Trạm y tế xã" for f in template.fields if f.kind == "number"}
    values |= {f"{f.id}.gio": "2026-11-23T09:30" for f in template.fields if f.kind == "number"}
    full = fill(template, to, values=values, **unit)
    assert full.unknown == ()
    assert "{" not in full.title + full.text
    assert ".." not in full.text
    context = CheckContext(template=template, allowed=(PERSON, PHONE))
    assert blocks(check(f"{full.title}\n\n{full.text}", context)) == []


def test_a_number_stands_with_its_time_and_source() -> None:
    values = {"so_em": "12", "so_em.gio": "2026-11-23T09:30", "so_em.nguon": "Trạm y tế xã Bản Hoa"}
    made = fill(ALL.template("M2"), ALL.audience("parents"), unit_name="Trường TH Suối Mơ",
                unit_kind="school", values=values)  # fmt: skip
    assert "Tính đến 09 giờ 30 ngày 23/11/2026, theo Trạm y tế xã Bản Hoa, có 12 em" in made.text
    bare = fill(ALL.template("M2"), ALL.audience("parents"), unit_name="Trường TH Suối Mơ",
                unit_kind="school", values={"so_em": "12"})  # fmt: skip
    assert any("nguồn" in label for label in UNKNOWN.findall(bare.text))


def test_parents_are_addressed_as_parents_and_comrades_as_comrades() -> None:
    def of(template: str, audience: str) -> str:
        made = fill(ALL.template(template), ALL.audience(audience), unit_name="UBND xã Bản Hoa",
                    unit_kind="commune", values={})  # fmt: skip
        return made.text

    assert "Kính gửi quý phụ huynh, cha mẹ học sinh" in of("M1", "parents")
    assert "các đồng chí" in of("M8", "staff")
    assert "nhà trường" not in of("M1", "public").lower(), "a commune does not call itself school"


def test_the_hash_is_over_words_not_over_typing() -> None:
    assert text_hash("Tin", "Dòng một \r\n\r\n\r\nDòng hai") == text_hash(
        "Tin", "Dòng một\n\nDòng hai"
    )
    assert text_hash("Tin", "một") != text_hash("Tin", "hai")
    assert canonical("Tin", "Một").decode() == "Tin\n\nMột\n"


WRONG = """\
audiences:
  - {id: public, name: Công chúng, greeting: "", reader: quý vị, closing: ""}
done_words: {B02: sơ cứu}
templates:
  - id: M1
    name: Thử
    use: Thử
    audiences: [public, nobody]
    public: true
    needs: []
    title: "Về {su_viec}"
    fields:
      - {id: su_viec, label: sự việc, kind: text, required: true}
      - {id: thua, label: thừa, kind: text, required: true}
    body:
      - "{su_viec} {khong_co} {su_viec.gio}"
"""


def test_a_wrong_file_is_refused_with_lines_and_fields(tmp_path: Path) -> None:
    path = tmp_path / "statements.yaml"
    path.write_text(WRONG, "utf-8")
    with pytest.raises(PolicyError) as caught:
        load_templates(path)
    text = str(caught.value)
    for said in ("dòng 8", "nobody", "dòng 14", "thua", "dòng 16", "khong_co", "su_viec.gio"):
        assert said in text
    path.write_text(WRONG.replace("kind: text", "kind: word"), "utf-8")
    load_templates.cache_clear()
    with pytest.raises(PolicyError, match="phải là một trong: text"):
        load_templates(path)
    load_templates.cache_clear()
