"""WARC files: the answers that are pages, each as it was sent."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

from indexlm.inputs.document import Source, Warn
from indexlm.scale.records import Record

_HEAD = re.compile(rb"HTTP/[\d.]+ (\d{3})[^\r\n]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n")
_MOST_OF_HEAD = 64 << 10  # bytes
_TORN = "a WARC record is whole; the file ends within this one"
_CHUNK = 64 << 10  # bytes
_MOST_AT_ONCE = 1 << 20  # bytes that are unpacked
_HTML = ("text/html", "application/xhtml+xml")
_TYPES = frozenset(
    [
        *_HTML,
        "application/vnd.wap.xhtml+xml",
        "text/plain",
        "text/markdown",
        "text/xml",
        "application/xml",
        "application/rss+xml",
        "application/atom+xml",
    ]
)
_UNKNOWN = ("", "application/octet-stream", "unknown/unknown")
_LOOKS_LIKE_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_PACKED = ("br", "zstd", "deflate")  # gzip and chunks are opened where the page is read


def read_warc(file: Any, address: str, start: int, stop: int, max_bytes: int) -> Iterator[Record | None]:
    """The records of a WARC file that begin from byte `start` to before `stop` (-1: all); None for one left out.

    Taken are answers and resources of the types of pages, feeds and plain text, with a status from 200 to 299, but for
    `robots.txt`. A file that is torn or broken ends with a record that says so.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    file.seek(start)
    position, same, row = -1, 0, None
    try:
        for record in ArchiveIterator(file, parse_http=False):
            if 0 <= stop <= record.stream_pos:
                return
            same = same + 1 if record.stream_pos == position else 0  # where all records are packed in one
            position = record.stream_pos
            offset = f"{position}+{same}" if same else str(position)
            row, is_answer = None, record.record_type in (WarcRecordType.response, WarcRecordType.resource)
            is_headless = record.headers.get("Content-Length") is None
            if is_headless or (not is_answer and record.content_length > record.consume()):
                row = Record.failed(address, offset, _TORN)
            elif is_answer:
                row = _read_record(record, address, offset, max_bytes)
            else:
                continue
            yield row
        if not (row and row.error.startswith(_TORN)) and _is_torn(file, max(position, 0)):
            yield Record.failed(address, f"{position}+rest", _TORN)
    except (OSError, zlib.error) as error:
        message = f"a WARC file is a row of records; this one cannot be read after byte {position}: {error}"
        yield Record.failed(address, f"{position}+rest", message)


def _is_torn(file: Any, position: int) -> bool:
    """Whether what is packed from a byte on ends before its end: FastWARC passes over the torn head of a record."""
    file.seek(position)
    if file.peek(2)[:2] != b"\x1f\x8b":
        return False
    unpacker = None
    while data := file.read(_CHUNK):
        data = data if unpacker else data.lstrip(b"\0")
        size = 0
        while data or (unpacker and size == _MOST_AT_ONCE):
            unpacker = unpacker or zlib.decompressobj(31)
            size = len(unpacker.decompress(data, _MOST_AT_ONCE))
            data = unpacker.unused_data.lstrip(b"\0") if unpacker.eof else unpacker.unconsumed_tail
            unpacker = None if unpacker.eof else unpacker
    return unpacker is not None


def _read_record(record: Any, address: str, offset: str, max_bytes: int) -> Record | None:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    captured = record.headers.get("WARC-Date") or ""
    most = max_bytes + _MOST_OF_HEAD
    body = record.reader.read(min(record.content_length, most))
    if len(body) < min(record.content_length, most):
        return Record.failed(address, offset, _TORN, url, captured)
    kind = record.headers.get("Content-Type") or ""
    head: Message | None = None
    if kind.lower().startswith("application/http"):
        match = _HEAD.match(body)
        if match is None:
            return Record.failed(address, offset, "a response holds an HTTP answer; this one does not", url, captured)
        head = BytesHeaderParser().parsebytes(match[2])
        if not match[1].startswith(b"2"):
            return None
        kind = _header(head, "Content-Type")
    content = body if head is None else body[match.end() :]  # type: ignore[union-attr]
    if not _is_page(kind, content, url):
        return None
    warnings: tuple[str, ...] = ()
    if reason := record.headers.get("WARC-Truncated"):
        warnings = (Warn.TRUNCATED_INPUT.because(f"the crawler kept a part of the page ({reason})"),)
    packing = "" if head is None else _header(head, "Content-Encoding").strip().lower()
    if packing in _PACKED and (unpacked := _unpack(content, packing, max_bytes)) is not None:
        body = unpacked
    source = Source(body, url, content_type=kind, warnings=warnings)
    return Record(address, offset, url, captured, source)


def _header(head: Message, name: str) -> str:
    return str(head.get(name) or "")


def _is_page(content_type: str, content: bytes, url: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    if url.partition("?")[0].endswith("/robots.txt"):
        return False
    return kind in _TYPES or (kind in _UNKNOWN and _LOOKS_LIKE_HTML.match(content) is not None)


def _unpack(content: bytes, packing: str, max_bytes: int) -> bytes | None:
    """The unpacked content, at most one byte more than `max_bytes`; None where it is not packed as its header says."""
    from fastwarc.stream_io import BrotliReader, ZstdReader

    try:
        if packing == "deflate":
            try:
                return zlib.decompressobj().decompress(content, max_bytes + 1)
            except zlib.error:
                return zlib.decompressobj(-15).decompress(content, max_bytes + 1)  # as some servers send it
        opener = BrotliReader if packing == "br" else ZstdReader
        return bytes(opener(io.BytesIO(content)).read(max_bytes + 1))
    except (OSError, zlib.error):
        return None
