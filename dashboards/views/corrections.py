"""The forms by which an officer sets right what the machine read, and takes that back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.visitor import Acting, Checked, RowId, Served, own_path
from langnghe.core.correcting import correct, undo
from langnghe.core.corrections import MAX_NOTE, Field
from langnghe.core.errors import InputError
from nlp.shield import mask

router = APIRouter()
_LONGEST = 5_000
Words = dict[Field, Any]


async def words(request: Request) -> Words:
    """Return what a form sets right.

    The short form says one thing (``nhanh``). The long one carries what each field said when the
    page was made (``cu.…``): only what the person changed counts, whatever happened meanwhile.
    Raises ``InputError``.
    """
    form = await request.form()
    fields = {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}
    if any(len(value) > _LONGEST for values in fields.values() for value in values):
        raise InputError("Nội dung gửi lên quá dài.")

    def one(name: str) -> str:
        return fields.get(name, [""])[0]

    if quick := one("nhanh"):
        return quick_words(quick)
    found: Words = {}
    if units := fields.get("not_about_us"):
        found[Field.NOT_ABOUT_US] = units
    for field in (Field.ABOUT_EDUCATION, Field.SENTIMENT, Field.RISK):
        if one(field) and one(field) != one(f"cu.{field}"):
            found[field] = _value(field, one(field))
    topics = fields.get("topics", [])
    if f"cu.{Field.TOPICS}" in fields and set(topics) != set(one(f"cu.{Field.TOPICS}").split()):
        found[Field.TOPICS] = topics
    if not found:
        raise InputError(
            "Chưa có gì được chỉnh.", mend="Quay lại, đổi chỗ máy đọc sai rồi gửi lần nữa."
        )
    return found


def quick_words(quick: str) -> Words:
    """Return what a short form says: ``field:value``. Raises ``InputError``."""
    field, _, value = quick.partition(":")
    if field not in list(Field):
        raise InputError("Giá trị chỉnh lại không hợp lệ.", mend="Chọn lại rồi gửi lần nữa.")
    if field == Field.ABOUT_US:
        return {Field.ABOUT_US: [value]}
    return {Field(field): _value(Field(field), value)}


def _value(field: Field, typed: str) -> Any:
    if field is Field.ABOUT_EDUCATION:
        return typed == "1"
    if field is Field.RISK:
        return int(typed) if typed in ("0", "1", "2", "3") else None  # refused by the check
    return [] if field is Field.NOT_ABOUT_US else typed


@router.post("/tin/{mention_id}/chinh-lai", dependencies=[Checked])
def set_right(
    mention_id: RowId,
    caller: Acting,
    services: Served,
    said: Annotated[Words, Depends(words)],
    ban: Annotated[int, Form(ge=1)],
    note: Annotated[str, Form(max_length=MAX_NOTE)] = "",
    tiep: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Store what the officer said and go back to the page it was said on."""
    correct(
        services.store, caller, mention_id, said, topics=services.policy.topics,
        now=services.clock.now(), note=mask(note).text, revision=ban,
    )  # fmt: skip
    return _back(tiep or f"/tin/{mention_id}", "chinh-lai")


@router.post("/tin/{mention_id}/chinh-lai/{correction_id}/bo", dependencies=[Checked])
def take_back(
    mention_id: RowId, correction_id: RowId, caller: Acting, services: Served
) -> Response:
    """Take one correction back; doing it again changes nothing."""
    undo(services.store, caller, mention_id, correction_id, services.clock.now())
    return _back(f"/tin/{mention_id}", "bo-chinh")


def _back(path: str, done: str) -> Response:
    place = own_path(path).partition("?")[0]
    return RedirectResponse(f"{place}?xong={done}", 303)
