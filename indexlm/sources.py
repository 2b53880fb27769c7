"""Where pages come from: files, folders, standard input and the web."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sized
from pathlib import Path, PurePath
from time import monotonic
from typing import Literal, NamedTuple, cast, get_args

from indexlm.addresses import host_of
from indexlm.html.parse import find_body, parse
from indexlm.inputs.document import MAX_BYTES, Source
from indexlm.inputs.frames import find_refresh
from indexlm.inputs.packed import too_large
from indexlm.inputs.read import OTHER_SUFFIXES, WEB_SUFFIXES
from indexlm.page import IndexLMError
from indexlm.patterns import late
from indexlm.text import word_set

TIMEOUT = 20.0
"""Seconds for a whole page: names, connections, redirects, headers and body."""
REDIRECTS = 5
Private = Literal["named", "never", "always"]
"""Which hosts at private, loopback and other local addresses are asked: the one that the caller names, none, or all."""
_MOST_OF_REDIRECT = 20_000  # bytes of a page that only leads to another
_MOST_TEXT_OF_REDIRECT = 500
_VIEW_SOURCE = "view-source:"
# A page's first bytes, where the suffix leaves it open.
_PAGE = late(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--|<(?:!doctype\s+html|html|head|body|meta|title)\b"
    rb"|<\?xml[^>]*>\s*(?:<!--.*?-->\s*|<\?[^>]*>\s*)*<(?:!doctype html|html|rss|feed|rdf:RDF)\b"
    rb"|\x1f\x8b|(?:From |MIME-Version:|Received:|Return-Path:|Delivered-To:|Message-ID:))",
    re.IGNORECASE | re.DOTALL,
)
_KNOWN_OTHERS = word_set(
    ".css .js .mjs .png .jpg .jpeg .gif .svg .webp .ico .woff .woff2 .ttf .pdf .zip .map .mp4 .mp3 .gz"
)


class Inputs(NamedTuple):
    """The inputs that were named, with folders opened.

    paths: the inputs themselves.
    places: of each, the relative path without suffix that its output has in a folder.
    skipped: the files of folders that are no pages.
    """

    paths: list[str]
    places: list[PurePath]
    skipped: list[str]


def find_inputs(inputs: Iterable[str]) -> Inputs:
    """Inputs -> the same, with the pages of a folder, at any depth and in sorted order, in its place.

    Of a folder, pages, letters and feeds are taken by their suffix, and files without a suffix or with an unknown one
    by their first bytes. A folder without one is an input that `load` refuses; it is refused here where it is alone.
    """
    taken = Inputs([], [], [])
    empty: IndexLMError | None = None
    for source in inputs:
        if not source.strip():
            raise IndexLMError(f"an input is a file, a folder, - or an http(s) address; found {source!r}")
        if source != "-" and not is_url(source) and os.path.isdir(source):
            files = sorted(str(path) for path in Path(source).rglob("*") if path.is_file())
            pages = [path for path in files if _is_page(path)]
            if not pages:
                empty = empty or _without_pages(source, files)
            taken.paths.extend(pages or [source])
            taken.places.extend(_place(os.path.relpath(path, source)) for path in pages or [source])
            taken.skipped.extend(sorted({*files} - {*pages}))
        else:
            taken.paths.append(source)
            name = "stdin" if source == "-" else source.rstrip("/").replace("\\", "/").rpartition("/")[2]
            taken.places.append(_place(name.partition("?")[0] if is_url(source) else name))
    if empty and len(taken.paths) == 1:
        raise empty
    return taken


def _without_pages(folder: str, files: Sized) -> IndexLMError:
    return IndexLMError(f"a folder holds pages such as .html files; {folder} has none in {len(files)} files")


def expand(inputs: Iterable[str]) -> Iterator[str]:
    """The `paths` of `find_inputs`."""
    return iter(find_inputs(inputs).paths)


def _place(path: str) -> PurePath:
    place = PurePath(path)
    stem = PurePath(place.name.removesuffix(".gz")).stem[:100] or "page"
    return place.parent / stem


def _suffix(path: str) -> str:
    """A file's suffix in lower case; what a crawler writes behind it (`page.php?id=3`) is no part of it."""
    return PurePath(re.split(r"[?@#]", PurePath(path).name)[0]).suffix.lower()


