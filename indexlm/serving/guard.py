"""What stands before every path: names and sites that may ask, the API key, headers of answers, one log line each."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from indexlm.serving.log import log
from indexlm.serving.problems import ProblemError, as_problem

if TYPE_CHECKING:
    from indexlm.serving.service import Service

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_PATHS = ("/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/extract", "/v1/batch", "/v1/blocks", "/mcp")
_OPEN_PATHS = ("/", "/healthz", "/readyz")  # they say nothing of any page
_DRAINED = 4  # times the most bytes of a request
_DRAIN_SECONDS = 2.0
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; sandbox",
}


def check_key(api_key: str, headers: Mapping[str, str]) -> None:
    """Raise `ProblemError` where neither `Authorization: Bearer` nor `X-API-Key` holds the key; in constant time."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    shown = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
    if not hmac.compare_digest(shown.encode("utf-8", "replace"), api_key.encode("utf-8", "replace")):
        detail = "the key of this service is sent as a bearer token"
        raise ProblemError("unauthorized", detail, {"WWW-Authenticate": "Bearer"})


def check_site(headers: Mapping[str, str]) -> None:
    """Raise `ProblemError` where a browser asks for a page of another site."""
    origin = headers.get("origin", "")
    is_other = origin and origin.partition("://")[2].lower() != headers.get("host", "").lower()
    if is_other or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise ProblemError("cross-site", "a page of another site asked; this service answers its own page alone")


class Guard:
    """ASGI middleware around all paths."""

    def __init__(self, app: App, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answers itself where a request may not pass, or where something failed that nobody foresaw."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        status = 0
        is_open = (b"expect", b"100-continue") not in scope["headers"]  # more of the request may come

        async def receive_guarded() -> Message:
            nonlocal is_open
            message = await receive()
            is_open = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def send_guarded(message: Message) -> None:
            nonlocal status, is_open
            if message["type"] == "http.response.body" and not message.get("more_body") and is_open and status != 408:
                is_open = False
                await _drain(receive_guarded, _DRAINED * self.service.limits.max_bytes)
            if message["type"] == "http.response.start":
                status = message["status"]
                names = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in _HEADERS.items() if name not in names]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        try:
            try:
                self._check(scope)
                await self.app(scope, receive_guarded, send_guarded)
            except Exception as error:
                if not isinstance(error, ProblemError):
                    log("failure", error=type(error).__name__, traceback=traceback.format_exc())
                if status == 0:
                    await _send_problem(scope, send_guarded, error)
        finally:
            self._record(scope, status, perf_counter() - began)

    def _check(self, scope: Mapping[str, Any]) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        hosts = self.service.access.hosts
        if hosts and _host_name(headers.get("host", "")) not in hosts:
            raise ProblemError("wrong-host", f"this service is asked by the name {' or '.join(hosts)}")
        if scope["path"] not in _OPEN_PATHS:
            check_site(headers)
            if self.service.access.api_key:
                check_key(self.service.access.api_key, headers)

    def _record(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        path: str = scope["path"]
        path = path if path in _PATHS else "/r/" if path.startswith("/r/") else "other"
        self.service.metrics.count_request(path, status, seconds)
        kind = scope.get("indexlm.problem")
        if kind:
            self.service.metrics.count_error(kind)
        log("request", method=scope["method"], path=path, status=status, ms=round(1000 * seconds, 1), problem=kind)


async def _drain(receive: Receive, most: int) -> None:
    """Read the rest of a refused request and forget it: a client that cannot write does not read the answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while most > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                most -= len(message["body"])


def _host_name(host: str) -> str:
    """A `Host` header -> its name in lower case, without the port."""
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).strip("[]").lower()


async def _send_problem(scope: MutableMapping[str, Any], send: Send, error: Exception) -> None:
    problem = as_problem(error)
    scope["indexlm.problem"] = problem.kind
    headers = [(b"content-type", b"application/problem+json")]
    headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.to_json()})
