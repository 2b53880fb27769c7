"""What stands around the content of a short page, by what it says: other pages, letters, cookies, shares, whose it is.

The trees and models are trained on longer pages, where such parts are easily told by their place. On short ones they
are kept often, for they are like the content in length.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from heads.content.blocks import other_hosts
from heads.content.drop.short_page_phrases import (
    ABOUT_COOKIES,
    ABOUT_LETTERS,
    ABOUT_RIGHTS,
    ABOUT_SUPPORT,
    ACTIONS,
    AGREES,
    COOKIES,
    EDITS,
    LEADS_ON,
    LEGAL,
    LETTERS,
    NEIGHBOURS,
    RELATED,
    RETURNS,
    RIGHTS,
    SHARES,
    STAY,
    SUPPORTS,
    USES_COOKIES,
)
from indexlm.addresses import split_address
from indexlm.inputs.phrases import AGREE
from indexlm.labels import list_node, shared_depth
from indexlm.page import Block, Page
from indexlm.paths import heading_of

MOST_BLOCKS = 60  # of a page whose surroundings are looked for
_MOST_IN_ALL = 600  # blocks of such a page, with its menus
_LEAST_REST = 30  # characters of what is left; a page with less is about what was found
_MAX_LABEL = 60  # characters of the name of a list, a button, or what goes with a request
_MAX_CARD = 80  # characters beside the links of a card, such as a price
_MAX_LINE = 300  # characters of a line that says whose a site is, and of a menu
_MAX_REQUEST = 150  # characters of a request to take letters
_MAX_CONSENT = 600  # characters of an element that asks for cookies
_FIRST, _LAST = 4, 12  # blocks in which a page begins, and ends
_MIN_MENU, _MAX_ENTRY = 3, 25  # links of a row that is a menu, and characters of each
_MIN_LINKED = 0.8  # of the characters of a row of links
_MIN_LIST, _MAX_LINKED = 12, 0.6  # kept links, and their share of the characters, of a page that is a list of pages
CORE_SHARE = 0.7  # of the text, in the element that holds the content
_MAX_OUTSIDE = 0.75  # of the text, in a list of links outside of it
_MIN_NAME = 12  # characters of such a link
ELSEWHERE = re.compile(r"href=\"(?:https?://|mailto:|tel:|#|[^\"]*\.(?:pdf|docx?|xlsx?|zip|odt)\b)", re.IGNORECASE)
_SEE_ALSO = re.compile(
    r"\W*(?:see also|siehe auch|voir aussi|véase también|ver também|vedi anche|zie ook|se även|zobacz też"
    r"|смотрите также|см\. также|関連項目|参见|參見|같이 보기)\b"
)
_NOTE = re.compile(r"\.(?:admonition|seealso)(?:\.|$)")
_MIN_SECTIONS = 3  # of a text whose last one says where more stands
_OF_LINKS = re.compile(r"\b(?:links?|reading|resources|sites|pages)\b")
_TRAIL = re.compile(r"\s(?:[»›>→/]|::)\s")
_LETTER = re.compile(r"[^\W\d_]")
_ROWS = ("dt", "dd", "tr", "th", "pre")
_ITEMS = ("li", "figcaption", *_ROWS)


def surroundings(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of a short page that stand around its content; none where hardly any of `indices` are left.

    The first page of a site, and one that is a list of pages, keep their lists of pages.
    """
    kept = set(indices)
    if not kept or not is_short(page):
        return set()
    lines = [block.text.lower() if block.chars <= _MAX_CONSENT else "" for block in page.blocks]
    requests = set(_requests(page, lines))
    found = {*_ends(page, lines, kept), *_shares(page, lines), *requests}
    found |= _beside(page, kept - found, requests)
    blocks = [page.blocks[i - 1] for i in kept - found]
    links = [block for block in blocks if 2 * block.link_chars > block.chars]
    are_most = sum(b.chars for b in links) >= _MAX_LINKED * sum(b.chars for b in blocks)
    if not (_is_front(page) or (len(links) >= _MIN_LIST and are_most)):
        found.update(_related(page, lines, kept))
        found |= _outside(page, kept - found)
    rest = sum(page.blocks[i - 1].chars for i in kept - found)
    return found if rest >= _LEAST_REST else set()


def is_short(page: Page, most_texts: int = MOST_BLOCKS) -> bool:
    """Whether a page has few blocks, or few but for links, such as those of its menus."""
    if len(page.blocks) <= MOST_BLOCKS:
        return True
    return len(page.blocks) <= _MOST_IN_ALL and sum(not block.link_chars for block in page.blocks) <= most_texts


