"""Blocks back to their elements: the XPath of each, and where its text stands in the source.

lxml knows source lines alone. So the page is read again with the place of every start tag written into it, which gives
each element's exact place; a block's text is then looked for in the source of its element, whatever tags, entities and
white space stand between its characters.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.parse import find_body, parse
from indexlm.html.walk import walk
from indexlm.page import Block, Page
from indexlm.patterns import late

_PLACE = "data-indexlm-place"
_UNSEEN = r"\s\xad\u200b-\u200f\u2060\ufeff\x00-\x1f"
_UNSEEN_RUN = late(f"[{_UNSEEN}]+")
_RAW = r"script|style|textarea|title|iframe|noembed|noframes"  # their content holds no tags, and is no content
_ATTRIBUTES = r"(?:[^>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|)|[\"'])*+"
_TOKEN = late(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>"
    rf"|<(?P<raw>{_RAW})(?=[\s/>])(?:(?!</(?P=raw)).)*+"
    rf"|(?P<open><[a-zA-Z][^\s/>]*+)(?P<rest>{_ATTRIBUTES}>?)"
    r"|<[/!?][^>]*+>?"
    r"|(?P<entity>&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,32});?)"
    rf"|(?P<text>[^<&{_UNSEEN}]++|[<&])",
    re.DOTALL | re.IGNORECASE,
)
_BAR = late(r"(?<!\S)\|(?!\S)")  # between the cells of a row
_MOST_SLOTTED = 1000  # elements of a host that are looked at
_MOST_SEARCHED = 10_000_000  # characters; beyond that and fifty times the source, texts are looked for nearby
_NEAR = 20_000
_PIECES = (48, 24, 12, 6, 3)  # characters of a text's begin or end that are looked for where all of it is not there
_LONGEST_END = 200  # characters that may be missing at the end of a text
_SURE_PIECE = 12  # of a begin whose end is nowhere


@dataclass(frozen=True, slots=True)
class Location:
    """Where a block stands in the source.

    index: the block's number.
    xpath: its element, in the tree that lxml's HTML parser builds of the source.
    start, end: its text is `source[start:end]`, with the tags between its words; characters of the decoded text.
    line: the source line of `start`, from 1.
    """

    index: int
    xpath: str
    start: int
    end: int
    line: int


class SourceText:
    """What a source shows, without white space, and the place of each character.

    text: the characters. `places` and `ends` are where each starts and ends in the source.
    marked: the source with the place of every start tag in it.
    """

    def __init__(self, source: str) -> None:
        self.places = array("L")
        self.ends = array("L")
        self.size = len(source)
        self.newlines = [match.start() for match in re.finditer("\n", source)]
        characters: list[str] = []
        marked: list[str] = []
        copied = 0
        for match in _TOKEN.finditer(source):
            start, end = match.span()
            if opening := match["open"]:
                marked.append(f'{source[copied:start]}{opening} {_PLACE}="{start} {end}"{match["rest"]}')
                copied = end
            elif match["text"]:
                characters.append(match["text"])
                self.places.extend(range(start, end))
                self.ends.extend(range(start + 1, end + 1))
            elif match["entity"]:
                shown = _UNSEEN_RUN.sub("", unescape(match["entity"]))
                characters.append(shown)
                self.places.extend([start] * len(shown))
                self.ends.extend([end] * len(shown))
        self.searched = 0  # characters, by all searches
        self.text = "".join(characters)
        self.marked = "".join(marked) + source[copied:]

    def line(self, place: int) -> int:
        """The line of a place, from 1."""
        return bisect_left(self.newlines, place) + 1

    def find(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """A text -> where it stands between two places, with the tags, entities and spaces in it; None for nowhere.

        A text of which some is not in the source, such as a formula or the bars of a row, is found by its two ends.
        """
        wanted = _UNSEEN_RUN.sub("", text)
        low, high = bisect_left(self.places, start), bisect_left(self.places, end)
        if not wanted or low >= high:
            return None
        self.searched += high - low
        if self.searched > _MOST_SEARCHED + 50 * len(self.text):  # texts that are nowhere
            high = min(high, low + _NEAR)
        first, last = self.text.find(wanted, low, high), len(wanted)
        if first < 0:
            pieces = [n for n in _PIECES if n <= len(wanted)]
            starts = ((n, at) for n in pieces if (at := self.text.find(wanted[:n], low, high)) >= 0)
            size, first = next(starts, (0, -1))
            reach = min(high, first + len(wanted) * 5 // 4 + 64)
            ends = (self.text.rfind(wanted[-n:], max(first, 0), reach) + n - first for n in pieces)
            last = next((length for length, n in zip(ends, pieces, strict=True) if length >= n), 0)
            if not last and size >= _SURE_PIECE:  # what ends it is not in the source, such as the name of an image
                last = self._length_without_end(wanted, first, reach)
            if not last:  # a few characters by chance, or a text of which the end is missing
                last = min(len(wanted), high - first)
                first = first if size >= _SURE_PIECE else -1
        return None if first < 0 else (self.places[first], self.ends[first + last - 1])

    def _length_without_end(self, wanted: str, first: int, reach: int) -> int:
        """The length of a text that begins at `first` up to its last piece that is there; 0 for none."""
        piece = _PIECES[-1]
        for end in range(len(wanted) - 1, max(piece, len(wanted) - _LONGEST_END), -1):
            if (at := self.text.rfind(wanted[end - piece : end], first, reach)) >= 0:
                return at + piece - first
        return 0


def block_elements(source: str) -> tuple[Any, dict[int, Any]]:
    """A source -> the root of its tree (None for no tree), and by number the elements that the blocks stand in."""
    elements: dict[int, Any] = {}
    root = parse(source)
    if root is not None:
        walk(root, find_body(root), elements)
    return root, elements


def locate(page: Page, source: str, indices: Iterable[int] | None = None) -> tuple[Location, ...]:
    """A page, the source that it was read from, and numbers of blocks (all without them) -> where they stand.

    Blocks that stand in no element of the source are left out.
    """
    return locate_in(page, SourceText(source), indices)


def locate_in(page: Page, text: SourceText, indices: Iterable[int] | None = None) -> tuple[Location, ...]:
    """`locate` in a source whose text is known."""
    elements = _Elements(text.marked, text.size)
    chosen = None if indices is None else set(indices)
    locations = []
    cursor = 0
    for block in page.blocks:
        node = block.nodes[-1] if block.nodes else 0
        if node not in elements.by_node:
            continue
        shown = _shown(block)
        node = elements.holder(node, shown)
        start, end = elements.span(node)
        place = text.find(shown, max(start, cursor), end) or text.find(shown, start, end) or (start, end)
        cursor = place[1]
        if chosen is None or block.index in chosen:
            locations.append(Location(block.index, elements.xpath(node), *place, text.line(place[0])))
    return tuple(locations)


def _shown(block: Block) -> str:
    return _BAR.sub(" ", block.text) if block.tag in ("tr", "th") else block.text


class _Elements:
    """The elements of a marked source, in document order, before the walk moves any; `by_node` are those of blocks."""

    def __init__(self, marked: str, size: int) -> None:
        self.by_node: dict[int, int] = {}
        self.slotted: set[int] = set()  # the nodes in declared shadow roots, whose text may stand beside them
        self.places: list[tuple[int, int]] = []  # of each start tag; (0, 0) for an element that the parser added
        self.steps: dict[Any, str] = {}  # of a path, by element
        self.stops: list[int] = []  # of each element the number of the first behind its content
        root = parse(marked)
        if root is None:
            return
        self.marked, self.size = marked, size
        self.order: list[Any] = []
        numbers: dict[Any, int] = {}
        for top in (root, *root.itersiblings()):
            for event, element in etree.iterwalk(top, events=("start", "end")):
                if event == "end":
                    self.stops[numbers[element]] = len(numbers)
                    continue
                numbers[element] = len(numbers)
                start, _, end = (element.get(_PLACE) or "0 0").partition(" ")
                self.places.append((int(start), int(end)))
                self.stops.append(0)
        elements: dict[int, Any] = {}
        walk(root, find_body(root), elements)
        for node, element in elements.items():
            chain = (element, *element.iterancestors())
            self.by_node[node] = next((numbers[e] for e in chain if e in numbers), 0)
            if any(e.tag == "template" for e in chain):
                self.slotted.add(node)

    def holder(self, node: int, text: str) -> int:
        """The node whose element holds a block's text: a child of the host where a slot shows it, else `node`."""
        if node not in self.slotted:
            return node
        element = self._parsed()[self.by_node[node]]
        wanted = _squashed([text])
        if wanted in _squashed(element.itertext()):
            return node
        host = next((template.getparent() for template in element.iterancestors("template")), None)
        inside = () if host is None else islice(host.iter(), _MOST_SLOTTED)
        holders = [e for e in inside if wanted in _squashed(e.itertext())]
        if not holders:
            return node
        self.by_node[-node] = self.order.index(holders[-1])
        return -node

    def _parsed(self) -> list[Any]:
        """The elements of the tree as it was parsed."""
        if not self.order:
            root = parse(self.marked)
            self.order = [element for top in (root, *root.itersiblings()) for element in top.iter()]
        return self.order

    def span(self, node: int) -> tuple[int, int]:
        """Where an element's content stands, with what stands before the next start tag behind it."""
        number = self.by_node[node]
        while number and not self.places[number][1]:
            number -= 1  # an element without a place of its own, such as a frame
        behind = (self.places[i] for i in range(self.stops[number], len(self.places)))
        return self.places[number][1], next((start for start, end in behind if end), self.size)

    def xpath(self, node: int) -> str:
        """An element's XPath in the tree as it was parsed."""
        element = self._parsed()[self.by_node[node]]
        path = "".join(self._step(step) for step in _chain(element))
        if ":" not in path:
            return path
        # A name with a colon is no step of a path: such elements are counted among all.
        steps = [1 + sum(isinstance(e.tag, str) for e in step.itersiblings(preceding=True)) for step in _chain(element)]
        return "".join(f"/*[{step}]" for step in steps)

    def _step(self, element: Any) -> str:
        """An element's step in a path: its tag, and its place among its siblings of that tag where it has some."""
        if element not in self.steps:
            parent = element.getparent()
            if parent is None:
                return str(element.getroottree().getpath(element))
            siblings = [e for e in parent if isinstance(e.tag, str)]
            counts = Counter(sibling.tag for sibling in siblings)
            places: Counter[str] = Counter()
            for sibling in siblings:
                places[sibling.tag] += 1
                place = f"[{places[sibling.tag]}]" if counts[sibling.tag] > 1 else ""
                self.steps[sibling] = f"/{sibling.tag}{place}"
        return self.steps[element]


def _squashed(texts: Iterable[str]) -> str:
    return _UNSEEN_RUN.sub("", "".join(texts))


def _chain(element: Any) -> list[Any]:
    """An element -> the root, its descendants above the element, and the element."""
    return [*reversed(list(element.iterancestors())), element]
