"""What is named as no content beside the content: offers of other pages and letters, sidebars, comments, paywalls."""

from __future__ import annotations

import re
from collections import defaultdict
from enum import Enum
from functools import lru_cache

from heads.content.drop.comments import COMMENTS
from heads.content.drop.short_pages import ELSEWHERE, MOST_BLOCKS
from indexlm.inputs.document import Warn
from indexlm.labels import list_node
from indexlm.page import Block, Page
from indexlm.paths import heading_of
from indexlm.patterns import late
from indexlm.text import words


class Part(Enum):
    """What the names of an element say that it is."""

    OFFER = "offer"
    SIDEBAR = "sidebar"
    COMMENTS = "comments"
    WALL = "paywall"
    LINKS = "links"
    WIDGET = "widget"
    TIP = "tip"


_MAX_SHARE = 0.25  # of the kept characters, in parts that are dropped
_MAX_SHORT_SHARE = 0.5  # the same on a short page, in widgets and tips, and in a paywall
_MIN_OFFERED = 0.8  # of the characters of offers, in links, from where on they may be most of what is kept,
_LEAST_REST = 300  # if that many characters without links are left
_MOST_INLINE, _MIN_LINKED = 4, 0.9  # items of a list of links in a text, and the share of links in each
_MIN_TEXT = 100  # characters of a paragraph
_OF_TEXT = frozenset(["p", "li", "dd"])
_PARTS = {
    Part.WALL: late(r".*\.(?:paywall|regwall|buy\.?box|piano|meter|subscription|subscriber)(?:\.|$)"),
    Part.OFFER: late(
        r"(?!ul\..*paywall|figure\.(?:.*\.)?promos?\b|.*\.(?:codes?|coupons?|history|records?|results"
        r"|statistics)(?:\.|$))"
        r"(?:div|section|aside|figure|ul|nav|header|footer)\.(?:.*\.)?"
        r"(?:newsletters?|subscri(?!ptions\b)\w+|signup|paywall|promos?"
        r"|promotions?|donat\w+|cta|related\w*|recommend(?:s|er|ed|ations)?|recirc\w*|similar\.(?:items|products)"
        r"|(?:recent|popular)\.?(?:posts|articles|comments)|most\.?(?:read|popular|viewed)|sponsored|advert|advertisement"
        r"|(?:author|contributor)\.(?:bio|box|info|about|profile)|about\.(?:the\.)?author"
        r"|breadcrumbs?|lang(?:uages?)?\.(?:switch\w*|select\w*|picker|chooser|menu|dropdown))(?:\.|$)"
    ),
    Part.WIDGET: late(
        r"(?:li|div|section|aside)\.(?!(?:.*\.)?(?:editor|tinymce|panel)(?:\.|$))(?:.*\.)?(?:textwidget"
        r"|widget\.(?:text|area|recent\w*|archives?|categories|tag|search|links|meta|calendar"
        r"|profile|link\.?list|labels?|followers|blog\.?archive)|typelist)(?:\.|$)"
    ),
    Part.TIP: late(
        r"(?!t[dhr]\.|table\.|.*\.(?:has|with|triggers?|toggle|container|wrap|wrapper|parent|host|target|enabled)(?:\.|$))"
        r"\w+\.(?:.*\.)?(?:tool\.?tips?|popover|bubble\.help)(?:\.|$)"
    ),
    Part.SIDEBAR: late(r"div\.side$|(?:div|aside|section|ul)\.(?:.*\.)?(?:sidebar|(?:right|left|side)\.rail)(?:\.|$)"),
    Part.COMMENTS: late(COMMENTS),
    Part.LINKS: late(
        r"(?:div|section|aside|nav|ul|ol|p|form)\.(?:.*\.)?"
        r"(?:tabs?|tablist|pager|pagenav|pagination|prev\.?next|filters?|facets?|refinements?)(?:\.|$)"
    ),
}
"""What asks to subscribe, to give or to buy, names other pages or languages, or is seen below the pointer alone, and
other parts that have a name of their own.

Tabs, filters and links to the next page are no content where they hold links to pages and boxes to tick alone.
An offer is never a paragraph or a list of a paid article, a photograph, or a list of what was given or may be used, as
coupons. What has a tip is none, and neither is a cell of a table. Widgets are those of WordPress that stand beside its
texts. Reviews, and what is said in forums, are no comments: see `heads.content.drop.comments`.
"""
FILE = late(r"href=\"(?:mailto:|tel:|[^\"]*\.(?:pdf|docx?|xlsx?|pptx?|zip|odt|csv|ics|mp3)\b)", re.IGNORECASE)
_NO_COMMENTS = late(r"\.(?:reviews?|forum|topics?|questions?|answers?)(?:\.|$)")
_OF_OTHERS = late(r"\.related\w+(?:\.|$)")
_PROMO = late(r"\.promo(?:s|tions?)?(?=\.|$)")
_OF_SECTIONS = late(r"section|level\d?|sect\d?")
"""Names of a section that its heading does not say."""


