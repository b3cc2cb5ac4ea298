"""Read YAML and remember the line of every value, so that a mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

_MOST = 100_000  # values in one file; the packaged ones have under three thousand
_LARGEST = 500_000  # as minutes nearly a year, as days still within the calendar
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the line (from 1), the field as written by people, and what is wrong.

    A ``warning`` does not stop the file from being used.
    """

    line: int
    field: str
    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """Plain data (mapping keys made strings), the line of each path, and doubled keys."""

    data: Any
    lines: dict[Path, int]
    problems: tuple[Problem, ...]

    def line(self, path: Path) -> int:
        """Return the line of ``path``, or of its nearest parent that is written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def field_name(path: Path) -> str:
    """Return ``levels[1].ack_minutes`` for ``("levels", 1, "ack_minutes")``."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown or "(cả tệp)"


class NotYamlError(Exception):
    """The text is not YAML at all; ``problem`` says where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def problem_lines(shown: str, problems: Iterable[Problem]) -> list[str]:
    """Return a sentence for each problem of the file ``shown``, in the order of its lines."""
    ordered = sorted(problems, key=lambda p: (p.line, p.field))
    return [f"{shown}, dòng {p.line}, mục «{p.field}»: {p.text}." for p in ordered]


def read_marked(text: str) -> Marked:
    """Parse YAML text; raises ``NotYamlError``."""
    try:
        return _parse(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise NotYamlError(Problem(line, "(cả tệp)", "không đúng cú pháp YAML")) from error


def _parse(text: str) -> Marked:
    loader = yaml.SafeLoader(text)
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    open_nodes: set[int] = set()
    left = _MOST

    def build(node: yaml.Node, path: Path) -> Any:
        lines.setdefault(path, node.start_mark.line + 1)
        nonlocal left
        left -= 1
        if left < 0:  # aliases of aliases: a few lines that stand for millions of values
            raise yaml.YAMLError("too many values")
        if id(node) in open_nodes:
            raise yaml.YAMLError("a node that holds itself")
        open_nodes.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return build_mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [build(item, (*path, n)) for n, item in enumerate(node.value)]
            return plain(node, path)
        finally:
            open_nodes.discard(id(node))

    def plain(node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        try:
            value = loader.construct_object(node)
        except ValueError:  # a day that is not in the calendar, a number of too many digits
            problems.append(Problem(line, field_name(path), f"không đọc được «{node.value}»"))
            return None
        if isinstance(value, int | float) and abs(value) > _LARGEST:
            # Minutes, hours or days beyond the calendar would break the first incident's deadlines.
            problems.append(Problem(line, field_name(path), f"số lớn quá (tối đa {_LARGEST})"))
        if isinstance(value, float) and not isfinite(value):
            # Every comparison with NaN is false, so no limit would ever refuse it.
            problems.append(Problem(line, field_name(path), "phải là một số hữu hạn"))
            return 0.0
        return value

    def build_mapping(node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        loader.flatten_mapping(node)
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            line = key_node.start_mark.line + 1
            if key in result:
                problems.append(Problem(line, field_name(here), "mục này được viết hai lần"))
            lines[here] = line
            result[key] = build(value_node, here)
        return result

    try:
        root = loader.get_single_node()
        data = None if root is None else build(root, ())
    finally:
        loader.dispose()
    return Marked(data, lines, tuple(problems))
