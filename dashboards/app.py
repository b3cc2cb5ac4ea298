"""The dashboard's routers in one, its static files and the colours of the levels."""

from __future__ import annotations

import re

from fastapi import APIRouter
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from dashboards import live
from dashboards.render import STATIC
from dashboards.views import (
    account,
    confirm,
    corrections,
    evidence,
    feedback,
    incident_end,
    incident_proof,
    incidents,
    mentions,
    notices,
    overview,
    people,
    plan,
    push,
    records,
    reports,
    sources,
    statement_acts,
    statements,
    story_hand,
)
from dashboards.visitor import Served
from langnghe.core.policy.model import Policy

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]{3,30}")


def build_router() -> APIRouter:
    """Return every page; none of them is part of the API's document."""
    router = APIRouter(include_in_schema=False)
    for part in (
        account,
        overview,
        incidents,
        incident_proof,
        incident_end,
        evidence,
        confirm,
        notices,
        mentions,
        corrections,
        story_hand,
        people,
        sources,
        reports,
        push,
        plan,
        feedback,
        records,
        statements,
        statement_acts,
        live,
    ):
        router.include_router(part.router)
    router.add_api_route("/muc-do.css", level_styles, methods=["GET"])
    return router


def static_files() -> StaticFiles:
    """Return the application that serves style, script and mark."""
    return StaticFiles(directory=STATIC)


def level_styles(services: Served) -> Response:
    """Return the colours of the playbook's levels, which are data."""
    return Response(
        level_css(services.policy),
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=300"},
    )


def level_css(policy: Policy) -> str:
    """Return one class a level; a colour that is none is left out (shape and word remain)."""
    return "".join(
        f".muc-{level.value}{{--muc:{level.colour}}}\n"
        for level in policy.levels
        if _COLOUR.fullmatch(level.colour)
    )
