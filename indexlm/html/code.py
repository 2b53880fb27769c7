"""Code: which elements hold it, what in them is none of it, and where its lines end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

from indexlm.html.diffs import diff_rows, diff_sign
from indexlm.html.insert import Insert
from indexlm.html.language import code_language, is_language
from indexlm.html.permalinks import has_word
from indexlm.html.tags import BLOCK_LEVEL, PREFORMATTED
from indexlm.patterns import late

_NUMBERS = late(r"\W*[0-9]+(?:\W+[0-9]+)*\W*")
_NUMBER_NAMES = late(
    r"line-?_?n(?:o|r|um)|gutter|blob-num|hljs-ln-n|(?:^|[\s_-])(?:ln[ts]?|nums?|gl|lines)(?:$|[\s_-])", re.IGNORECASE
)
_LINE_NAMES = late(r"(?:^|[\s_-])line(?:$|\s|_)", re.IGNORECASE)
_COPY = late(r"\bcop(?:y|ied|ier|iar|iare|iado)\b|copy(?:-|_)?(?:btn|button|code)|kopier|clipboard|コピー|复制", re.I)
_LABEL = late(r"(?:^|[\s_-])(?:lang(?:uage)?|toolbar)(?:$|[\s_-])", re.IGNORECASE)
_PRESERVED = late(r"white-space\s*:\s*(?:pre|pre-wrap|break-spaces)\s*(?:;|!|$)", re.IGNORECASE)
_BLOCK_STYLE = late(r"display\s*:\s*(?:block|flex|grid|table-row)", re.IGNORECASE)
_EDITOR_LINE = late(r"(?:^|\s)(?:CodeMirror-line|cm-line|ace_line|view-line)(?:$|\s)")
_MOST_LINES = 20_000  # elements of an editor
_POPUP = late(r"popup|tooltip|hover-?info|twoslash-(?:error|meta)", re.IGNORECASE)
_CODE_STYLE = late(r"monospace|courier|consolas|menlo|monaco", re.IGNORECASE)
_CODE_NAMES = late(
    r"(?:^|[\s_-])(?:code\w*|snippet|hljs|\w*highlight\w*|shell|terminal|console)(?:$|[\s_-])", re.IGNORECASE
)
CODE = ("code", "samp", "kbd", "tt")
"""Inline elements of code."""
_WRAPPERS = ("div", "figure", "span", "td", "tr", "tbody", "table", "code", *PREFORMATTED)
_NO_CODE = ("td", "th", "tr", "table", "body", "html")
_BUTTONS = ("button", "clipboard-copy")
_HEADERS = ("div", "span", "figcaption", "header")
_SHORT = 30  # characters of a button or a label
_FEW_TEXTS = 20  # text nodes in which a gutter shows a number
_LEVELS = 4  # above a code, where its gutter and its buttons may stand


class Code:
    """The code of a page, from its `<pre>` elements and their like, and its `<code>` elements and their like.

    inserts: what stands for elements, shared with the formulas; those in and beside code that are none (line numbers,
    buttons, labels) are added.
    preformatted: the elements outside `<pre>` whose white space is kept.
    lines: the elements in code that are a line each, though no newline parts them.
    """

    def __init__(self, blocks: Iterable[Any], inlines: Iterable[Any], inserts: dict[Any, Insert]) -> None:
        self.inserts = inserts
        self.preformatted: set[Any] = set()
        self.lines: set[Any] = set()
        self._sizes: dict[Any, int] = {}  # of blocks of unmarked code, in characters
        for code in inlines:
            self._find_unmarked(code)
        read: set[Any] = set()
        for code in (*blocks, *self.preformatted):
            if code not in self.inserts and not _is_within(code, self.inserts) and not _is_within(code, read):
                read.add(code)
                self._read(code)

    def read_table(self, table: Any) -> None:
        """Take in a table: one of code has a cell of line numbers beside a cell of code, for all lines or for each."""
        row = next(table.iter("tr"), None)
        if row is None or not len(row):
            return
        if diff := diff_rows(table):
            self._read_diff(table, diff)
            return
        if not _is_gutter_cell(row[0]):
            return
        rows = [row for row in table.iter("tr") if len(row) and _is_gutter_cell(row[0])]
        for row in rows:
            self.inserts[row[0]] = Insert()
        if len(rows) > 1 or next(table.iter(*PREFORMATTED), None) is None:
            self.preformatted.add(table)
            self._read(table)

    def _read_diff(self, table: Any, rows: Iterable[Any]) -> None:
        """Take in a table of changed lines: each line begins with its sign."""
        for row in rows:
            *gutters, line = row
            self.inserts |= dict.fromkeys(gutters, Insert())
            line.text = diff_sign(line) + (line.text or "").lstrip("\n")
        self.preformatted.add(table)
        self._read(table)

    def read_editor(self, editor: Any) -> None:
        """Take in the lines of a code editor, each an element, or the source of a diagram that a script draws."""
        names = (editor.get("class") or "").split()
        if "fragment" in names:  # of Doxygen
            lines = [child for child in editor if "line" in (child.get("class") or "").split()]
            if not lines or len(lines) < len(editor):
                return
        else:
            lines = [
                e
                for e in islice(editor.iter("div", "pre", "span"), _MOST_LINES)
                if _EDITOR_LINE.search(e.get("class") or "")
            ]
        if lines or next(editor.iter("svg"), None) is None:
            self.preformatted.add(editor)
            self._read(editor)
            self.lines.update(lines)

    def keeps_space(self, element: Any, tag: str) -> bool:
        """Whether an element is code whose white space is kept."""
        if tag in PREFORMATTED or element in self.preformatted:
            return True
        style = element.get("style")
        if not style or "white-space" not in style or not _PRESERVED.search(style) or not _is_styled_code(element):
            return False
        return "\n" in _text(element).strip()

    def _find_unmarked(self, code: Any) -> None:
        """Take in an inline element that fills a block with several lines of code."""
        if code.getparent().tag in (*PREFORMATTED, *CODE):
            return
        if next(code.iter("br"), None) is not None or (
            "\n" in _text(code).strip()
            and (
                any(_PRESERVED.search(element.get("style") or "") for element in _with_above(code, 2))
                or _BLOCK_STYLE.search(code.get("style") or "")
                or code_language(_with_above(code, 2))
            )
        ):
            self._add(code)

    def _add(self, element: Any) -> None:
        """Keep the white space of the block that holds nothing but this element."""
        block = element
        for _ in range(_LEVELS):
            if block is None or block.tag in BLOCK_LEVEL:
                break
            block = block.getparent()
        if block is None or block.tag not in BLOCK_LEVEL:
            return
        if block not in self._sizes:
            self._sizes[block] = len(_text(block).strip())
        if self._sizes[block] > len(_text(element).strip()):
            return
        around = (block, *block.iterancestors())
        if block.tag not in _NO_CODE and not any(e.tag in PREFORMATTED or e in self.preformatted for e in around):
            self.preformatted.add(block)

    def _read(self, code: Any) -> None:
        extras = [
            element for element in code.iterdescendants() if isinstance(element.tag, str) and _is_extra(element, code)
        ]
        for element in (*extras, *_language_names(code), *_numbered_lines(code), *_beside(code)):
            self.inserts[element] = Insert()
        if (header := self._header(code)) is not None:
            self.inserts[header] = Insert()
            code.set("data-lang", _text(header).strip().lower())
        self.lines.update(_lines(code))

    def _header(self, code: Any) -> Any:
        """The element before a code that says no more than its language, but for buttons that copy."""
        for element in _with_above(code, 2):
            header = element.getprevious()
            if header is not None and header.tag in _HEADERS and header.get("class"):
                if _short_text(header, 2 * _SHORT) is None:
                    return None
                inside = islice(header.iter(*_HEADERS, "p"), _FEW_TEXTS)
                parts = [part for part in inside if not len(part) and part.text]
                named = [part for part in parts if part.text.strip() and part not in self.inserts]
                named = [part for part in named if not _is_within(part, self.inserts)]
                is_label = len(named) == 1 and is_language(named[0].text.strip())
                return named[0] if is_label and next(header.iter("a"), None) is None else None
            if (element.text or "").strip() or element.tag not in _WRAPPERS:
                return None
        return None


def _is_within(element: Any, elements: Any) -> bool:
    return bool(elements) and any(ancestor in elements for ancestor in element.iterancestors())


def _with_above(element: Any, levels: int) -> Iterator[Any]:
    """An element and those around it, innermost first."""
    yield element
    yield from islice(element.iterancestors(), levels)


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _short_text(element: Any, most: int) -> str | None:
    """An element's text, or None where it is longer than `most` characters."""
    pieces, size = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        size += len(piece.strip())
        if size > most:
            return None
    text = "".join(pieces).strip()
    return text if len(text) <= most else None


