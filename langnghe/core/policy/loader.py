"""Load the playbook: what is dangerous, who is told, what must be done and by when.

The playbook is data. Code never names a level, a role or a topic; it works with the positions of
``levels``, ordered by score. A wrong playbook is refused whole, with every mistake named at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from langnghe.core.policy.build import build_policy
from langnghe.core.policy.checks import cross_problems
from langnghe.core.policy.checks_profile import profile_problems
from langnghe.core.policy.marks import (
    Marked,
    Problem,
    field_name,
    problem_lines,
)
from langnghe.core.policy.model import Policy
from langnghe.core.policy.rulebook import PACKAGE, Rulebook
from langnghe.core.types import Profile

__all__ = ["Policy", "check_policy", "load_policy", "schema_text", "template_ids", "topic_names"]
_PLAYBOOK = Rulebook(
    "playbook.yaml",
    "Kịch bản ứng phó",
    mend="Sửa các dòng được nêu rồi chạy «langnghe policy check»; chưa có gì được khởi động.",
    where="Kiểm tra đường dẫn ở mục «playbook» của langnghe.toml và quyền đọc tệp.",
)
_SCORING = frozenset({
    "min_score", "opens", "score", "overrides", "ceilings", "down", "credibility", "cooldown",
    "harm", "vulnerability", "incident", "unit_ranks", "attribution", "harm_floor", "legal",
})  # fmt: skip
_TYPES = {
    "string": "chuỗi", "integer": "số nguyên", "number": "số", "boolean": "true hoặc false",
    "array": "danh sách", "object": "nhóm mục", "null": "để trống",
}  # fmt: skip


def load_policy(path: Path | None = None) -> Policy:
    """Return the playbook of ``path``, or the packaged one.

    Raises ``PolicyError`` naming the file and, for every problem, its line and field.
    """
    return _checked(path, None, None)[0]


def check_policy(
    path: Path | None = None, profile: Profile | None = None
) -> tuple[Policy, list[str]]:
    """Return the playbook and a sentence for each thing in it that should be looked at again.

    With a ``profile`` the names of units are looked up in it, and whether each role that is called
    for has somebody to hold it. Raises ``PolicyError`` like ``load_policy``.
    """
    policy, shown, warnings = _checked(path, template_ids(), profile)
    return policy, problem_lines(shown, warnings)


def _checked(
    path: Path | None, templates: Collection[str] | None, profile: Profile | None
) -> tuple[Policy, str, list[Problem]]:
    shown, marked = _PLAYBOOK.open(path)
    problems = [*marked.problems, *_schema_problems(marked)]
    if not problems:
        problems = cross_problems(marked, topic_names(), templates)
    errors = [problem for problem in problems if not problem.warning]
    if not errors and profile is not None:
        problems += profile_problems(marked, profile)
        errors = [problem for problem in problems if not problem.warning]
    if errors:
        raise _PLAYBOOK.refuse(shown, errors)
    return build_policy(marked.data, topic_names()), shown, problems


@lru_cache(maxsize=1)
def template_ids() -> frozenset[str]:
    """Return the ids of the statement templates that ship with the program."""
    text = files(PACKAGE).joinpath("statements.yaml").read_text("utf-8")
    return frozenset(str(template["id"]) for template in yaml.safe_load(text)["templates"])


@lru_cache(maxsize=1)
def topic_names() -> dict[str, str]:
    """Return the Vietnamese name of every sensitive topic, by id, from the packaged taxonomy."""
    text = files(PACKAGE).joinpath("taxonomy.yaml").read_text("utf-8")
    return {str(topic["id"]): str(topic["name"]) for topic in yaml.safe_load(text)["topics"]}


def schema_text() -> str:
    """Return the JSON Schema of a playbook, for editors and for the check."""
    return files(PACKAGE).joinpath("playbook.schema.json").read_text("utf-8")


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text()))


def _schema_problems(marked: Marked) -> list[Problem]:
    return [
        problem
        for error in _validator().iter_errors(marked.data)
        for problem in _explain(error, marked)
    ]


def _not_a_name(path: tuple[str | int, ...], name: str) -> str:
    if path[:1] == ("units",) and name in _SCORING:
        return "cách chấm điểm là chung cho mọi đơn vị, đơn vị không được tự đổi"
    return "không có mục nào tên như vậy"


def _wanted_type(path: tuple[str | int, ...], wanted: str | list[str]) -> str:
    if "quiet" in path and wanted == "string":  # YAML reads 21:30 without quotes as a number
        return 'phải là giờ viết trong ngoặc kép, ví dụ "21:30"'
    names = [wanted] if isinstance(wanted, str) else wanted
    return "phải là " + " hoặc ".join(_TYPES.get(name, name) for name in names)


def _explain(error: ValidationError, marked: Marked) -> list[Problem]:
    """Say one schema error in Vietnamese, at the most telling place."""
    path = tuple(error.absolute_path)
    rule = str(error.validator)
    wanted: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema

    def at(where: tuple[str | int, ...], text: str) -> Problem:
        return Problem(marked.line(where), field_name(where), text)

    if rule == "additionalProperties" and wanted is False:
        patterns = schema.get("patternProperties", {})
        names = [
            name
            for name in found
            if name not in schema.get("properties", {})
            and not any(re.search(pattern, name) for pattern in patterns)
        ]
        return [at((*path, name), _not_a_name(path, name)) for name in names]
    if rule == "required":
        missing = [name for name in wanted if name not in found and f"'{name}'" in error.message]
        return [at(path, f"thiếu mục «{name}»") for name in missing]
    texts: dict[str, Callable[[], str]] = {
        "type": lambda: _wanted_type(path, wanted),
        "enum": lambda: "phải là một trong: " + ", ".join(map(str, wanted)),
        "minimum": lambda: f"phải từ {wanted} trở lên",
        "exclusiveMinimum": lambda: f"phải lớn hơn {wanted}",
        "maximum": lambda: f"phải từ {wanted} trở xuống",
        "minLength": lambda: "không được để trống",
        "minItems": lambda: f"phải có ít nhất {wanted} phần tử",
        "maxItems": lambda: f"chỉ được có {wanted} phần tử",
        "minProperties": lambda: "không được để trống",
        "pattern": lambda: f"viết chưa đúng mẫu {wanted}",
        "oneOf": lambda: "phải là số phút (từ 0 trở lên) hoặc để trống",
    }
    return [at(path, texts.get(rule, lambda: "giá trị không hợp lệ")())]
