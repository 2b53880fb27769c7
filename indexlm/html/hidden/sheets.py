"""The rules of a page's own `<style>` that hide something: which elements they match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

from indexlm.html.hidden.colours import WHITE, is_lost, read_colour
from indexlm.html.hidden.styles import font_size, is_sized, read_style
from indexlm.html.tags import BLOCK_LEVEL
from indexlm.page import UNREADABLE

# Much faster to look for than a pattern is; what is missed is written in an unusual way.
_HIDING = (
    "display:none", "display: none", "visibility:hidden", "visibility: hidden", "font-size:0", "font-size: 0",
    "clip:", "clip-path", "-999", "-1000", "-2000", "-5000", "scale(0",
)  # fmt: skip
_BOXING = tuple(f"display:{space}{kind}" for space in ("", " ") for kind in ("block", "flex", "grid", "table"))
INLINE_BOXES = frozenset(["span", "a", "b", "strong", "em", "i", "small", "time", "cite", "u", "s", "del", "ins"])
"""Inline elements that rules show as boxes."""
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;}]+)")
_COMPOUND = re.compile(r"([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_PART = re.compile(r"([.#])([\w-]+)")
_MOST_RULES = 300  # that are read, and as many names
_MOST_SIZING, _MOST_LOOKED_UP = 20, 1000  # rules with a font size, and elements that they are compared with
_MOST_COMPARED = 10_000  # rules that show boxes with elements
_MOST_OF_RULE, _MOST_CSS = 1000, 60_000  # characters
_PIECES = frozenset(["td", "th"])


class _Compound(NamedTuple):
    """A part of a selector without spaces: `tag.class#id`."""

    tag: str
    classes: frozenset[str]
    id: str

    @property
    def key(self) -> str:
        """One of the names that an element must have."""
        return f"#{self.id}" if self.id else f".{min(self.classes)}"

    def matches(self, element: Any) -> bool:
        if self.tag and element.tag != self.tag:
            return False
        if self.id and element.get("id") != self.id:
            return False
        return not self.classes or self.classes <= frozenset((element.get("class") or "").split())


_Rule = tuple[Sequence[_Compound], str]
_T = TypeVar("_T")


class SheetRules:
    """Rules by the name that an element must have: `.class` or `#id`."""

    def __init__(self) -> None:
        self.css = ""
        self.by_key: dict[str, list[_Rule]] = {}
        self.by_class: dict[str, list[_Rule]] = {}  # by the whole of a `class` attribute
        self.by_id: dict[str, list[_Rule]] = {}
        self.shown: dict[str, bool] = {}
        self.looked_up = 0
        self.sizing: list[tuple[_Compound, ...]] | None = None

    def read(self, sheets: Iterable[str], has_colours: bool) -> Iterator[tuple[Mapping[str, str], list[str]]]:
        """Style sheets -> the style and the selectors of each rule that may hide text; those of `@media` are left out.

        `has_colours` reads those that set a colour too.
        """
        needles = (*_HIDING, "color:") if has_colours else _HIDING
        for sheet in sheets:
            css = sheet[: _MOST_CSS - len(self.css)]
            self.css += css
            for body, selectors in _rules(css, needles):
                if named := [name for name in selectors if _read_selector(name)]:
                    yield read_style(body), named

    def add(self, selectors: Iterable[str], reason: str) -> None:
        """Take in a rule's selectors with what they make of an element."""
        for selector in selectors:
            if compounds := _read_selector(selector.strip()):
                self.by_key.setdefault(compounds[-1].key, []).append((compounds, reason))

    def keep(self, names: Mapping[str, Sequence[str]]) -> None:
        """Keep the rules for names of the page alone; `names` are those in each of its `class` attributes."""
        by_name = {key[1:]: rules for key, rules in self.by_key.items() if key[0] == "."}
        self.by_class = _by_class(by_name, names)
        self.by_id = {key[1:]: rules for key, rules in self.by_key.items() if key[0] == "#"}

    def reason(self, element: Any) -> str:
        """Why the rules hide an element; what nobody can read goes before what can be shown again.

        What can be shown again (`display:none`) counts for pieces of a block and for cells alone: a part of a page is
        mostly opened by a script.
        """
        get = element.get
        own: str = ""
        rules: list[_Rule] = [*self.by_class.get(get("class") or "", ()), *self.by_id.get(get("id") or "", ())]
        for compounds, reason in rules:
            if reason in UNREADABLE:
                if _matches(compounds, element):
                    return reason
            elif not own and (element.tag not in BLOCK_LEVEL or element.tag in _PIECES):
                is_hidden = _matches(compounds, element) and not self._is_shown(compounds[-1].key)
                own = reason if is_hidden else ""
        return own

    def is_sized(self, element: Any) -> bool:
        """Whether a rule gives an element a font size of its own, whatever that of its parent."""
        self.looked_up += 1
        if self.looked_up > _MOST_LOOKED_UP:
            return False
        if self.sizing is None:
            rules = _rules(self.css, ("font-size",))
            sized = (names for body, names in rules if is_sized(font_size(read_style(body))))
            found = (compounds for names in sized for name in names if (compounds := _read_compounds(name)))
            self.sizing = [*islice(found, _MOST_SIZING)]
        return any(_matches(compounds, element) for compounds in self.sizing)

    def _is_shown(self, key: str) -> bool:
        """Whether another rule, such as one for some screens, shows what has this name."""
        if key not in self.shown:
            self.shown[key] = any(_shows(self.css, place + len(key)) for place in _places(self.css, (key,)))
        return self.shown[key]