def _names(element: Any) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_gutter(element: Any) -> bool:
    """Whether an element holds nothing but the numbers of lines, and says so."""
    if element.get("data-line-number"):
        return not _text(element).strip() or bool(_NUMBERS.fullmatch(_text(element)))
    named = _NUMBER_NAMES.search(_names(element)) or any(
        _NUMBER_NAMES.search(_names(child)) for child in islice(element.iterdescendants(), 3)
    )
    return bool(named and _are_numbers(_text(element)))


def _is_gutter_cell(cell: Any) -> bool:
    """Whether a cell holds the numbers of lines, and code stands beside it."""
    if not _is_gutter(cell):
        return False
    code = cell.getnext()
    if cell.get("data-line-number") or code is None:
        return code is not None
    names = " ".join(map(_names, _with_above(code, 4)))
    return bool(_CODE_NAMES.search(names)) or next(code.iter("pre", "code"), None) is not None


def _are_numbers(text: str) -> bool:
    """Whether a text is nothing but numbers, each greater by one than that before."""
    if not _NUMBERS.fullmatch(text):
        return False
    numbers = [int(number) for number in re.findall("[0-9]+", text) if len(number) < 8]
    return bool(numbers) and numbers == [*range(numbers[0], numbers[0] + len(numbers))]


