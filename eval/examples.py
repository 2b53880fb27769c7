"""Examples from rows on disk: pages with the blocks to keep.

A main content (ME) row holds HTML and gold text, which is aligned to blocks. A question (QE) row holds
paragraphs and says which of them answer; they are laid into a real page in place of its main content.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from eval.alignment import align
from eval.examples import Example
from indexlm.html.read import read_page
from indexlm.page import Block, IndexLMError, Page

Article = tuple[str | None, Sequence[str]]
"""A title and paragraphs; None for no heading."""

_MOST_BLOCKS = 40  # of a host page's boilerplate, before and after the article
_MOST_PARAGRAPHS = 24
_EXCERPT_BLOCKS = 10  # at most, on either side
_TAKEN_OUT = 0.15  # of the excerpts


def me_examples(rows: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """ME rows (html as text or bytes, gold_text) -> examples; rows whose page has no blocks are left out.

    A row with a `query` asks for what its gold text holds.
    """
    for row in rows:
        html = row["html"] if isinstance(row["html"], bytes) else row["html"].encode("utf-8", "replace")
        page = read_page(html, url=row["url"] or "", query=row.get("query") or "")
        if page.blocks:
            gold = align(page, row["gold_text"])
            yield Example(page, gold, row["gold_text"], row["id"], row["source"], row["page_type"] or row["lang"] or "")


def host_page(example: Example) -> Example:
    """An ME example with main content -> the part of it that `embed_article` reads, so that many can be kept."""
    blocks = example.page.blocks
    first, last = example.gold[0], example.gold[-1]
    before = blocks[max(0, first - 1 - _MOST_BLOCKS) : first - 1]
    longest = max((blocks[i - 1] for i in example.gold), key=lambda block: block.chars)
    kept = (*before, longest, *blocks[last : last + _MOST_BLOCKS])
    page = replace(example.page, blocks=tuple(replace(block, index=i) for i, block in enumerate(kept, 1)))
    return replace(example, page=page, gold=(len(before) + 1,), text="")


def embed_article(
    host: Example, title: str | None, paragraphs: Sequence[str], rng: random.Random, tags: Sequence[str] = ()
) -> tuple[Page, int]:
    """A page with its main content replaced by an article -> the new page and the index of its first paragraph.

    The article takes the place in the element tree that the host's longest gold block has. Of the host's
    boilerplate at most `_MOST_BLOCKS` blocks stay on either side. `tags` are the paragraphs' elements where they are
    not all `p`; a title of None is no heading.
    """
    blocks = host.page.blocks
    if not host.gold:
        raise IndexLMError(f"a host page needs main content to replace; page {host.id!r} has none")
    first, last = host.gold[0], host.gold[-1]
    model = max((blocks[i - 1] for i in host.gold), key=lambda block: block.chars)
    node = max(block.nodes[-1] for block in blocks) + 1
    before = blocks[max(0, first - 1 - rng.randint(4, _MOST_BLOCKS)) : first - 1]
    after = blocks[last : last + rng.randint(4, _MOST_BLOCKS)]
    heading = [] if title is None else [("h1", title)]
    article = []
    for k, (tag, text) in enumerate([*heading, *zip(tags or ["p"] * len(paragraphs), paragraphs, strict=True)]):
        text = " ".join(text.split())
        article.append(
            Block(
                index=0,
                tag=tag,
                text=text,
                inner=escape(text, quote=False),
                path=(*model.path[:-1], tag),
                nodes=(*model.nodes[:-1], node + k),
                chars=len(text),
            )
        )
    laid = tuple(replace(block, index=i) for i, block in enumerate([*before, *article, *after], 1))
    page = Page(laid, url=host.page.url, title=(title or "") if rng.random() < 0.7 else "", lang=host.page.lang)
    return page, len(before) + len(heading) + 1


def make_question(
    article: Article,
    question: str,
    relevant: set[int],
    hosts: Sequence[Example],
    rng: random.Random,
    tags: Sequence[str] = (),
    others: Sequence[Article] = (),
) -> Example | None:
    """A question put to an article, laid into one of `hosts` drawn at random; `relevant` are 0-based paragraphs.

    Of an article of more than `_MOST_PARAGRAPHS` a part around a relevant paragraph is shown; None where that part
    lacks another one. With `tags` (see `embed_article`) it is laid whole. `others` stand on the same page, each below its own
    title and in any order, as distractors.
    """
    title, paragraphs = article
    start, stop = 0, len(paragraphs)
    if len(paragraphs) > _MOST_PARAGRAPHS and not tags:
        anchor = rng.choice(sorted(relevant)) if relevant else rng.randrange(len(paragraphs))
        start = min(max(0, anchor - rng.randrange(_MOST_PARAGRAPHS)), len(paragraphs) - _MOST_PARAGRAPHS)
        stop = start + _MOST_PARAGRAPHS
    if relevant - set(range(start, stop)):
        return None
    shown = [*paragraphs[start:stop]]
    # Question and host share no language rule: a host's menus may be in another language.
    host = rng.choice(hosts)
    if others:
        own = [*zip(tags or ["p"] * len(shown), shown, strict=True)]
        articles = [(title, own), *((name, [("p", text) for text in texts]) for name, texts in others)]
        rng.shuffle(articles)
        title = articles[0][0]
        lines: list[tuple[str, str]] = []
        for k, (name, body) in enumerate(articles):
            if k and name is not None:
                lines.append(("h2", name))
            if body is own:
                start -= len(lines)
            lines += body
        tags, shown = [tag for tag, _ in lines], [text for _, text in lines]
    page, first = embed_article(host, title, shown, rng, tags)
    gold = tuple(first + i - start for i in sorted(relevant))
    return Example(replace(page, query=" ".join(question.split())), gold)


def crop(example: Example, rng: random.Random) -> Example:
    """A QE example as a short page: the blocks from the first that answer to the last, and a few on either side.

    Where none answers they are those around the longest one. Of some the answers are taken out, so that none does.
    """
    blocks, gold = example.page.blocks, example.gold
    longest = max(blocks, key=lambda block: block.chars).index
    first, last = (gold[0], gold[-1]) if gold else (longest, longest)
    start, stop = max(0, first - 1 - rng.randint(0, _EXCERPT_BLOCKS)), last + rng.randint(0, _EXCERPT_BLOCKS)
    kept = blocks[start:stop]
    if gold and rng.random() < _TAKEN_OUT:
        kept = tuple(block for block in kept if block.index not in gold) or kept
    page = replace(example.page, blocks=tuple(replace(block, index=i) for i, block in enumerate(kept, 1)))
    return replace(example, page=page, gold=tuple(i for i, block in enumerate(kept, 1) if block.index in gold))


def qe_examples(
    rows: Sequence[dict[str, Any]], hosts: Sequence[Example], seed: int, per_article: int = 2, na_share: float = 0.2
) -> Iterator[Example]:
    """QE rows -> examples: `per_article` questions a row, of which `na_share` belong to another article.

    Every page is laid into a host drawn at random; the same seed gives the same examples.
    """
    rng = random.Random(seed)
    hosts = [host for host in hosts if host.gold]
    if rows and not hosts:
        raise IndexLMError("questions are laid into pages with main content; found none")
    by_language: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_language[row["lang"]].append(row)
    for row in rows:
        for question in rng.sample(row["questions"], min(per_article, len(row["questions"]))):
            relevant = set(question["relevant"]) if question["answerable"] else set()
            asked = question["question"]
            if rng.random() < na_share and len(by_language[row["lang"]]) > 1:
                other = rng.choice(by_language[row["lang"]])
                if other is row:
                    continue
                asked, relevant = rng.choice(other["questions"])["question"], set()
            found = make_question((row["title"] or "", row["paragraphs"]), asked, relevant, hosts, rng)
            if found is not None:
                yield replace(found, id=str(question["id"]), source=row["source"], kind=row["lang"])
