"""Signs beside the text of a page that link to itself: permalinks of headings, edit links, arrows back from notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from indexlm.html.tags import BLOCK_LEVEL, HEADINGS
from indexlm.text import word_set

_PERMALINK_CLASSES = word_set(
    "headerlink header-link header-anchor heading-anchor heading-link hash-link hash permalink anchor anchor-link "
    "anchorjs-link direct-link deep-link section-link self-link paragraph-link mw-editsection editsection "
    "sectionedit btn-clipboard copy-link sl-anchor-link anchorlink heading-anchor-wrapper hanchor"
)
_LINK_WORDS = re.compile(
    r"\W*+(?:(?:copy|direct|permalink|permanent|perma|anchor|share|section|heading|links?|url|edit|to|of|this|the|for|here)"
    r"\W*+)++",
    re.IGNORECASE,
)
_LINKING = frozenset(["a", "span", "button"])
_MOST_LINKED = 300  # elements of a heading whose links are read
_PARTS = ("div", "p", "span", "center", "hgroup")
_MOST_PARTS, _MOST_CHARS, _MOST_INSIDE = 6, 200, 60  # blocks, characters and elements of a heading
_LEVELS = 4  # around a link, up to the section that its heading begins
_LONG = 2000  # characters of a heading that is none


def has_word(text: str) -> bool:
    """Whether a text has a letter or a digit."""
    return any(map(str.isalnum, text))


def is_sign(link: Any) -> bool:
    """Whether a link into its own page has signs alone, as `¶`, `#` or `↩` are, or says that it links to a section."""
    text = "".join(link.itertext())
    if has_word(text):
        is_anchor = not _PERMALINK_CLASSES.isdisjoint((link.get("class") or "").lower().split())
        return is_anchor and len(text) < 200 and _names_heading(link, text)
    return next(link.iter("img", "svg"), None) is None


def _names_heading(link: Any, text: str) -> bool:
    """Whether a link beside a heading repeats its text, as in `Section titled “Mooring”`."""
    heading = link.getprevious()
    if heading is None or heading.tag not in HEADINGS:
        return False
    title = "".join(heading.itertext()).strip()
    return bool(title) and title in text


def is_joined(heading: Any) -> bool:
    """Whether the blocks in a heading are parts of one heading: few, short, and none of them a part of a page.

    A block beside the heading's own text is what describes it, unless it is a `<span>`.
    """
    inside = [*islice(heading.iterdescendants("*"), _MOST_INSIDE + 1)]
    parts = [element for element in inside if element.tag in BLOCK_LEVEL or _is_block(element)]
    if len(inside) > _MOST_INSIDE:
        return False
    if not parts or len(parts) > _MOST_PARTS or any(part.tag not in _PARTS for part in parts):
        return False
    if any(part.getparent() in parts for part in parts):
        return False
    texts = (heading.text, *(child.tail for child in heading))
    if any(text and not text.isspace() for text in texts) and any(part.tag != "span" for part in parts):
        return False
    return sum(len(text.strip()) for text in heading.itertext()) <= _MOST_CHARS


def _is_block(element: Any) -> bool:
    return "display" in (element.get("style") or "")


def paragraph_of(heading: Any) -> Any:
    """The paragraph that a page puts into a heading, which libxml2 ends before it; None for another heading."""
    if len(heading) or heading.text or heading.tail:
        return None
    paragraph = heading.getnext()
    if paragraph is None or paragraph.tag != "p":
        return None
    text = "".join(paragraph.itertext()).strip()
    return paragraph if 0 < len(text) <= _MOST_CHARS // 2 and text[-1] not in ".;,:" else None


def permalinks(heading: Any) -> Iterator[Any]:
    """A heading -> the elements in it that are no part of its text: permalinks, edit links and buttons."""
    inside = [*islice(heading.iterdescendants("*"), _MOST_LINKED + 1)]
    if len(inside) > _MOST_LINKED:
        return  # an unclosed one, which holds the rest of the page
    whole = "".join(heading.itertext())
    if len(whole) > _LONG or not has_word(whole):
        return
    last = None
    ids: set[str | None] = set()
    for element in inside:
        if element.tag not in _LINKING or (last is not None and last in element.iterancestors()):
            continue
        text = "".join(element.itertext())
        rest = whole.replace(text, "", 1).strip()
        if has_word(text) and not has_word(rest):
            continue  # the link of the heading itself, as most are
        ids = ids or {heading.get("id"), *(e.get(name) for e in inside for name in ("id", "name"))}
        if _is_permalink(element, text, rest, whole, ids):
            last = element
            yield element


def _is_permalink(element: Any, text: str, rest: str, whole: str, ids: set[str | None]) -> bool:
    """Whether an element in a heading is no part of its text.

    `text` is its text, `rest` what the heading has beside it, and `whole` both; `ids` are the names of the heading and
    of what is in it, to which a permalink leads.
    """
    is_beside = has_word(rest) and (len(text) < len(rest) or rest in text)
    own = text.strip()
    is_at_edge = whole.strip().startswith(own) or whole.strip().endswith(own)
    if "#" in (element.get("href") or "") and not has_word(text) and is_at_edge:
        return True
    is_link_to_itself = (not has_word(text) or rest in text) and _target(element) in ids
    is_extra = is_link_to_itself or (_is_extra(element) and not _is_target_of_itself(element, own))
    if is_beside and is_extra:
        return True
    if not has_word(rest) or element.tag == "span" or len(text) > _MOST_CHARS or not _LINK_WORDS.fullmatch(text):
        return False
    return element.tag == "button" or (is_at_edge and _leads_to_page(element))


def _leads_to_page(link: Any) -> bool:
    """Whether a link leads into a page, or edits one, or copies an address by a script."""
    href = (link.get("href") or "").lower()
    return not href or "#" in href or "edit" in href or href.startswith("javascript:")


def _target(link: Any) -> str:
    """The element of its own page that a link names, or a space."""
    return (link.get("href") or "").partition("#")[2] or " "


def leads_to_itself(link: Any, name: str) -> bool:
    """Whether a link in a heading or a term leads to that: to it, to what is in it, or to a section that it begins."""
    around = [link, *islice(link.iterancestors(), _LEVELS)]
    place = next((i for i, element in enumerate(around) if element.tag in (*HEADINGS, "dt")), None)
    if place is None or not name:
        return False
    heading = around[place]
    targets = [*around, *islice(heading.iterdescendants("*"), _MOST_PARTS)]
    if (before := heading.getprevious()) is not None:
        targets.append(before)
    return any(name in (element.get("id"), element.get("name")) for element in targets)


def _is_target_of_itself(link: Any, text: str) -> bool:
    """Whether a link is the text that its target is named after, as manual pages link an option: `#n` is `-n`."""
    name = "".join(filter(str.isalnum, text)).lower()
    return bool(name) and "".join(filter(str.isalnum, _target(link))).lower().startswith(name)


def _is_extra(element: Any) -> bool:
    names = (element.get("class") or "").lower().split()
    return element.tag == "button" or not _PERMALINK_CLASSES.isdisjoint(names)
