"""What others say on a page: customers of a product, readers of an article, and again who is quoted from above.

Heads keep it, because it is written like the text around it. It is no part of the page's own text, or stands there
already.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable

from indexlm.page import Block, Page
from indexlm.paths import heading_of, paths_of
from indexlm.patterns import finder

_BOX = r"(?:div|section|article|aside|footer|ul|ol|dl|li|dd|table|form)"
_is_review = finder(rf"\A(?!.*\.(?:testimonials?|description|editorial|expert)\b){_BOX}\.(?:.*\.)?reviews?(?:\.|$)")
COMMENTS = (
    rf"\A(?!.*\.(?:editorial|code|expert)\b){_BOX}\.(?:.*\.)?(?:comments?(?!\.(?:open|closed|off)\b)|comment(?:list|body|text|entry|block)|disqus\w*"
    r"|(?:track|ping)backs?)(?:\.|$)"
)
"""Names of elements in which readers comment on a page."""
_is_shop = finder(
    r"\.(?:.*\.)?(?:buybox|addtocart|add\.(?:cart|bag|basket)|purchase|pdp"
    r"|product\.(?:price|details?|form|single|page|main|info|summary))(?:\.|$)"
)
"""Names of what only the page of a product has. `pdp` is short for product detail page."""
_is_blog = finder(
    r"\.(?:hentry|respond|comments\.(?:area|content|wrap\w*)|(?:.*\.)?comment\.?form|disqus\w*|dsq)(?:\.|$)"
)
"""Names of entries of a blog, and of what stands below them."""
_is_comment = finder(COMMENTS)
_is_entry = finder(r"\A(?:article(?:\.|$)|(?:div|section|td)\.(?:.*\.)?(?:hentry|post|story|article|entry)(?:\.|$))")
_is_forum = finder(r"\.(?:.*\.)?(?:forum|topics?|questions?|answers?|(?:discussion|message)\.?boards?)(?:\.|$)")
_LEAST_REST = 100  # characters of a product's page beside its reviews; one with less is a page of reviews
_MOST_SECTIONS = 3  # headings (h2) in reviews of customers
_LEAST_TEXT, _LEAST_SHARE = 500, 0.05  # characters of an article before its comments, and their share of what is kept
_LEAST_ENTRY = 150  # characters of an entry before its comments, whatever of it is kept
_LEAST_SAID = 40  # characters of a comment; how many there are stands above the text
_MOST_QUOTED = 300  # blocks of quotations that are looked for above
_LEAST_QUOTED = 20  # letters of such a block
_LEAST_REPEATED = 80  # characters of a quotation that is found; a sentence says what the answer is about
_REPEATED_SHARE = 0.7  # of the characters of a quotation


def feedback(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of reviews of a product, of comments on an article or in a blog, and of quotations from above.

    No reviews and no comments where hardly any others of `indices` are left.
    """
    names = paths_of(page).labels
    found = _repeated_quotations(page) if any(name.startswith("blockquote") for name in names) else set()
    if is_shop(page):
        return found | _reviews(page, indices)
    if any("forum" in kind or kind == "qapage" for kind in page.kinds):
        return found
    return found | _comments(page, indices) if _is_article(page) or any(map(_is_blog, names)) else found


def is_shop(page: Page) -> bool:
    """Whether a page shows what can be bought, by its types or by the names of its elements."""
    if _is_article(page):
        return False
    return any("product" in kind for kind in page.kinds) or any(map(_is_shop, paths_of(page).labels))


def _is_article(page: Page) -> bool:
    return any("article" in kind or "blogposting" in kind for kind in page.kinds)


def _in_named(page: Page, is_named: Callable[[str], bool]) -> set[int]:
    """The blocks in elements of certain names."""
    labels = set(filter(is_named, paths_of(page).labels))
    return set(paths_of(page).those(lambda path: not labels.isdisjoint(path))) if labels else set()


def _reviews(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of reviews, if they are not the page itself: a review of a product has its heading, or sections."""
    found = _in_named(page, _is_review)
    rest = sum(page.blocks[i - 1].chars for i in indices if i not in found) if found else 0
    sections = sum(page.blocks[i - 1].tag == "h2" for i in found)
    return found if rest >= _LEAST_REST and heading_of(page) not in found and sections <= _MOST_SECTIONS else set()


def _comments(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of comments behind the text of an article, but for posts of a forum."""
    found = _in_named(page, _is_comment)
    if not found or any(map(_is_forum, set().union(*(page.blocks[i - 1].path for i in found)))):
        return set()
    kept = {i: page.blocks[i - 1].chars for i in indices}
    first = min((i for i in found if kept.get(i, 0) >= _LEAST_SAID), default=min(found))
    before = sum(chars for i, chars in kept.items() if i < first)
    has_text = before >= max(_LEAST_TEXT, _LEAST_SHARE * sum(kept.values()))
    return found if has_text or _entry_chars(page, found) >= _LEAST_ENTRY else set()


def _entry_chars(page: Page, comments: Collection[int]) -> int:
    """The characters of text in the longest element before comments that is named as an entry and holds none of them.

    Where there are many comments, heads may keep nothing of it.
    """
    around = set().union(*(page.blocks[i - 1].nodes for i in comments))
    sizes: Counter[int] = Counter()
    for block in page.blocks[: min(comments) - 1]:
        if not block.hidden and 2 * block.link_chars <= block.chars:
            for node, label in zip(block.nodes, block.path, strict=True):
                is_entry = node not in around and _is_entry(label) and not _is_comment(label)
                sizes[node] += block.chars * is_entry
    return max(sizes.values(), default=0)


def _repeated_quotations(page: Page) -> set[int]:
    """The blocks of quotations that stand for the most part above them, outside of quotations."""
    quoted = paths_of(page).each(_quotation_depth)
    last = max((i for i, depth in enumerate(quoted) if depth >= 0), default=-1)
    above = ""
    waiting: list[str] = []
    quotations: defaultdict[int, list[Block]] = defaultdict(list)
    repeated: Counter[int] = Counter()
    for block, depth in zip(page.blocks[: last + 1], quoted, strict=False):
        letters = "".join(block.text.split())
        if depth < 0:
            waiting.append(letters)
        elif len(quotations) < _MOST_QUOTED:
            above, waiting = above + "".join(waiting), []
            quotations[block.nodes[depth]].append(block)
            if len(letters) >= _LEAST_QUOTED and letters in above:
                repeated[block.nodes[depth]] += block.chars
    return {
        block.index
        for node, blocks in quotations.items()
        if repeated[node] >= max(_LEAST_REPEATED, _REPEATED_SHARE * sum(block.chars for block in blocks))
        for block in blocks
    }


def _quotation_depth(path: tuple[str, ...]) -> int:
    """The depth of the outermost quotation of a path; -1 for none."""
    return next((i for i, label in enumerate(path) if label.startswith("blockquote")), -1)
