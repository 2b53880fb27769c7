"""What is no content by its text, wherever it stands: advertisements, requests to comment, links of mailings.

Heads keep some of it, because it is written like the text around it.
"""

from __future__ import annotations

import re
from enum import IntFlag
from functools import lru_cache

from heads.content.drop.phrases import FURNITURE, LINES, MAILING, MAILING_SIGNS, MAX_LINE, MEMBERS, STATES, TAGS
from heads.content.drop.short_page_phrases import ABOUT_COOKIES, ABOUT_LETTERS
from indexlm.page import Block, Page
from indexlm.patterns import late

_SIGNATURE = late(r"\.(?:i?post\w*|message|comment|reply|entry)[.>].*\.signature(?!s(?:[.>]|$))\w*(?:[.>]|$)")
_OF_FORUMS = late(r"\.(?:i?post\w+|message|comment|reply)(?:[.>]|$)")
"""Names of posts that only forums and comments have; a blog has `post` and `entry`, and its writers sign as well."""
_POST = late(r"\.(?:i?post|entry)(?:\.|$)")
_OF_COMMENTS = late(r"^form\b|\.(?:\w*comment\w*|respond|repl(?:y|ies)|disqus)(?:\.|$)")
"""Elements in which readers comment on a page."""
_ITEMS = ("li", "dt", "dd")
_ROWS = frozenset(["tr", "th", "pre"])
_PLAYERS = late(r"\.(?:\w*video\w*|\w*player\w*|vjs|media|controls?|load\w*|lazy\w*|spinner|skeleton)(?:\.|$)")
_MIN_TEXT = 40  # characters of a text below a heading that asks for comments elsewhere
_LEAST_NOISE = 60  # characters of a phrase that is said again and again
_AGAIN_SIGNS = "*|•·✦★—"
_AGAIN = late(rf"([^.!?。]{{3,40}}?[{_AGAIN_SIGNS}]\s*)\1{{4,}}.{{0,40}}\Z", re.DOTALL)
"""Such a phrase, with a sign behind it."""
_WORD = late(r"[^\W\d_]{3,}")
_LEAST_WORD = 4  # letters of a word of such a phrase; shorter ones are sung, knitted or sent by wire
_NUMBER = late(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DASHES = 4  # of such a number
_MAX_FURNITURE = 150  # characters of an element that goes with what in it is no content
_MOST_FURNITURE = 20  # such elements
_MAX_OF_MAILING = 300  # characters of a block with such a link that is no content
_MAX_OF_MEMBERS = 200  # characters of a block that asks to log in


def furniture(page: Page, kept: set[int], beta: float) -> set[int]:
    """Of kept blocks those that are no content wherever they stand.

    So are signatures below posts, and the few words beside all these in their element, unless recall counts more than
    precision.
    """
    found = no_content(page, kept, kept, beta)
    if not found or found == kept or beta > 1:
        return found
    shared = set.intersection(*(set(page.blocks[i - 1].nodes) for i in kept - found))
    around = {page.blocks[i - 1].nodes[-2] for i in found if _goes_with_others(page.blocks[i - 1])} - shared
    for node in sorted(around)[:_MOST_FURNITURE]:
        beside = [block for block in page.blocks if node in block.nodes]
        if sum(block.chars for block in beside) <= _MAX_FURNITURE:
            found.update(block.index for block in beside)
    return found


def no_content(page: Page, indices: set[int], kept: set[int], beta: float) -> set[int]:
    """Of blocks, kept or not, those that are no content by their text or, if precision counts, by their names."""
    found = {i for i in indices if is_furniture(page.blocks[i - 1]) and not _heads_text(page, kept, i)}
    if beta <= 1:
        posts: dict[str, bool] = {}
        found.update(i for i in indices if _is_signature(page, page.blocks[i - 1], posts))
    if found and (ABOUT_LETTERS.search(page.title.lower()) or ABOUT_COOKIES.search(page.title.lower())):
        found = {i for i in found if not _ends_letters(page.blocks[i - 1])}
    return found


def _goes_with_others(block: Block) -> bool:
    """Whether few words beside such a block go with it.

    Not beside what each post or paragraph may have: an advertisement, a signature, `Log in to reply`.
    """
    is_alone = _says(block.text) & ~Says.OTHER or any("signature" in label for label in block.path)
    return len(block.nodes) > 1 and not is_alone


def _heads_text(page: Page, kept: set[int], index: int) -> bool:
    """Whether a block is the heading of a kept text, as where a manual says how to `Add a comment`."""
    heading, after = page.blocks[index - 1], page.blocks[index : index + 1]
    if not heading.is_heading or index + 1 not in kept or any(map(_OF_COMMENTS.search, heading.path)):
        return False
    return after[0].chars >= _MIN_TEXT and not after[0].link_chars and not any(map(_OF_COMMENTS.search, after[0].path))


def is_furniture(block: Block) -> bool:
    """Whether a block is no content by its text. An item may be called as advertisements are, in a list of costs."""
    if block.chars <= MAX_LINE and block.tag not in _ITEMS and (says := _says(block.text)):
        is_text = block.tag not in _ROWS and not block.is_control  # see `controls`
        if says & Says.LINE and is_text and not block.is_heading:
            return True
        if says & Says.TAGS and is_text and 3 * block.link_chars >= block.chars:
            return True
        if says & Says.STATE and any(map(_PLAYERS.search, block.path)):
            return True
        if says & Says.MEMBERS or (says & Says.OTHER and block.inner == block.text):
            return True
    return _is_noise(block) or (block.inner != block.text and _ends_letters(block))


def _is_noise(block: Block) -> bool:
    """Whether a text is one phrase again and again, as in a line that runs, or numbers that programs give to things."""
    if block.chars < _LEAST_NOISE or block.tag in _ROWS:
        return False
    text = block.text
    if any(map(text.__contains__, _AGAIN_SIGNS)) and (again := _AGAIN.match(text)) and _is_phrase(again[1]):
        return True
    return text.count("-") >= 2 * _DASHES and 2 * sum(map(len, _NUMBER.findall(text))) >= block.chars


def _is_phrase(text: str) -> bool:
    """Whether a text has two words, of which one is long."""
    own = {*_WORD.findall(text.lower())}
    return len(own) > 1 and max(map(len, own)) >= _LEAST_WORD


class Says(IntFlag):
    """What the text of a block may be that is no content."""

    LINE = 1  # of a site
    TAGS = 2  # the beginning of links to pages of a subject
    STATE = 4  # of a player or a part that loads
    MEMBERS = 8  # of forms for members
    OTHER = 16
    ADVERT = 32


@lru_cache(maxsize=8192)
def _says(text: str) -> Says:
    line = text.lower()
    found = Says(0)
    if LINES.match(line):
        found |= Says.LINE
    if TAGS.match(line):
        found |= Says.TAGS
    if STATES.match(line):
        found |= Says.STATE
    if len(text) <= _MAX_OF_MEMBERS and MEMBERS.match(text):
        found |= Says.MEMBERS
    if match := FURNITURE.match(text):
        found |= Says.OTHER | (Says.ADVERT if match[1] is not None else Says(0))
    return found


def _ends_letters(block: Block) -> bool:
    if not 0 < block.link_chars <= block.chars <= _MAX_OF_MAILING:
        return False
    return any(map(block.inner.casefold().__contains__, MAILING_SIGNS)) and MAILING.search(block.inner) is not None


def _is_signature(page: Page, block: Block, posts: dict[str, bool]) -> bool:
    """Whether a block is what a forum writes below each post of a member; not the signature of a function or a letter.

    One post alone may be the letter. `posts` remembers of which names of posts the page has several.
    """
    if not any("signature" in label for label in block.path[-4:]):
        return False
    path = ">".join(block.path)
    if block.tag == "pre" or "<code" in block.inner or not _SIGNATURE.search(path):
        return False
    if _OF_FORUMS.search(path):
        return True
    label = next(label for label in block.path if _POST.search(label))
    if label not in posts:
        nodes = {other.nodes[other.path.index(label)] for other in page.blocks if label in other.path}
        posts[label] = len(nodes) > 1
    return posts[label]
