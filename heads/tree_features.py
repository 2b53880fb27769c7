"""The structure of a page as numbers, one row a block: the features of the gradient-boosted trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log1p
from typing import TYPE_CHECKING

import numpy as np

from indexlm.layout import Layout, measure_layout
from indexlm.page import Block, Page
from indexlm.patterns import late

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TAGS = ("p", "h1", "h2", "h3", "h4", "li", "tr", "th", "td", "pre", "dt", "dd", "div", "a", "span", "figcaption")
_LANDMARKS = ("main", "article", "section", "nav", "aside", "header", "footer", "form", "table", "ul", "blockquote")
_KINDS = (
    "article",
    "product",
    "website",
    "blogposting",
    "newsarticle",
    "discussionforumposting",
    "itemlist",
    "faqpage",
)
_TAG_CODES = {tag: i for i, tag in enumerate(_TAGS)}
_STOPS = late(r"[.!?。！？…](?:\s|$|[\"'”’)]|(?<=[。！？]))")  # begins with a set, which is fast to look for
_COMMAS = ",;:，、；："
_BEGIN = 80  # characters of a text whose digits and capitals are counted
_COMMA, _DIGIT, _CAPITAL = 1, 2, 4
_ENDS = '.!?。！？…"”'
_OWN = (
    "words", "chars", "link_density", "prose_levels", "word_levels", "rarity", "alike", "place", "path_links",
    "rank", "hidden", "stops", "commas", "digits", "capitals", "ends", "begins", "repeats", "depth", "title",
    "after_h1", "from_heading", "to_heading", "heading_level", "images", "number", "bars",
)  # fmt: skip
_AROUND = (
    "parent_words",
    "parent_links",
    "parent_blocks",
    "grand_words",
    "grand_links",
    "grand_blocks",
    "parent_prose",
)
_NEAR = ("words", "link_density", "stops", "prose_levels", "alike")
_REACH = (-3, -2, -1, 1, 2, 3)
_SMOOTHED = ("words", "link_density", "stops")
_OF_PAGE = ("blocks", "page_words", "page_links", "prose_blocks", "prose_share", "largest_path")

NAMES = (
    *_OWN,
    *_AROUND,
    *(f"tag_{tag}" for tag in _TAGS),
    *(f"in_{tag}" for tag in _LANDMARKS),
    *(f"{name}{offset:+d}" for name in _NEAR for offset in _REACH),
    *(f"{name}_around" for name in _SMOOTHED),
    *_OF_PAGE,
    *(f"kind_{kind}" for kind in _KINDS),
)
"""What the columns of `features` are; the words of class names that a model asks for follow them."""


def features(page: Page, layout: Layout | None = None, vocabulary: Sequence[str] = ()) -> NDArray[np.float32]:
    """A page -> (blocks, len(NAMES) + len(vocabulary)) numbers.

    A word of `vocabulary` counts 2 where the class names of the block's two nearest elements hold it, 1 where
    those further up do, else 0.
    """
    blocks = page.blocks
    count = len(blocks)
    if not count:
        return np.zeros((0, len(NAMES) + len(vocabulary)), np.float32)
    layout = layout or measure_layout(page)
    table = _own(page, layout)
    of_path = _of_paths(blocks, vocabulary)
    tags = np.array([_TAG_CODES.get(block.tag, -1) for block in blocks])
    columns = [
        table,
        _of_parents(blocks, layout),
        tags[:, None] == np.arange(len(_TAGS)),
        of_path[:, : len(_LANDMARKS)],
    ]
    reach = max(_REACH)
    padded = np.full((count + 2 * reach, len(_NEAR)), -1, np.float32)
    padded[reach : reach + count] = table[:, [_OWN.index(name) for name in _NEAR]]
    columns += [
        padded[reach + offset : reach + offset + count, i, None] for i in range(len(_NEAR)) for offset in _REACH
    ]
    sums = np.cumsum(table[:, [_OWN.index(name) for name in _SMOOTHED]], axis=0)
    after = sums[np.minimum(np.arange(count) + 5, count - 1)]
    after[6:] -= sums[: max(0, count - 6)]  # of the eleven around it
    columns.append(after / 11)
    of_page = [*layout.page, *(float(any(kind in page_kind for page_kind in page.kinds)) for kind in _KINDS)]
    columns.append(np.broadcast_to(np.array(of_page, np.float32), (count, len(of_page))))
    columns.append(of_path[:, len(_LANDMARKS) :])
    return np.concatenate(columns, axis=1, dtype=np.float32)


def _own(page: Page, layout: Layout) -> NDArray[np.float32]:
    """The columns named in `_OWN`."""
    blocks = page.blocks
    count = len(blocks)
    texts = [block.text for block in blocks]
    copies = Counter(texts)
    title = set(page.title.lower().split())
    sizes = np.array([len(text) for text in texts])
    widths = np.clip(sizes, 1, _BEGIN)
    commas, digits, capitals = _count_characters(texts, sizes)
    words = np.array(layout.words)
    here = np.arange(count)
    headings = np.array([-1, *(i for i, block in enumerate(blocks) if block.is_heading), count + 99])
    last = np.searchsorted(headings, here, side="right") - 1
    levels = np.array([0, *(int(block.tag[1]) for block in blocks if block.is_heading)])
    first_h1 = next((i for i, block in enumerate(blocks) if block.tag == "h1"), -1)
    table = np.empty((count, len(_OWN)), np.float32)
    for column, values in enumerate(
        (
            [log1p(size) for size in layout.words],
            [log1p(len(text) or 1) for text in texts],
            [block.link_density for block in blocks],
            layout.prose_levels,
            layout.word_levels,
            layout.rarity,
            [log1p(alike) for alike in layout.alike],
            layout.place,
            layout.path_links,
            here / count,
            [block.hidden for block in blocks],
            [len(_STOPS.findall(text)) for text in texts],
            commas / words,
            digits / widths,
            capitals / widths,
            [text[-1:] in _ENDS for text in texts],
            [text[:1].isupper() for text in texts],
            [copies[text] for text in texts],
            [len(block.path) for block in blocks],
            [
                len(title.intersection(text.lower().split())) / (len(title) or 1) if size < 40 else 0.0
                for text, size in zip(texts, layout.words, strict=True)
            ],
            here - first_h1 if first_h1 >= 0 else -999,
            np.where(last > 0, here - headings[last], 99),
            headings[last + 1] - here,
            levels[last],
            ["<img" in block.inner for block in blocks],
            [block.number for block in blocks],
            ["|" in text for text in texts],
        )
    ):
        table[:, column] = values
    return table


def _count_characters(texts: Sequence[str], sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Texts and their sizes -> of each the commas, and of its begin the digits and the capitals."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _KINDS_OF_ASCII[np.minimum(codes, 127)]
    others = np.flatnonzero(codes > 127)
    if others.size:
        found, places = np.unique(codes[others], return_inverse=True)
        kinds[others] = np.array([_kind(code) for code in found.tolist()], np.uint8)[places]
    ends = np.cumsum(sizes)
    starts = ends - sizes
    begins = starts + np.minimum(sizes, _BEGIN)
    counts = []
    for kind, stops in ((_COMMA, ends), (_DIGIT, begins), (_CAPITAL, begins)):
        before = np.zeros(len(codes) + 1, np.int64)
        np.cumsum(kinds & kind > 0, out=before[1:])
        counts.append(before[stops] - before[starts])
    return tuple(counts)


@lru_cache(maxsize=8192)
def _kind(code: int) -> int:
    """A character's number -> what it counts as."""
    character = chr(code)
    is_comma, is_digit, is_capital = character in _COMMAS, character.isdigit(), character.isupper()
    return _COMMA * is_comma | _DIGIT * is_digit | _CAPITAL * is_capital


