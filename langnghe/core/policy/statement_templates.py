"""Load the templates of what is said in a unit's name (M1–M11): the words are data, not code.

A wrong file is refused whole, with the line and field of every mistake, as the playbook is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from langnghe.core.errors import NotFoundError
from langnghe.core.policy.marks import Marked, Problem, field_name
from langnghe.core.policy.rulebook import PACKAGE, Rulebook
from langnghe.core.text import digest

_BOOK = Rulebook(
    "statements.yaml",
    "Mẫu phát ngôn",
    mend="Sửa các dòng được nêu rồi chạy «langnghe statement templates».",
)
HOLE = re.compile(r"\{([a-z_]+(?:\.[a-z]+)?)\}")
"""A place to be filled in: ``{su_viec}``, ``{so_em.gio}``."""
BUILT_IN = frozenset({"kinh_gui", "nguoi_doc", "loi_ket", "don_vi", "ten_goi", "ten_goi_hoa"})
PARTS = ("nguon", "gio")
"""What a number always carries: its source and its time."""


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom a text speaks, and how they are addressed."""

    id: str
    name: str
    greeting: str
    reader: str
    closing: str


@dataclass(frozen=True, slots=True)
class TemplateField:
    """One fact a text needs. ``source`` names the fact of the incident that fills it."""

    id: str
    label: str
    hint: str
    kind: str
    required: bool
    source: str
    default: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; with ``when`` it stands only if that field has something to say."""

    text: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """One template. ``step`` is the playbook's step that a release completes.

    ``denies`` marks texts that put a false claim right and so must not repeat it.
    """

    id: str
    name: str
    use: str
    audiences: tuple[str, ...]
    public: bool
    denies: bool
    step: str
    needs: frozenset[str]
    title: str
    fields: tuple[TemplateField, ...]
    body: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates and audiences; ``version`` is a short hash of their content.

    ``done_words`` says how a finished step of the playbook is told to the public.
    """

    version: str
    audiences: tuple[Audience, ...]
    done_words: Mapping[str, str]
    templates: tuple[Template, ...]

    def template(self, template_id: str) -> Template:
        """Return a template. Raises NotFoundError."""
        for one in self.templates:
            if one.id == template_id:
                return one
        raise NotFoundError(
            f"Không có mẫu phát ngôn «{template_id}».",
            mend="Dùng một trong: " + ", ".join(one.id for one in self.templates) + ".",
        )

    def audience(self, audience_id: str) -> Audience:
        """Return an audience. Raises NotFoundError."""
        for one in self.audiences:
            if one.id == audience_id:
                return one
        raise NotFoundError(f"Không có nhóm người nhận «{audience_id}».")


@lru_cache(maxsize=4)
def load_templates(path: Path | None = None) -> Templates:
    """Return the templates of ``path``, or the packaged ones.

    Raises ``PolicyError`` naming the file and, for every problem, its line and field.
    """
    shown, marked = _BOOK.open(path)
    problems = [*marked.problems, *_schema_problems(marked)]
    if not problems:
        problems = list(_cross_problems(marked))
    if problems:
        raise _BOOK.refuse(shown, problems)
    version = digest(json.dumps(marked.data, sort_keys=True, ensure_ascii=False))[:12]
    return _build(marked.data, version)


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    schema = files(PACKAGE).joinpath("statements.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(schema))


def _schema_problems(marked: Marked) -> list[Problem]:
    found = []
    for error in _validator().iter_errors(marked.data):
        path = tuple(error.absolute_path)
        rule, wanted = str(error.validator), error.validator_value
        if rule == "required":
            said = "; ".join(
                f"thiếu mục «{name}»"
                for name in wanted
                if isinstance(error.instance, dict) and name not in error.instance
            )
        elif rule == "additionalProperties":
            known = error.schema.get("properties", {})
            said = "không có mục nào tên " + ", ".join(
                f"«{name}»" for name in error.instance if name not in known
            )
        elif rule == "enum":
            said = "phải là một trong: " + ", ".join(map(str, wanted))
        elif rule in ("minLength", "minItems"):
            said = "không được để trống"
        else:
            said = "viết chưa đúng kiểu"
        found.append(Problem(marked.line(path), field_name(path), said))
    return found


def _cross_problems(marked: Marked) -> Iterator[Problem]:
    """Yield what the schema cannot see: unknown holes, fields nobody uses, doubled ids."""
    audiences = {one["id"] for one in marked.data["audiences"]}
    seen: set[str] = set()
    for n, one in enumerate(marked.data["templates"]):
        here: tuple[str | int, ...] = ("templates", n)

        def at(*path: str | int, text: str, here: tuple[str | int, ...] = here) -> Problem:
            return Problem(marked.line((*here, *path)), field_name((*here, *path)), text)

        if one["id"] in seen:
            yield at("id", text=f"mã «{one['id']}» đã dùng")
        seen.add(one["id"])
        for wrong in set(one["audiences"]) - audiences:
            yield at("audiences", text=f"không có nhóm người nhận «{wrong}»")
        kinds = {field["id"]: field["kind"] for field in one["fields"]}
        used: set[str] = set()
        greetings = [
            a[key]
            for a in marked.data["audiences"] if a["id"] in one["audiences"]
            for key in ("greeting", "closing")
        ]  # fmt: skip
        texts: list[tuple[tuple[str | int, ...], str]] = [(("title",), one["title"])]
        for m, paragraph in enumerate(one["body"]):
            if isinstance(paragraph, dict):
                used.add(paragraph["when"])
                if paragraph["when"] not in kinds:
                    yield at("body", m, text=f"«when» nêu mục chưa khai: {paragraph['when']}")
                paragraph = paragraph["text"]
            texts.append((("body", m), paragraph))
        for path, text in texts:
            for hole in HOLE.findall(text):
                name, _, part = hole.partition(".")
                used.add(name)
                if name in BUILT_IN and not part:
                    continue
                if name not in kinds or (part and (kinds[name] != "number" or part not in PARTS)):
                    yield at(*path, text=f"chỗ trống {{{hole}}} chưa khai trong «fields»")
        for text in greetings:
            used |= set(HOLE.findall(text))
        for m, field in enumerate(one["fields"]):
            if field["id"] not in used:
                yield at("fields", m, text=f"mục «{field['id']}» không có chỗ nào dùng")


def _build(data: dict[str, Any], version: str) -> Templates:
    return Templates(
        version=version,
        audiences=tuple(Audience(**one) for one in data["audiences"]),
        done_words=dict(data["done_words"]),
        templates=tuple(_template(one) for one in data["templates"]),
    )


def _template(one: dict[str, Any]) -> Template:
    return Template(
        id=one["id"],
        name=one["name"],
        use=one["use"],
        audiences=tuple(one["audiences"]),
        public=one["public"],
        denies=one.get("denies", False),
        step=one.get("step", ""),
        needs=frozenset(one["needs"]),
        title=one["title"],
        fields=tuple(
            TemplateField(
                id=field["id"],
                label=field["label"],
                hint=field.get("hint", ""),
                kind=field["kind"],
                required=field["required"],
                source=field.get("from", ""),
                default=field.get("default", ""),
            )
            for field in one["fields"]
        ),
        body=tuple(
            Paragraph(p) if isinstance(p, str) else Paragraph(p["text"], p["when"])
            for p in one["body"]
        ),
    )
