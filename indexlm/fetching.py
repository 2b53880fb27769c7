"""Pages from the web, from servers that are not to be trusted: limits of bytes, seconds and redirects, and no way in.

An address is resolved once, and the connection goes to the address that was checked: a name that changes what it
resolves to leads nowhere else. Bodies of redirects are not read, and compressed bodies are unpacked up to the limit.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import httpcore
import httpx

from indexlm.inputs.document import MAX_BYTES, Source, Warn
from indexlm.inputs.packed import too_large
from indexlm.page import IndexLMError
from indexlm.sources import REDIRECTS, TIMEOUT, Private, check_private

_MOST_LAYERS = 2  # of compression
_ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 47}  # by name, zlib's window bits
_HEADERS = {
    "User-Agent": "indexlm",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Encoding": "gzip, deflate",
}
_NAT64 = ip_network("64:ff9b::/96")


def fetch_once(url: str, *, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT, private: Private = "named") -> Source:
    """An http(s) address -> what its server answers, after at most `REDIRECTS` redirects in headers.

    Raises `IndexLMError` for an answer of more than `max_bytes`, packed or not, for one that is not there within
    `timeout` seconds, for a status from 400 on, and for a host at a local address that `private` does not allow.
    """
    check_private(private)
    deadline = monotonic() + timeout
    with _errors(url, deadline, timeout):
        named = httpx.URL(url).host
        allowed = {"never": (), "named": (named,), "always": None}[private]
        with (
            httpx.Client(transport=_Transport(allowed, deadline), headers=_HEADERS, timeout=None) as client,
            _answer(client, url) as response,
        ):
            return _read(response, url, max_bytes)


def is_local(address: str) -> bool:
    """Whether an IP address is none of the public internet: loopback, private, link-local, multicast, reserved.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) counts as itself.
    """
    ip = ip_address(address.partition("%")[0])
    return any(not inner.is_global or inner.is_multicast for inner in (ip, *_inside(ip)) if not _is_shell(inner))


def _inside(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(ip, IPv6Address):
        teredo = ip.teredo or ()
        embedded = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        yield from filter(None, (ip.ipv4_mapped, ip.sixtofour, *teredo, embedded))


def _is_shell(ip: IPv4Address | IPv6Address) -> bool:
    """Whether an address only holds another one, which is the one to be checked."""
    return isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip in _NAT64)


@contextmanager
def _errors(url: str, deadline: float, timeout: float) -> Iterator[None]:
    """Everything that a server or an address may raise, as `IndexLMError`."""
    late = IndexLMError(f"a page arrives within {timeout:g} seconds; {url} took longer")
    try:
        yield
    except IndexLMError:
        raise
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise late from None
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
        httpcore.ConnectionNotAvailable,
        httpx.HTTPError,
        httpx.InvalidURL,
        OSError,
        ValueError,  # of addresses and proxy settings
        ImportError,
    ) as error:
        if monotonic() > deadline:
            raise late from None
        raise IndexLMError(f"{url} cannot be fetched: {error}") from None


@contextmanager
def _answer(client: httpx.Client, url: str) -> Iterator[httpx.Response]:
    """An address -> the answer behind its redirects, whose bodies are not read."""
    request = client.build_request("GET", url)
    for _ in range(REDIRECTS + 1):
        response = client.send(request, stream=True)
        if response.next_request is None:
            try:
                yield response
            finally:
                response.close()
            return
        response.close()
        request = response.next_request
    raise IndexLMError(f"an address may redirect {REDIRECTS} times; {url} does more often")


def _read(response: httpx.Response, url: str, max_bytes: int) -> Source:
    if response.status_code >= 400:
        raise IndexLMError(f"a page is answered with status 200; {url} answered {response.status_code}")
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > max_bytes:
            raise too_large(url, max_bytes)
    content, is_cut = _unpacked(bytes(data), response.headers.get_list("content-encoding", True), url, max_bytes)
    if not content.strip():
        raise IndexLMError(f"a page holds HTML; {url} is empty")
    reason = Warn.TRUNCATED_INPUT.because("the compressed answer ends before its end")
    content_type = response.headers.get("content-type", "")
    return Source(content, str(response.url), content_type=content_type, warnings=(reason,) if is_cut else ())


def _unpacked(data: bytes, encodings: Iterable[str], url: str, max_bytes: int) -> tuple[bytes, bool]:
    """A body and the names of its compressions, the first one innermost -> what is inside, and whether it is cut."""
    layers = [name.lower() for name in encodings if name and name.lower() != "identity"]
    if len(layers) > _MOST_LAYERS or any(name not in _ENCODINGS for name in layers):
        raise IndexLMError(
            f"an answer is packed with gzip or deflate, at most {_MOST_LAYERS} times; {url} says {', '.join(layers)!r}"
        )
    is_cut = False
    for name in reversed(layers):
        data, is_whole = _inflate(data, _ENCODINGS[name], max_bytes)
        is_cut |= not is_whole
        if len(data) > max_bytes:
            raise too_large(f"{url}, unpacked,", max_bytes)
    return data, is_cut


def _inflate(data: bytes, window_bits: int, max_bytes: int) -> tuple[bytes, bool]:
    """Compressed bytes -> at most `max_bytes` and one of what is inside, and whether that is all of it."""
    out = bytearray()
    while data and len(out) <= max_bytes:
        unpacker = zlib.decompressobj(wbits=window_bits)
        try:
            for start in range(0, len(data), 1 << 16):
                out += unpacker.decompress(data[start : start + (1 << 16)], max_bytes + 1 - len(out))
                if unpacker.eof or len(out) > max_bytes:
                    break
        except zlib.error as error:
            if window_bits == 47 and not out:
                return _inflate(data, -15, max_bytes)  # deflate without its header, as some servers send it
            if not out:
                raise IndexLMError(f"a packed answer can be unpacked; this one cannot: {error}") from None
            return bytes(out), False
        if not unpacker.eof:
            return bytes(out), False
        data = unpacker.unused_data + data[start + (1 << 16) :]
        if not data.startswith(b"\x1f\x8b"):  # another member of gzip data
            break
    return bytes(out), True


class _Transport(httpx.BaseTransport):
    """httpx over connections with a deadline, to allowed hosts. `allowed`: the local ones; None: all."""

    def __init__(self, allowed: tuple[str, ...] | None, deadline: float) -> None:
        self.allowed = allowed
        self.deadline = deadline
        self.pools: list[httpcore.ConnectionPool] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https"):
            raise IndexLMError(f"an address starts with http:// or https://; found {str(url)!r}")
        pool = self._pool(url.scheme, url.host)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        response = pool.handle_request(httpcore.Request(b"GET", target, headers=request.headers.raw))
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def _pool(self, scheme: str, host: str) -> httpcore.ConnectionPool:
        from urllib.request import getproxies, proxy_bypass

        proxies = getproxies()
        proxy = None if proxy_bypass(host) else proxies.get(scheme) or proxies.get("all")
        context = httpx.create_ssl_context()
        if proxy:
            _check_behind_proxy(host, self.allowed, self.deadline)
            proxy = proxy if "://" in proxy else f"http://{proxy}"
            settings = httpx.Proxy(proxy)
            auth = None if settings.raw_auth is None else settings.raw_auth
            backend = _Backend(None, self.deadline)
            pool: httpcore.ConnectionPool = httpcore.HTTPProxy(
                proxy_url=str(settings.url), proxy_auth=auth, ssl_context=context, network_backend=backend
            )
        else:
            pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_Backend(self.allowed, self.deadline))
        self.pools.append(pool)
        return pool

    def close(self) -> None:
        for pool in self.pools:
            pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self.response.iter_stream()

    def close(self) -> None:
        self.response.close()


class _Backend(httpcore.NetworkBackend):
    """Connections to checked addresses that end at the deadline."""

    def __init__(self, allowed: tuple[str, ...] | None, deadline: float) -> None:
        self.allowed = allowed
        self.deadline = deadline
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolve(host, port, self.deadline)
        if self.allowed is not None and host not in self.allowed:
            _check_public(host, addresses)
        for i, address in enumerate(addresses):
            try:
                stream = self.plain.connect_tcp(address, port, _remaining(self.deadline), local_address, socket_options)
                return _Stream(stream, self.deadline)
            except httpcore.ConnectError:
                if i == len(addresses) - 1:
                    raise
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    """A connection each of whose steps ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _remaining(self.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _remaining(self.deadline))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self.stream.start_tls(ssl_context, server_hostname, _remaining(self.deadline))
        return _Stream(stream, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def _remaining(deadline: float) -> float:
    """The seconds to a deadline. Raises a timeout where it is over."""
    if (seconds := deadline - monotonic()) <= 0:
        raise httpcore.ReadTimeout
    return seconds


def _resolve(host: str, port: int, deadline: float) -> list[str]:
    """A host -> its IP addresses. In a thread, since nothing else ends a slow look-up."""
    answers: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        addresses = answers.get(timeout=_remaining(deadline))
    except Empty:
        raise httpcore.ConnectTimeout from None
    if isinstance(addresses, Exception):
        raise httpcore.ConnectError(str(addresses)) from None
    return addresses


def _check_public(host: str, addresses: Iterable[str]) -> None:
    """Raise `IndexLMError` for a host of which one address is local: it could be the one that is asked."""
    if local := next(filter(is_local, addresses), ""):
        named = host if host == local else f"{host} is {local} and"
        raise IndexLMError(f"a page is fetched from public addresses; {named} is a local one")


def _check_behind_proxy(host: str, allowed: tuple[str, ...] | None, deadline: float) -> None:
    """`_check_public` for a host that a proxy asks; a name that only the proxy resolves is the proxy's matter."""
    if allowed is None or host in allowed:
        return
    try:
        addresses = _resolve(host, 80, deadline)
    except httpcore.ConnectError:
        return
    _check_public(host, addresses)
