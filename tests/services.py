"""Services that run in a thread of the tests, on free ports of the loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest

pytest.importorskip("fastapi", reason="needs the extra serve: fastapi")
pytest.importorskip("prometheus_client", reason="needs the extra serve: prometheus-client")
uvicorn = pytest.importorskip("uvicorn", reason="needs the extra serve: uvicorn")

from indexlm.serving.app import make_app  # noqa: E402
from indexlm.serving.server import configure  # noqa: E402
from indexlm.serving.service import Access, Limits, Service  # noqa: E402


class Running(NamedTuple):
    """A service, the port that it listens at, and a client of it."""

    service: Service
    port: int
    client: httpx.Client


def running(
    limits: Limits,
    access: Access = Access(),  # noqa: B008
    heads: tuple[str, ...] = ("trees",),
) -> AbstractContextManager[Running]:
    """A service that answers HTTP until the block ends."""
    return serving(make_app, limits, access, heads)


@contextmanager
def serving(
    make: Callable[[Service], Any], limits: Limits, access: Access, heads: tuple[str, ...]
) -> Iterator[Running]:
    """A service whose application is made by `make`."""
    service = Service(limits, access, heads)
    server = uvicorn.Server(configure(make(service), service))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                until(lambda: server.started)
                yield Running(service, port, client)
        finally:
            server.should_exit = True
            thread.join()
            service.close()


def until(is_so: Any, seconds: float = 60) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def half_request(port: int, body: bytes, path: str = "/v1/extract") -> socket.socket:
    """A connection on which a request was begun: of its body, the last byte is missing."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body[:-1])
    return connection


def read_all(connection: socket.socket) -> bytes:
    """What is answered until the other side closes."""
    data = b""
    with connection:
        while part := connection.recv(65536):
            data += part
    return data


@contextmanager
def website(answers: dict[str, tuple[int, dict[str, str], bytes]]) -> Iterator[str]:
    """A server on the loopback with an answer for each path -> its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