def _related(page: Page, lines: Sequence[str], kept: Collection[int]) -> set[int]:
    """Lists of other pages with their names, and lines that lead on to another page.

    None where the page is named so itself, or where hardly any other text is kept.
    """
    if RELATED.match(lines[top - 1] if (top := heading_of(page)) else page.title.lower()):
        return set()
    found = set(_lists_of_related(page, lines))
    rest = (page.blocks[i - 1] for i in kept if i not in found)
    return found if sum(block.chars for block in rest if not block.is_heading) >= _LEAST_REST else set()


def _is_front(page: Page) -> bool:
    """Whether a page is the first of its site, by its address."""
    address = split_address(page.url)
    return bool(address.netloc) and address.path in ("", "/") and not address.query


def _lists_of_related(page: Page, lines: Sequence[str]) -> Iterator[int]:
    for block, line in zip(page.blocks, lines, strict=True):
        if block.tag in _ITEMS or (_SEE_ALSO.match(line) and _is_part_of_text(page, block)):
            continue
        if 0 < 2 * block.link_chars >= block.chars and _leads_on(line):
            yield block.index
        elif block.chars <= _MAX_LABEL and RELATED.match(line):
            others = [*_links_below(page, block)]
            are_links = 2 * sum(other.link_chars for other in others) >= sum(other.chars for other in others)
            if (
                others
                and (are_links or any(other.is_heading for other in others))
                and not _are_of_others(page, line, others)
            ):
                yield block.index
                yield from (other.index for other in others)


def _leads_on(line: str) -> bool:
    return (":" in line or "：" in line or "\n" in line) and LEADS_ON.match(line) is not None


def _is_part_of_text(page: Page, label: Block) -> bool:
    """Whether `See also` is one of the sections of a text, or a note in it, as in manuals."""
    if any(map(_NOTE.search, label.path)):
        return True
    place = (label.tag, len(label.path), label.path[:-2])  # its own element and the one around it may be named for it
    like = (not block.link_chars for block in page.blocks if (block.tag, len(block.path), block.path[:-2]) == place)
    return label.is_heading and sum(like) >= _MIN_SECTIONS


def _are_of_others(page: Page, name: str, blocks: Sequence[Block]) -> bool:
    """Whether a list that is named for its links leads to several other sites alone: its writer chose them."""
    return _OF_LINKS.search(name) is not None and len(other_hosts(page, blocks)) > 1


def _links_below(page: Page, label: Block) -> Iterator[Block]:
    """The links, or cards of links, behind the name of a list in the element that holds both."""
    around = 0
    for block in page.blocks[label.index :]:
        around = around or shared_depth(label, block)
        is_heading = block.is_heading and not block.link_chars
        if block.nodes[:around] != label.nodes[:around] or block.chars - block.link_chars > _MAX_CARD or is_heading:
            return
        yield block


def _requests(page: Page, lines: Sequence[str]) -> Iterator[int]:
    """Requests to take letters or cookies, or to give, unless the page is about these."""
    heading = _heading(page)
    top = heading_of(page)
    of_support = ABOUT_SUPPORT.search(heading)
    of_letters, of_cookies = ABOUT_LETTERS.search(heading), ABOUT_COOKIES.search(heading)
    for block, line in zip(page.blocks, lines, strict=True):
        is_request = block.chars <= _MAX_REQUEST and block.tag not in _ITEMS and not of_letters
        is_request = is_request and (LETTERS.match(line) or STAY.match(line)) is not None
        if is_request and block.index != top and not _is_asked(lines, block):
            yield block.index
            yield from _below(page, block)
        elif block.chars <= _MAX_REQUEST and not of_support and SUPPORTS.match(line) and block.index != top:
            yield from _support(page, block)
        is_edge = block.index <= _FIRST or block.index > len(page.blocks) - _LAST
        if is_edge and not of_cookies and COOKIES.search(line) and not _is_beside_heading(page, block):
            yield from _consent(page, lines, block)


def _heading(page: Page) -> str:
    """What a page is about: its title and its heading."""
    top = heading_of(page)
    return f"{page.title} {page.blocks[top - 1].text if top else ''}".lower()


def _is_asked(lines: Sequence[str], block: Block) -> bool:
    """Whether a block follows a question about letters, which it answers."""
    before = lines[block.index - 2] if block.index > 1 else ""
    return before.endswith(("?", "？", "؟")) and ABOUT_LETTERS.search(before) is not None


def _is_beside_heading(page: Page, block: Block) -> bool:
    """Whether a block is a paragraph in the element that the heading of the page begins, and that is not all of it."""
    heading = page.blocks[top - 1] if (top := heading_of(page)) else None
    return heading is not None and block.nodes[:-1] == heading.nodes[:-1] and len(block.nodes) > 2


