"""The ``langnghe`` command. Words for people go to standard error, data to standard output.

Exit codes: 0 done · 1 done, but some input was bad or a check failed · 2 configuration or use is
wrong · 3 the database cannot be used · 4 an address or port cannot be used · 130 interrupted.
"""

from __future__ import annotations

import os
import sys

import typer

from langnghe.cli import (
    admin,
    channels,
    data,
    drill,
    evidence,
    forecast,
    model,
    pairs,
    people,
    plan,
    policy,
    records,
    reports,
    service,
    sources,
    statements,
)
from langnghe.cli.output import complain
from langnghe.core.errors import ConfigError, LangNgheError
from langnghe.core.oserrors import plain_reason

app = typer.Typer(
    name="langnghe",
    help="Lắng Nghe: nghe sớm dư luận về nhà trường, cảnh báo và dẫn từng bước ứng phó.",
    epilog="Mã thoát: 0 xong · 1 có dòng hỏng hoặc kiểm tra không đạt · 2 cấu hình sai · "
    "3 cơ sở dữ liệu · 4 địa chỉ/cổng · 130 bị ngắt.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
service.register(app)
data.register(app)
drill.register(app)
model.register(app)
pairs.register(app)
forecast.register(app)
statements.register(app)
admin.register(app)
people.register(app)
policy.register(app)
reports.register(app)
channels.register(app)
evidence.register(app)
plan.register(app)
records.register(app)
sources.register(app)


def main() -> None:
    """Run the command; every expected error becomes one plain sentence and its mend."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # now, while a full disk can still be told in plain words
    except LangNgheError as error:
        complain(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        # A file or folder named on the command line; what a stage meets is told by that stage.
        where = f" {error.filename}" if error.filename else ""
        _give_up_output()
        complain(
            ConfigError(
                f"Không đọc hoặc ghi được{where}: {plain_reason(error)}.",
                mend="Kiểm tra đường dẫn, quyền và dung lượng đĩa rồi chạy lại.",
            )
        )
        sys.exit(ConfigError.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _give_up_output() -> None:
    """Let what could not be written go, or the interpreter complains once more as it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


__all__ = ["app", "main"]
