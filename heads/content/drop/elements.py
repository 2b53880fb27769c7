"""What is no content by its element: forms beside the content, buttons, requests over a page, and closed parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from heads.content.drop.short_page_phrases import ABOUT_COOKIES, AGREES, COOKIES, USES_COOKIES
from heads.content.drop.short_pages import MOST_BLOCKS
from indexlm.inputs.phrases import AGREE
from indexlm.page import Block, Page
from indexlm.paths import heading_of
from indexlm.patterns import late

_MAX_FORM_SHARE = 0.25  # of the kept characters, in a form that is dropped
_MAX_SHORT_FORM_SHARE = 0.4  # of the kept characters of a short page, in a form that is dropped
_LEAST_REST = 100  # characters of a page beside its closed dialogs
_MAX_ANSWER = 60  # characters of an answer to a request
_ARTICLES = frozenset(["main", "article"])
_CLOSED = frozenset(["display:none", "closed dialog"])
_OPENS = late(
    r"^(?:details|summary)\b|\.(?:tabs?|tabbed|tabpanel|panels?|panes?|accord\w*|collaps\w*|toggle\w*|faqs?"
    r"|answers?|expand\w*"
    r"|spoilers?|more|rest|reveal\w*|drawers?|slides?|carousel\w*|steps?|foot(?:note)?s?|lang\w*|variants?)(?:\.|$)"
)
_OVER_PAGE = late(
    r"\.(?:\w*dialog|modal|pop\.?up|overlay|gdpr|consent|ccpa|cookies?\.(?:notice|banner|bar|law|message))(?:\.|$)"
)
"""Names of what lies over a page, or at its edge, until the reader decides."""
_CHOICES = late(r"\.(?:quiz\w*|answers|choices)(?:\.|$)")
_QUESTION_ENDS = ("?", "？", "؟", "\u037e")


def controls(page: Page, kept: set[int]) -> set[int]:
    """The blocks of a page that are nothing but buttons, unless these are half of what is kept: one may never end.

    A question may open its answer, and an answer of a quiz is one to choose.
    """
    found = {
        block.index
        for block in page.blocks
        if block.is_control and not block.text.endswith(_QUESTION_ENDS) and not _CHOICES.search(block.path[-1])
    }
    chars = sum(page.blocks[i - 1].chars for i in kept & found)
    return set() if 2 * chars >= sum(page.blocks[i - 1].chars for i in kept) else found


def drop_forms(page: Page, kept: set[int]) -> None:
    """Drop a form beside the content, unless it is much of what is kept: a page may be one as a whole.

    Forms of one name count together: some forums write each post into one.
    """
    found = [
        (page.blocks[i - 1].path[depth], page.blocks[i - 1].nodes[depth], i)
        for i in kept
        for depth in _forms(page.blocks[i - 1].path)
    ]
    if not found:
        return
    shared = set.intersection(*(set(page.blocks[i - 1].nodes) for i in kept))
    forms: defaultdict[str, set[int]] = defaultdict(set)
    for label, node, i in found:
        if node not in shared:
            forms[label].add(i)
    share = _MAX_FORM_SHARE if len(page.blocks) > MOST_BLOCKS else _MAX_SHORT_FORM_SHARE
    most = share * sum(page.blocks[i - 1].chars for i in kept)
    for inside in forms.values():
        if sum(page.blocks[i - 1].chars for i in inside) <= most:
            kept.difference_update(inside)


def closed_dialogs(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of dialogs that are not open; none where hardly any others of `indices` are left."""
    found = {block.index for block in page.blocks if block.hidden_by == "closed dialog"}
    rest = sum(page.blocks[i - 1].chars for i in indices if i not in found) if found else 0
    return found if rest >= _LEAST_REST else set()


def consent(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of elements over a page that ask about cookies; none where hardly any others of `indices` are left.

    An element of that name between kept blocks of an article is a section of it.
    """
    kept = set(indices)
    nodes: dict[int, int] = {}
    for block in (page.blocks[i - 1] for i in kept):
        depth = _over_page(block.path)
        if depth is not None and COOKIES.search(block.text.lower()):
            nodes[block.nodes[depth]] = depth
    if not nodes or ABOUT_COOKIES.search(page.title.lower()):
        return set()
    inside: defaultdict[int, list[Block]] = defaultdict(list)
    for block in page.blocks:
        for node in nodes.keys() & set(block.nodes):
            inside[node].append(block)
    asking = {node for node, depth in nodes.items() if _asks(page, kept, inside[node], depth)}
    found = {block.index for block in page.blocks if not asking.isdisjoint(block.nodes)}
    rest = sum(page.blocks[i - 1].chars for i in kept if i not in found)
    return found if rest >= _LEAST_REST and heading_of(page) not in found else set()


def _asks(page: Page, kept: set[int], inside: Sequence[Block], depth: int) -> bool:
    """Whether an element with a word for cookies asks for something, and is no part of an article."""
    is_asked = any(
        USES_COOKIES.search(line) or (block.chars <= _MAX_ANSWER and not block.is_heading and _agrees(line))
        for block, line in ((block, block.text.lower()) for block in inside)
    )
    first, last = inside[0], inside[-1]
    beside = (first.index - 1, last.index + 1)
    is_inside = kept.issuperset(beside) and any(label.partition(".")[0] in _ARTICLES for label in first.path[:depth])
    around = first.nodes[depth - 1]
    return is_asked and not (is_inside and all(around in page.blocks[i - 1].nodes for i in beside))


def _agrees(line: str) -> bool:
    return bool(AGREE.search(line) or AGREES.search(line))


@lru_cache(maxsize=4096)
def _over_page(path: tuple[str, ...]) -> int | None:
    """The depth of the first element of a path that lies over the page by its names."""
    return next((depth for depth, label in enumerate(path) if depth and _OVER_PAGE.search(label)), None)


@lru_cache(maxsize=4096)
def _forms(path: tuple[str, ...]) -> tuple[int, ...]:
    """The depths of the forms of a path."""
    return tuple(depth for depth, label in enumerate(path) if label.partition(".")[0] == "form")


def drop_closed(page: Page, kept: set[int]) -> None:
    """Drop what is not shown, and has no name of what readers open, unless that is most of what is kept."""
    closed = {i for i in kept if page.blocks[i - 1].hidden_by in _CLOSED}
    if 2 * sum(page.blocks[i - 1].chars for i in closed) < sum(page.blocks[i - 1].chars for i in kept):
        kept.difference_update(i for i in closed if not any(map(_OPENS.search, page.blocks[i - 1].path)))
