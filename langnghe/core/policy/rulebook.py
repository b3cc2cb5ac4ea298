"""Open one file of rules: the packaged one or the installation's own, each line known.

The playbook, the usual volumes and the statement templates are read the same way and refused the
same way: whole, with every mistake's line and field, and a word on how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from langnghe.core.errors import PolicyError
from langnghe.core.oserrors import plain_reason
from langnghe.core.policy.marks import Marked, NotYamlError, Problem, problem_lines, read_marked

PACKAGE = "langnghe.core.policy"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One kind of file: its packaged name, what people call it, and how mistakes are mended.

    ``where`` tells how to mend a path that cannot be read.
    """

    name: str
    called: str
    mend: str
    where: str = "Kiểm tra đường dẫn và quyền đọc tệp."

    def open(self, path: Path | None) -> tuple[str, Marked]:
        """Return the name to show and the data with its lines; ``None`` is the packaged file.

        Raises ``PolicyError``.
        """
        shown, text = self._read(path)
        try:
            return shown, read_marked(text)
        except NotYamlError as error:
            raise self.refuse(shown, [error.problem]) from error

    def refuse(self, shown: str, problems: Iterable[Problem]) -> PolicyError:
        """Return the refusal of the file ``shown``, a line for every problem."""
        lines = problem_lines(shown, problems)
        head = f"{self.called} sai ở {len(lines)} chỗ:"
        return PolicyError("\n".join([head, *lines]), mend=self.mend)

    def _read(self, path: Path | None) -> tuple[str, str]:
        if path is None:
            return self.name, files(PACKAGE).joinpath(self.name).read_text("utf-8")
        try:
            return str(path), path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise PolicyError(
                f"{self.called} {path} không phải chữ UTF-8.",
                mend="Lưu lại tệp với bảng mã UTF-8 rồi chạy lại.",
            ) from error
        except OSError as error:
            raise PolicyError(
                f"Không đọc được tệp {path} ({self.called.lower()}): {plain_reason(error)}.",
                mend=self.where,
            ) from error