class BoxRules:
    """The rules that show inline elements as boxes, which space parts from what stands beside them."""

    def __init__(self, css: str, names: Mapping[str, Sequence[str]]) -> None:
        present = frozenset(chain.from_iterable(names.values()))
        named: dict[str, list[tuple[_Compound, ...]]] = {}
        self.by_tag: dict[str, list[tuple[_Compound, ...]]] = {}
        for _, selectors in _rules(css, _BOXING):
            for compounds in filter(None, map(_read_compounds, selectors)):
                last = compounds[-1]
                if any(not compound.classes <= present for compound in compounds):
                    continue
                if last.classes:
                    named.setdefault(min(last.classes), []).append(compounds)
                elif last.tag in INLINE_BOXES and len(compounds) > 1 and not last.id:
                    self.by_tag.setdefault(last.tag, []).append(compounds)
        self.by_class = _by_class(named, names)  # by the whole of a `class` attribute
        self.compared = 0  # rules with elements

    def may_be_of(self, element: Any, names: str | None) -> bool:
        """Whether a rule may show an element, with these classes, as a box."""
        return names in self.by_class or element.tag in self.by_tag

    def are_of(self, element: Any, names: str | None) -> bool:
        """Whether a rule shows an element, with these classes, as a box."""
        rules = self.by_class.get(names or "", ())
        others = self.by_tag.get(element.tag, ()) if self.by_tag else ()
        if not rules and not others:
            return False
        self.compared += len(rules) + len(others)
        return self.compared <= _MOST_COMPARED and any(_matches(compounds, element) for compounds in (*rules, *others))


def _by_class(rules: Mapping[str, list[_T]], names: Mapping[str, Sequence[str]]) -> dict[str, list[_T]]:
    """Rules by a name, and the names in each `class` attribute -> the rules for each attribute that has some."""
    wanted = rules.keys()
    found = (value for value, parts in names.items() if not wanted.isdisjoint(parts)) if wanted else ()
    return {value: [rule for name in names[value] for rule in rules.get(name, ())] for value in found}


_TABLES = re.compile(r"display\s*:\s*(table(?:-(?:row(?:-group)?|cell|header-group))?)\s*(?:!important\s*)?(?:;|$)")
_TABLE_PARTS = {"table": "table", "row-group": "group", "header-group": "head", "row": "row", "cell": "cell"}


