"""Which elements a browser does not show, and why: by their attributes, their style and simple rules of `<style>`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

from indexlm.html.elements import find_elements
from indexlm.html.hidden.colours import WHITE, Colour, is_lost, read_colour
from indexlm.html.hidden.sheets import BoxRules, SheetRules, display_rules, is_white
from indexlm.html.hidden.styles import font_size, is_sized, is_speck_font, read_style
from indexlm.page import UNREADABLE
from indexlm.patterns import late

_CLOSED = late(
    r"(?:^|;)\s*(?:(display)\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden)",
    re.IGNORECASE,
)
_WORTH_READING = late(
    r"-\d{3}|opacity|transparent|clip|scale|font(?:-size)?\s*:\s*[01]?(?:[.;p/]|$)|(?<![-\w])color\s*:|overflow",
    re.IGNORECASE,
)
# Not -100 %: there stand menus that slide in. The track of a carousel moves by thousands of pixels.
_FAR = late(r"-(?:999|\d{4,})\d*(?:\.\d+)?px|-\d{3,}(?:\.\d+)?(?:r?em|v[wh])|-(?:999|\d{4,})\d*%")
_FAR_SHIFT = late(r"-(?:9{3,}|\d{6,})(?:\.\d+)?px|-\d{3,}(?:\.\d+)?(?:r?em|v[wh])")
_ZERO = r"0(?:\.0+)?(?:px|%|r?em)?"
_CLIPPED = late(
    rf"rect\([01](?:px)?[\s,]|inset\((?:50|100)%|scale(?:3d|x|y)?\({_ZERO}[,)\s]|(?:circle|ellipse)\({_ZERO}[)\s]"
    rf"|polygon\((?:\s*{_ZERO}[\s,]*)+\)"
)
_CLEAR = late(r"0*\.?0[0-2]?0*%?|[01]%")
_SPECK = late(r"[01]?(?:\.\d+)?(?:px|pt|r?em|%)?")
_OPENED = late(
    r"more|rest|full|expand|collaps|toggle|reveal|spoiler|anim|fade|split|aos|typed|(?:^|[\s_-])(?:words?|chars?|letters?)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)


_DIALOGS = ("dialog", "alertdialog")
_PLACED = ("absolute", "fixed", "relative", "sticky")
NO_FONT, LOST = "zero font", "colour of the background"  # of `UNREADABLE`: what a child may change

_class_values: Any = etree.XPath("//*/@class", smart_strings=False)


class HiddenRules:
    """Tells for a page's elements why they are hidden."""

    def __init__(self, root: Any) -> None:
        styles, links = find_elements(root, ["style"], ["link"])
        sheets = [text for element in styles if (text := element.text)]
        has_link = any("stylesheet" in (link.get("rel") or "").lower() for link in links)
        self.is_plain = not has_link and all(map(is_white, sheets))
        """Whether no style sheet may give the page a background, so that it is white."""
        self.sheet = SheetRules()
        """The rules of `<style>`, by the names that elements have."""
        for style, selectors in self.sheet.read(sheets, self.is_plain):
            reason = unreadable(style, WHITE if self.is_plain else None)
            if reason == "transparent":  # mostly the start of an animation
                continue
            if reason := reason or _closed(";".join(f"{name}:{value}" for name, value in style.items())):
                self.sheet.add(selectors, reason)
        has_boxes = "display:" in self.sheet.css
        values = set(_class_values(root)) if self.sheet.by_key or has_boxes else ()
        names = {value: value.split() for value in values}
        if self.sheet.by_key:
            self.sheet.keep(names)
        boxes = BoxRules(self.sheet.css, names) if has_boxes else None
        self.boxes = boxes if boxes is not None and (boxes.by_class or boxes.by_tag) else None
        """The rules that show inline elements as boxes."""
        self.displays = display_rules(self.sheet.css) if "table-row" in self.sheet.css else {}
        """The classes that the page shows as parts of a table."""
        self.has_names = bool(self.sheet.by_class or self.sheet.by_id)
        """Whether a rule of `<style>` hides elements by their names."""
        self._backgrounds: dict[Any, Colour | None] = {}

    def is_named(self, element: Any, keys: Sequence[str], names: str | None) -> bool:
        """Whether a rule of `<style>` may hide an element with these attributes and classes."""
        sheet = self.sheet
        return names in sheet.by_class or ("id" in keys and element.get("id") in sheet.by_id)

    def reason(self, element: Any, above: str) -> str:
        """An element and its parent's reason -> its own; empty where it is shown."""
        get = element.get
        style = get("style")
        if above in UNREADABLE:
            if not self._is_shown_again(element, style, above):
                return above
            above = ""
        own = self.sheet.reason(element) if self.has_names else ""
        if own == LOST and self.is_plain and not _is_white(self._background(element)):
            own = ""  # a rule is read without what stands behind the element
        if own and own not in UNREADABLE:
            return above if above and above != "aria-hidden" else own
        if style and not own and _is_worth_reading(style):
            own = unreadable(read_style(style), self._background(element))
        if not own and element.tag == "font" and (colour := read_colour((get("color") or "").lower())):
            background = self._background(element)
            own = LOST if background and is_lost(colour, background) else ""
        if own or (above and above != "aria-hidden"):
            return own or above
        if _is_closed_dialog(element):
            return "closed dialog"
        if get("hidden") not in (None, "until-found"):  # a search in the page shows the latter
            return "hidden attribute"
        if style and (reason := _closed(style)):
            return reason
        return above or ("aria-hidden" if get("aria-hidden") == "true" else "")

    def _is_shown_again(self, element: Any, style: str | None, above: str) -> bool:
        """Whether an element in one that nobody can read has a font size of its own, or another background."""
        own = read_style(style) if style else {}
        if above == NO_FONT:
            return is_sized(font_size(own)) or self.sheet.is_sized(element)
        if above != LOST:
            return False
        return (
            "color" in own
            or (element.tag == "font" and bool(element.get("color")))
            or ("background" in (style or "") and not _is_white(self._background(element)))
        )

    def _background(self, element: Any) -> Colour | None:
        """The colour behind an element, as far as the page itself says it; None where it may be any.

        White is believed of a page without style sheets alone: a class may give any element another background.
        """
        if not self.is_plain:
            return None
        chain = []
        while element is not None and element not in self._backgrounds:
            chain.append(element)
            element = element.getparent()
        colour = WHITE if element is None else self._backgrounds[element]
        for inner in reversed(chain):
            colour = self._backgrounds[inner] = _background_in(inner, colour)
        return colour


