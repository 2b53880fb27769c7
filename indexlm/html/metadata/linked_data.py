"""JSON-LD and microdata: what a page states in the terms of schema.org."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any

from indexlm.patterns import late

Node = Mapping[str, Any]
"""An item: by property its value, a list of values, or another item; its type under `@type`."""

_MOST_NODES = 2000
_MOST_DEPTH = 6  # of lists and graphs in one another
_START = late(r"[\[{](?=\s*[\[{\"\]}])")
_STRING_OR_COMMA = late(r'"(?:[^"\\]|\\.)*+"|,(?=\s*[}\]])', re.DOTALL)
_BAD_ESCAPE = late(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_PAIR = late(
    r'"(@type|headline|datePublished|dateModified|inLanguage|description)"\s*+:\s*+(?:\[\s*+)?+"((?:[^"\\\n]++|\\.)*+)"'
)
_AUTHOR = late(r'"author"\s*+:\s*+(?:\[\s*+)?+(?:\{[^{}]{0,2000}?"name"\s*+:\s*+)?"((?:[^"\\\n]++|\\.)*+)"')
_ARTICLE = late(r"(?:Article|Posting|Report|Recipe|HowTo|Chapter|Thesis)$")
_WORK = late(
    r"(?:Product|ProductGroup|Event|Book|Course|Movie|Game|Dataset|Question|SoftwareApplication|MobileApplication"
    r"|WebApplication|SoftwareSourceCode|Episode|Series|Trip|LocalBusiness|CreativeWork|DefinedTerm|MedicalCondition|Drug)$"
)
MICRODATA = ("itemscope", "itemtype", "itemprop", "itemid")
RDFA = ("typeof", "typeof", "property", "resource")
"""The attributes of an item, its type, a property, and what an item is known by."""
_PERSONS = frozenset(["author", "creator", "contributor", "editor", "publisher"])
"""Properties whose value is a person or a firm."""
_PAGE = late(r"Page$")


def read_json_ld(scripts: Iterable[str]) -> list[Node]:
    """The texts of `application/ld+json` scripts -> the items that stand for themselves, in their order.

    Lists, graphs and the main entity of a page are followed. Broken JSON is repaired, or gives what can be read of it.
    """
    nodes: list[Node] = []
    for script in scripts:
        for value in _load(script):
            nodes += _items(value, 0)
    return nodes[:_MOST_NODES]


def _load(text: str) -> list[Any]:
    raw = text
    if "<![CDATA[" in text[:40] and "]]>" in text:
        text = text[: text.rindex("]]>")]
    start = _START.search(text)
    end = max(text.rfind("}"), text.rfind("]")) + 1
    text = text[start.start() : end] if start and end > start.start() else ""  # without comment marks and semicolons
    for repair in (str, _repaired, unescape):
        try:
            if loaded := [*_values(repair(text))]:
                return loaded
        except (ValueError, RecursionError):
            continue
    node: dict[str, str] = {}
    for name, value in _PAIR.findall(raw):
        node.setdefault(name, _BAD_ESCAPE.sub("", value))
    if node and (match := _AUTHOR.search(raw)):
        node["author"] = match.group(1)
    return [node] if node else []


def _values(text: str) -> Iterator[Any]:
    """JSON values one after the other, as some pages write them into one script."""
    decoder = json.JSONDecoder(strict=False)
    place = 0
    while place < len(text):
        value, place = decoder.raw_decode(text, place)
        yield value
        while place < len(text) and text[place] in " \t\r\n,;":
            place += 1


def _repaired(text: str) -> str:
    """JSON without the commas before a closing bracket, and without escapes that JSON does not know."""
    return _STRING_OR_COMMA.sub(lambda match: _BAD_ESCAPE.sub("", match.group()) if match.group() != "," else "", text)


def _items(value: Any, depth: int) -> Iterator[Node]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, list):
        for element in value[:_MOST_NODES]:
            yield from _items(element, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _items(value.get(name), depth + 1)


def read_microdata(root: Any, attributes: tuple[str, str, str, str] = MICRODATA) -> list[Node]:
    """The root element -> its items that are no property of another, in their order; RDFa has other attributes."""
    scope, item_type, item_property, item_id = attributes
    items: dict[Any, dict[str, Any]] = {}
    nodes: list[Node] = []
    for element in root.xpath(f"//*[@{scope} or @{item_property}]"):
        is_item = element.get(scope) is not None
        names = (element.get(item_property) or "").replace("schema:", "").split()
        if is_item:
            kind = (element.get(item_type) or "").split()
            items[element] = {"@type": kind[0] if kind else ""}
            if element.get(item_id):
                items[element]["@id"] = element.get(item_id)
        owner = next((a for a in element.iterancestors() if a in items), None) if names else None
        if owner is not None and _is_of_person(element, owner, item_property):
            continue
        value: Any = items[element] if is_item else _value_of(element)
        if owner is not None:
            for name in names:
                items[owner].setdefault(name, []).append(value)
        elif is_item:
            nodes.append(value)
        if len(items) > _MOST_NODES:
            break
    return nodes


def _is_of_person(element: Any, owner: Any, item_property: str) -> bool:
    """Whether a property stands in a person who has no item of his own, as forums write their authors."""
    for above in element.iterancestors():
        if above is owner:
            return False
        if not _PERSONS.isdisjoint((above.get(item_property) or "").split()):
            return True
    return False


def _value_of(element: Any) -> str:
    for name in ("content", "datetime", "href", "src"):
        if (value := element.get(name)) is not None:
            return str(value)
    return "".join(element.itertext())[:5000]


def types(node: Node) -> list[str]:
    """An item -> the last words of its types: `NewsArticle` for `https://schema.org/NewsArticle`."""
    kinds = node.get("@type")
    return [
        re.split(r"[/#:]", kind)[-1]
        for kind in (kinds if isinstance(kinds, list) else [kinds])
        if isinstance(kind, str)
    ]


def main_items(nodes: Iterable[Node], addresses: Iterable[str]) -> list[Node]:
    """Items, and the addresses of the page -> those about the page itself: articles, other works, then pages.

    Of several articles, or several works, it is those with the page's address; without one, a page is a list of
    them, and none of them is its own.
    """
    known = {_bare(address) for address in addresses if address}
    main: list[Node] = []
    rest = list(nodes)
    for pattern in (_ARTICLE, _WORK, _PAGE):
        matches = [any(pattern.search(kind) for kind in types(node)) for node in rest]
        alike = [node for node, matched in zip(rest, matches, strict=True) if matched]
        rest = [node for node, matched in zip(rest, matches, strict=True) if not matched]
        if len({json.dumps(node.get("headline") or node.get("name"), default=str) for node in alike}) > 1:
            alike = [node for node in alike if known & {_bare(address) for address in _addresses(node)}]
        main += alike
    return main


def _addresses(node: Node) -> Iterator[str]:
    for name in ("url", "@id", "mainEntityOfPage"):
        for value in values(node, name):
            if isinstance(value, Mapping):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str):
                yield value


def _bare(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", address.partition("#")[0].strip().lower()).rstrip("/")


def values(node: Node, name: str) -> list[Any]:
    """An item's values of a property."""
    value = node.get(name, node.get(f"schema:{name}"))
    return value if isinstance(value, list) else [] if value is None else [value]


def texts(node: Node, name: str, by_id: Mapping[str, Node]) -> list[str]:
    """An item's values of a property as texts: of another item, which may stand elsewhere, its name."""
    result = []
    for value in values(node, name):
        if isinstance(value, Mapping):
            if len(names := values(value, "name")) > 1:
                result += [name for name in names if isinstance(name, str) and name.strip()]
                continue
            value = _named(value) or _named(by_id.get(str(value.get("@id")), {}))
        if isinstance(value, str) and value.strip():
            result.append(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            result.append(str(value))
    return result


def _named(node: Node) -> str:
    for names in (("name",), ("givenName", "familyName"), ("@value",), ("alternateName",), ("url",), ("contentUrl",)):
        firsts = (next((v for v in values(node, name) if isinstance(v, str) and v.strip()), "") for name in names)
        if text := " ".join(filter(None, firsts)):
            return text
    return ""
