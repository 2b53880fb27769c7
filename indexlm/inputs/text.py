"""Plain text and Markdown to HTML, in which every line of the source keeps its number."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from itertools import groupby
from textwrap import dedent
from typing import Any

from indexlm.inputs.document import Document, as_html
from indexlm.patterns import late

_WRAP_AT = (40, 120)  # characters of the longest line of a paragraph that was wrapped by an editor
_LINES = 40  # of a paragraph whose lines are apart
_BULLET = late(r"[ \t]*[-*•·–‣▪+][ \t]+(?=\S)")
_NUMBER = late(r"[ \t]*(\d{1,3})[.)][ \t]+(?=\S)")
_DIRECTIVE = late(r"[ \t]*\.\. (?:code-block|sourcecode|code|parsed-literal)::[ \t]*([\w+#-]*)[ \t]*")
"""What begins a piece of code in reStructuredText, with its language."""
_RULE = late(r"[ \t]*([-=*_~#])\1{2,}[ \t]*")
_COLUMNS = late(r"\S(?: {3,}|\t+)\S|[│┃║├─]|^\s*[+|].*[+|]\s*$")
_LOGGED = late(
    r"[\[(]?(?:\d{4}-\d\d-\d\d[T ]\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
    r"|(?:\d{1,3}\.){3}\d{1,3} \S+ \S+ \[|[\[(]?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL)\b[\])]?:? \S"
)
_CODE = late(
    r"[{}]\s*$|^[^=()\[\]<>+]*[=()\[\]<>+].*;\s*$|\\$"
    r"|^\s*(?:\$ \S|def \w|class \w+[(:]|import \w|from \S+ import |return\b|#include\b"
    r"|(?:if|for|while|elif|with|except)\b.*:$|(?:else|try)\s*:$|const \w|let \w+ =|var \w+ =|raise \w"
    r"|Traceback \(|File \"|SELECT |INSERT INTO|UPDATE \w+ SET|FROM \w+$|WHERE |@@ -|(?:---|\+\+\+) \S"
    r"|[\w.\[\]\"']+ [-+*/|]?= \S+$)"
    r"|^\s*[\w.]+\(.*\)$"
)
_KEYED = late(r"\s*[\w\"'.-]+:(?:\s|$)")
_LISTED = late(r"\s*- \S")
_SIGNS = (
    late(r"^#{1,6} \S", re.MULTILINE),
    late(r"^(?:```|~~~)", re.MULTILINE),
    late(r"!?\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)|^\[[^\[\]\n]{1,200}\]: \S", re.MULTILINE),
    late(r"(?<![\w*])\*\*(?=\S)[^*\n]+\*\*|(?<!\w)__(?=\S)[^_\n]+__(?!\w)|(?<!`)`[^`\n]+`(?!`)"),
    late(r"^\|?[ :]*-{3,}[ :]*\|[-| :]*$", re.MULTILINE),
)
_TITLE = late(r"\s*# [^\n]+\n\s*\n")
_MARKS = late(r"^\s{0,3}(?:[-*+] \S|\d{1,3}\. \S|##+ \S|> \S)", re.MULTILINE)
_FRONT_MATTER = late(r"\A(---|\+\+\+)[ \t]*\n((?:[^\n]*\n){0,200}?)(?:\1|\.\.\.)[ \t]*(?:\n|\Z)")
_FIELD = late(
    r"""^(title|lang|language|author|date|lastmod|updated|description)\s*[:=]\s*["'\[]*(.*?)["'\]]*\s*$""",
    re.MULTILINE | re.IGNORECASE,
)
_META = {
    "author": "author",
    "date": "date",
    "lastmod": "last-modified",
    "updated": "last-modified",
    "description": "description",
}
"""Fields of front matter, and the names of `<meta>` that say the same."""


def is_markdown(text: str) -> bool:
    """Whether text shows two of Markdown's signs (headings, fences, links, emphasis, tables), or front matter.

    A heading on the first line, before an empty one, counts with a list or another heading.
    """
    head = text[: 1 << 16]
    if _FRONT_MATTER.match(head) and _FIELD.search(head):
        return True
    if _TITLE.match(head) and _MARKS.search(head):
        return True
    return sum(sign.search(head) is not None for sign in _SIGNS) > 1


def starts_as_markdown(text: str) -> bool:
    """Whether text that holds HTML starts as Markdown, with a title or front matter, and shows its signs."""
    head = text[: 1 << 16]
    return bool(_TITLE.match(head) or _FRONT_MATTER.match(head)) and is_markdown(text)