def _is_styled_code(element: Any) -> bool:
    """Whether an element whose white space is kept holds code, and no prose."""
    if element.tag in CODE or _CODE_STYLE.search(element.get("style")) or _CODE_NAMES.search(_names(element)):
        return True
    code = next(element.iter(*CODE), None)
    return code is not None and _text(code).strip() == _text(element).strip()


def _is_extra(element: Any, code: Any) -> bool:
    """Whether an element inside code is a button, a label or a line's number."""
    tag = element.tag
    if tag == "button" or tag == "clipboard-copy" or element.get("role") == "button":
        return True
    kind = _kind(element.get("class") or "")
    if kind == "popup":
        return True
    if kind == "number" or element.get("data-line-number") is not None:
        return _are_numbers(_text(element))
    if kind == "label" and (element.getparent() is not code or next(code.iterchildren("code"), None) is None):
        return False
    return bool(kind) and tag != "code" and _short_text(element, _SHORT) is not None


@lru_cache(maxsize=512)
def _kind(names: str) -> str:
    """The classes of an element in code -> what they say that it is, where it is no code."""
    patterns = (("popup", _POPUP), ("number", _NUMBER_NAMES), ("copy", _COPY), ("label", _LABEL))
    return next((kind for kind, pattern in patterns if pattern.search(names)), "")


def _language_names(code: Any) -> Iterator[Any]:
    """The elements of a `<pre>` around its one `<code>` that say no more than the language."""
    if code.tag != "pre" or len(inner := [*code.iter("code")]) != 1 or inner[0].getparent() is code:
        return
    around = {inner[0], *inner[0].iterancestors(), *inner[0].iterdescendants()}
    for element in code.iter("div", "span", "p"):
        if element not in around and (name := _short_text(element, _SHORT)) and is_language(name):
            yield element


