"""Examples from rows on disk: pages with the blocks to keep.

A main content (ME) row holds HTML and gold text, which is aligned to blocks. A question (QE) row holds
paragraphs and says which of them answer; they are laid into a real page in place of its main content.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from indexlm.align import align
from indexlm.page import Block, Example, IndexLMError, Page
from indexlm.segment import read_page

__all__ = ["lay", "me_examples", "qe_examples", "read_rows"]

_MOST_BLOCKS = 40  # of a host page's boilerplate, before and after the article
_MOST_PARAGRAPHS = 24


def read_rows(path: Path, keep: Callable[[dict[str, Any]], bool] = lambda row: True) -> list[dict[str, Any]]:
    """A Parquet file -> its rows for which `keep` holds, in file order."""
    from pyarrow import ArrowInvalid, parquet

    try:
        return [row for row in parquet.read_table(path).to_pylist() if keep(row)]
    except (OSError, ArrowInvalid) as error:
        raise IndexLMError(f"{path} cannot be read as Parquet: {error}") from None


def me_examples(rows: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """ME rows (html, gold_text) -> examples; rows whose page has no blocks are left out."""
    for row in rows:
        page = read_page(row["html"].encode("utf-8", "replace"), url=row["url"] or "")
        if page.blocks:
            gold = align(page, row["gold_text"])
            yield Example(page, gold, row["gold_text"], row["id"], row["source"], row["page_type"] or row["lang"] or "")


def lay(host: Example, title: str, paragraphs: Sequence[str], rng: random.Random) -> tuple[Page, int]:
    """A page with its main content replaced by an article -> the new page and the index of its first paragraph.

    The article takes the place in the element tree that the host's longest gold block has. Of the host's
    boilerplate at most `_MOST_BLOCKS` blocks stay on either side.
    """
    blocks = host.page.blocks
    if not host.gold:
        raise IndexLMError(f"a host page needs main content to replace; page {host.id!r} has none")
    first, last = host.gold[0], host.gold[-1]
    model = max((blocks[i - 1] for i in host.gold), key=lambda block: block.chars)
    node = max(block.nodes[-1] for block in blocks) + 1
    before = blocks[max(0, first - 1 - rng.randint(4, _MOST_BLOCKS)) : first - 1]
    after = blocks[last : last + rng.randint(4, _MOST_BLOCKS)]
    article = []
    for k, (tag, text) in enumerate([("h1", title), *(("p", paragraph) for paragraph in paragraphs)]):
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
    page = Page(laid, url=host.page.url, title=title if rng.random() < 0.7 else "", lang=host.page.lang)
    return page, len(before) + 2


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
            paragraphs = row["paragraphs"]
            start = 0
            if len(paragraphs) > _MOST_PARAGRAPHS:
                anchor = rng.choice(sorted(relevant)) if relevant else rng.randrange(len(paragraphs))
                start = min(max(0, anchor - rng.randrange(_MOST_PARAGRAPHS)), len(paragraphs) - _MOST_PARAGRAPHS)
            shown = range(start, min(start + _MOST_PARAGRAPHS, len(paragraphs)))
            if relevant - set(shown):
                continue
            # Question and host share no language rule: a host's menus may be in another language.
            page, first = lay(rng.choice(hosts), row["title"] or "", [paragraphs[i] for i in shown], rng)
            gold = tuple(first + i - start for i in sorted(relevant))
            page = replace(page, query=" ".join(asked.split()))
            yield Example(page, gold, id=str(question["id"]), source=row["source"], kind=row["lang"])
