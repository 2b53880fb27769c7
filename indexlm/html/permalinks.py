"""Signs beside the text of a page that link to itself: permalinks of headings, edit links, arrows back from notes."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import islice
from typing import Any

from indexlm.text import word_set

_PERMALINK_CLASSES = word_set(
    "headerlink header-link header-anchor heading-anchor heading-link hash-link hash permalink anchor anchor-link "
    "anchorjs-link direct-link deep-link section-link self-link paragraph-link mw-editsection editsection "
    "sectionedit btn-clipboard copy-link"
)

_LONG = 2000  # characters of a heading that is none


def has_word(text: str) -> bool:
    """Whether a text has a letter or a digit."""
    return any(map(str.isalnum, text))


def is_sign(link: Any) -> bool:
    """Whether a link points into its own page with signs alone, as `¶`, `#` or `↩` do."""
    href = link.get("href")
    if not href or href[0] != "#" or has_word("".join(link.itertext())):
        return False
    return next(link.iter("img", "svg"), None) is None


def permalinks(heading: Any) -> Iterator[Any]:
    """A heading -> the elements in it that are no part of its text: permalinks, edit links and buttons."""
    whole = "".join(heading.itertext())
    if len(whole) > _LONG or not has_word(whole):
        return
    inner = islice(heading.iterdescendants("*"), _LONG)
    ids = {heading.get("id"), *(e.get(name) for e in inner for name in ("id", "name"))}
    last = None
    for element in islice(heading.iterdescendants("a", "span", "button"), _LONG):
        if last is not None and last in element.iterancestors():
            continue
        text = "".join(element.itertext())
        rest = whole.replace(text, "", 1).strip()
        is_beside = has_word(rest) and (len(text) < len(rest) or rest in text)
        is_wordless_link = "#" in (element.get("href") or "") and not has_word(text)
        if is_wordless_link or (is_beside and _is_extra(element, ids)):
            last = element
            yield element


def _is_extra(element: Any, ids: Container[str | None]) -> bool:
    if element.tag == "button" or not _PERMALINK_CLASSES.isdisjoint((element.get("class") or "").lower().split()):
        return True
    target = (element.get("href") or "").partition("#")[2]
    return bool(target) and target in ids