def read_text(text: str) -> Document:
    """Plain text -> a page with its paragraphs, lists, headings and columns."""
    return Document(as_html(text_to_html(text)), whole=True)


def text_to_html(text: str) -> str:
    """Plain text -> the content of a `<body>`. Line `n` of the text is line `n` of the HTML."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n" if "\n" not in text else " ")
    lines = text.split("\n")
    is_flowing = _is_one_line_a_paragraph(lines)
    groups = [(is_blank, [*group]) for is_blank, group in groupby(lines, key=lambda line: not line.strip())]
    out: list[str] = []
    place = 0
    while place < len(groups):
        is_blank, chunk = groups[place]
        place += 1
        if is_blank:
            out += [""] * len(chunk)
            continue
        is_followed = place + 1 < len(groups) and _is_indented(groups[place + 1][1]) and not _is_indented(chunk[-1:])
        opening = _announced(chunk) if is_followed else ""
        out += _paragraph(chunk, is_flowing) if any(chunk) else [""] * len(chunk)
        literal: list[str] = []
        while opening and place < len(groups) and (groups[place][0] or _is_indented(groups[place][1])):
            literal += groups[place][1]
            place += 1
        if any(map(str.strip, literal)):
            out += _literal(literal, opening)
        else:
            out += [""] * len(literal)
    return "\n".join(out)


def _announced(lines: list[str]) -> str:
    """The opening of a `<pre>` for the indented lines behind these; empty where these announce no code.

    In reStructuredText a line does that with two colons at its end, or as a directive, which is no text.
    """
    last = lines[-1].rstrip()
    if match := _DIRECTIVE.fullmatch(last):
        lines[-1] = ""
        return f'<pre data-lang="{match[1]}">' if match[1] else "<pre>"
    if not last.endswith("::"):
        return ""
    lines[-1] = last[:-1] if last != "::" else ""
    return "<pre>"


def _is_indented(lines: list[str]) -> bool:
    return all(line[0] in " \t" for line in lines)


def _literal(lines: list[str], opening: str) -> list[str]:
    """Indented lines, with blank ones around them -> the same number of lines of HTML, as one piece of code."""
    first = next(i for i, line in enumerate(lines) if line.strip())
    end = max(i for i, line in enumerate(lines) if line.strip()) + 1
    code = dedent("\n".join(line.expandtabs() for line in lines[first:end])).split("\n")
    return [*[""] * first, *_wrapped_in(code, "pre", opening), *[""] * (len(lines) - end)]


def _is_one_line_a_paragraph(lines: list[str]) -> bool:
    """Whether lines are paragraphs, as in text that no editor wrapped: some are longer than a wrapped line."""
    filled = [len(line) for line in lines if line.strip()]
    return sum(size > _WRAP_AT[1] for size in filled) * 5 >= len(filled) > 1


def _paragraph(lines: list[str], is_flowing: bool) -> list[str]:
    """The lines between two blank ones -> the same number of lines of HTML."""
    if len(lines) > 1 and sum(_COLUMNS.search(line) is not None for line in lines) * 2 > len(lines):
        return _wrapped_in(lines, "pre")
    if len(lines) > 1 and (rule := _RULE.fullmatch(lines[1])) and rule[1] in "=-~" and not _RULE.fullmatch(lines[0]):
        is_heading = len(lines) == 2 or abs(len(lines[1].strip()) - len(lines[0].strip())) < 3
        if is_heading:
            body = _paragraph(lines[2:], is_flowing) if len(lines) > 2 else []
            return [*_wrapped_in(lines[:1], "h1" if rule[1] == "=" else "h2"), "", *body]
    if _is_verbatim(lines):
        return _wrapped_in(lines, "pre")
    if any(map(_BULLET.match, lines)) or sum(_NUMBER.match(line) is not None for line in lines) > 1:
        return _with_items(lines)
    if is_flowing:
        return [f"<p>{escape(line, quote=False)}</p>" for line in lines]
    if _is_wrapped(lines):
        return _wrapped_in(lines, "p")
    out = [f"{escape(line, quote=False)}<br>" for line in lines]
    for start in range(0, len(out), _LINES):
        out[start] = f"<p>{out[start]}"
    return out


def _is_verbatim(lines: list[str]) -> bool:
    """Whether lines are code, data or a log, each a line of its own."""
    if len(lines) < 2:
        return False
    if sum(_LOGGED.match(line) is not None for line in lines) * 2 > len(lines):
        return True
    codes = sum(_CODE.search(line) is not None for line in lines)
    if codes * 2 > len(lines) and codes > 1:
        return True
    keys, items = (sum(sign.match(line) is not None for line in lines) for sign in (_KEYED, _LISTED))
    is_nested = len({len(line) - len(line.lstrip()) for line in lines}) > 1
    return is_nested and keys > 2 and (keys + items) * 5 > len(lines) * 4


def _is_wrapped(lines: list[str]) -> bool:
    """Whether an editor broke the lines: all but the last are nearly as long as the longest."""
    longest = max(len(line) for line in lines)
    if len(lines) == 1 or not _WRAP_AT[0] <= longest:
        return len(lines) == 1
    return sum(len(line) > 0.6 * longest for line in lines[:-1]) >= 0.8 * len(lines[:-1])


def _wrapped_in(lines: list[str], tag: str, opening: str = "") -> list[str]:
    out = [escape(line, quote=False) for line in lines]
    out[0] = f"{opening or f'<{tag}>'}{out[0]}"
    out[-1] += f"</{tag}>"
    return out


def _with_items(lines: list[str]) -> list[str]:
    """Lines with bullets or numbers -> paragraphs and list items; a line without a mark goes on with the item."""
    out: list[str] = []
    opened = ""
    for line in lines:
        text = escape(line, quote=False)
        bullet, number = _BULLET.match(line), _NUMBER.match(line)
        if match := bullet or number:
            tag = "ul" if bullet else "ol"
            start = f'<ol start="{int(number[1])}">' if number else "<ul>"
            change = "" if tag == opened else (f"</{opened}>" if opened else "") + start
            out.append(f"{change}<li>{escape(line[match.end() :], quote=False)}")
            opened = tag
        else:
            out.append(text if opened else f"<p>{text}</p>")
    if opened:
        out[-1] += f"</{opened}>"
    return out


def read_markdown(text: str) -> Document:
    """Markdown (CommonMark with tables and strikethrough) -> a page. Front matter gives what is known about it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fields: dict[str, str] = {}
    skipped = 0
    if match := _FRONT_MATTER.match(text):
        fields = {name.lower(): value for name, value in _FIELD.findall(match[2])}
        skipped = text.count("\n", 0, match.end())
        text = text[match.end() :]
    body = "\n" * skipped + markdown_to_html(text)
    title = fields.get("title", "")
    metas = "".join(
        f'<meta name="{_META[name]}" content="{escape(value)}">'
        for name, value in fields.items()
        if name in _META and value
    )
    head = f"<title>{escape(title)}</title>{metas}" if metas else ""
    return Document(as_html(body, title, fields.get("lang") or fields.get("language", ""), head=head), whole=True)


