"""White space in text as a browser shows it."""

from __future__ import annotations

from indexlm.patterns import late

_CJK = "\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff9f\uffe0-\uffe6"  # written without spaces
_SIGNS = "\u2014\u2018\u2019\u201c\u201d\u2026\xb7"  # of these scripts and of others
_BETWEEN_CJK = late(
    rf"(?:(?<=[{_CJK}])[ \t]*[\n\r][ \t\n\r]*(?=[{_CJK}{_SIGNS}])|(?<=[{_SIGNS}])[ \t]*[\n\r][ \t\n\r]*(?=[{_CJK}]))"
)
_CJK_END = late(rf"[{_CJK}][ \t]*[\n\r][ \t\n\r]*\Z")
_CJK_CHARACTER = late(rf"[{_CJK}]")
_SPACES = late("  +")


def collapse(text: str, before: str, line_end: bool) -> tuple[str, bool]:
    """A text -> the same with single spaces, and none for the end of a line in a script without spaces.

    `before` is the text before it, and `line_end` whether that ended with such a line. Returns whether this one does.
    """
    if line_end or not text.isascii():
        if line_end and not _CJK_CHARACTER.match(text.lstrip()):
            text = " " + text
        elif _CJK_CHARACTER.match(before[-1:]) and "\n" in text[: len(text) - len(text.lstrip())]:
            text = text.lstrip() if _CJK_CHARACTER.match(text.lstrip()) else text
        line_end = False
        if "\n" in text or "\r" in text:
            text = _BETWEEN_CJK.sub("", text)
            line_end = _CJK_END.search(text) is not None
            text = text.rstrip() if line_end else text
    for sign in "\n\t\r\f\v":
        text = text.replace(sign, " ")
    return single_spaces(text) if "  " in text else text, line_end


def single_spaces(text: str) -> str:
    """A text -> the same with one space for several."""
    return _SPACES.sub(" ", text)


def one_line(text: str) -> str:
    """An ASCII text -> the same with single spaces; empty where it holds control characters, or nothing."""
    core = " ".join(text.split())
    if not core or not core.isprintable():
        return ""
    return f"{' ' if text[0].isspace() else ''}{core}{' ' if text[-1].isspace() else ''}"
