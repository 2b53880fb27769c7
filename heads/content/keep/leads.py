"""What stands between the heading of a page and its text: a subtitle, a lead, the place of an event or a job."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from heads.content.blocks import may_be_content
from indexlm.page import Page
from indexlm.paths import heading_of

_LEAD = re.compile(
    r"\.(?:sub\.?title|sub\.?head(?:ing|line)?|stand\.?first|dek|deck|strap\.?line|lede?|lead|teaser|excerpt|chapo"
    r"|abstract|location|venue|(?:story|article|post|entry|content|category)\.(?:\w+\.)*description)(?:\.|$)"
)
_OF_SITE = re.compile(r"\.(?:site|banner|blog|branding)(?:\.|$)")
"""Names of what a site says of itself."""
_NEAR = 5  # blocks behind the heading
_MAX_LEAD = 600  # characters
_MIN_SCORE, _MIN_SCORE_BEHIND = 0.1, 0.03  # tree score of a lead, and of one directly behind the heading


def keep_leads(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what is named as the subtitle, the lead or the place between the heading of a page and its kept text."""
    heading = heading_of(page)
    if heading is None or not (below := [i for i in kept if i > heading]):
        return
    end = min(heading + _NEAR, min(below) - 1)
    above = page.blocks[heading - 1]
    for block in page.blocks[heading:end]:
        is_behind = block.index == heading + 1 and block.nodes[:-1] == above.nodes[:-1]
        if (
            not (block.link_chars or block.hidden)
            and block.chars <= _MAX_LEAD
            and tree_scores[block.index - 1] >= (_MIN_SCORE_BEHIND if is_behind else _MIN_SCORE)
            and _is_lead(block.path)
            and may_be_content(block, 0, True)
        ):
            kept.add(block.index)


@lru_cache(maxsize=4096)
def _is_lead(path: tuple[str, ...]) -> bool:
    return any(map(_LEAD.search, path[-2:])) and not any(map(_OF_SITE.search, path[1:]))
