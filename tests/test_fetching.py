"""Fetching from servers that mean harm: real sockets on this machine."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import pytest

from indexlm.fetching import is_local
from indexlm.inputs.read import read_document
from indexlm.page import IndexLMError
from indexlm.sources import fetch

Answer = Callable[[socket.socket, str], None]
PAGE = b"<body><p>Some words of a page.</p></body>"


class Server:
    """A server that lets a function write each answer; `paths` are what was asked for, `sent` the bytes that went."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.paths: list[str] = []
        self.sent = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            data = b""
            while b"\r\n\r\n" not in data and (more := connection.recv(4096)):
                data += more
            path = data.split(b" ")[1].decode() if data else ""
            self.paths.append(path)
            with contextlib.suppress(OSError):  # the reader has gone
                self.answer(connection, path)


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    servers: list[Server] = []

    def start(answer: Answer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.socket.close()


def head(status: str = "200 OK", *fields: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *fields, "", ""]).encode()


def packed(body: bytes, encoding: str) -> Answer:
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(head("200 OK", f"Content-Encoding: {encoding}") + body)

    return answer


def drip(first: bytes, piece: bytes) -> Answer:
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(first)
        for _ in range(1000):
            connection.sendall(piece)
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"HTTP/1.1 200 OK\r\n", b"a"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        drip(head(), b"<p>"),
        drip(head("200 OK", "Transfer-Encoding: chunked"), b"1\r\na\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["a header", "headers", "a body", "chunks", "continue"],
)
def test_an_answer_that_drips_ends_with_the_total_time(serve: Callable[[Answer], Server], answer: Answer) -> None:
    server, began = serve(answer), time.monotonic()
    with pytest.raises(IndexLMError, match=r"arrives within 0\.3 seconds"):
        fetch(server.url, timeout=0.3)
    assert time.monotonic() - began < 3


def test_an_answer_that_never_comes_ends_with_the_total_time(serve: Callable[[Answer], Server]) -> None:
    with pytest.raises(IndexLMError, match=r"arrives within 0\.2 seconds"):
        fetch(serve(lambda connection, path: time.sleep(3)).url, timeout=0.2)


BOMB = gzip.compress(b"<p>" + b"a" * 3_000_000)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BOMB, "gzip"),
        (gzip.compress(BOMB), "gzip, gzip"),
        (zlib.compress(b"<p>" + b"a" * 3_000_000), "deflate"),
        (BOMB, ""),  # unpacked as a page that is gzip data itself
    ],
    ids=["gzip", "twice", "deflate", "undeclared"],
)
def test_a_bomb_is_unpacked_to_the_limit_and_no_further(
    serve: Callable[[Answer], Server], body: bytes, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexlm.inputs.document.MAX_BYTES", 100_000)
    with pytest.raises(IndexLMError, match="has more"):
        read_document(fetch(serve(packed(body, encoding)).url, max_bytes=100_000))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip, gzip", "nothing-known"])
def test_a_compression_that_was_not_asked_for_is_refused(serve: Callable[[Answer], Server], encoding: str) -> None:
    with pytest.raises(IndexLMError, match="gzip or deflate, at most 2 times"):
        fetch(serve(packed(BOMB, encoding)).url)


def test_what_is_packed_is_read_and_a_cut_body_says_so(serve: Callable[[Answer], Server]) -> None:
    raw = zlib.compressobj(wbits=-15)
    for body, encoding in [
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), "x-gzip"),
        (gzip.compress(gzip.compress(PAGE)), "gzip, gzip"),
        (zlib.compress(PAGE), "deflate"),
        (raw.compress(PAGE) + raw.flush(), "deflate"),
    ]:
        source = fetch(serve(packed(body, encoding)).url)
        assert (source.content, source.warnings) == (PAGE, ())
    long = b"".join(b"<p>Paragraph %d of the page.</p>" % i for i in range(2000))
    cut = fetch(serve(packed(gzip.compress(long)[:4000], "gzip")).url)
    assert long.startswith(cut.content)  # type: ignore[arg-type]
    assert any("truncated input" in warning for warning in read_document(cut).warnings)


