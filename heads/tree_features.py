"""The structure of a page as numbers, one row a block: the features of the gradient-boosted trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import chain
from math import log1p
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from indexlm.layout import Layout, measure_layout
from indexlm.page import Block, Page
from indexlm.paths import paths_of

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
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_COMMAS = ",;:，、；："
_STOPS = ".!?。！？…"
_WIDE_STOPS = "。！？"  # with nothing behind them
_BEHIND_STOPS = "\"'”’)"  # or white space
_ENDS = '.!?。！？…"”'
_BEGIN = 80  # characters of a text whose digits and capitals are counted
_COMMA, _DIGIT, _CAPITAL, _STOP, _WIDE_STOP, _BEHIND_STOP, _END, _BAR = (1 << bit for bit in range(8))
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
_PLACES_OF_NEAR = [_OWN.index(name) for name in _NEAR]
_PLACES_OF_SMOOTHED = [_OWN.index(name) for name in _SMOOTHED]
_PLACES_OF_TAGS = np.arange(len(_TAGS))
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
    densities = np.array([block.link_density for block in blocks])
    own = _own(page, layout, densities)
    of_path = _of_paths(page, vocabulary)
    tags = np.array([_TAG_CODES.get(block.tag, -1) for block in blocks])
    reach = max(_REACH)
    padded = np.full((len(_NEAR), count + 2 * reach), -1, np.float32)
    padded[:, reach : reach + count] = own[_PLACES_OF_NEAR]
    near = np.stack([padded[:, reach + offset : reach + offset + count] for offset in _REACH], axis=1)
    sums = np.cumsum(own[_PLACES_OF_SMOOTHED], axis=1)
    after = sums[:, np.minimum(np.arange(count) + 5, count - 1)]
    after[:, 6:] -= sums[:, : max(0, count - 6)]  # of the eleven around it
    of_page = [*layout.page, *(float(any(kind in page_kind for page_kind in page.kinds)) for kind in _KINDS)]
    parts = (
        own.T,
        _of_parents(blocks, layout, densities),
        tags[:, None] == _PLACES_OF_TAGS,
        of_path[:, : len(_LANDMARKS)],
        near.reshape(-1, count).T,
        after.T / 11,
        np.broadcast_to(np.array(of_page, np.float32), (count, len(of_page))),
        of_path[:, len(_LANDMARKS) :],
    )
    return np.concatenate(parts, axis=1, dtype=np.float32)


def _own(page: Page, layout: Layout, densities: NDArray[np.float64]) -> NDArray[np.float32]:
    """The columns named in `_OWN`, as rows."""
    blocks = page.blocks
    count = len(blocks)
    texts = [block.text for block in blocks]
    copies = Counter(texts)
    sizes = np.array([len(text) for text in texts])
    widths = np.clip(sizes, 1, _BEGIN)
    characters = _count_characters(texts, sizes)
    words = np.array(layout.words)
    here = np.arange(count)
    levels = [_LEVELS.get(block.tag, 0) for block in blocks]
    headed = [i for i, level in enumerate(levels) if level]
    headings = np.array([-1, *headed, count + 99])
    last = np.searchsorted(headings, here, side="right") - 1
    first_h1 = levels.index(1) if 1 in levels else -1
    table = np.empty((len(_OWN), count), np.float32)
    for row, values in enumerate(
        (
            [log1p(size) for size in layout.words],
            [log1p(len(text) or 1) for text in texts],
            densities,
            layout.prose_levels,
            layout.word_levels,
            layout.rarity,
            [log1p(alike) for alike in layout.alike],
            layout.place,
            layout.path_links,
            here / count,
            [block.hidden for block in blocks],
            characters.stops,
            characters.commas / words,
            characters.digits / widths,
            characters.capitals / widths,
            characters.ends,
            characters.begins,
            [copies[text] for text in texts],
            paths_of(page).each(len),
            _in_title(page.title, texts, layout.words),
            here - first_h1 if first_h1 >= 0 else -999,
            np.where(last > 0, here - headings[last], 99),
            headings[last + 1] - here,
            np.array([0, *(levels[i] for i in headed)])[last],
            ["<img" in block.inner for block in blocks],
            [block.number for block in blocks],
            characters.bars,
        )
    ):
        table[row] = values
    return table


def _in_title(title: str, texts: Sequence[str], sizes: Sequence[int]) -> list[float]:
    """Of each text of less than 40 words the share of the title's words that are in it; 0 of others."""
    title_words = set(title.lower().split())
    if not title_words:
        return [0.0] * len(texts)
    count, shared = len(title_words), title_words.intersection
    return [
        len(shared(text.lower().split())) / count if size < 40 else 0.0 for text, size in zip(texts, sizes, strict=True)
    ]


class _Characters(NamedTuple):
    """What is counted in each text: commas and ends of sentences, of its begin digits and capitals; whether it holds
    bars, ends as a sentence may, and begins with a capital.
    """

    commas: NDArray[np.int64]
    stops: NDArray[np.int64]
    digits: NDArray[np.int64]
    capitals: NDArray[np.int64]
    bars: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    begins: NDArray[np.bool_]