def _background_in(element: Any, around: Colour | None) -> Colour | None:
    """The colour behind an element that stands before `around`."""
    get = element.get
    if get("background"):
        return None
    style = get("style")
    values = read_style(style) if style else {}
    if style and "background" in style.lower():
        return read_colour(values.get("background-color") or values.get("background", ""))
    if colour := get("bgcolor"):
        return read_colour(colour.lower() if colour[0] != "#" or len(colour) > 1 else "")
    is_of_unknown = element.tag in _CODE or values.get("position") in _PLACED  # it may stand over an image
    return None if is_of_unknown else around


def _is_closed_dialog(element: Any) -> bool:
    """Whether an element is a dialog, by its tag or its role, that is not open."""
    get = element.get
    if element.tag == "dialog":
        return get("open") is None
    return get("role") in _DIALOGS and (get("hidden") is not None or get("aria-hidden") == "true")


def _is_white(background: Colour | None) -> bool:
    return background is not None and is_lost(WHITE, background)


def is_dropped(element: Any, reason: str) -> bool:
    """Whether a hidden piece of a block that is shown is no part of its text.

    Text that only screen readers pass over (`aria-hidden`) is shown. A piece whose names say that it can be opened, or
    that it comes in by an animation, is content.
    """
    if reason == "aria-hidden" or element.get("hidden") == "until-found":
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return not (names.strip() and reason in _TEMPORARY and _OPENED.search(names))


_CODE = ("pre", "code")  # themes of code are dark, and say so elsewhere
_TEMPORARY = ("display:none", "visibility:hidden", "hidden attribute", "transparent")


@lru_cache(maxsize=4096)
def _is_worth_reading(style: str) -> bool:
    return _WORTH_READING.search(style) is not None


@lru_cache(maxsize=4096)
def _closed(style: str) -> str:
    match = _CLOSED.search(style)
    return "" if match is None else "display:none" if match.group(1) else "visibility:hidden"


def unreadable(style: Mapping[str, str], background: Colour | None = None) -> str:
    """A style, and the colour behind it where it is known -> one of `UNREADABLE`, or empty."""
    get = style.get
    places = [get(name, "") for name in ("left", "right", "top", "margin-left", "margin-top", "text-indent")]
    if any(map(_FAR.fullmatch, places)) or any(_FAR_SHIFT.search(get(name, "")) for name in ("transform", "translate")):
        return "off-screen"
    sizes = [get(name) or get(f"max-{name}", "") for name in ("width", "height")]
    is_speck = all(size and _SPECK.fullmatch(size) for size in sizes) and "hidden" in get("overflow", "")
    clip = " ".join(filter(None, map(get, ("clip", "clip-path", "-webkit-clip-path", "transform"))))
    if is_speck or _CLIPPED.search(clip) or _CLEAR.fullmatch(get("scale", "1")):
        return "zero size"
    if is_speck_font(font_size(style)):
        return NO_FONT
    colour = read_colour(get("color", "")) if "color" in style else None
    is_gradient = "text" in get("background-clip", "") + get("-webkit-background-clip", "")
    fades = _CLEAR.fullmatch(get("opacity", "1")) or re.search(r"opacity\(0%?\)", get("filter", ""))
    if fades or (colour is not None and colour.alpha < 0.03 and not is_gradient):
        return "transparent"
    if colour is None or is_gradient:
        return ""
    own = " ".join(get(f"background{part}", "") for part in ("-color", "", "-image"))
    if not own.isspace():
        background = None if "url(" in own or "gradient" in own else read_colour(own)
    elif get("position") in _PLACED:
        return ""
    return LOST if background and is_lost(colour, background) else ""