def drop_offers(page: Page, kept: set[int]) -> None:
    """Drop what is named as no content, unless that is much of what is kept.

    That is an offer of other pages or of letters, a sidebar beside the text, and comments. On a page behind a paywall,
    so is what is named as the paywall, which may be as long as what stands before it.
    """
    inside: defaultdict[Part, defaultdict[tuple[str, int], list[int]]] = defaultdict(lambda: defaultdict(list))
    for i in kept:
        block = page.blocks[i - 1]
        for depth, part in _parts(block.path):
            inside[part][block.path[depth], block.nodes[depth]].append(i)
    if not inside:
        return
    shared = set.intersection(*(set(page.blocks[i - 1].path) for i in kept))
    is_paid = any(warning.startswith(Warn.PAYWALL) for warning in page.warnings)
    is_long = len(page.blocks) > MOST_BLOCKS
    heading = heading_of(page)
    top = page.blocks[heading - 1].nodes if heading else ()
    for part in sorted(inside, key=lambda part: part is Part.WALL):
        if (part is Part.WALL and not is_paid) or (part is Part.SIDEBAR and is_long):
            continue  # on long pages, heads know a sidebar beside the text by its place
        found = {
            i
            for (label, node), own in inside[part].items()
            if label not in shared
            and not (node in top and part is Part.OFFER)
            and not _is_content(page, kept, part, label, node, own)
            for i in own
            if i in kept
        }
        has_text = part is Part.SIDEBAR and any(map(_is_text, (page.blocks[i - 1] for i in found)))
        is_few = part is Part.COMMENTS or has_text or (is_long and part not in (Part.WALL, Part.WIDGET, Part.TIP))
        most = (_MAX_SHARE if is_few else _MAX_SHORT_SHARE) * sum(page.blocks[i - 1].chars for i in kept)
        is_little = sum(page.blocks[i - 1].chars for i in found) <= most
        if is_little or (part is Part.OFFER and _are_links(page, kept, found)):
            kept -= found


def _are_links(page: Page, kept: set[int], found: set[int]) -> bool:
    """Whether blocks are links beside a text: then however many there are."""
    inside, rest = [page.blocks[i - 1] for i in found], [page.blocks[i - 1] for i in kept - found]
    linked = sum(block.link_chars for block in inside) >= _MIN_OFFERED * sum(block.chars for block in inside)
    return linked and sum(block.chars - block.link_chars for block in rest) >= _LEAST_REST


def drop_inline_links(page: Page, kept: set[int]) -> None:
    """Drop a few links to other pages of the site as a list between two paragraphs, of which none leads into it."""
    lists: defaultdict[int, list[Block]] = defaultdict(list)
    for i in kept:
        if page.blocks[i - 1].tag == "li":
            lists[list_node(page.blocks[i - 1])].append(page.blocks[i - 1])
    for items in lists.values():
        first, last = min(block.index for block in items), max(block.index for block in items)
        beside = (first - 1, last + 1)
        if len(items) > _MOST_INLINE or not kept.issuperset(beside):
            continue
        before, after = (page.blocks[i - 1] for i in beside)
        if (
            before.tag == after.tag == "p"
            and 2 * before.link_chars <= before.chars
            and not before.text.endswith((":", "："))
            and all(block.link_chars >= _MIN_LINKED * block.chars for block in items)
            and not any(ELSEWHERE.search(block.inner) for block in items)
        ):
            kept.difference_update(block.index for block in items)


