"""/healthz for whoever restarts us and /metrics for Prometheus; counts only, so open to all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from api.auth import Served
from api.schemas.system import HealthOut
from langnghe.core.liveness import liveness
from langnghe.core.policy.model import Policy
from langnghe.core.store.marks import heartbeats
from langnghe.core.store.queries.system import Counts, counts

router = APIRouter(tags=["system"])
_STAGES = {0: "new", 1: "read", 2: "done"}


@router.get(
    "/healthz",
    operation_id="healthz",
    summary="Hệ thống có đang nghe không",
    responses={503: {"model": HealthOut, "description": "Có khâu đứng yên"}},
)
def healthz(request: Request, response: Response, services: Served) -> HealthOut:
    """Answer 200 while listening, 503 when a stage stands still or the database is away."""
    with services.store.read() as session:
        beats = heartbeats(session)
    found = liveness(
        beats,
        started=request.app.state.started,
        now=services.clock.now(),
        limit_s=services.settings.stalled_after_s,
    )
    response.headers["Cache-Control"] = "no-store"
    if found.state == "stalled":
        response.status_code = 503
    return HealthOut(state=found.state, database="ok", stalled=list(found.stalled), beats=beats)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Số đo cho Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
def metrics(services: Served) -> Response:
    """Return the counts in Prometheus' text form."""
    with services.store.read() as session:
        found = counts(session)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counted(found, services.policy, services.clock.now()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Counted(Collector):
    def __init__(self, found: Counts, policy: Policy, now: datetime) -> None:
        self._found, self._policy, self._now = found, policy, now

    def collect(self) -> Iterable[Metric]:
        """Yield one family a kind of thing."""
        found = self._found
        mentions = GaugeMetricFamily(
            "langnghe_mentions", "Mentions by the stage they reached.", labels=["stage"]
        )
        for stage, name in _STAGES.items():
            mentions.add_metric([name], found.mentions.get(stage, 0))
        yield mentions
        yield GaugeMetricFamily("langnghe_stories", "Stories.", value=found.stories)
        incidents = GaugeMetricFamily(
            "langnghe_incidents", "Incidents by level and state.", labels=["level", "state"]
        )
        for (level, state), number in sorted(found.incidents.items()):
            incidents.add_metric([self._policy.level(level).id, state], number)
        yield incidents
        for name, help_text, table in (
            ("langnghe_outbox", "Messages by state.", found.outbox),
            ("langnghe_sources", "Switched-on sources by health.", found.sources),
        ):
            family = GaugeMetricFamily(name, help_text, labels=["state"])
            for state, number in sorted(table.items()):
                family.add_metric([state], number)
            yield family
        ages = GaugeMetricFamily(
            "langnghe_stage_age_seconds", "Seconds since a stage last finished.", labels=["stage"]
        )
        for stage_name, at in sorted(found.beats.items()):
            ages.add_metric([stage_name], max(0.0, (self._now - at).total_seconds()))
        yield ages
