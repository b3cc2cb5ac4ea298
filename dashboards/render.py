"""Jinja pages: autoescaped, in the visitor's language, assets addressed by their content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from dashboards.i18n import (
    LANGUAGE_COOKIE,
    LOOK_COOKIE,
    NAMES,
    language_of,
    look_of,
    translations,
)
from dashboards.menu import menu_for
from dashboards.styles import ADDRESS, style_sheet
from dashboards.wire import Asset
from langnghe.core.auth import Action, Caller
from langnghe.core.clock import hanoi, say
from langnghe.core.formtoken import masked
from langnghe.core.policy.model import Policy
from langnghe.core.services import Services
from langnghe.core.text import shorten
from langnghe.core.words import word

STATIC = Path(__file__).parent / "static"
_INDENT = re.compile(r"\n[ \t\n]+")
Translate = Callable[[str], str]


class _Lean(PackageLoader):
    """Loads templates without their indentation, which is half of an indented page.

    Taken off here and not from what was rendered: texts that people wrote keep their blank lines.
    """

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """Return the lean source, the file it came from and whether it is still the newest."""
        source, name, fresh = super().get_source(environment, template)
        return _INDENT.sub("\n", source), name, fresh


@lru_cache(maxsize=len(NAMES))
def _environment(language: str) -> Environment:
    env = Environment(
        loader=_Lean("dashboards"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    translate = translations(language).gettext
    env.filters |= {
        "when": say,
        "iso": lambda moment: moment.strftime("%Y-%m-%dT%H:%MZ"),
        "number": number,
        "chance": lambda p: chance_words(p, translate),
        "shorten": shorten,
        "web": web_address,
        "typed": as_typed,
        "word": lambda value, kind: translate(word(kind, value)),
    }
    env.globals |= {
        "asset": asset,
        "left": lambda due, now: time_left(due, now, translate),
        "ago": lambda at, now: time_ago(at, now, translate),
        "span": lambda length: span_words(length, translate),
        "languages": NAMES,
    }
    return env


def page(
    request: Request,
    template: str,
    *,
    caller: Caller | None = None,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """Return ``template`` as an answer. ``caller`` decides which actions are offered."""
    services: Services = request.app.state.services
    language = language_of(request.cookies.get(LANGUAGE_COOKIE))
    token = masked(caller.csrf if caller else request.state.csrf_seed)
    html = (
        _environment(language)
        .get_template(template)
        .render(
            caller=caller,
            may_act=caller is not None and caller.may(Action.ACT),
            may_group=caller is not None and caller.may(Action.GROUP),
            may_unmask=caller is not None and caller.may(Action.UNMASK),
            may_audit=caller is not None and caller.may_audit,
            csrf=token,
            language=language,
            look=look_of(request.cookies.get(LOOK_COOKIE)),
            now=services.clock.now(),
            policy=services.policy,
            styles=f"{ADDRESS}?v={sheet_of(services.policy).digest}",
            house=services.settings.shown_name or services.profile.name,
            drill=services.drill,
            path=request.url.path,
            menu=menu_for(caller, request.url.path) if caller else None,
            done=request.query_params.get("xong", ""),
            **context,
        )
    )
    headers = {"Cache-Control": "no-store"}
    if status == 200 and template.startswith("_"):
        # A part of a page that the script asks for again and again; the token is no news.
        tag = f'"{hashlib.sha256(html.replace(token, "").encode()).hexdigest()[:20]}"'
        if request.headers.get("if-none-match") == tag:
            return HTMLResponse(status_code=304, headers=headers | {"ETag": tag})
        headers["ETag"] = tag
    return HTMLResponse(html, status, headers=headers)


@lru_cache(maxsize=32)
def asset(name: str) -> str:
    """Return the address of a static file; it changes when the content does."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def sheet_of(policy: Policy) -> Asset:
    """Return the one style sheet of every page."""
    return style_sheet(policy, _own_style())


@lru_cache(maxsize=1)
def _own_style() -> bytes:
    return (STATIC / "app.css").read_bytes()


def as_typed(text: str) -> Markup:
    """Return text for inside a ``textarea`` with every line break kept, empty lines included."""
    lines = str(escape(text)).replace("\r\n", "\n").replace("\r", "\n")
    return Markup(lines.replace("\n", "&#10;"))  # noqa: S704 - escaped above


def web_address(url: str | None) -> str:
    """Return ``url`` if it is safe to link to, else an empty string (no ``javascript:``)."""
    if not url:
        return ""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def number(value: float) -> str:
    """Return ``1.234`` or ``58,5`` as numbers are written in Vietnamese."""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,"))


def chance_words(p: float, translate: Translate) -> str:
    """Return a chance (0..1) in words that promise no more than it knows."""
    if p < 0.01:
        return translate("dưới 1 %")
    if p > 0.95:
        return translate("trên 95 %")
    return translate("khoảng %(n)s %%") % {"n": round(p * 100)}


def span_words(span: timedelta, translate: Translate) -> str:
    """Return a length of time in at most two units, rounded down to minutes."""
    minutes = int(abs(span).total_seconds() // 60)
    day, hour, minute = translate("ngày"), translate("giờ"), translate("phút")
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} {day}" + (f" {hours} {hour}" if hours else "")
    if hours:
        return f"{hours} {hour}" + (f" {rest} {minute}" if rest else "")
    return f"{rest} {minute}"


def time_left(due: datetime, now: datetime, translate: Translate) -> str:
    """Return ``còn 20 phút`` or ``quá hạn 1 giờ 5 phút``."""
    lead = translate("còn") if due >= now else translate("quá hạn")
    return f"{lead} {span_words(due - now, translate)}"


def time_ago(at: datetime, now: datetime, translate: Translate) -> str:
    """Return ``5 phút trước``; beyond a week the date."""
    span = now - at
    if span < timedelta(minutes=1):
        return translate("vừa xong")
    if span > timedelta(days=7):
        return hanoi(at).strftime("%d/%m/%Y")
    return span_words(span, translate) + " " + translate("trước")


def query_with(request: Request, **changes: str | None) -> str:
    """Return the present query string with some fields changed or (None) dropped."""
    fields = dict(request.query_params) | {k: v for k, v in changes.items() if v is not None}
    kept = {k: v for k, v in fields.items() if v and not (k in changes and changes[k] is None)}
    return urlencode(kept)