_KINDS_OF_ASCII = np.array([_kind(code) for code in range(128)], np.uint8)


def _of_parents(blocks: Sequence[Block], layout: Layout) -> NDArray[np.float64]:
    """The columns named in `_AROUND`: of all blocks in the element around a block's own, and in the one around that."""
    count = len(blocks)
    words, prose = np.array(layout.words), np.array(layout.prose)
    links = words * np.array([block.link_density for block in blocks])
    nodes = np.array([(-1, -1, -1, *block.nodes)[-3:-1] for block in blocks])  # -1: there is none
    _, places = np.unique(nodes, return_inverse=True)
    around = np.empty((count, 2, 4))
    for i, weights in enumerate((words, links, np.ones(count), prose)):
        around[:, :, i] = np.bincount(places.ravel(), np.repeat(weights, 2))[places.reshape(count, 2)]
    alone = np.stack([words, np.zeros(count), np.ones(count), np.zeros(count)], axis=1)
    around = np.where(nodes[:, :, None] < 0, alone[:, None], around)
    sums = np.concatenate([around[:, 1], around[:, 0]], axis=1)
    return np.stack(
        [np.log1p(sums[:, 0]), sums[:, 1] / np.maximum(sums[:, 0], 1), np.log1p(sums[:, 2]),
         np.log1p(sums[:, 4]), sums[:, 5] / np.maximum(sums[:, 4], 1), np.log1p(sums[:, 6]),
         sums[:, 7] / (sum(layout.prose) or 1.0)],
        axis=1,
    )  # fmt: skip


def _of_paths(blocks: Sequence[Block], vocabulary: Sequence[str]) -> NDArray[np.float32]:
    """What the blocks' ancestors say: which landmarks they are, and which words of `vocabulary` they carry."""
    landmarks = {tag: i for i, tag in enumerate(_LANDMARKS)}
    wanted = {word: i for i, word in enumerate(vocabulary, len(landmarks))}
    width = len(landmarks) + len(wanted)
    rows: dict[tuple[str, ...], int] = {}  # most blocks share their path with another
    row_of = [rows.setdefault(block.path, len(rows)) for block in blocks]
    columns: dict[str, list[int]] = {}
    for label in {label for path in rows for label in path}:
        tag, *words = label.split(".")
        columns[label] = [wanted[word] for word in words if word in wanted]
        if tag in landmarks:
            columns[label].append(landmarks[tag])
    outer: dict[tuple[str, ...], list[int]] = {}  # and most paths all but the two nearest elements
    ones: list[int] = []
    twos: list[int] = []
    for start, path in zip(range(0, len(rows) * width, width), rows, strict=True):
        around = path[:-2]
        if around not in outer:
            outer[around] = [column for label in around for column in columns[label]]
        ones += [start + column for column in outer[around]]
        twos += [start + column for label in path[-2:] for column in columns[label]]
    marks = np.zeros(len(rows) * width, np.float32)
    marks[ones] = 1
    marks[twos] = 2
    table = marks.reshape(len(rows), width)
    np.minimum(table[:, : len(landmarks)], 1, out=table[:, : len(landmarks)])  # which they are or are not
    return table[row_of]