def _is_choice(block: Block) -> bool:
    """Whether a block is a link to a page, a button, a box to tick or the short name of such."""
    is_link = block.link_chars >= _MIN_LINKED * block.chars and not FILE.search(block.inner)
    return is_link or block.is_control or block.is_heading or block.text.startswith("[ ] ")


def _is_text(block: Block) -> bool:
    """Whether a block is a paragraph, such as a sidebar that is content has."""
    return block.chars >= _MIN_TEXT and not block.link_chars


def _is_content(page: Page, kept: set[int], part: Part, label: str, node: int, own: list[int]) -> bool:
    """Whether an element is content in spite of its names."""
    if part is Part.OFFER:
        return _is_named_by_heading(page, label, node, own) or _leads_nowhere(page, label, node, own)
    if part is Part.LINKS:
        return not all(map(_is_choice, _inside(page, node, own[0])))
    if part is Part.SIDEBAR:
        return _is_in_text(page, kept, node, own[0])
    if part is Part.TIP:
        return label.partition(".")[0] in _OF_TEXT and any(_is_text(page.blocks[i - 1]) for i in own)
    if part is Part.COMMENTS:
        return any(map(_NO_COMMENTS.search, page.blocks[own[0] - 1].path))
    return False


@lru_cache(maxsize=4096)
def _parts(path: tuple[str, ...]) -> tuple[tuple[int, Part], ...]:
    """The depths of elements that are named as no content, and as what."""
    return tuple((depth, part) for depth, label in enumerate(path) for part in _named(label))


@lru_cache(maxsize=4096)
def _named(label: str) -> tuple[Part, ...]:
    return tuple(part for part, names in _PARTS.items() if names.match(label)) if "." in label else ()


def _inside(page: Page, node: int, index: int) -> list[Block]:
    """The blocks of an element, of which one is known: they stand side by side."""
    first = last = index
    while first > 1 and node in page.blocks[first - 2].nodes:
        first -= 1
    while last < len(page.blocks) and node in page.blocks[last].nodes:
        last += 1
    return list(page.blocks[first - 1 : last])


def _is_in_text(page: Page, kept: set[int], node: int, index: int) -> bool:
    """Whether an element stands between two kept blocks that are beside it: a box in a text, and no column."""
    inside = _inside(page, node, index)
    first, last = inside[0], inside[-1]
    around = first.nodes[: first.nodes.index(node)]
    beside = (first.index - 1, last.index + 1)
    return kept.issuperset(beside) and all(page.blocks[i - 1].nodes[:-1] == around for i in beside)


def _leads_nowhere(page: Page, label: str, node: int, inside: list[int]) -> bool:
    """Whether a name such as `relatedposts` is that of an element without a link, as `relatedterms` may be.

    A promotion leads somewhere as well, by a link or a button.
    """
    if _OF_OTHERS.search(label):
        return not any(page.blocks[i - 1].link_chars for i in inside)
    if not _PROMO.search(label) or Part.OFFER in _named(_PROMO.sub("", label)):
        return False
    return not any(block.link_chars or block.is_control for block in _inside(page, node, inside[0]))


def _is_named_by_heading(page: Page, label: str, node: int, inside: list[int]) -> bool:
    """Whether an element has its names from its heading, as those of manuals and papers have: `related-work`.

    One name is not enough, and neither are names that are all those of offers, or a list of links.
    """
    names = [name for name in label.split(".")[1:] if not _OF_SECTIONS.fullmatch(name)]
    if len(names) < 2 or all(Part.OFFER in _named(f"div.{name}") for name in names):
        return False
    first = min(inside)
    while first > 1 and node in page.blocks[first - 2].nodes:
        first -= 1
    heading, blocks = page.blocks[first - 1], [page.blocks[i - 1] for i in inside if i > first]
    is_said = heading.is_heading and not set(names) - set(words(heading.text))
    return is_said and 2 * sum(block.link_chars for block in blocks) <= sum(block.chars for block in blocks)
