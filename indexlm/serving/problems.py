"""What goes wrong in the service, as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from indexlm.page import IndexLMError
from indexlm.parallel import MemoryLimitError, TimeLimitError
from indexlm.serving.pool import WorkerDiedError

_CLOSE = {"Connection": "close"}


class Kind(NamedTuple):
    """A kind of problem: the HTTP status, and a title that is the same each time."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "invalid-request": Kind(422, "The request is not valid"),
    "unreadable-page": Kind(422, "The page cannot be read"),
    "unauthorized": Kind(401, "An API key is needed"),
    "cross-site": Kind(403, "Other sites may not ask this service"),
    "fetch-off": Kind(403, "This service fetches no addresses"),
    "not-found": Kind(404, "There is no such path"),
    "method-not-allowed": Kind(405, "The path has no such method"),
    "slow-body": Kind(408, "The request arrives too slowly"),
    "too-large": Kind(413, "The request is too large"),
    "page-memory": Kind(413, "The page needs too much memory"),
    "unsupported-encoding": Kind(415, "The request is compressed"),
    "wrong-host": Kind(421, "This service has another name"),
    "client-gone": Kind(499, "The client has gone"),
    "queue-full": Kind(429, "Too many requests wait"),
    "internal": Kind(500, "The service failed"),
    "page-crash": Kind(500, "The page ended its process"),
    "fetch-failed": Kind(502, "The address cannot be fetched"),
    "closing": Kind(503, "The service is closing"),
    "page-timeout": Kind(504, "The page takes too long"),
}


class ProblemError(Exception):
    """A problem of one of `KINDS`; `detail` is one sentence about this case, `headers` are those of the answer."""

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None, **fields: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.fields = fields

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind].status

    def to_dict(self) -> dict[str, Any]:
        """The problem as RFC 9457 has it."""
        kind = KINDS[self.kind]
        problem = {"type": f"urn:indexlm:{self.kind}", "title": kind.title, "status": kind.status}
        return problem | {"detail": self.detail} | self.fields

    def to_json(self) -> bytes:
        """The problem as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False).encode("utf-8", "replace")


def as_problem(error: Exception) -> ProblemError:
    """Whatever a page's process raises -> the problem. Of unforeseen errors the client learns nothing but that."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, TimeLimitError):
        return ProblemError("page-timeout", str(error))
    if isinstance(error, MemoryLimitError):
        return ProblemError("page-memory", str(error))
    if isinstance(error, WorkerDiedError):
        return ProblemError("page-crash", str(error))
    if isinstance(error, IndexLMError):
        return ProblemError("unreadable-page", str(error))
    return ProblemError("internal", "the service failed on this request; its log says why")


def too_large(limit: int) -> ProblemError:
    """A request, or a line of a batch, of more bytes than the limit."""
    detail = f"a request, or a line of a batch, has at most {limit} bytes; this one has more"
    return ProblemError("too-large", detail, _CLOSE)


def gone() -> ProblemError:
    """A client that waits no longer."""
    return ProblemError("client-gone", "the client has gone")


def too_slow(seconds: float) -> ProblemError:
    """A request that does not arrive in time."""
    return ProblemError("slow-body", f"a request arrives within {seconds:g} seconds; this one did not", _CLOSE)