def _is_page(path: str) -> bool:
    name = PurePath(path).name.lower()
    suffix = _suffix(name.removesuffix(".gz"))
    if suffix in WEB_SUFFIXES:
        return True
    if suffix in (OTHER_SUFFIXES - {".xml", ".rdf"}) | _KNOWN_OTHERS or name.startswith("."):
        return False
    try:
        with open(path, "rb") as file:
            return _PAGE.match(file.read(2048)) is not None
    except OSError:
        return False


def load(source: str, *, max_bytes: int | None = None, private: Private = "named") -> Source:
    """`-`, an http(s) address or a file -> what it holds. Raises `IndexLMError` for what cannot be read.

    `max_bytes` and `private` are those of `fetch`.
    """
    if is_url(source):
        url = source[len(_VIEW_SOURCE) :] if source.lower().startswith(_VIEW_SOURCE) else source
        return fetch(url, max_bytes=max_bytes, private=private)
    if source == "-":
        return Source(_filled(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input"), name="standard input")
    if os.path.isdir(source):
        raise _without_pages(source, [path for path in Path(source).rglob("*") if path.is_file()])
    return read_file(source)


def read_file(path: str | bytes) -> Source:
    """A file -> what it holds. Raises `IndexLMError` for one that cannot be read or is empty."""
    name = os.fsdecode(path)
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise IndexLMError(f"an input is a file, a folder, - or an http(s) address; there is no {name!r}") from None
    except (OSError, ValueError) as error:
        excerpt = name if len(name) <= 80 else name[:77] + "..."
        reason = getattr(error, "strerror", None) or error
        raise IndexLMError(f"{excerpt} cannot be read: {reason}") from None
    return Source(_filled(data, name), name=name)


def _filled(data: bytes, name: str) -> bytes:
    """The bytes of an input. Raises `IndexLMError` for none, and for more than `MAX_BYTES`."""
    if not data.strip():
        raise IndexLMError(f"a page holds HTML; {name} is empty")
    if len(data) > MAX_BYTES:
        raise too_large(name)
    return data


def fetch(url: str, *, max_bytes: int | None = None, timeout: float = TIMEOUT, private: Private = "named") -> Source:
    """An http(s) address -> its page, behind at most `REDIRECTS` redirects in headers and in HTML.

    max_bytes: the most bytes of a page, packed and unpacked; None: `MAX_BYTES`.
    timeout: the most seconds for all of it.
    private: which hosts at local addresses (loopback, private …) may be asked: the one that is `named` in `url`, none
        (`never`), or all (`always`). A service fetches what strangers name with `never`.

    Raises `IndexLMError` for what breaks a limit, and for what cannot be fetched.
    """
    from indexlm.fetching import fetch_once

    deadline = monotonic() + timeout
    most = MAX_BYTES if max_bytes is None else min(max_bytes, MAX_BYTES)
    source, host = fetch_once(url, max_bytes=most, timeout=timeout, private=private), host_of(url)
    for _ in range(REDIRECTS):
        target = _leads_to(source)
        if not target:
            return source
        if (remaining := deadline - monotonic()) <= 0:
            raise IndexLMError(f"a page arrives within {timeout:g} seconds; {url} took longer")
        of_target: Private = "never" if private == "named" and host_of(target) != host else private
        source = fetch_once(target, max_bytes=most, timeout=remaining, private=of_target)
    raise IndexLMError(f"an address may redirect {REDIRECTS} times; {url} does more often")


def check_private(private: str) -> Private:
    """The same as one of `Private`. Raises `IndexLMError` for another."""
    for name in get_args(Private):
        if private == name:
            return cast(Private, name)
    raise IndexLMError(f"private is {', '.join(get_args(Private))}; found {private!r}")


def _leads_to(source: Source) -> str:
    """The http(s) address that a page without much text refreshes to; nothing for another page."""
    assert isinstance(source.content, bytes)
    if len(source.content) > _MOST_OF_REDIRECT or b"http-equiv" not in source.content.lower():
        return ""
    root = parse(source.content.decode("latin-1"))
    if root is None:
        return ""
    text = "".join(e.text or "" for e in find_body(root).iter("body", "p", "div", "a", "h1", "h2", "center", "td"))
    target = find_refresh(root, source.url) if len(text) < _MOST_TEXT_OF_REDIRECT else ""
    return target if target.lower().startswith(("http://", "https://")) else ""


def is_url(source: str) -> bool:
    """Whether an input is an http(s) address, with or without `view-source:` before it."""
    return source.lower().removeprefix(_VIEW_SOURCE).startswith(("http://", "https://"))