def test_a_gzip_header_without_end_stops_at_the_limit(serve: Callable[[Answer], Server]) -> None:
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(head("200 OK", "Content-Encoding: gzip") + b"\x1f\x8b\x08\x08\0\0\0\0\0\0")
        for _ in range(1000):
            connection.sendall(b"n" * 10_000)

    with pytest.raises(IndexLMError, match="has more"):
        fetch(serve(answer).url, max_bytes=100_000)


def test_the_body_of_a_redirect_is_not_read(serve: Callable[[Answer], Server]) -> None:
    sent = 0

    def answer(connection: socket.socket, path: str) -> None:
        nonlocal sent
        if path != "/":
            connection.sendall(head() + PAGE)
            return
        connection.sendall(head("302 Found", "Location: /page", "Content-Length: 100000000"))
        for _ in range(100):
            sent += connection.send(b"x" * 1_000_000)

    server = serve(answer)
    assert fetch(server.url).content == PAGE
    assert server.paths == ["/", "/page"]
    assert sent < 50_000_000


def test_redirects_to_local_addresses_are_refused(serve: Callable[[Answer], Server]) -> None:
    inner = serve(lambda connection, path: connection.sendall(head() + PAGE))
    for target in (f"http://localhost:{inner.port}/", f"http://[::ffff:127.0.0.1]:{inner.port}/"):
        for redirect in (
            head("302 Found", f"Location: {target}"),
            head() + f'<meta http-equiv="refresh" content="0; url={target}"><p>Moved</p>'.encode(),
        ):
            outer = serve(lambda connection, path, redirect=redirect: connection.sendall(redirect))  # type: ignore[misc]
            with pytest.raises(IndexLMError, match="public addresses"):
                fetch(outer.url)
    assert inner.paths == []
    outer = serve(lambda connection, path: connection.sendall(head("302 Found", f"Location: {inner.url}")))
    assert fetch(outer.url).content == PAGE  # the host that was named, at another port
    assert fetch(outer.url, private="always").content == PAGE
    for address in (outer.url, f"http://localhost:{inner.port}", f"http://2130706433:{inner.port}/"):
        with pytest.raises(IndexLMError, match="public addresses"):
            fetch(address, private="never")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "http://", "//"])
def test_a_redirect_leads_to_the_web_alone(serve: Callable[[Answer], Server], target: str) -> None:
    with pytest.raises(IndexLMError):
        fetch(serve(lambda connection, path: connection.sendall(head("302 Found", f"Location: {target}"))).url)


LOCAL = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 192.0.2.1
198.18.0.1 240.0.0.1 ::1 ::
fe80::1 fe80::1%eth0 fc00::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1
"""
PUBLIC = "8.8.8.8 93.184.216.34 2606:4700:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808 2a00:1450:4001::1"


def test_which_addresses_are_local() -> None:
    assert [address for address in LOCAL.split() if not is_local(address)] == []
    assert [address for address in PUBLIC.split() if is_local(address)] == []


def test_broken_answers_are_one_clear_error(serve: Callable[[Answer], Server]) -> None:
    for data in (b"", b"nonsense\r\n\r\n", b"HTTP/9 x\r\n\r\n", b"HTTP/1.1 200 OK\r\nA" + b"b" * 300_000):
        with pytest.raises(IndexLMError):
            fetch(serve(lambda connection, path, data=data: connection.sendall(data)).url, timeout=2)  # type: ignore[misc]
    for status in ("404 Not Found", "500 Oops"):
        with pytest.raises(IndexLMError, match=status[:3]):
            fetch(serve(lambda connection, path, status=status: connection.sendall(head(status))).url)  # type: ignore[misc]
    for address in ("http://", "http://[", "http://a b/", "http://x:99999/", "ftp://x/"):
        with pytest.raises(IndexLMError):
            fetch(address)
