"""The structure of a page as numbers, one row a block: what gradient-boosted trees judge it by."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log1p
from typing import TYPE_CHECKING

import numpy as np

from indexlm.figures import Figures, measure
from indexlm.page import Page

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NAMES", "features"]

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
_STOPS = re.compile(r"[.!?。！？…](?:\s|$|[\"'”’)])|[。！？]")
_COMMAS = re.compile(r"[,;:，、；：]")
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


def features(page: Page, figures: Figures | None = None, vocabulary: Sequence[str] = ()) -> NDArray[np.float32]:
    """A page -> (blocks, len(NAMES) + len(vocabulary)) numbers.

    A word of `vocabulary` counts 2 where the class names of the block's two nearest elements hold it, 1 where
    those further up do, else 0.
    """
    blocks = page.blocks
    count = len(blocks)
    if not count:
        return np.zeros((0, len(NAMES) + len(vocabulary)), np.float32)
    figures = figures or measure(page)
    texts = Counter(block.text for block in blocks)
    title = set(page.title.lower().split())
    headings = [i for i, block in enumerate(blocks) if block.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    first_h1 = next((i for i, block in enumerate(blocks) if block.tag == "h1"), -1)
    parents: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for i, block in enumerate(blocks):
        size = figures.words[i]
        for node in block.nodes[-3:-1]:
            of = parents[node]
            of[0] += size
            of[1] += size * block.link_density
            of[2] += 1
            of[3] += figures.prose[i]
    prose_total = sum(figures.prose) or 1.0
    wanted = {word: i for i, word in enumerate(vocabulary)}
    paths: dict[tuple[str, ...], int] = {}
    of_paths: list[list[float]] = []
    own, around, path_of = [], [], []
    last_heading, level, upcoming = -1, 0, iter([*headings, count + 99])
    next_heading = next(upcoming)
    for i, block in enumerate(blocks):
        if i == next_heading:
            last_heading, level, next_heading = i, int(block.tag[1]), next(upcoming)
        text = block.text
        length = len(text) or 1
        size = figures.words[i]
        begin = text[:80]
        own.append(
            (
                log1p(size), log1p(length), block.link_density, figures.prose_levels[i], figures.word_levels[i],
                figures.rarity[i], log1p(figures.alike[i]), figures.place[i], figures.path_links[i],
                i / count, block.hidden, len(_STOPS.findall(text)), len(_COMMAS.findall(text)) / size,
                sum(map(str.isdigit, begin)) / min(80, length), sum(map(str.isupper, begin)) / min(80, length),
                text[-1:] in ".!?。！？…\"”", text[:1].isupper(), texts[text], len(block.path),
                len(title.intersection(text.lower().split())) / (len(title) or 1) if size < 40 else 0.0,
                i - first_h1 if first_h1 >= 0 else -999, i - last_heading if last_heading >= 0 else 99,
                next_heading - i, level, "<img" in block.inner, block.number, "|" in text,
            )
        )  # fmt: skip
        nodes = block.nodes
        parent = parents.get(nodes[-2]) if len(nodes) > 1 else None
        grand = parents.get(nodes[-3]) if len(nodes) > 2 else None
        around.append((*(parent or (size, 0.0, 1.0, 0.0)), *(grand or (size, 0.0, 1.0, 0.0))))
        if block.path not in paths:
            paths[block.path] = len(paths)
            of_paths.append(_of_path(block.path, wanted))
        path_of.append(paths[block.path])
    table = np.array(own, np.float32)
    of_path = np.array(of_paths, np.float32)[path_of]
    tags = np.array([_TAG_CODES.get(block.tag, -1) for block in blocks])
    sums = np.array(around)
    of_parents = np.stack(
        [np.log1p(sums[:, 0]), sums[:, 1] / np.maximum(sums[:, 0], 1), np.log1p(sums[:, 2]),
         np.log1p(sums[:, 4]), sums[:, 5] / np.maximum(sums[:, 4], 1), np.log1p(sums[:, 6]), sums[:, 7] / prose_total],
        axis=1,
    )  # fmt: skip
    columns = [table, of_parents, tags[:, None] == np.arange(len(_TAGS)), of_path[:, : len(_LANDMARKS)]]
    for name in _NEAR:
        column = table[:, _OWN.index(name)]
        padded = np.pad(column, 3, constant_values=-1)
        columns += [padded[3 + offset : 3 + offset + count, None] for offset in _REACH]
    for name in _SMOOTHED:
        column = table[:, _OWN.index(name)]
        padded = np.pad(np.cumsum(column), (6, 5), mode="edge")
        padded[:6] = 0
        columns.append(((padded[11 : 11 + count] - padded[:count]) / 11)[:, None])
    of_page = [*figures.page, *(float(any(kind in stated for stated in page.kinds)) for kind in _KINDS)]
    columns.append(np.broadcast_to(np.array(of_page, np.float32), (count, len(of_page))))
    columns.append(of_path[:, len(_LANDMARKS) :])
    return np.concatenate(columns, axis=1, dtype=np.float32)


def _of_path(path: tuple[str, ...], wanted: dict[str, int]) -> list[float]:
    """What a block's ancestors say: which landmarks they are, and which of the wanted words they carry."""
    tags = {label.partition(".")[0] for label in path}
    words = [0.0] * len(wanted)
    for weight, labels in ((1.0, path[:-2]), (2.0, path[-2:])):
        for label in labels:
            for word in label.split(".")[1:]:
                if word in wanted:
                    words[wanted[word]] = weight
    return [*(float(tag in tags) for tag in _LANDMARKS), *words]
