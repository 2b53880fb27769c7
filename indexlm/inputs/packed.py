"""What is around a page's bytes: compression, a saved HTTP answer; and bytes that are no page at all."""

from __future__ import annotations

import re
import zlib

from indexlm.html.decode import wide_encoding
from indexlm.inputs import document
from indexlm.inputs.document import Warn
from indexlm.page import IndexLMError

_GZIP = b"\x1f\x8b"
_LAYERS = 4  # of compression and HTTP answers in one another
_HTTP = re.compile(rb"HTTP/[\d.]+ \d{3}[^\r\n]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n")
_FORMATS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PK\x03\x04": "a ZIP archive (or an Office document)",
    b"\x7fELF": "a program",
    b"{\\rtf": "an RTF document",
    b"%!PS": "a PostScript document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
    b"\x28\xb5\x2f\xfd": "Zstandard data",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"OggS": "an Ogg recording",
    b"ID3": "an MP3 recording",
    b"fLaC": "a FLAC recording",
    b"wOF": "a font",
    b"SQLite format 3": "an SQLite database",
    b"WARC/": "a web archive of many pages (WARC)",
    b"\xca\xfe\xba\xbe": "a program",
    b"\0asm": "a program",
}
_CONTROLS = bytes({*range(32)} - {*b"\t\n\f\r\x1b"})  # bytes that no text has, in any encoding but UTF-16 and -32
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def unpack(data: bytes, content_type: str, name: str, most: int) -> tuple[bytes, str, tuple[str, ...]]:
    """Bytes -> those of the page inside, its content type, and warnings.

    Raises `IndexLMError` for more than `most` bytes, packed or not, and for a packed page of which nothing can be read.
    """
    warnings: list[str] = []
    for _ in range(_LAYERS):
        if len(data) > most:
            raise too_large(name, most)
        if data.startswith(_GZIP):
            data, is_cut = _gunzip(data, name, most)
            if is_cut:
                warnings.append(Warn.TRUNCATED_INPUT.because("the gzip data ends, or is broken, before its end"))
        elif data.startswith(b"HTTP/") and (head := _HTTP.match(data)):
            from email.parser import BytesHeaderParser

            fields = BytesHeaderParser().parsebytes(head[1])
            content_type = fields.get("Content-Type", content_type)
            data = data[head.end() :]
            if "chunked" in fields.get("Transfer-Encoding", "").lower():
                data = _joined_chunks(data)
            if fields.get("Content-Encoding", "").strip().lower() == "deflate":
                data = _inflated(data, name, most)
        else:
            break
    return data, content_type, tuple(warnings)


def too_large(name: str, max_bytes: int | None = None) -> IndexLMError:
    """The error for a page that is too large: for more than `max_bytes` (None: `MAX_BYTES`)."""
    most = document.MAX_BYTES if max_bytes is None else max_bytes
    size = f"{most // 2**20} MiB" if most % 2**20 == 0 else f"{most} bytes"
    return IndexLMError(f"a page has at most {size}; {name} has more")


def _gunzip(data: bytes, name: str, most: int) -> tuple[bytes, bool]:
    """Gzip data -> what is inside, and whether it is cut off. Several members, one after the other, are one text."""
    out = bytearray()
    while data.startswith(_GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            out += unpacker.decompress(data, most + 1 - len(out))
        except zlib.error as error:
            out += _readable_start(data, most + 1 - len(out))
            if not out:
                raise IndexLMError(f"gzip data can be unpacked; {name} cannot: {error}") from None
            return bytes(out), True
        if len(out) > most:
            raise too_large(f"{name}, unpacked,", most)
        if not unpacker.eof:
            if not out:
                raise IndexLMError(f"gzip data can be unpacked; {name} cannot: it ends before its content")
            return bytes(out), True
        data = unpacker.unused_data.lstrip(b"\0")
    return bytes(out), False


def _inflated(data: bytes, name: str, most: int) -> bytes:
    """The body of an answer that is said to be deflated, with or without zlib's header; as it is where it is not."""
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            out = zlib.decompressobj(wbits=bits).decompress(data, most + 1)
        except zlib.error:
            continue
        if len(out) > most:
            raise too_large(f"{name}, unpacked,", most)
        return out
    return data


def _readable_start(data: bytes, most: int) -> bytes:
    """What can be unpacked of gzip data before the byte that is broken."""
    unpacker = zlib.decompressobj(wbits=31)
    out = bytearray()
    try:
        for start in range(0, len(data), 256):
            out += unpacker.decompress(data[start : start + 256], most - len(out))
            if len(out) >= most:
                break
    except zlib.error:
        pass
    return bytes(out)


def _joined_chunks(data: bytes) -> bytes:
    """The body of a chunked HTTP answer -> its content; as it is where its chunks were joined before."""
    out = bytearray()
    place = 0
    while match := _CHUNK_SIZE.match(data, place):
        size = int(match[1], 16)
        out += data[match.end() : match.end() + size]
        place = match.end() + size
        if not size:
            break
        place += 2 if data[place : place + 2] == b"\r\n" else 1
    return bytes(out) or data


def check_is_text(data: bytes, name: str, content_type: str = "") -> None:
    """Raise `IndexLMError`, which names the format, for bytes that hold no text."""
    start = data[:2048]
    trimmed = start.lstrip(b" \t\r\n\0\xef\xbb\xbf") if not start.startswith((b"\0asm", *_WIDE)) else start
    for mark, what in _FORMATS.items():
        if trimmed.startswith(mark):
            raise IndexLMError(f"a page is HTML; {name} is {what}")
    if start[:4] == b"RIFF" and start[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        raise IndexLMError(f"a page is HTML; {name} is an image, a recording or a film")
    if start[4:8] == b"ftyp":
        raise IndexLMError(f"a page is HTML; {name} is a film or an image")
    if is_wide(start) or "utf-16" in content_type.lower():
        return
    controls = len(start) - len(start.translate(None, _CONTROLS))
    if controls > 3 + len(start) // 50:
        raise IndexLMError(
            f"a page is HTML; {name} is binary data ({controls} control bytes in its first {len(start)})"
        )


def is_wide(data: bytes) -> bool:
    """Whether bytes are in UTF-16 or UTF-32: by their mark, or because every other byte of ASCII is zero."""
    return data.startswith(_WIDE) or bool(wide_encoding(data))
