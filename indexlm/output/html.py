"""Kept blocks as clean HTML that nests as the page did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

from indexlm.addresses import split_address
from indexlm.labels import list_node, node_around
from indexlm.output.boxes import is_box, named_boxes, title_lines
from indexlm.output.pairs import pair_lines
from indexlm.output.rows import as_header, empty_header, header_rows, rows_in_columns
from indexlm.output.sections import without_lists_of_sections
from indexlm.output.terms import Chain, term_lines, terms_as_items
from indexlm.page import Block, Page

_LISTS = frozenset(["ul", "ol", "menu", "dir", "dl"])
_ITEMS = frozenset(["li", "dt", "dd"])
_TERMS = ("dt", "dd")
_AROUND = _LISTS | _ITEMS | {"blockquote", "table"}
_OWN_TAGS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"])
_PLAIN = "[A-Za-z0-9/._~%=+,:@-]"  # characters of an address without anything to escape
_PLAIN_HOST = "https?://[a-z0-9.-]+"
_PLAIN_END = rf"(?:\?(?:{_PLAIN}|&amp;)+)?(?:#{_PLAIN}+)?"
_LINK = re.compile(rf'<(a href|img src)="(?!{_PLAIN_HOST}/{_PLAIN}*")([^"]*)"')  # but for those that stay as they are
_APART = re.compile(r"<br/><br/>(?=<a href)|(?<=</a>)<br/><br/>")  # a link to media, and the text beside it
_IMAGES_FIRST = re.compile(r'((?:<a href="[^"]*"><img [^>]*></a>|<img [^>]*>)+)(?=[^\s<]|<(?!/))')
_PLAIN_ADDRESS = re.compile(rf"{_PLAIN_HOST}/{_PLAIN}*{_PLAIN_END}")
_PLAIN_PATH = re.compile(rf"/(?!/)[A-Za-z0-9/_~%=+,:@-]*(?:\.[a-z0-9]+)?{_PLAIN_END}")  # without dots that go up
_UNSAFE_IN_MARKDOWN = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "\n": "", "\t": "", "\r": ""})
_DEPTH = 40  # of lists and quotations in one another: more is unclosed tags, and converters recurse
_MOST_GROWTH = 1 << 20  # characters by which absolute links make a page longer, beside four times itself
_SCHEMES = frozenset(["", "http", "https", "mailto", "tel", "ftp"])


def to_html(page: Page, indices: Iterable[int], *, for_markdown: bool = False) -> str:
    """Kept blocks (1-based indices, in page order) -> clean HTML; links absolute, no scripts, no styles.

    Lists, tables and quotations are opened again around the blocks that stood in them. A list item of which
    nothing but a nested list is kept gives way to that list; one that holds nothing else is part of the item before it.
    `for_markdown` makes what Markdown has: an empty header on
    a table whose first row is dropped, items of a list in place of terms and meanings, quotations for boxes, and no
    list whose items are sections.
    """
    chosen = set(indices)
    blocks = [block for block in page.blocks if block.index in chosen]
    chains, lines = _layout(page, blocks, for_markdown)
    parts = Counter(chain[-1][1] for chain in chains if chain)  # kept blocks that stand directly in an element
    items = {_item(chain) for chain in chains}
    silent = _silent_items(page.blocks, chains, items)
    before: dict[int, int] = {}  # of each list with silent items, the last item before
    rows = rows_in_columns(page.blocks, chosen)
    headers = header_rows(page.blocks) if for_markdown else set()
    after_rule = _blocks_after_rules(page.blocks, chosen)
    out: list[str] = []
    opened: list[tuple[str, int]] = []
    numbers: dict[int, int] = {}  # of each ordered list, the number of its last item
    for block, chain in zip(blocks, chains, strict=True):
        chain = _without_empty_items(chain, items, silent, before) if chain else chain
        shared = 0
        while shared < min(len(opened), len(chain)) and opened[shared] == chain[shared]:
            shared += 1
        innermost = max([i for i, (tag, _) in enumerate(chain) if tag in _LISTS], default=-1) if chain else -1
        if 0 <= shared == innermost < len(opened) and opened[shared][0] == chain[shared][0] == "ol":
            last = numbers.get(opened[shared][1], 0)
            if block.number == last + 1 > 1:  # a list of its own for each item
                _close(out, opened, shared + 1)
                opened[shared], numbers[chain[shared][1]] = chain[shared], last
                shared += 1
        is_new_item = innermost >= 0 and chain[innermost][0] == "ol" and innermost + 1 >= shared
        if (
            is_new_item
            and innermost < shared
            and block.number != numbers.get(chain[innermost][1], block.number - 1) + 1
        ):
            shared = innermost  # a list whose numbers do not go on is opened again with the next one
        _close(out, opened, shared)
        if block.index in after_rule and "table" not in dict(opened):
            out.append("<hr/>")
        for i, (tag, node) in enumerate(chain[shared:], shared):
            counted = tag == "ol" and i == innermost and block.number != 1
            out.append(f'<ol start="{block.number}">' if counted else f"<{tag}>")
            opened.append((tag, node))
            numbers[node] = 1  # what an item shows that only opens a list inside it
            if tag == "table" and for_markdown and block.index not in headers:
                out.append(empty_header(block))
        if is_new_item:
            numbers[chain[innermost][1]] = block.number
        is_only_part = bool(chain) and chain[-1][0] in _ITEMS and parts[chain[-1][1]] == 1
        if block.index not in lines:
            inner = rows.get(block.index, block.inner)
            out.append(_element(block, as_header(inner) if block.index in headers else inner, is_only_part))
        elif line := lines[block.index]:
            out.append(line)
    _close(out, opened, 0)
    return _with_absolute_links("\n".join(out), page.base_url)


def _layout(page: Page, blocks: Sequence[Block], for_markdown: bool) -> tuple[list[Chain], dict[int, str]]:
    """What is around each kept block, and by index the blocks that Markdown writes otherwise."""
    chains: list[Chain] = []
    boxes, named = named_boxes(blocks) if for_markdown else (frozenset[int](), dict[int, str]())
    for i, block in enumerate(blocks):
        before = blocks[i - 1] if i else None
        is_beside = before is not None and before.path is block.path and before.nodes is block.nodes
        is_alike = is_beside and before.tag == block.tag  # type: ignore[union-attr]
        chains.append(chains[-1] if is_alike else _chain(block, for_markdown, boxes))
    if not for_markdown:
        return chains, {}
    lines = pair_lines(blocks) | title_lines(blocks) | named
    chains = without_lists_of_sections(blocks, chains)
    if any(tag == "dl" for chain in chains for tag, _ in chain):
        terms, chains = chains, terms_as_items(page.blocks, blocks, chains)
        lines |= term_lines(blocks, terms, chains)
    return chains, lines


def _with_absolute_links(html: str, base: str) -> str:
    """HTML whose links are absolute, until a long base makes too much of it: then they stay as the page writes them."""
    room = _MOST_GROWTH + 4 * len(html)
    origin = _origin(base)

    def write(match: re.Match[str]) -> str:
        nonlocal room
        link = _absolute(match, base, origin) if room > 0 else _absolute(match, "", "")
        room -= len(link) - len(match.group())
        return link

    return _LINK.sub(write, html)


def _origin(base: str) -> str:
    """An address -> its scheme and host, as a path on the host is joined to it; empty for none."""
    parts = split_address(base)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def _blocks_after_rules(blocks: Sequence[Block], chosen: Container[int]) -> set[int]:
    """The kept blocks with a thematic break between them and the kept block before."""
    after: set[int] = set()
    has_rule = has_block = False
    for block in blocks:
        has_rule = has_rule or block.after_rule
        if block.index in chosen:
            if has_rule and has_block:
                after.add(block.index)
            has_rule, has_block = False, True
    return after


def _close(out: list[str], opened: list[tuple[str, int]], down_to: int) -> None:
    while len(opened) > down_to:
        out.append(f"</{opened.pop()[0]}>")


def _chain(block: Block, for_markdown: bool, boxes: Container[int]) -> Chain:
    table = list_node(block) if block.tag in ("tr", "th") else 0  # tables around it lay out the page
    chain: list[tuple[str, int]] = []
    is_boxed = not for_markdown
    for depth, tag, is_named_box in _parts(block.path, bool(boxes)):
        node = block.nodes[depth]
        if tag in _LISTS:
            chain.append((tag if tag in ("ol", "dl") else "ul", node))
        elif tag in _ITEMS and chain and chain[-1][0] in ("ul", "ol", "dl"):
            chain.append((tag, node))
        elif tag in _TERMS and chain and chain[-1][0] in _TERMS:  # after one that the page does not close
            chain[-1] = (tag, node)
        elif tag in _ITEMS:  # outside any list
            chain += [("ul", -node), ("li", node)]
        elif tag == "blockquote" or node == table:
            chain.append((tag, node))
        elif not is_boxed and (is_named_box or node in boxes):
            is_boxed = True
            chain.append(("blockquote", node))
    while chain and chain[-1][0] in ("ul", "ol", "dl"):  # text of a list outside its items
        chain.pop()
    return tuple(chain[:_DEPTH])


@lru_cache(maxsize=4096)
def _parts(path: tuple[str, ...], of_all: bool) -> tuple[tuple[int, str, bool], ...]:
    """The elements of a path that may be shown around its block: depth, tag, and whether its names are those of a box.

    `of_all` gives every element, where others may be boxes by what stands in them.
    """
    parts = [(depth, label.partition(".")[0], is_box(label)) for depth, label in enumerate(path)]
    return tuple([part for part in parts if of_all or part[1] in _AROUND or part[2]])


def _item(chain: Chain) -> int:
    """The item that a block belongs to, though a quotation or a table may stand between; 0 for none."""
    return next((node for tag, node in reversed(chain) if tag in _ITEMS), 0) if chain else 0


def _silent_items(blocks: Sequence[Block], chains: Iterable[Chain], items: set[int]) -> set[int]:
    """The items of kept blocks that hold no text of their own on the page, but lists."""
    empty = {node for chain in chains for tag, node in chain if tag == "li" and node not in items}
    if empty:
        for block in blocks:
            empty.discard(node_around(block, _ITEMS))
    return empty


def _without_empty_items(chain: Chain, items: set[int], silent: set[int], before: dict[int, int]) -> Chain:
    """What is around a block without items that have no kept text: a silent one is that `before` it, if any."""
    opened: list[tuple[str, int]] = []
    for tag, node in chain:
        opened.append((tag, node))
        if tag == "li" and node not in items:
            around = opened[-2][1]
            if node in silent and around in before:
                opened[-1] = ("li", before[around])
            else:
                del opened[-2:]
        elif tag == "li" and silent:
            before[opened[-2][1]] = node
    return tuple(opened)


def _element(block: Block, inner: str, is_only_part: bool) -> str:
    if block.tag in ("tr", "th"):
        return f"<tr>{inner}</tr>"
    tag = block.tag if block.tag in _OWN_TAGS else "" if is_only_part else "p"
    if block.is_heading and (images := _IMAGES_FIRST.match(inner)):  # most stand above the heading
        return f"<p>{images[0]}</p>\n{_element(block, inner[images.end() :], is_only_part)}"
    if "<br/><br/>" in inner and block.tag != "pre":
        inner, *others = _APART.split(inner)
        tag = tag or ("p" if others else "")
        others = [f"<p>{other}</p>" for other in others]
        return "\n".join([f"<{tag}>{inner}</{tag}>" if tag else inner, *others])
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _absolute(match: re.Match[str], base: str, origin: str) -> str:
    if origin and _PLAIN_ADDRESS.fullmatch(match.group(2)):
        return match.group()
    if origin and _PLAIN_PATH.fullmatch(match.group(2)):
        return f'<{match.group(1)}="{escape(origin)}{match.group(2)}"'
    address = unescape(match.group(2)).strip()
    try:
        address = urljoin(base, address)
        safe = urlsplit(address).scheme in _SCHEMES
    except ValueError:
        safe = False
    if not safe:  # javascript: and its like
        return f"<{match.group(1).partition(' ')[0]}"
    address = address.translate(_UNSAFE_IN_MARKDOWN)
    return f'<{match.group(1)}="{escape(address)}"'
