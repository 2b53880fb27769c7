"""Which elements a browser does not show, and why: by their attributes, their style and simple rules of `<style>`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from indexlm.page import UNREADABLE

_CLOSED = re.compile(r"(?:^|;)\s*(?:(display)\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_WORTH_READING = re.compile(
    r"-\d{3}|opacity|transparent|clip|scale\(0|font-size\s*:\s*[01]?(?:[.;p]|$)|(?<![-\w])color\s*:|overflow",
    re.IGNORECASE,
)
_WORTH_IN_SHEET = re.compile(
    r":\s*-(?:999|\d{4}|\d{3}r?em)|clip(?:-path)?\s*:\s*(?:rect\(\s*[01]|inset\((?:50|100)%)|font-size\s*:\s*0[;}p]"
)
_SELECTORS = re.compile(r"(\A|[{}/;])([^{}/;]*)\Z")
_NAME = re.compile(r"[.#][\w-]+")
_FAR = re.compile(r"-(?:999|\d{4,})\d*(?:\.\d+)?px|-\d{3,}(?:\.\d+)?(?:r?em|v[wh]|%)")
_SPECK_FONT = re.compile(r"0*(?:\.0*)?(?:px|pt|r?em|%)?|(?:0?\.\d+|1(?:\.0*)?)(?:px|pt)")
_CLIPPED = re.compile(r"rect\([01]|inset\((?:50|100)%|scale\(0(?:\.0+)?\)")
_CLEAR = re.compile(r"transparent|(?:rgba|hsla)\(.*[,/]0?\.?0*%?\)")
_NOTHING = re.compile(r"0*\.?0*(?:px|r?em|pt|%)?")
_SPECK = re.compile(r"[01]?(?:\.\d+)?(?:px|pt|r?em|%)?")
_WHITE = ("white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)")
_MOST_NAMES = 50  # of classes and ids with a rule that is read
_MOST_OF_RULE, _MOST_CSS = 1000, 60_000  # characters

Style = Mapping[str, str]


def read_style(style: str) -> dict[str, str]:
    """A `style` attribute or the body of a rule -> its values by property, in lower case and without spaces."""
    pairs = (declaration.partition(":") for declaration in style.lower().split(";"))
    return {name.strip(): "".join(value.replace("!important", "").split()) for name, _, value in pairs if value}


class HiddenRules:
    """Tells for a page's elements why they are hidden."""

    def __init__(self, root: Any) -> None:
        sheets = [element.text for element in root.iter("style") if element.text]
        self.by_element: dict[Any, str] = {}
        """Elements that a rule of `<style>` makes unreadable, with the reason."""
        for name, reason in _unreadable_names(sheets).items():
            path = "//*[contains(concat(' ', @class, ' '), $name)]" if name[0] == "." else "//*[@id = $name]"
            value = f" {name[1:]} " if name[0] == "." else name[1:]
            self.by_element |= dict.fromkeys(root.xpath(path, name=value), reason)
        self.is_plain = not sheets and not any(
            "stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link")
        )
        """Whether the page has no style sheet, so that its background is white."""
        self._backgrounds: dict[Any, bool] = {}

    def reason(self, element: Any, above: str) -> str:
        """An element and its parent's reason -> its own; empty where it is shown."""
        if above in UNREADABLE:
            return above
        get = element.get
        style = get("style")
        own = self.by_element.get(element, "")
        if style and not own and _WORTH_READING.search(style):
            own = _unreadable(read_style(style), self.is_plain and not self._has_background(element))
        if own or above:
            return own or above
        if get("hidden") is not None:
            return "hidden attribute"
        if style and (match := _CLOSED.search(style)):
            return "display:none" if match.group(1) else "visibility:hidden"
        return "aria-hidden" if get("aria-hidden") == "true" else ""

    def _has_background(self, element: Any) -> bool:
        """Whether an element or one around it has a background of its own."""
        chain = []
        while element is not None and element not in self._backgrounds:
            chain.append(element)
            element = element.getparent()
        is_set = element is not None and self._backgrounds[element]
        for inner in reversed(chain):
            get = inner.get
            is_set = is_set or bool(get("bgcolor") or get("background") or "background" in (get("style") or ""))
            self._backgrounds[inner] = is_set
        return is_set


def _unreadable(style: Style, is_plain: bool = False) -> str:
    """A style -> one of `UNREADABLE`, or empty. With `is_plain` the background is white unless the style has one."""
    places = [style.get(name, "") for name in ("left", "right", "top", "margin-left", "margin-top", "text-indent")]
    if any(map(_FAR.fullmatch, places)) or _FAR.search(style.get("transform", "")):
        return "off-screen"
    sizes = (style.get("width", ""), style.get("height", ""))
    is_speck = all(size and _SPECK.fullmatch(size) for size in sizes) and "hidden" in style.get("overflow", "")
    clip = style.get("clip", "") + style.get("clip-path", "") + style.get("transform", "")
    if is_speck or _SPECK_FONT.fullmatch(style.get("font-size", "1em")) or _CLIPPED.search(clip):
        return "zero size"
    background = style.get("background-color") or style.get("background", "")
    colour = style.get("color", "")
    is_gradient = "text" in style.get("background-clip", "") + style.get("-webkit-background-clip", "")
    if _NOTHING.fullmatch(style.get("opacity", "1")) or (_CLEAR.fullmatch(colour) and not is_gradient):
        return "transparent"
    same = colour and (_colour(colour) == _colour(background) or (is_plain and not background and colour in _WHITE))
    return "colour of the background" if same else ""


def _colour(value: str) -> str:
    """A colour in one of its usual notations -> one notation for white, black and short hexadecimal."""
    if value in _WHITE:
        return "#ffffff"
    if value in ("black", "#000", "rgb(0,0,0)"):
        return "#000000"
    return re.sub(r"^#(\w)(\w)(\w)$", r"#\1\1\2\2\3\3", value)


def _unreadable_names(sheets: Iterable[str]) -> dict[str, str]:
    """Style sheets -> the reason of each `.class` or `#id` of which a rule makes the text unreadable.

    Rules for some screens (`@media`) are passed over. So is a transparent text, mostly the start of an animation.
    """
    reasons: dict[str, str] = {}
    room = _MOST_CSS
    for sheet in sheets:
        css, last = sheet[:room], -1
        room -= len(css)
        for match in _WORTH_IN_SHEET.finditer(css):
            begin, end = css.rfind("{", 0, match.start()), css.find("}", match.end() - 1)
            if begin == last or min(begin, end) < 0 or end - begin > _MOST_OF_RULE:
                continue
            last = begin
            head = _SELECTORS.search(css, max(0, begin - _MOST_OF_RULE), begin)
            names = [name for name in head.group(2).split(",") if _NAME.fullmatch(name.strip())] if head else []
            if head is None or head.group(1) == "{" or not names:
                continue
            if (reason := _unreadable(read_style(css[begin + 1 : end]))) in ("off-screen", "zero size"):
                reasons |= dict.fromkeys(map(str.strip, names), reason)
            if len(reasons) > _MOST_NAMES:
                return reasons
    return reasons
