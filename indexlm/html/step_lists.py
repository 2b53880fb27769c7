"""Lists whose items show their numbers as texts of their own, as the steps of guides do: they are lists of numbers.

Items with headings are sections, and keep their numbers there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.tags import HEADINGS

_MOST_LISTS = 2000  # of a page
_MOST_INSIDE = 8  # elements of an item in which its number is looked for

_lists: Any = etree.XPath("//ul | //*[@role = 'list']")


def read_step_lists(body: Any) -> None:
    """Make lists of numbers of those whose items begin with their numbers, and take these out."""
    for element in islice(_lists(body), _MOST_LISTS):
        first = next(_items(element), None)
        if first is None or _number_at(first, "1") is None or next(first.iter(*HEADINGS), None) is not None:
            continue
        numbers = [_number_at(item, str(i)) for i, item in enumerate(_items(element), 1)]
        if len(numbers) > 1 and None not in numbers:
            for number in numbers:
                number.text = None
            for item in [*_items(element)]:
                item.tag = "li"
                item.attrib.pop("role", None)
            element.tag = "ol"
            element.attrib.pop("role", None)


def _items(element: Any) -> Iterator[Any]:
    return (child for child in element.iterchildren("*") if child.tag == "li" or child.get("role") == "listitem")


def _number_at(item: Any, number: str) -> Any:
    """The element that begins an item and holds this number alone, if the item goes on behind it; None for others."""
    for element in islice(item.iter("*"), _MOST_INSIDE):
        if element.tag == "a":  # its number is part of it
            return None
        if text := (element.text or "").strip():
            is_alone = text.rstrip(".)") == number and not len(element) and element is not item
            return element if is_alone and not (element.tail or "").strip() and _goes_on(item) else None
    return None


def _goes_on(item: Any) -> bool:
    """Whether an item holds more than one text."""
    return len([*islice((text for text in item.itertext() if not text.isspace()), 2)]) == 2
