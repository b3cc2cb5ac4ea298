"""The dashboard's routers in one, its static files and the colours of the levels."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dashboards import live
from dashboards.render import STATIC, sheet_of
from dashboards.styles import ADDRESS, level_css
from dashboards.views import (
    account,
    channels_page,
    confirm,
    corrections,
    evidence,
    feedback,
    incident_end,
    incident_proof,
    incidents,
    intake,
    intake_door,
    keywords,
    look,
    mentions,
    my_account,
    notices,
    overview,
    people,
    phone,
    plan,
    public_form,
    push,
    records,
    reports,
    saved_filters,
    settings_page,
    source_add,
    sources,
    statement_acts,
    statements,
    stories,
    story_hand,
    triage,
    unit_names,
    users,
)
from dashboards.visitor import Served
from dashboards.wire import StaticAssets, version_in


def build_router() -> APIRouter:
    """Return every page; none of them is part of the API's document."""
    router = APIRouter(include_in_schema=False)
    for part in (
        account,
        my_account,
        users,
        channels_page,
        settings_page,
        look,
        overview,
        incidents,
        incident_proof,
        incident_end,
        evidence,
        confirm,
        phone,
        intake_door,
        intake,
        public_form,
        notices,
        triage,
        saved_filters,
        mentions,
        corrections,
        stories,
        story_hand,
        people,
        unit_names,
        source_add,  # before the page of one source, whose address would hold it
        sources,
        keywords,
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
    router.add_api_route(ADDRESS, whole_style, methods=["GET"])
    router.add_api_route("/muc-do.css", level_styles, methods=["GET"])
    return router


def static_files() -> StaticAssets:
    """Return the application that serves style, script and mark."""
    return StaticAssets(STATIC)


async def whole_style(request: Request, services: Served) -> Response:
    """Return our style sheet and the colours of the playbook's levels in one."""
    sheet = sheet_of(services.policy)
    return sheet.answer(request.headers, version_in(request.scope["query_string"]))


def level_styles(services: Served) -> Response:
    """Return the colours of the playbook's levels, which are data."""
    return Response(
        level_css(services.policy),
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=300"},
    )