def _numbered_lines(code: Any) -> list[Any]:
    """The elements that begin the lines of a code with a number each, one after the other."""
    numbers = []
    for element in code.iterdescendants("a", "span", "i", "em", "b", "small"):
        text = (element.text or "").strip()
        if not len(element) and text.isdecimal() and text.isascii() and len(text) < 7 and _begins_line(element, code):
            numbers.append((element, int(text)))
    if len(numbers) < 2 or any(b != a + 1 for (_, a), (_, b) in pairwise(numbers)):
        return []
    text = _text(code).strip()
    lines = text.count("\n") + sum(1 for _ in code.iter("br")) + 1
    return [element for element, _ in numbers] if len(numbers) * 5 >= lines * 3 and not _NUMBERS.fullmatch(text) else []


def _begins_line(element: Any, code: Any) -> bool:
    """Whether nothing stands before an element on its line."""
    while element is not code:
        before = element.getprevious()
        text = (element.getparent().text if before is None else before.tail) or ""
        if text.strip(" \t"):
            return bool(text.rstrip(" \t").endswith("\n"))
        if before is not None:
            return bool(before.tag == "br" or _text(before).endswith("\n") or before.tag in BLOCK_LEVEL)
        element = element.getparent()
    return True


def _beside(code: Any) -> Iterator[Any]:
    """The line numbers and the buttons for copying that stand beside a code."""
    element = code
    for _ in range(_LEVELS):
        before = element.getprevious()
        if before is not None and _numbers_lines_of(before, code):
            yield before
        if (after := element.getnext()) is not None and _is_gutter(after):
            yield after
        for sibling in (before, element.getnext()):
            if sibling is not None and isinstance(sibling.tag, str) and _short_text(sibling, 2 * _SHORT) is not None:
                yield from filter(_copies, sibling.iter(*_BUTTONS, "a", "div", "span"))
        element = element.getparent()
        if element is None or element.tag not in _WRAPPERS:
            return


def _numbers_lines_of(element: Any, code: Any) -> bool:
    begin = next(filter(str.strip, islice(element.itertext(), _FEW_TEXTS)), "").strip()
    if not begin[:1].isdigit():
        return False
    text = _short_text(element, 10 * len(_text(code)) + 100)  # a line has a number of few characters
    if text is None or not _are_numbers(text):
        return False
    count = len(text.split())
    return _is_gutter(element) or (count > 1 and abs(count - len(_text(code).strip().split("\n"))) < 2)


def _copies(element: Any) -> bool:
    """Whether an element is a button that copies; of one that is no `<button>`, its text says so, or is a sign."""
    tag = element.tag
    text = _short_text(element, _SHORT)
    if text is None or (tag not in _BUTTONS and not element.get("class")):
        return False
    names = " ".join(filter(None, map(element.get, ("class", "aria-label", "title", "data-clipboard-text"))))
    if tag in _BUTTONS:
        return tag == "clipboard-copy" or bool(_COPY.search(names) or _COPY.search(text))
    says_so = _COPY.search(text) or not has_word(text)
    return bool(says_so and _COPY.search(names)) and next(element.iter(*PREFORMATTED, *CODE), None) is None


def _lines(code: Any) -> Iterator[Any]:
    """The elements in code that are a line each: shown as a block, or alike and with nothing between them."""
    groups: dict[Any, list[Any]] = {}
    for element in code.iterdescendants("span", "code", "div", "p", "samp"):
        get = element.get
        style, names = get("style"), get("class")
        if style and _BLOCK_STYLE.search(style):
            yield element
        elif (
            (names and "line" in names and _LINE_NAMES.search(names))
            or get("data-line") is not None
            or (element.tag == "code" and element.getparent() is code)
        ):
            groups.setdefault(element.getparent(), []).append(element)
    for parent, lines in groups.items():
        is_parted = next(parent.iterchildren("br"), None) is not None or any(map(_ends_line, lines))
        if len(lines) > 1 and not is_parted:
            yield from lines


def _ends_line(element: Any) -> bool:
    """Whether the source itself ends the line behind an element, by a newline or a `<br>`."""
    last = next(element.iterchildren(reversed=True), None)
    if last is not None and last.tag == "br" and not (last.tail or "").strip():
        return True
    return "\n" in (element.tail or "") or _text(element).endswith("\n")