def _below(page: Page, heading: Block) -> Iterator[int]:
    """The few words below a heading in its element."""
    if heading.is_heading and heading.tag != "h1":
        around = heading.nodes[:-1]
        inside = [block for block in page.blocks[heading.index :] if block.nodes[: len(around)] == around]
        is_short = sum(block.chars for block in inside) <= _MAX_REQUEST
        if is_short and not any(block.is_heading for block in inside):
            yield from (block.index for block in inside)


def _support(page: Page, block: Block) -> Iterator[int]:
    """A request to give, and what stands behind it in an element that it begins and in which something leads on."""
    around = block.nodes[-2:-1]
    inside = [other for other in page.blocks[block.index - 1 :] if around and around[0] in other.nodes]
    is_first = block.index == 1 or not around or around[0] not in page.blocks[block.index - 2].nodes
    leads_on = any(other.link_chars or other.is_control for other in inside)
    if block.tag in _ITEMS or (block.is_heading and not (is_first and leads_on)):
        return
    yield block.index
    if is_first and leads_on and len(block.nodes) > 2 and sum(other.chars for other in inside) <= _MAX_CONSENT:
        yield from (other.index for other in inside if other.tag != "h1")


def _consent(page: Page, lines: Sequence[str], block: Block) -> Iterator[int]:
    """The blocks of the smallest element around a text about cookies in which there is something to agree to."""
    for node in reversed(block.nodes[-3:]):
        inside = [other for other in page.blocks if node in other.nodes]
        if sum(other.chars for other in inside) > _MAX_CONSENT or any(other.tag == "h1" for other in inside):
            return
        text = "\n".join(lines[other.index - 1] for other in inside)
        if (len(inside) == 2 and USES_COOKIES.search(text)) or AGREE.search(text) or AGREES.search(text):
            yield from (other.index for other in inside)
            return


def _ends(page: Page, lines: Sequence[str], kept: Collection[int]) -> Iterator[int]:
    """Whose a page is, its menus and where it stands: before its heading, and behind its last text."""
    top = heading_of(page) or next((block.index for block in page.blocks if block.is_heading), 0)
    texts = (i for i in kept if 2 * page.blocks[i - 1].link_chars < page.blocks[i - 1].chars)
    end = max(texts, default=0)
    of_rights = ABOUT_RIGHTS.search(_heading(page))
    yield from _menus(page, top)
    for block, line in zip(page.blocks, lines, strict=True):
        if block.link_chars and block.chars <= _MAX_LINE and NEIGHBOURS.match(line):
            yield block.index
        if block.chars > _MAX_LINE or block.is_heading or block.tag in _ITEMS:
            continue
        is_last = block.index > len(page.blocks) - _LAST
        links = block.inner.count("<a ") if block.link_chars else 0
        is_row = links > 1 and block.link_chars >= _MIN_LINKED * block.chars
        is_menu = is_row and links >= _MIN_MENU and block.chars <= _MAX_ENTRY * links
        if (
            (is_menu and not top <= block.index <= end)
            or (links and block.index < top and _TRAIL.search(line))
            or (is_last and is_row and LEGAL.search(line))
            or (links == 1 and (is_last or block.index < top) and _is_link(block) and RETURNS.match(line))
            or (is_last and not of_rights and RIGHTS.search(line) and not _is_of_rights(page, lines, block))
        ):
            yield block.index


def _is_link(block: Block) -> bool:
    return block.chars <= _MAX_LABEL and block.link_chars >= _MIN_LINKED * block.chars


def _is_of_rights(page: Page, lines: Sequence[str], block: Block) -> bool:
    """Whether a block is below a heading about whose a work is."""
    above = page.blocks[block.index - 2] if block.index > 1 else None
    return above is not None and above.is_heading and ABOUT_RIGHTS.search(lines[above.index - 1]) is not None


def _menus(page: Page, top: int) -> Iterator[int]:
    """The items of lists of short links before the heading of the page."""
    lists: defaultdict[int, list[Block]] = defaultdict(list)
    for block in page.blocks[: max(top - 1, 0)]:
        lists[list_node(block)].append(block)
    for node, items in lists.items():
        is_menu = node and len(items) >= _MIN_MENU and all(0 < block.chars == block.link_chars for block in items)
        if is_menu and sum(block.chars for block in items) <= _MAX_ENTRY * len(items):
            yield from (block.index for block in items)


