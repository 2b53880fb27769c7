"""Text that a Markdown renderer would take for markup, and emphasis that it would not take for emphasis.

The rules are those of CommonMark 0.31 and of GitHub's extensions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape as escape_html
from html import unescape
from unicodedata import category

from indexlm.text import word_set

ESCAPE = "\ufdd0"
"""No character, and so in no text: stands for a backslash, which the converter would double."""

ANGLES = "\ufdd4\ufdd5"
"""Two code points that are no characters: stand for `<` and `>` around an address."""

_TAG_OR_CODE = re.compile(r"(<code\b.*?</code>|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"</?(\w*)")
_LONGEST_TAG = 12  # characters that tell a tag from all others that are asked for
_BLOCKS = word_set("p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr td th blockquote pre hr")
_BLOCK_TAGS = frozenset(tag for name in _BLOCKS for tag in (f"<{name}>", f"</{name}>", f"<{name}/>"))
_WITH_ATTRIBUTES = ("<td ", "<th ", "<ol ")
_WORTH_READING = "*_~`&[]"  # in a block without inline markup
_EMPHASIS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "s": "del", "del": "del"}
_FEW_PARTS = 200  # tags and texts beside an emphasis that are looked at
_SIGNS = "*_~`"
_SIGN = re.compile(f"[{_SIGNS}]")
_RUN = re.compile(r"\*+|_+|~+|`+")
_MARKUP = re.compile(r"&lt;(?=[A-Za-z/!?])|&amp;(?=#?\w+;)|(?<=\])\(")
_DEFINITION = re.compile(r"\s*\[[^\]]+\]:")  # of a link, which is not shown
_OF_FENCES = ("```", "~", "<del", "<s>", "<strike")
_STRIKES = ("del", "s", "strike")
_TILDE = re.compile(r"\s*(~)")
_FENCE = re.compile(r"\s*(```|~~~)")
_UNDERLINE = re.compile(r"\s*(?:=+|-+|(?=[^-]*-)(?=[^|]*\|)[|:\s-]+)\s*")  # of a heading, or of a table's header
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*")
_ITEM = re.compile(r"\s*(?:\d{1,9}([.)])|([-+]|#{1,6}))")  # an item or a heading, with space behind it in a tag
_STRONG = re.compile(r"_{2,}|[*~`]")
_BACKSLASHES = re.compile(rf"(?<!\\)\\++(?={ESCAPE})")
_ADDRESS = r"(?<![^\s<>(\[])https?://[^\s<>\"]*(?:[*_~`]|&lt;)[^\s<>\"]*"
_ADDRESS_WITH_SIGNS = re.compile(_ADDRESS)
_ADDRESS_BEGIN = re.compile("https?://")
_TAG_CODE_OR_ADDRESS = re.compile(rf"(<code\b.*?</code>|<[^>]*>|{_ADDRESS})", re.DOTALL)


def escape(html: str) -> str:
    """HTML as `to_html` writes it -> the same with placeholders where its Markdown needs help."""
    if any(_ADDRESS_WITH_SIGNS.match(html, begin.start()) for begin in _ADDRESS_BEGIN.finditer(html)):
        parts = _TAG_CODE_OR_ADDRESS.split(html)
        _write_addresses(parts)
    else:
        parts = _TAG_OR_CODE.split(html)
    has_fences = any(map(html.__contains__, _OF_FENCES))  # as on hardly any page
    start = 0
    for i in range(1, len(parts), 2):
        if parts[i] in _BLOCK_TAGS or parts[i].startswith(_WITH_ATTRIBUTES):
            if i > start + 1 or any(map(parts[start].__contains__, _WORTH_READING)):
                _escape_block(parts, start, i, has_fences)
            start = i + 1
    _escape_block(parts, start, len(parts), has_fences)
    return "".join(parts)


def _write_addresses(parts: list[str]) -> None:
    """Write addresses in text whose signs would be escaped as links of their own: `<https://a.example/b_c_>`.

    One with a placeholder, as in `https://a.example/<id>`, stays text, with references to `<` and `>`.
    """
    in_link = False
    for i in range(1, len(parts), 2):
        if parts[i].startswith(("<a ", "</a")):
            in_link = parts[i].startswith("<a ")
        elif in_link and not parts[i].startswith("<"):
            parts[i] = _SIGN.sub(rf"{ESCAPE}\g<0>", parts[i])
        elif "&lt;" in parts[i]:
            plain = parts[i].replace("&lt;", "&amp;lt;").replace("&gt;", "&amp;gt;")
            parts[i] = _STRONG.sub(lambda match: "".join(ESCAPE + sign for sign in match.group()), plain)
        elif not parts[i].startswith("<"):
            address = unescape(parts[i]).rstrip(".,;:!?)'>")
            behind = escape_html(unescape(parts[i])[len(address) :], quote=False)
            parts[i] = f"{ANGLES[0]}{escape_html(address, quote=False)}{ANGLES[1]}{behind}"


def _escape_block(parts: list[str], start: int, end: int, has_fences: bool) -> None:
    """Escape the text of a block: `parts[start:end]`, text and inline tags in turn."""
    names = [_inline_name(part) for part in parts[start + 1 : end : 2]]
    emphasis = [i for i, name in enumerate(names) if name in _EMPHASIS]
    signs = {"~" if _EMPHASIS[names[i]] == "del" else "*" for i in emphasis}
    if emphasis:
        _set_apart(parts, [start + 1 + 2 * i for i in emphasis], start, end)
    text = "".join(parts[start:end:2])
    if any(map(text.__contains__, _SIGNS)):
        has_code = any(part.startswith("<code") for part in parts[start + 1 : end : 2])
        _escape_signs(parts, start, end, signs | {"`"} if has_code else signs)
    if has_fences:
        _escape_fences(parts, start, end)
    if "[" in text and _DEFINITION.match(parts[start]):
        parts[start] = parts[start].replace("[", f"{ESCAPE}[", 1)
    _escape_begin(parts, start, start, end)
    if "br" in names:
        for i in range(start + 2, end, 2):
            if _inline_name(parts[i - 1]) == "br":
                _escape_begin(parts, i, start, end)
    if "&" in text or "](" in text:
        for i in range(start, end, 2):
            parts[i] = _MARKUP.sub(rf"{ESCAPE}\g<0>", parts[i])
    if "!" in text:
        for i in range(start, end - 1, 2):
            if parts[i].endswith("!") and parts[i + 1].startswith("<a "):
                parts[i] = f"{parts[i][:-1]}{ESCAPE}!"  # no image
    if "\\" in text:
        for i in range(start, end, 2):
            parts[i] = _BACKSLASHES.sub(_escape_backslashes, parts[i])


def _escape_begin(parts: list[str], i: int, start: int, end: int) -> None:
    """Escape what begins a line, `parts[i]`, where it would be a rule, an underline, or the sign of an item."""
    behind = _inline_name(parts[i + 1]) if i + 1 < end else ""
    if i == start and not behind:
        return
    if (i > start and _UNDERLINE.fullmatch(parts[i])) or (behind in ("", "br") and _RULE.fullmatch(parts[i])):
        parts[i] = ESCAPE + parts[i].lstrip()
    elif behind not in ("", "br") and (sign := _ITEM.fullmatch(parts[i])) and parts[i + 2][:1].isspace():
        place = sign.start(sign.lastindex or 0)
        parts[i] = parts[i][:place] + ESCAPE + parts[i][place:]
    elif i > start and parts[i].lstrip().startswith("+ "):  # of a telephone number; a dash is that of an item
        parts[i] = ESCAPE + parts[i].lstrip()


def _escape_backslashes(match: re.Match[str]) -> str:
    """Backslashes before a sign that is escaped."""
    return match.group().replace("\\", f"{ESCAPE}\\")


def _escape_fences(parts: list[str], start: int, end: int) -> None:
    """Escape what would begin code at the begin of a line."""
    strikes = [i for i in range(start + 1, end, 2) if _inline_name(parts[i]) in _STRIKES]
    if strikes:
        _join_strikes(parts, strikes)
    begins_line = True
    for i in range(start, end, 2):
        begins_line |= i > start and _inline_name(parts[i - 1]) == "br"
        opened = i > start and _inline_name(parts[i - 1]) in _STRIKES
        if begins_line and (match := (_TILDE if opened else _FENCE).match(parts[i])):
            parts[i] = parts[i][: match.start(1)] + ESCAPE + parts[i][match.start(1) :]
        begins_line &= not parts[i].strip()


def _join_strikes(parts: list[str], strikes: Sequence[int]) -> None:
    """Drop the tags of struck text inside struck text: `~~~~` would begin code."""
    depth = 0
    for i in strikes:
        is_closing = parts[i].startswith("</")
        depth -= is_closing
        if depth > 0 or (is_closing and depth < 0):
            parts[i] = ""
        depth = max(depth, 0) + (not is_closing)


def _inline_name(part: str) -> str:
    """The name of a tag, or its first letters; empty for what is none."""
    return _name(part[:_LONGEST_TAG])


@lru_cache(maxsize=1024)
def _name(part: str) -> str:
    match = _NAME.match(part)
    return match.group(1) if match else ""


def _escape_signs(parts: list[str], start: int, end: int, markup: set[str]) -> None:
    """Escape the signs of a block that would be markup: one that can begin it before one that can end it.

    `markup` holds the signs that the block's own markup is written with.
    """
    runs: list[tuple[int, re.Match[str], bool, bool]] = []
    openers, active = markup & {"`"}, markup - {"`"}
    for i in range(start, end, 2):
        for run in _RUN.finditer(parts[i]):
            before = parts[i][run.start() - 1] if run.start() else "*" if i > start else " "  # a tag may be a sign
            after = parts[i][run.end()] if run.end() < len(parts[i]) else "*" if i + 1 < end else " "
            sign = run.group()[0]
            opens, closes = (True, True) if sign == "`" else _flanks(before, after, sign == "_")
            active.update(sign if closes and sign in openers else "")
            openers.update(sign if opens else "")
            runs.append((i, run, opens, closes))
    pieces: dict[int, list[str]] = {}  # by part
    ends: dict[int, int] = {}
    for i, run, opens, closes in runs:
        if run.group()[0] in active and (opens or closes):
            text, written = parts[i], pieces.setdefault(i, [])
            written.append(text[ends.get(i, 0) : run.start()])
            written += [ESCAPE + sign for sign in run.group()]
            ends[i] = run.end()
    for i, written in pieces.items():
        parts[i] = "".join(written) + parts[i][ends[i] :]


def _flanks(before: str, after: str, is_underscore: bool) -> tuple[bool, bool]:
    """The characters beside a run of signs -> whether it can begin and whether it can end emphasis."""
    before_is_punctuation, after_is_punctuation = map(_is_punctuation, (before, after))
    left = not after.isspace() and (not after_is_punctuation or before.isspace() or before_is_punctuation)
    right = not before.isspace() and (not before_is_punctuation or after.isspace() or after_is_punctuation)
    if is_underscore:
        return left and (not right or before_is_punctuation), right and (not left or after_is_punctuation)
    return left, right


def _is_punctuation(character: str) -> bool:
    return category(character)[0] in "PS"


def _set_apart(parts: list[str], emphasis: Sequence[int], start: int, end: int) -> None:
    """Help emphasis whose signs would not be read as such: between a letter and a sign, as in `**Note:**text`.

    A space sets it apart; in the middle of a word of letters the emphasis goes. Two with nothing between are one.
    """
    opened: list[int] = []
    last = last_first = -1
    last_begin = ""
    for i in emphasis:
        if not parts[i].startswith("</"):
            kind = _EMPHASIS[_inline_name(parts[i])]
            if any(parts[j] and _EMPHASIS[_inline_name(parts[j])] == kind for j in opened):
                parts[i] = ""  # emphasis in its like
            opened.append(i)
            continue
        if not opened:
            continue
        first = opened.pop()
        if not parts[first]:
            parts[i] = ""
            continue
        if i == first + 2 and not parts[first + 1].strip():
            continue
        begin, end_of = parts[first + 1].lstrip()[:1] or "[", parts[i - 1].rstrip()[-1:] or ")"  # where a link stands
        if last == first - 2 and not parts[first - 1]:
            if _EMPHASIS[_inline_name(parts[last])] == _EMPHASIS[_inline_name(parts[i])]:
                parts[last], parts[first], parts[i] = "", "", parts[last]  # the end of what was opened first
                first, begin = last_first, last_begin
            elif not parts[first + 1][:1].isspace():
                parts[first] = parts[i] = ""
                continue
        last, last_first, last_begin = i, first, begin
        before, after = _beside(parts, first - 1, start, -1), _beside(parts, i + 1, end, 1)
        before = " " if parts[first + 1][:1].isspace() else before  # which the converter writes before the sign
        after = " " if parts[i - 1][-1:].isspace() else after
        is_sign = (
            before == ")"
            and not parts[first - 1]
            and not any(any(map(str.isalnum, parts[j])) for j in range(first + 1, i, 2))
        )
        if is_sign or not _flanks(before, begin, False)[0]:
            if before.isascii():
                parts[first] = parts[i] = ""
                last = -1
                continue
            parts[first - 1] += " "
        if not _flanks(end_of, after, False)[1]:
            parts[i + 1] = " " + parts[i + 1]


def _beside(parts: Sequence[str], i: int, limit: int, step: int) -> str:
    """The character of the text `parts[i]` beside an emphasis; where that is empty, of the next text or a link."""
    for _ in range(_FEW_PARTS):
        if i < limit if step < 0 else i >= limit:
            break
        if parts[i]:
            return parts[i][-1 if step < 0 else 0]
        i += 2 * step
        tag = parts[i - step] if limit <= i - step < len(parts) and (step < 0 or i - step < limit) else ""
        if step > 0 and tag.startswith("<a href"):
            return "["
        if step < 0 and tag == "</a>" and _has_address(parts, i, limit):
            return ")"
    return " "


def _has_address(parts: Sequence[str], i: int, limit: int) -> bool:
    """Whether the link that is closed behind `parts[i]` has an address, as a link of many parts is taken to have."""
    least = i - _FEW_PARTS
    opening = next((parts[j] for j in range(i, max(limit, least) - 1, -1) if parts[j].startswith("<a")), "")
    return opening.startswith("<a href") or (not opening and least > limit)
