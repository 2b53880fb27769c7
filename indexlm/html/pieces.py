"""What single elements add to a run: images, links, raised and lowered text, cells, and lines of code."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

from indexlm.html.builder import BlockBuilder
from indexlm.html.content import attribute, without_redirect
from indexlm.html.formulas import image_formula
from indexlm.html.frame import Frame
from indexlm.html.insert import MOST_ADDRESS, Insert
from indexlm.html.media import icon_text, image_source, image_text, is_copy, is_tracker
from indexlm.html.scripts import cents_after, is_note_mark, script_text
from indexlm.html.seams import parts_image
from indexlm.html.tables import alignment, repeated_name, spans
from indexlm.html.tags import BLOCK_LEVEL

_QUOTES = tuple("“”„«»‘’'\"「『")
_MOST_LINKED = 20  # elements of a link around an image
_OPENS = re.compile(
    r"accord|collaps|expand|toggle|disclos|faq|question|\b(?:tab|pill)(?:s|links?)?\b"
    r"|(?:step|section|item|panel)[-_]*(?:header|heading|title)",
    re.IGNORECASE,
)
"""Names of a button that opens a part of the page."""
_OF_MENU = re.compile(r"nav|menu|dropdown|search|theme|modal", re.IGNORECASE)
_CELL_ALT = 20  # characters of an image's alternative text that is a cell's value, such as Yes


def is_code_line(builder: BlockBuilder, element: Any, tag: str) -> bool:
    """Whether an element in code is one of its lines."""
    return tag in ("tr", "li") or element in builder.plan.lines


def open_line(builder: BlockBuilder) -> None:
    """Begin a line of code."""
    builder.part()
    builder.line_starts.append(len(builder.text))


def close_line(builder: BlockBuilder) -> None:
    """End a line of code; one without text is an empty line."""
    if builder.line_starts.pop() == len(builder.text) and builder.text:
        builder.write("\n", "\n")
    builder.part()
    builder.after_line = True


def add_image(builder: BlockBuilder, element: Any) -> None:
    """Add an `<img>`: its text where it stands for text, or else its picture, which waits for text beside it."""
    if alt := " ".join((element.get("alt") or "").split()):
        if formula := image_formula(element):
            builder.insert(formula)
            return
        if text := image_text(element):
            builder.add(text)
            return
    tags = [frame.tag for frame in builder.frames[-3:]]
    if not ("noscript" in tags and is_copy(element)) and (source := image_source(element)):
        if is_tracker(element, source):
            return
        piece = f'<img src="{attribute(source)}" alt="{attribute(alt)}"/>'
        if builder.links:
            piece = _in_link(builder, piece)
        if piece not in (*builder.waiting.images[-1:], *builder.pieces[-1:]) and len(piece) < 2 * MOST_ADDRESS:
            builder.pieces.append(piece)
            builder.gap = builder.gap or (bool(builder.text) and parts_image(element, builder.text[-1]))
    if alt and element.get("aria-hidden") is None and (builder.reads_alts or not builder.links):
        builder.alts.append(alt)  # a linked image is a logo or a button


def _in_link(builder: BlockBuilder, image: str) -> str:
    """An image -> the same inside its link, where that holds no text in which the image would stand."""
    opening = next((opening for opening, _ in reversed(builder.inlines[builder.written :]) if opening[:3] == "<a "), "")
    link = next((frame.element for frame in reversed(builder.frames) if frame.tag == "a"), None)
    return image if not opening or link is None or _has_text(link) else f"{opening}{image}</a>"


def _has_text(link: Any) -> bool:
    """Whether text stands in the first elements of a link."""
    inside = islice(link.iter(), _MOST_LINKED)
    return any((e.text or "").strip() or (e is not link and (e.tail or "").strip()) for e in inside)


def open_link(builder: BlockBuilder, href: str) -> None:
    """Open an `<a>` with an address, or none."""
    builder.links += 1
    if "url=" in href or "url?" in href or "/cdn-cgi/" in href:
        href = without_redirect(href)
    if 0 < len(href) <= MOST_ADDRESS:
        builder.open_inline(f'<a href="{attribute(href.strip())}">', "</a>")
    else:
        builder.open_inline("", "")


def close_link(builder: BlockBuilder) -> None:
    """Close an `<a>`."""
    builder.links -= 1
    builder.close_inline()


def open_script(builder: BlockBuilder, element: Any, tag: str) -> None:
    """Open a `<sup>` or `<sub>`. The cents of a price are no power of it."""
    if tag == "sup" and not builder.pre and (sign := cents_after(element, "".join(builder.text[-2:]))) is not None:
        builder.open_inline("", "")
        builder.add(sign)
        builder.scripts.append(([], 0, False))
        return
    builder.open_inline(f"<{tag}>", f"</{tag}>")
    is_mark = tag == "sup" and is_note_mark(element)
    if is_mark:
        builder.insert(Insert("[", "["))
    builder.scripts.append((builder.text, len(builder.text), is_mark))


def close_script(builder: BlockBuilder, tag: str) -> None:
    """Close a `<sup>` or `<sub>`: its text is written so that it does not join the text before it."""
    text, start, is_mark = builder.scripts.pop()
    if is_mark:
        builder.insert(Insert("]", "]"))
        builder.gap = start == 1  # the mark of the note that begins here
    elif text is builder.text and not builder.pre and len(text) > start:
        text[start:] = [script_text("".join(text[start:]), tag, "".join(text[max(0, start - 9) : start]))]
    builder.close_inline()


def open_cell(builder: BlockBuilder, element: Any, tag: str) -> None:
    """Open a cell of the open row. A label that says the name of its column again, for narrow screens, goes."""
    if len(element) and (label := repeated_name(element, builder.cells, builder.column_names)) is not None:
        builder.extras.add(label)
    if builder.cells:
        builder.text.append(" | ")
    builder.cells += 1
    builder.cell_break = False
    builder.pieces.append(f"<{tag}{spans(element, builder.rooms)}{alignment(element)}>")
    builder.alts.clear()
    builder.cell_start = len(builder.text)


def open_in_row(builder: BlockBuilder, element: Any, tag: str) -> None:
    """Open an element that parts blocks elsewhere: in a cell a line ends there, and an item begins with its number."""
    builder.part(tag)
    if tag == "li" and builder.cells and not builder.pre and (number := _number_of(element)):
        builder.add(f"{number}. ")


def _number_of(item: Any) -> int:
    """The number of an item in an ordered list of several; 0 for others, and for an item without text."""
    around = item.getparent()
    if around.tag != "ol" or len(around) < 2 or not any(map(str.strip, islice(item.itertext(), _MOST_LINKED))):
        return 0
    start = around.get("start") or ""
    return (int(start) if start.isdecimal() and len(start) < 6 else 1) + sum(
        1 for _ in item.itersiblings("li", preceding=True)
    )


def close_cell(builder: BlockBuilder, element: Any, tag: str) -> None:
    """Close a cell of the open row. Without text, an image's alternative text or an icon's label is its value."""
    if not "".join(builder.text[builder.cell_start :]).strip():
        if builder.alts and len(builder.alts[0]) <= _CELL_ALT:
            builder.add_alts()
        elif len(element) and (label := icon_text(element)):
            builder.add(label)
    builder.write_closings()
    builder.pieces.append(f"</{tag}>")
    builder.cell_break = False


def is_control(button: Any) -> bool:
    """Whether a `<button>` is nothing but a control: it names no part of the page that it opens, and holds none."""
    get = button.get
    if get("aria-expanded") is not None or get("aria-controls") is not None or get("role") == "tab":
        return False
    if _opens_part(f"{get('class')} {get('data-toggle')} {get('data-bs-toggle')}"):
        return False
    return not any(inner.tag in BLOCK_LEVEL for inner in islice(button.iterdescendants("*"), _MOST_LINKED))


@lru_cache(maxsize=4096)
def _opens_part(names: str) -> bool:
    """Whether the names of a button say that it opens a part of the page; remembered, as a site repeats them."""
    return _OPENS.search(names) is not None and _OF_MENU.search(names) is None


def task_box(builder: BlockBuilder, checked: bool) -> None:
    """Add the box of a task, before the text of its item."""
    text, markup = "[x] " if checked else "[ ] ", f'<input type="checkbox"{" checked" * checked}/> '
    item = next((frame for frame in reversed(builder.frames) if frame.tag == "li"), None)
    if builder.chars or item is None:
        builder.write(text, markup)
    else:
        before = builder.lead[:2] if builder.lead is not None and builder.lead[2] in builder.frames else ("", "")
        builder.lead = (text + before[0], markup + before[1], item, None)


def quote(builder: BlockBuilder, element: Any, opens: bool) -> None:
    """Add the sign with which a `<q>` begins or ends, unless the page writes its own."""
    if (element.text or "").lstrip()[:1] not in _QUOTES:
        signs = "“”" if sum(frame.tag == "q" for frame in builder.frames) % 2 else "‘’"
        sign = signs[0 if opens else 1]
        builder.append(sign, sign)


def is_word(builder: BlockBuilder, above: Frame | None) -> bool:
    """Whether a custom element is a word in a sentence, as in `<p>A <x-term>tern</x-term>.</p>`."""
    return above is not None and above.tag == "p" and _is_mixed(builder, above)


def _is_mixed(builder: BlockBuilder, frame: Frame) -> bool:
    """Whether text stands directly in an element, beside the elements in it."""
    element = frame.element
    if element not in builder.mixed:
        texts = (element.text, *(child.tail for child in element))
        builder.mixed[element] = any(text and not text.isspace() for text in texts)
    return builder.mixed[element]