def display_rules(css: str) -> dict[str, str]:
    """Style sheets -> the classes that are shown as a part of a table (`table`, `group`, `head`, `row`, `cell`)."""
    found: dict[str, str] = {}
    for body, selectors in _rules(css, ("table",)):
        if part := table_part(body):
            for compounds in filter(None, map(_read_selector, selectors)):
                found |= dict.fromkeys(compounds[-1].classes, part)
    return found


def table_part(style: str) -> str:
    """A style -> the part of a table as which it shows an element; empty for none."""
    match = _TABLES.search(style) if "table" in style else None
    return _TABLE_PARTS[match.group(1).removeprefix("table-")] if match else ""


def _shows(css: str, place: int) -> bool:
    """Whether a rule with a name that ends here is for the element itself, and shows it."""
    begin, end = css.find("{", place, place + _MOST_OF_RULE), css.find("}", place, place + 2 * _MOST_OF_RULE)
    head = css[place:begin].strip()
    if not 0 < begin < end or (head and head[0] != ","):
        return False
    style = read_style(css[begin + 1 : end])
    return style.get("display", "none") != "none" or style.get("visibility") == "visible"


def _places(css: str, needles: Iterable[str]) -> Iterator[int]:
    for needle in needles:
        place = css.find(needle)
        while place >= 0:
            yield place
            place = css.find(needle, place + 1)


def _rules(css: str, needles: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """A style sheet -> the body and the selectors of each rule that holds one of the needles, but for `@media`."""
    places = sorted(_places(css, needles))[:_MOST_RULES]
    depth, last = 0, 0
    for place in places:
        begin, end = css.rfind("{", 0, place), css.find("}", place)
        if begin < last or min(begin, end) < 0 or end - begin > _MOST_OF_RULE:
            continue
        depth += css.count("{", last, begin) - css.count("}", last, begin)
        last = begin
        if depth == 0:
            head = max(css.rfind(sign, max(0, begin - _MOST_OF_RULE), begin) for sign in "};/")
            yield css[begin + 1 : end], [name.strip() for name in css[head + 1 : begin].split(",")]


@lru_cache(maxsize=512)
def _read_compounds(selector: str) -> tuple[_Compound, ...]:
    """A selector of tags, classes and ids -> its parts; empty for others."""
    compounds = []
    for part in selector.replace(">", " ").split():
        if (match := _COMPOUND.fullmatch(part)) is None:
            return ()
        names = _PART.findall(match.group(2))
        classes = frozenset(name for sign, name in names if sign == ".")
        tag = (match.group(1) or "").lower().replace("*", "")
        compounds.append(_Compound(tag, classes, next((name for sign, name in names if sign == "#"), "")))
    return tuple(compounds)


def _read_selector(selector: str) -> tuple[_Compound, ...]:
    """`_read_compounds`, and empty for a last part without a name."""
    compounds = _read_compounds(selector)
    return compounds if compounds and (compounds[-1].classes or compounds[-1].id) else ()


def _matches(compounds: Sequence[_Compound], element: Any) -> bool:
    if not compounds[-1].matches(element):
        return False
    wanted = list(compounds[:-1])
    for ancestor in element.iterancestors() if wanted else ():
        if wanted[-1].matches(ancestor):
            wanted.pop()
            if not wanted:
                break
    return not wanted


def is_white(css: str) -> bool:
    """Whether a style sheet gives nothing another background than white."""
    if "@import" in css or "color-scheme" in css:
        return False
    for match in _BACKGROUND.finditer(css.lower()) if "background" in css else ():
        value = match.group(1)
        colour = None if "url(" in value or "gradient" in value else read_colour(value)
        if value.strip() not in ("none", "transparent", "inherit", "initial", "0") and (
            colour is None or not is_lost(WHITE, colour)
        ):
            return False
    return True
