"""What a server counts, for Prometheus: requests, how long they took, refusals, and what each worker answers from.

Workers are processes: `nuanxin serve` gives them one folder (``PROMETHEUS_MULTIPROC_DIR``), in which
each keeps its counts, and whichever is asked adds them up. A worker that has ended leaves its counts
and takes its own state along.
"""

from __future__ import annotations

import hmac
import os
import re
import resource
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter, time
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from werkzeug.exceptions import Forbidden

from locator.errors import Refusal
from web.proxies import FORWARDED, Networks
from web.settings import Settings

if TYPE_CHECKING:
    from web.keeper import Keeper

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
OTHER = "other"
"""The route of what has none: whoever tries addresses must not make new rows."""
_PAGE = os.sysconf("SC_PAGE_SIZE")

bp = Blueprint("metrics", __name__)


class Metrics:
    """The counts of one application in one process."""

    def __init__(self) -> None:
        """Begin at nought."""
        self.registry = within = CollectorRegistry()
        self._requests = Counter("nuanxin_requests", "Requests answered.", ("route", "status"), registry=within)
        self._seconds = Histogram("nuanxin_request_seconds", "How long answers took.", ("route",), buckets=BUCKETS_S, registry=within)
        self._refusals = Counter("nuanxin_refusals", "Refusals, by what was wrong.", ("kind",), registry=within)
        self._version = self._of_worker("atlas_version", "The registry's version that each worker answers from.")
        self._sites = self._of_worker("atlas_sites", "Sites in each worker's atlas.")
        self._made = self._of_worker("atlas_made_timestamp_seconds", "When each worker's atlas was read.")
        self._looked = self._of_worker("registry_looked_timestamp_seconds", "When each worker last saw that the registry held nothing newer.")
        self._newest = self._of_worker("registry_version", "The registry's newest version that each worker has seen.")
        self._memory = self._of_worker("worker_resident_bytes", "Memory of each worker.")
        self._processor = self._of_worker("worker_processor_seconds", "Processor time of each worker.")
        self._kept: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def _of_worker(self, name: str, words: str) -> Gauge:
        return Gauge(f"nuanxin_{name}", words, multiprocess_mode="liveall", registry=self.registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        key = (route, status)
        kept = self._kept.get(key)
        if kept is None:  # finding a labelled child costs more than counting with it
            kept = self._kept[key] = (self._requests.labels(route, str(status)), self._seconds.labels(route))
        kept[0].inc()
        kept[1].observe(seconds)

    def refused(self, refusals: Iterable[Refusal]) -> None:
        """Count refusals by their classes."""
        for refusal in refusals:
            self._refusals.labels(type(refusal).__name__).inc()

    def look(self, current: Keeper) -> None:
        """Tell what this worker answers from; once a second, in the thread that looks at the registry."""
        if current.ready:
            atlas = current.held.atlas
            self._version.set(atlas.version)
            self._sites.set(len(atlas.sites))
            self._made.set(atlas.as_of.timestamp())
        age = current.age_s()
        if age is not None:
            self._looked.set(time() - age)
        self._newest.set(current.newest)
        self._memory.set(int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE)
        used = resource.getrusage(resource.RUSAGE_SELF)
        self._processor.set(used.ru_utime + used.ru_stime)

    def told(self) -> bytes:
        """Return everything counted by every worker."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return generate_latest(self.registry)
        for file in Path(folder).glob("gauge_live*.db"):
            pid = int(re.sub(r"\D", "", file.name))
            if not Path(f"/proc/{pid}").exists():
                mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
        together = CollectorRegistry()
        MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
        return generate_latest(together)


@bp.get("/metrics")
def told() -> Response:
    """Everything counted; for the operator's machines, or with the operator's token."""
    settings: Settings = current_app.extensions["settings"]
    if not (_from_here() or _has_token(settings.metrics_token)):
        raise Forbidden
    metrics: Metrics = current_app.extensions["metrics"]
    return Response(metrics.told(), 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE_LATEST)


def _from_here() -> bool:
    return FORWARDED not in request.environ and (request.remote_addr or "") in current_app.extensions["metrics_from"]


def _has_token(token: str | None) -> bool:
    said = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and said[0].lower() == "bearer" and hmac.compare_digest(said[2].strip().encode(), str(token).encode())


def init_app(app: Flask, settings: Settings) -> Metrics:
    """Count what an app answers."""
    metrics = app.extensions["metrics"] = Metrics()
    app.extensions["metrics_from"] = Networks(settings.metrics_from)
    app.register_blueprint(bp)

    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        # every use of the proxies would look the request up again
        rule = request.url_rule
        started = g.get("started")
        metrics.answered(rule.rule if rule is not None else OTHER, response.status_code, perf_counter() - started if started else 0.0)
        return response

    return metrics
