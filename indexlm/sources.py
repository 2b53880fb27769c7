"""Where pages come from: files, folders, standard input and the web."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from indexlm.html.decode import decode
from indexlm.page import IndexLMError

MAX_BYTES = 32 * 1024 * 1024
_TIMEOUT = 20.0  # seconds for a whole request
_REDIRECTS = 5
_SUFFIXES = frozenset([".html", ".htm", ".xhtml", ".xht"])
_FORMATS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PK\x03\x04": "a ZIP archive (or an Office document)",
    b"\x1f\x8b": "gzip data",
    b"\x7fELF": "a program",
}
_CONTROLS = bytes({*range(32)} - {*b"\t\n\f\r\x1b"})  # bytes that no text has, in any encoding but UTF-16 and -32
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Source(NamedTuple):
    """A page's text, and its address where it came from the web."""

    html: str
    url: str = ""


def expand(inputs: Iterable[str]) -> Iterator[str]:
    """Inputs -> the same, with the HTML files of a folder, at any depth and in sorted order, in its place."""
    for source in inputs:
        if not source.strip():
            raise IndexLMError(f"an input is a file, a folder, - or an http(s) address; found {source!r}")
        if source != "-" and not _is_url(source) and os.path.isdir(source):
            files = sorted(str(p) for p in Path(source).rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())
            if not files:
                raise IndexLMError(f"a folder holds .html, .htm or .xhtml files; {source} has none")
            yield from files
        else:
            yield source


def load(source: str) -> Source:
    """`-`, an http(s) address or a file -> its page. Raises `IndexLMError` for what is no HTML page."""
    if _is_url(source):
        return fetch(source)
    if source == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            with open(source, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise IndexLMError(
                f"an input is a file, a folder, - or an http(s) address; there is no {source!r}"
            ) from None
        except (OSError, ValueError) as error:
            excerpt = source if len(source) <= 80 else source[:77] + "..."
            reason = getattr(error, "strerror", None) or error
            raise IndexLMError(f"{excerpt} cannot be read: {reason}") from None
    return Source(_decoded(data, "standard input" if source == "-" else source))


def fetch(url: str) -> Source:
    """An http(s) address -> its page: at most `MAX_BYTES`, in 20 seconds, with 5 redirects."""
    from time import monotonic

    import httpx

    deadline = monotonic() + _TIMEOUT

    def check(response: httpx.Response | None = None) -> None:
        if monotonic() > deadline:
            raise IndexLMError(f"a page arrives within {_TIMEOUT:g} seconds; {url} took longer")

    headers = {"User-Agent": "indexlm", "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"}
    try:
        with (
            httpx.Client(
                follow_redirects=True,
                max_redirects=_REDIRECTS,
                timeout=_TIMEOUT,
                headers=headers,
                event_hooks={"response": [check]},
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code >= 400:
                raise IndexLMError(f"a page is answered with status 200; {url} answered {response.status_code}")
            data = bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > MAX_BYTES:
                    break
                check()
            content_type = response.headers.get("content-type", "")
            return Source(_decoded(bytes(data), url, content_type), str(response.url))
    except httpx.TooManyRedirects:
        raise IndexLMError(f"an address may redirect {_REDIRECTS} times; {url} does more often") from None
    except httpx.TimeoutException:
        raise IndexLMError(f"a page arrives within {_TIMEOUT:g} seconds; {url} took longer") from None
    except IndexLMError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError) as error:  # of addresses and proxy settings
        raise IndexLMError(f"{url} cannot be fetched: {error}") from None


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _decoded(data: bytes, name: str, content_type: str = "") -> str:
    """A page's bytes -> its text. Raises `IndexLMError` for more than `MAX_BYTES` and for what is no page."""
    if len(data) > MAX_BYTES:
        raise IndexLMError(f"a page has at most {MAX_BYTES // 2**20} MiB; {name} has more")
    if not data.strip():
        raise IndexLMError(f"a page holds HTML; {name} is empty")
    for mark, what in _FORMATS.items():
        if data.startswith(mark):
            raise IndexLMError(f"a page is HTML; {name} is {what}")
    start = data[:2048]
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if not start.startswith(_WIDE) and "utf-16" not in content_type.lower() and controls > 3 + len(start) // 50:
        raise IndexLMError(
            f"a page is HTML; {name} is binary data ({controls} control bytes in its first {len(start)})"
        )
    return decode(data, content_type)
