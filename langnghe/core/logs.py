"""Logs for people who mend things at 3 a.m.: one line an event, no text of mentions, no secrets."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TextIO

import structlog

_ROW = re.compile(r"^\s*DETAIL:.*$", re.MULTILINE)


def _traceback(stream: TextIO, exc_info: structlog.typing.ExcInfo) -> None:
    """Print a traceback without variables (the rich one has them) and without rows of a table."""
    text = "".join(traceback.format_exception(*exc_info))
    stream.write("\n" + _ROW.sub("  DETAIL: (left out)", text))


def _without_details(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out the row PostgreSQL prints with a broken constraint: it may hold a text."""
    if isinstance(text := event.get("exception"), str):
        event["exception"] = _ROW.sub("  DETAIL: (left out)", text)
    return event


def set_up_logs(*, json: bool = False, verbose: bool = False) -> None:
    """Send structured lines to standard error; ``json`` for machines, else readable ones."""
    level = logging.DEBUG if verbose else logging.INFO
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=_traceback,
        )
    )
    written_out: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, _without_details] if json else []
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *written_out,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # looked up at each line: standard error may be another stream by then
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
