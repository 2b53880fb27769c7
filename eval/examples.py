"""Examples from rows on disk: pages with the blocks to keep.

A main content (ME) row holds HTML and gold text, which is aligned to blocks. A question (QE) row holds paragraphs and
says which of them answer; they replace the main content of a real page.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from eval.alignment import align
from eval.rows import html_of
from indexlm.html.read import read_page
from indexlm.page import Block, IndexLMError, Page

Article = tuple[str | None, Sequence[str]]
"""A title and paragraphs; None for no heading."""

_MAX_HOST_BLOCKS = 40  # of a host page's boilerplate, before and after the article
_MAX_PARAGRAPHS = 24
_MAX_CROP_BLOCKS = 10  # on either side of the answer
_UNANSWERED_SHARE = 0.15  # of the crops
_MAX_SHORT_BLOCKS = 40
_CONTAINERS = {"th": "table", "tr": "table", "li": "ul", "dt": "dl", "dd": "dl"}
_CELL_ENDS = " | "  # between the cells of a row


@dataclass(frozen=True, slots=True)
class Example:
    """A page with the blocks to keep. A head reads `page` alone.

    gold: the blocks to keep, 1-based and ascending.
    text: the reference text of a main content example.
    kind: the page's type where the source states one, or its language.
    """

    page: Page
    gold: tuple[int, ...]
    text: str = ""
    id: str = ""
    source: str = ""
    kind: str = ""


def me_examples(rows: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """ME rows (`html` as text or bytes, `gold_text`) -> examples, without those whose page has no blocks.

    The gold text of a row with a `query` is the answer to it.
    """
    for row in rows:
        page = read_page(html_of(row), url=row["url"] or "", query=row.get("query") or "")
        if page.blocks:
            gold = align(page, row["gold_text"])
            yield Example(page, gold, row["gold_text"], row["id"], row["source"], row["page_type"] or row["lang"] or "")


def host_page(example: Example) -> Example:
    """An ME example with main content -> the part of it that `embed_article` reads, which takes less memory."""
    blocks = example.page.blocks
    first, last = example.gold[0], example.gold[-1]
    before = blocks[max(0, first - 1 - _MAX_HOST_BLOCKS) : first - 1]
    longest = max((blocks[i - 1] for i in example.gold), key=lambda block: block.chars)
    page = replace(example.page, blocks=_renumber([*before, longest, *blocks[last : last + _MAX_HOST_BLOCKS]]))
    return replace(example, page=page, gold=(len(before) + 1,), text="")


def embed_article(
    host: Example, title: str | None, paragraphs: Sequence[str], rng: random.Random, tags: Sequence[str] = ()
) -> tuple[Page, int]:
    """Replace a page's main content by an article -> the new page and the index of the article's first paragraph.

    The article takes the place in the element tree that the host's longest gold block has. At most `_MAX_HOST_BLOCKS`
    blocks of the host's boilerplate stay on either side. `tags` are the paragraphs' elements where they are not all
    `p`; a header row is `th`, and neighbouring rows or items share their table or list. A title of None gives no
    heading. Raises `IndexLMError` for a host without main content.
    """
    blocks = host.page.blocks
    if not host.gold:
        raise IndexLMError(f"a host page needs main content to replace; page {host.id!r} has none")
    first, last = host.gold[0], host.gold[-1]
    model = max((blocks[i - 1] for i in host.gold), key=lambda block: block.chars)
    node = max(block.nodes[-1] for block in blocks) + 1
    before = blocks[max(0, first - 1 - rng.randint(4, _MAX_HOST_BLOCKS)) : first - 1]
    after = blocks[last : last + rng.randint(4, _MAX_HOST_BLOCKS)]
    heading = [] if title is None else [("h1", title)]
    article: list[Block] = []
    container, container_node = "", 0
    for tag, text in [*heading, *zip(tags or ["p"] * len(paragraphs), paragraphs, strict=True)]:
        if container != (container := _CONTAINERS.get(tag, "")):
            container_node, node = node, node + 1
        path, nodes = (*model.path[:-1], *[container] * bool(container)), model.nodes[:-1]
        article.append(_block(tag, text, path, (*nodes, *[container_node] * bool(container), node)))
        node += 1
    blocks = _renumber([*before, *article, *after])
    page = Page(blocks, url=host.page.url, title=(title or "") if rng.random() < 0.7 else "", lang=host.page.lang)
    return page, len(before) + len(heading) + 1


def _block(tag: str, text: str, path: tuple[str, ...], nodes: tuple[int, ...]) -> Block:
    """A block in an element of its own below `path`; the cells of a row are parted by `_CELL_ENDS`."""
    text = " ".join(text.split())
    is_row = tag in ("th", "tr")
    inner = escape(text, quote=False)
    if is_row:
        cell = "th" if tag == "th" else "td"
        inner = "".join(f"<{cell}>{part.strip()}</{cell}>" for part in inner.split(_CELL_ENDS.strip()))
    return Block(0, tag, text, inner, (*path, "tr" if is_row else tag), nodes, chars=len(text))


def table_tags(paragraphs: Sequence[str]) -> list[str]:
    """Paragraphs -> their elements where several rows with cells parted by ` | ` follow each other; else nothing.

    The first row is the header.
    """
    is_row = [_CELL_ENDS in f" {text} " for text in paragraphs]
    tags = ["p"] * len(paragraphs)
    for i, (before, here, after) in enumerate(zip([False, *is_row], is_row, [*is_row[1:], False], strict=False)):
        if here and (before or after):
            tags[i] = "tr" if before else "th"
    return tags if "tr" in tags else []


def make_question(
    article: Article,
    question: str,
    relevant: set[int],
    hosts: Sequence[Example],
    rng: random.Random,
    tags: Sequence[str] = (),
    others: Sequence[Article] = (),
) -> Example | None:
    """A question about an article, embedded in one of `hosts` at random; `relevant` are 0-based paragraphs.

    Of an article of more than `_MAX_PARAGRAPHS` only a part around a relevant paragraph is used; None where that part
    lacks another one. With `tags` (see `embed_article`) the whole article is used. A row that answers comes with its
    header row. `others` are distractors on the same page, in any order and each below its own title.
    """
    title, paragraphs = article
    start, stop = 0, len(paragraphs)
    if len(paragraphs) > _MAX_PARAGRAPHS and not tags:
        anchor = rng.choice(sorted(relevant)) if relevant else rng.randrange(len(paragraphs))
        start = min(max(0, anchor - rng.randrange(_MAX_PARAGRAPHS)), len(paragraphs) - _MAX_PARAGRAPHS)
        stop = start + _MAX_PARAGRAPHS
    if relevant - set(range(start, stop)):
        return None
    headers = [i for i, tag in enumerate(tags) if tag == "th"]
    rows = [i for i in relevant if tags and tags[i] == "tr"]
    relevant = relevant | {max((i for i in headers if i < row), default=row) for row in rows}
    texts = [*paragraphs[start:stop]]
    # Question and host share no language rule: a host's menus may be in another language.
    host = rng.choice(hosts)
    if others:
        lines = [*zip(tags or ["p"] * len(texts), texts, strict=True)]
        title, lines, lines_before = _shuffle_articles(title, lines, others, rng)
        start -= lines_before
        tags, texts = [tag for tag, _ in lines], [text for _, text in lines]
    page, first = embed_article(host, title, texts, rng, tags)
    gold = tuple(first + i - start for i in sorted(relevant))
    return Example(replace(page, query=" ".join(question.split())), gold)


def _shuffle_articles(
    title: str | None, own: list[tuple[str, str]], others: Sequence[Article], rng: random.Random
) -> tuple[str | None, list[tuple[str, str]], int]:
    """An article as lines (tag, text), and others -> the first title, the lines of all, how many precede `own`."""
    articles = [(title, own), *((name, [("p", text) for text in texts]) for name, texts in others)]
    rng.shuffle(articles)
    lines: list[tuple[str, str]] = []
    lines_before = 0
    for k, (name, body) in enumerate(articles):
        if k and name is not None:
            lines.append(("h2", name))
        if body is own:
            lines_before = len(lines)
        lines += body
    return articles[0][0], lines, lines_before


def shorten(example: Example, rng: random.Random) -> Example | None:
    """An ME example -> a page of at most `_MAX_SHORT_BLOCKS` blocks: where its gold blocks begin, and some of its end.

    None for a page that has no more, and for one without gold blocks.
    """
    blocks, gold = example.page.blocks, set(example.gold)
    if not gold or len(blocks) <= _MAX_SHORT_BLOCKS:
        return None
    first = example.gold[0] - 1
    start = max(0, first - rng.randint(0, _MAX_SHORT_BLOCKS // 4))
    stop = first + rng.randint(_MAX_SHORT_BLOCKS // 10, _MAX_SHORT_BLOCKS // 2)
    tail = max(stop, len(blocks) - rng.randint(0, _MAX_SHORT_BLOCKS // 4))
    part = [*blocks[start:stop], *blocks[tail:]]
    kept = tuple(i for i, block in enumerate(part, 1) if block.index in gold)
    text = "\n".join(part[i - 1].text for i in kept)
    return replace(example, page=replace(example.page, blocks=_renumber(part)), gold=kept, text=text)


def crop(example: Example, rng: random.Random) -> Example:
    """A QE example -> a short page: from its first gold block to its last, and a few blocks on either side.

    Without gold blocks it is the part around the longest block. A share of `_UNANSWERED_SHARE` loses its gold blocks.
    """
    blocks, gold = example.page.blocks, example.gold
    longest = max(blocks, key=lambda block: block.chars).index
    first, last = (gold[0], gold[-1]) if gold else (longest, longest)
    start, stop = max(0, first - 1 - rng.randint(0, _MAX_CROP_BLOCKS)), last + rng.randint(0, _MAX_CROP_BLOCKS)
    part = blocks[start:stop]
    if gold and rng.random() < _UNANSWERED_SHARE:
        part = tuple(block for block in part if block.index not in gold) or part
    page = replace(example.page, blocks=_renumber(part))
    return replace(example, page=page, gold=tuple(i for i, block in enumerate(part, 1) if block.index in gold))


def _renumber(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(replace(block, index=i) for i, block in enumerate(blocks, 1))


def qe_examples(
    rows: Sequence[dict[str, Any]], hosts: Sequence[Example], seed: int, per_article: int = 2, na_share: float = 0.2
) -> Iterator[Example]:
    """QE rows -> examples: `per_article` questions a row, of which a share of `na_share` is about another article.

    Every article is embedded in a host page at random, its tables as tables; the same seed gives the same examples. A
    row may state the elements of its paragraphs (`tags`).
    """
    rng = random.Random(seed)
    hosts = [host for host in hosts if host.gold]
    if rows and not hosts:
        raise IndexLMError("questions are embedded in pages with main content; found none")
    by_language: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_language[row["lang"]].append(row)
    for row in rows:
        for question in rng.sample(row["questions"], min(per_article, len(row["questions"]))):
            relevant = set(question["relevant"]) if question["answerable"] else set()
            text = question["question"]
            if rng.random() < na_share and len(by_language[row["lang"]]) > 1:
                other = rng.choice(by_language[row["lang"]])
                if other is row:
                    continue
                text, relevant = rng.choice(other["questions"])["question"], set()
            tags = row.get("tags") or table_tags(row["paragraphs"])
            example = make_question((row["title"] or "", row["paragraphs"]), text, relevant, hosts, rng, tags)
            if example is not None:
                yield replace(example, id=str(question["id"]), source=row["source"], kind=row["lang"])