def _count_characters(texts: Sequence[str], sizes: NDArray[np.int64]) -> _Characters:
    """Texts and their sizes -> what their characters are, each text with white space behind it."""
    codes = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _KINDS_OF_ASCII.take(codes, mode="clip")
    others = np.flatnonzero(codes > 127)
    kinds[others] = np.frombuffer(bytes(map(_kind, codes[others].tolist())), np.uint8)
    ends = np.cumsum(sizes + 1) - 1
    starts = ends - sizes
    begins = starts + np.minimum(sizes, _BEGIN)

    def count(places: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
        first, behind = places.searchsorted((starts, last))
        counts: NDArray[np.int64] = behind - first
        return counts

    counted = np.flatnonzero(kinds & (_COMMA | _DIGIT | _CAPITAL | _STOP | _BAR) > 0)
    as_counted = kinds[counted]
    stops = counted[as_counted & _STOP > 0]
    stops = stops[(kinds[stops] & _WIDE_STOP) | (kinds[stops + 1] & _BEHIND_STOP) > 0]
    return _Characters(
        commas=count(counted[as_counted & _COMMA > 0], ends),
        stops=count(stops, ends),
        digits=count(counted[as_counted & _DIGIT > 0], begins),
        capitals=count(counted[as_counted & _CAPITAL > 0], begins),
        bars=count(counted[as_counted & _BAR > 0], ends) > 0,
        ends=(sizes == 0) | (kinds[ends - 1] & _END > 0),
        begins=kinds[starts] & _CAPITAL > 0,
    )


@lru_cache(maxsize=8192)
def _kind(code: int) -> int:
    """A character's number -> what it counts as."""
    character = chr(code)
    return (
        _COMMA * (character in _COMMAS)
        | _DIGIT * character.isdigit()
        | _CAPITAL * character.isupper()
        | _STOP * (character in _STOPS)
        | _WIDE_STOP * (character in _WIDE_STOPS)
        | _BEHIND_STOP * (character in _BEHIND_STOPS or character.isspace())
        | _END * (character in _ENDS)
        | _BAR * (character == "|")
    )


_KINDS_OF_ASCII = np.array([_kind(code) for code in range(128)], np.uint8)  # of the last one also where others stand


def _of_parents(blocks: Sequence[Block], layout: Layout, densities: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns named in `_AROUND`: of all blocks in the element around a block's own, and in the one around that."""
    count = len(blocks)
    words, prose = np.array(layout.words), np.array(layout.prose)
    links = words * densities
    all_nodes = [block.nodes for block in blocks]
    nodes = np.array(
        [[own[-3] if len(own) > 2 else -1 for own in all_nodes], [own[-2] if len(own) > 1 else -1 for own in all_nodes]]
    ).T  # -1: there is none
    places = nodes.ravel() + 1
    around = np.empty((count, 2, 4))
    for i, weights in enumerate((words, links, np.ones(count), prose)):
        around[:, :, i] = np.bincount(places, np.repeat(weights, 2))[places].reshape(count, 2)
    alone = np.stack([words, np.zeros(count), np.ones(count), np.zeros(count)], axis=1)
    around = np.where(nodes[:, :, None] < 0, alone[:, None], around)
    sums = np.concatenate([around[:, 1], around[:, 0]], axis=1)
    return np.stack(
        [np.log1p(sums[:, 0]), sums[:, 1] / np.maximum(sums[:, 0], 1), np.log1p(sums[:, 2]),
         np.log1p(sums[:, 4]), sums[:, 5] / np.maximum(sums[:, 4], 1), np.log1p(sums[:, 6]),
         sums[:, 7] / (sum(layout.prose) or 1.0)],
        axis=1,
    )  # fmt: skip


def _of_paths(page: Page, vocabulary: Sequence[str]) -> NDArray[np.float32]:
    """What the blocks' ancestors say: which landmarks they are, and which words of `vocabulary` they carry."""
    width = len(_LANDMARKS) + len(vocabulary)
    paths = paths_of(page)
    read = _reader(tuple(vocabulary))
    columns_of = {label: read(label) for label in paths.labels}.__getitem__
    outer: dict[tuple[str, ...], int] = {}  # most paths share with another all but the two nearest elements
    outer_of = [outer.setdefault(path[:-2], len(outer)) for path in paths.different]
    ones = np.zeros(len(outer) * width, np.float32)
    ones[_places(outer, columns_of, width)] = 1
    marks = ones.reshape(len(outer), width).take(outer_of, axis=0)
    marks.ravel()[_places([path[-2:] for path in paths.different], columns_of, width)] = 2
    np.minimum(marks[:, : len(_LANDMARKS)], 1, out=marks[:, : len(_LANDMARKS)])  # which they are or are not
    return marks.take(paths.places, axis=0)


def _places(
    paths: Collection[tuple[str, ...]], columns_of: Callable[[str], tuple[int, ...]], width: int
) -> NDArray[np.int64]:
    """Where the columns of the labels of each path stand in a flat table with a row for each path."""
    columns = [list(chain.from_iterable(map(columns_of, path))) for path in paths]
    starts = np.repeat(np.arange(0, len(columns) * width, width), list(map(len, columns)))
    places: NDArray[np.int64] = starts + np.fromiter(chain.from_iterable(columns), np.int64, len(starts))
    return places


@lru_cache(maxsize=4)
def _reader(vocabulary: tuple[str, ...]) -> Callable[[str], tuple[int, ...]]:
    """What tells the columns of the label of an element: its landmark and its words; most labels come again."""
    landmarks = {tag: i for i, tag in enumerate(_LANDMARKS)}
    wanted = {word: i for i, word in enumerate(vocabulary, len(landmarks))}

    @lru_cache(maxsize=8192)
    def columns_of(label: str) -> tuple[int, ...]:
        tag, *words = label.split(".")
        found = [wanted[word] for word in words if word in wanted]
        return (*found, landmarks[tag]) if tag in landmarks else tuple(found)

    return columns_of
