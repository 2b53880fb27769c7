"""Bytes to text: which encoding a page is in."""

from __future__ import annotations

import contextlib

_FEW_BYTES = 200
_LATIN = ("cp1250", "cp1254", "cp1257", "cp1258", "cp4", "cp8", "iso8859", "latin", "mac", "hp")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def decode(html: bytes, content_type: str = "") -> str:
    """Bytes -> text, by BOM, then the declared charset (`content_type`, then `<meta>`), then detection.

    This is the order of the WHATWG standard as w3lib implements it, with one exception: bytes that are valid UTF-8
    beyond ASCII are read as UTF-8, whatever `<meta>` says. Pages are often converted without their `<meta>`, and text
    in another encoding is hardly ever valid UTF-8 by chance. Undecodable bytes become U+FFFD.
    """
    from w3lib.encoding import html_to_unicode

    if encoding := wide_encoding(html):
        return html.decode(encoding, "replace")
    if not content_type and not html.startswith(_WIDE_MARKS) and not html.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return html.decode("utf-8-sig")
    try:
        encoding, text = html_to_unicode(content_type or None, html, auto_detect_fun=_detect)
    except (LookupError, ValueError):  # a declared codec that is not for text, such as hex
        encoding, text = "", ""
    # A page whose declaration can be read as ASCII is not in UTF-16, whatever it declares (WHATWG).
    if not encoding or (encoding.startswith(("utf-16", "utf-32")) and not html.startswith(_WIDE_MARKS)):
        return html.decode(_detect(html), "replace")
    if encoding == "utf-8" and "\ufffd" in text and not _is_noise(html) and (encoding := _detect(html)) != "utf-8":
        return html.decode(encoding, "replace")  # it states UTF-8, and hardly any of it is
    return str(text)


def wide_encoding(data: bytes) -> str:
    """The encoding of UTF-16 without a mark, in which every other byte of ASCII is zero; nothing for other bytes."""
    start = data[:1024]
    if len(start) < 4 or b"\0" not in start or start.startswith(_WIDE_MARKS):
        return ""
    even, odd = start[::2], start[1::2]
    if even.count(0) * 20 < len(even) and (odd.count(0) * 2 > len(odd) or start.startswith(b"<\0")):
        return "utf-16-le"
    if odd.count(0) * 20 < len(odd) and (even.count(0) * 2 > len(even) or start.startswith(b"\0<")):
        return "utf-16-be"
    return ""


def _is_noise(html: bytes) -> bool:
    """Whether half of the bytes beyond ASCII are such as no text in an old encoding is full of."""
    return 2 * (html.count(b"\xff") + html.count(b"\xfe")) >= sum(byte > 127 for byte in html)


def _detect(html: bytes) -> str:
    try:
        html.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        marked = sum(byte > 127 for byte in html)
        if html.decode("utf-8", "replace").count("\ufffd") * 20 < marked:
            return "utf-8"  # but for a few broken bytes
        start = max(0, error.start - 1024)
        best = from_bytes(html[start : start + 65536]).best()
        if best is None or best.encoding == "ascii" or (marked < _FEW_BYTES and best.encoding.startswith(_LATIN)):
            return "cp1252"  # a few accents could be in any of these: what browsers fall back to
        return best.encoding
