"""What single blocks are, for rules that keep others beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from heads.content.drop.texts import is_furniture
from indexlm.addresses import host_of
from indexlm.page import Block, Page

_HOST = re.compile(r"href=\"https?://([^/\"?#]+)")
NO_CONTENT = frozenset(["form", "nav", "footer"])


def tags_around(block: Block, depth: int) -> set[str]:
    """The tags of the elements around a block below that depth, and its own."""
    return {label.partition(".")[0] for label in block.path[depth:]}


def may_be_content(block: Block, depth: int, is_between: bool) -> bool:
    """Whether a block is no list of links and no furniture, and below that depth in no form or menu.

    An aside may be content where it stands between kept blocks.
    """
    around = tags_around(block, depth)
    is_inside = around.isdisjoint(NO_CONTENT) and (is_between or "aside" not in around)
    return is_inside and 2 * block.link_chars <= block.chars and not is_furniture(block)


def other_hosts(page: Page, blocks: Sequence[Block]) -> set[str]:
    """The hosts of other sites to which the links of some blocks lead; none where one leads to the site of the page."""
    own = ".".join(host_of(page.url).split(".")[-2:])
    hosts = [host for block in blocks for host in _HOST.findall(block.inner)]
    are_all = len(hosts) == sum(block.inner.count("<a ") for block in blocks)
    return set(hosts) if are_all and not any(own and host.endswith(own) for host in hosts) else set()
