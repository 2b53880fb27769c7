"""Lists whose items show their numbers as texts of their own, as the steps of guides do: they are lists of numbers.

Items with headings are sections, and keep their numbers there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MOST_INSIDE = 8  # elements of an item in which its number is looked for


def read_steps(element: Any) -> bool:
    """Make a list of numbers of one whose items begin with their numbers, and take these out. Returns whether it is."""
    first = next(_items(element), None)
    if first is None or _number_at(first, "1") is None or next(first.iter(*_HEADINGS), None) is not None:
        return False
    numbers = [_number_at(item, str(i)) for i, item in enumerate(_items(element), 1)]
    if len(numbers) < 2 or None in numbers:
        return False
    for number in numbers:
        number.text = None
    for item in [*_items(element)]:
        item.tag = "li"
        item.attrib.pop("role", None)
    element.tag = "ol"
    element.attrib.pop("role", None)
    return True


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
