"""Tabs with code in several languages or for several systems: the name of each stands before its own code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.tree_edits import take_out, text_of

_FEWEST, _MOST = 2, 12  # tabs
_MOST_LISTS = 1000  # of a page
_MOST_BESIDE = 50  # elements behind a list of tabs
_MOST_INSIDE = 200  # elements in it
_LONGEST = 40  # characters of a tab's name

_tab_lists: Any = etree.XPath(
    "//*[@role = 'tablist' or @class["
    "(contains(., 'tab') and (contains(concat(' ', ., ' '), ' tabbed-labels ')"
    " or (contains(concat(' ', ., ' '), ' tabs ') and (../label or ../li)) or ../button[2]))"
    " or (contains(., 'Tab') and ../button[2])]]"
)


def place_tabs(body: Any) -> None:
    """Move the names of tabs to the beginning of what they show, where each of these holds code."""
    for tab_list in islice(_tab_lists(body), _MOST_LISTS):
        names = _names(tab_list)
        if not _FEWEST <= len(names) <= _MOST or not all(0 < len(name) <= _LONGEST for name in names):
            continue
        panels = _panels(tab_list, len(names))
        if panels and all(next(panel.iter("pre"), None) is not None for panel in panels):
            for panel, name in zip(panels, names, strict=True):
                _name(panel, name)
            take_out(tab_list)


def _names(tab_list: Any) -> list[str]:
    tabs = [tab for tab in islice(tab_list.iterdescendants("*"), _MOST_INSIDE) if tab.get("role") == "tab"]
    tabs = tabs or [*tab_list.iterchildren("label", "li", "button")]
    return [text_of(tab) for tab in tabs]


def _panels(tab_list: Any, count: int) -> Sequence[Any]:
    """As many elements behind a list of tabs, which is alone or the first in elements around it."""
    element = tab_list
    for _ in range(3):
        after = [sibling for sibling in islice(element.itersiblings(), _MOST_BESIDE) if isinstance(sibling.tag, str)]
        for panels in (after, [*islice(after[0].iterchildren("*"), _MOST_BESIDE)] if after else []):
            shown = [panel for panel in panels if panel.tag not in ("input", "style", "script")]
            marked = [panel for panel in shown if panel.get("role") == "tabpanel"]
            for found in (marked, shown):
                if len(found) == count:
                    return found
        element = element.getparent()
        if after or element is None:
            break
    return ()


def _name(panel: Any, name: str) -> None:
    """Write the name of a tab at the beginning of what it shows, or above it where that is the code itself."""
    label = etree.Element("p")
    etree.SubElement(label, "strong").text = name
    if panel.tag == "pre":
        panel.addprevious(label)
        return
    label.tail, panel.text = panel.text, None
    panel.insert(0, label)
