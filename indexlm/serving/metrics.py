"""What the service counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from indexlm.serving.pool import Pool
from indexlm.serving.work import Measure

_STAGES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)  # seconds


class Metrics:
    """Counters and histograms of one service, in a registry of their own."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = r = CollectorRegistry()
        path, stage = ["path"], ["head", "stage"]
        self._requests = Counter("indexlm_requests", "Answers by path and status.", ["path", "status"], registry=r)
        self._seconds = Histogram("indexlm_request_seconds", "Of a request.", path, buckets=_STAGES, registry=r)
        self._waited = Histogram("indexlm_wait_seconds", "Until a process takes a page.", buckets=_STAGES, registry=r)
        self._stages = Histogram("indexlm_stage_seconds", "Of a page by stage.", stage, buckets=_STAGES, registry=r)
        self._pages = Counter("indexlm_pages", "Pages by head and who decided.", ["head", "decided_by"], registry=r)
        self._errors = Counter("indexlm_errors", "Problems by kind.", ["kind"], registry=r)
        waiting = Gauge("indexlm_waiting", "Pages that wait for a process.", ["pool"], registry=r)
        busy = Gauge("indexlm_busy", "Processes that work on a page.", ["pool"], registry=r)
        resident = Gauge("indexlm_process_bytes", "Memory of the processes.", ["pool"], registry=r)
        restarts = Gauge("indexlm_restarts", "Processes replaced, by cause.", ["pool", "cause"], registry=r)
        for name, pool in pools.items():
            waiting.labels(name).set_function(partial(getattr, pool, "waiting"))
            busy.labels(name).set_function(partial(getattr, pool, "busy"))
            resident.labels(name).set_function(partial(getattr, pool, "resident"))
            for cause in pool.restarts:
                restarts.labels(name, cause).set_function(partial(pool.restarts.__getitem__, cause))

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def count_pages(self, measures: Iterable[Measure], waited: float) -> None:
        """A page was extracted, once for each query."""
        self._waited.observe(waited)
        for measure in measures:
            self._pages.labels(measure.head, measure.decided_by or "nobody").inc()
            for stage, seconds in measure.seconds.items():
                self._stages.labels(measure.head, stage).observe(seconds)

    def count_error(self, kind: str) -> None:
        """A problem was answered."""
        self._errors.labels(kind).inc()

    def text(self) -> tuple[bytes, str]:
        """All of it as Prometheus reads it, and the content type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self.registry), CONTENT_TYPE_LATEST