def _shares(page: Page, lines: Sequence[str]) -> Iterator[int]:
    """Links that send the page to others or change it, and buttons that each page of a site has.

    An item is one where most of its list are, if that counts no steps, and a heading where no text follows it.
    """
    short = [block for block in page.blocks if block.chars <= _MAX_LABEL and block.tag not in _ROWS]
    shares = {block.index for block in short if SHARES.match(lines[block.index - 1])}
    plain = (block for block in short if not (block.tag in _ITEMS or block.is_heading))
    buttons = {block.index for block in plain if block.index in shares or ACTIONS.match(lines[block.index - 1])}
    buttons -= _explained(page, lines, buttons)
    yield from buttons
    lines_of_links = (block for block in page.blocks if block.link_chars and block.chars <= _MAX_REQUEST)
    for block in lines_of_links:
        is_part = block.tag in _ITEMS or block.is_heading
        if not is_part and block.inner.startswith("<a ") and EDITS.match(lines[block.index - 1]):
            yield block.index
    counts = Counter(list_node(block) for block in page.blocks) if shares else Counter[int]()
    by_list = Counter(list_node(page.blocks[i - 1]) for i in shares)
    for i in shares - buttons - {heading_of(page)}:
        block = page.blocks[i - 1]
        if block.is_heading:
            after = page.blocks[i] if i < len(page.blocks) else None
            is_share = after is None or after.is_heading or i + 1 in buttons or 2 * after.link_chars > after.chars
        else:
            node = list_node(block)
            is_share = block.tag in _ITEMS and not block.number and 2 * by_list[node] > counts[node]
        if is_share and " " in lines[i - 1]:
            yield i


def _explained(page: Page, lines: Sequence[str], buttons: Collection[int]) -> set[int]:
    """The names of buttons that a page explains, each with a text behind it in its element, or lists behind a colon."""
    names: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    found: set[int] = set()
    for i in buttons:
        block = page.blocks[i - 1]
        before, after = page.blocks[i - 2 : i - 1] if i > 1 else (), page.blocks[i : i + 1]
        if (
            any(b.text.endswith((":", "：")) and b.nodes[:-1] == block.nodes[:-1] for b in before)
            and i - 1 not in buttons
        ):
            found.add(i)
        is_text = any(b.index not in buttons and not (b.is_heading or b.link_chars) for b in after)
        if is_text and block.nodes[-2:-1] == after[0].nodes[-2:-1] and _LETTER.search(after[0].text):
            names[block.path].append(i)
    for row in names.values():
        if 1 < len(row) == len({lines[i - 1] for i in row}):
            found.update(row)
    return found


def _beside(page: Page, others: Collection[int], requests: Collection[int]) -> set[int]:
    """The few words beside a request in its element, such as a button."""
    shared = {node for i in others if page.blocks[i - 1].chars > _MAX_LABEL for node in page.blocks[i - 1].nodes}
    found: set[int] = set()
    for node in {node for i in requests for node in page.blocks[i - 1].nodes[-2:]} - shared:
        beside = [block for block in page.blocks if node in block.nodes and block.index not in requests]
        if sum(block.chars for block in beside) <= _MAX_LABEL and all(block.tag != "h1" for block in beside):
            found.update(block.index for block in beside)
    return found


def _outside(page: Page, others: Collection[int]) -> set[int]:
    """Named lists of links to pages of the site, and texts beside a small form, outside of what holds the text."""
    texts = [page.blocks[i - 1] for i in others if 2 * page.blocks[i - 1].link_chars < page.blocks[i - 1].chars]
    total = sum(block.chars for block in texts)
    sizes: defaultdict[int, int] = defaultdict(int)
    for block in texts:
        for node in block.nodes:
            sizes[node] += block.chars
    core = max((node for node, size in sizes.items() if size >= CORE_SHARE * total), default=0)
    outside = [block for block in page.blocks if core and core not in block.nodes]
    found: set[int] = set()
    top = heading_of(page)
    for heading in outside:
        if heading.is_heading and len(heading.nodes) > 1 and heading.index != top and heading.tag != "h1":
            inside = [heading, *_section(page, heading)]
            if sum(block.chars for block in inside) <= _MAX_OUTSIDE * total and (_is_list(inside) or _is_form(inside)):
                found.update(block.index for block in inside)
    return found


def _section(page: Page, heading: Block) -> Iterator[Block]:
    """The blocks behind a heading in its element, up to the next heading."""
    for block in page.blocks[heading.index :]:
        if block.is_heading or heading.nodes[-2] not in block.nodes:
            return
        yield block


def _is_list(blocks: Sequence[Block]) -> bool:
    """Whether blocks are a heading and links with long names, none of which leads to a file or another site."""
    links = blocks[1:]
    return (
        len(links) > 1
        and all(0.9 * block.chars <= block.link_chars for block in links)
        and sum(block.link_chars for block in links) >= _MIN_NAME * len(links)
        and not any(ELSEWHERE.search(block.inner) for block in links)
    )


def _is_form(blocks: Sequence[Block]) -> bool:
    """Whether blocks are a heading, few words, and a form that holds fewer."""
    in_form = (block for block in blocks if any(label.partition(".")[0] == "form" for label in block.path))
    chars = sum(block.chars for block in in_form)
    return 0 < chars <= _MAX_LABEL and sum(block.chars for block in blocks) - chars <= _MAX_REQUEST
