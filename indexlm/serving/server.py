"""Runs the service until a signal ends it."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

from indexlm.page import IndexLMError
from indexlm.serving.log import write_log
from indexlm.serving.service import Service

if TYPE_CHECKING:
    from types import FrameType

    import uvicorn

_CONNECTIONS = 512
_GRACE = 10  # seconds beside the limit of a page


def run_http(service: Service, host: str, port: int) -> None:
    """Serve HTTP. Raises `IndexLMError` where the address cannot be listened at."""
    try:
        from indexlm.serving.app import make_app

        _run(make_app(service), service, host, port)
    finally:
        service.close()


def run_mcp(service: Service, host: str, port: int) -> None:
    """Serve MCP: streamable HTTP at a host, or stdio without one."""
    try:
        from indexlm.serving.mcp import make_mcp, make_mcp_app

        if host:
            _run(make_mcp_app(service), service, host, port)
        else:
            make_mcp(service).run("stdio")
    finally:
        service.close()


def _run(app: Any, service: Service, host: str, port: int) -> None:
    import socket

    import uvicorn

    write_log(sys.stderr)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        raise IndexLMError(f"the service listens at a free address; {host} port {port} is none: {error}") from None
    # uvicorn passes the signal on when it is done; then this process has ended as it should.
    signal.signal(signal.SIGTERM, _exit)
    shown = f"[{host}]" if ":" in host else host
    print(f"http://{shown}:{listener.getsockname()[1]}/", file=sys.stderr, flush=True)
    with listener:
        uvicorn.Server(configure(app, service)).run(sockets=[listener])


def configure(app: Any, service: Service) -> uvicorn.Config:
    """How the application of a service is run."""
    import uvicorn

    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # `Guard` logs, without the address
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=int(service.limits.timeout) + _GRACE,
    )


def _exit(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