def markdown_to_html(text: str) -> str:
    """Markdown -> the content of a `<body>`. A block starts on the line on which it starts in the source."""
    parser = _markdown()
    links: dict[str, Any] = {}
    tokens = parser.parse(text, links)
    if notes := [link["map"][0] for name, link in links.get("references", {}).items() if name.startswith("^")]:
        tokens = _with_notes(text, set(notes))
    out: list[str] = []
    line = 0  # of the HTML so far, from 0
    for i, token in enumerate(tokens):
        if token.map and token.nesting >= 0 and token.map[0] > line:
            out.append("\n" * (token.map[0] - line))
            line = token.map[0]
        rule = parser.renderer.rules.get(token.type)
        if token.type == "inline":
            piece = parser.renderer.renderInline(token.children or [], parser.options, {})
        elif rule:
            piece = rule(tokens, i, parser.options, {}).rstrip("\n")
        else:
            piece = parser.renderer.renderToken(tokens, i, parser.options, {}).replace("\n", "")
        out.append(piece)
        line += piece.count("\n")
    return "".join(out)


def _with_notes(text: str, notes: set[int]) -> list[Any]:
    """The tokens of Markdown in which these lines are footnotes (`[^1]: word`), and no addresses of links."""
    lines: list[str] = []
    numbers: list[int] = []  # of each line in the source
    for number, line in enumerate(text.split("\n")):
        parts = [line.replace("[^", "\\[^", 1), ""] if number in notes else [line]  # the note is a paragraph of its own
        lines += parts
        numbers += [number] * len(parts)
    tokens: list[Any] = _markdown().parse("\n".join(lines))
    for token in tokens:
        if token.map:
            token.map = [numbers[token.map[0]], numbers[token.map[1] - 1] + 1]
    return tokens


@lru_cache(maxsize=1)
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
