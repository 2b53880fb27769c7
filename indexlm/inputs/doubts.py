"""What makes a page's text doubtful: warnings, each with its reason. Precise rather than complete."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from indexlm.inputs.document import Warn
from indexlm.inputs.frames import find_refresh
from indexlm.inputs.phrases import (
    AGREE,
    BOT_CHECK,
    COOKIES,
    ERROR,
    LOADING,
    LOGIN,
    LOGIN_FIRST,
    NEEDS_SCRIPTS,
    PAYWALL,
    PAYWALL_WORDS,
)
from indexlm.page import Block, Page, Prediction

_PROSE = 80  # characters of a block of sentences
_SHORT = 1500  # characters of a page that may be nothing but a wall
_FEW = 300  # characters of a page without an article
_TITLE = 120  # characters of a title that says what went wrong
_LOADER = 30  # characters of what a framework's element shows until its scripts run
_LONG = 20_000  # characters of a page that is more than the start of an article
_MANY = 200  # blocks of a page that is more than a request for consent
_OFFER = 600  # characters of a block that offers a subscription
_ROOT = re.compile(
    r"_*(?:(?:react-|main-|ember-|q-)?app|root|next|nuxt|gatsby|svelte|react-root|app-?(?:root|container))_*",
    re.IGNORECASE,
)
_CUT = re.compile(r"<(?:!--[^>]*|/?[a-zA-Z][^<>]*)\Z")
_HALF_ENTITY = re.compile(r"&[#\w]{0,8}\Z")
_CONSENT = frozenset(["cookie", "cookies", "consent", "gdpr", "onetrust", "didomi", "cookiebanner", "cookieconsent"])
_REPLACEMENT = "\ufffd"
_chars = attrgetter("chars")
_PAID = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)


def is_prose(block: Block) -> bool:
    """Whether it holds sentences."""
    return block.chars >= _PROSE and block.link_density < 0.5


def page_warnings(root: Any, blocks: Sequence[Block], html: str, title: str, url: str) -> Iterator[str]:
    """A parsed page -> its warnings."""
    size = sum(block.chars for block in blocks)
    if size <= _SHORT:
        yield from _walls(root, blocks, title, url)
    if match := _error_match(blocks, title):
        yield Warn.ERROR_PAGE.because(f"its title says {_quote(match)}")
    if size and (reason := _cut_reason(html)):
        yield Warn.TRUNCATED_INPUT.because(reason)
    shown = [block for block in blocks if not block.hidden]
    if reason := _cookie_reason(shown):
        yield Warn.COOKIE_WALL.because(reason)
    if size < _LONG and (reason := _paywall_reason(shown, html)):
        yield Warn.PAYWALL.because(reason)
    if _REPLACEMENT in html:
        broken = sum(block.text.count(_REPLACEMENT) for block in blocks)
        if broken > 2 and broken * 200 > size:
            yield Warn.ENCODING.because(
                f"{broken} characters cannot be read in the encoding that the page is taken for"
            )
    if not size:
        yield Warn.NO_TEXT.because(_nothing(root, html))


def _walls(root: Any, blocks: Sequence[Block], title: str, url: str) -> Iterator[str]:
    """The warnings of a page that has hardly any text."""
    text = "\n".join([title[:_FEW], *(block.text for block in blocks)])
    prose = [block for block in blocks if is_prose(block)]
    if target := find_refresh(root, url):
        yield Warn.REDIRECT.because(f"the page leads to {target}")
    if match := BOT_CHECK.search(text):
        yield Warn.BOT_CHECK.because(f"the page checks its reader: {_quote(match)}")
    elif reason := _script_reason(root, text, blocks, prose):
        yield Warn.NEEDS_JAVASCRIPT.because(reason)
    if sum(block.chars for block in prose) >= _FEW:
        return
    if match := LOGIN_FIRST.search(text):
        yield Warn.LOGIN_WALL.because(f"the page says {_quote(match)}")
    elif not prose and len(text) < 2 * _FEW and (match := LOGIN.search(text)) and _asks_for_password(root):
        yield Warn.LOGIN_WALL.because(f"the page asks for a password: {_quote(match)}")


def _error_match(blocks: Sequence[Block], title: str) -> re.Match[str] | None:
    """What the title or the first `h1` says of a page that stands in place of another, and has hardly any sentences."""
    if sum(block.chars for block in blocks if block.chars >= _PROSE and is_prose(block)) >= 2 * _FEW:
        return None
    heading = next((block.text for block in blocks if block.tag == "h1"), "")
    names = (name for name in (title, heading) if len(name) <= _TITLE)
    return next(filter(None, map(ERROR.search, names)), None)


def _asks_for_password(root: Any) -> bool:
    return any((element.get("type") or "").lower() == "password" for element in root.iter("input"))


def _script_reason(root: Any, text: str, blocks: Sequence[Block], prose: Sequence[Block]) -> str:
    """Why a page seems to get its text from its scripts; nothing for another page."""
    if sum(block.chars for block in prose if not NEEDS_SCRIPTS.search(block.text)) >= _FEW:
        return ""
    if match := NEEDS_SCRIPTS.search(text):
        return f"the page says {_quote(match)}"
    size = sum(block.chars for block in blocks)
    scripts = [e for e in root.iter("script") if e.get("src") or len(e.text or "") > 100]
    if scripts and size < _FEW and (place := _empty_root(root)):
        return f"its <{place}> is empty, for scripts to fill"
    if scripts and len(blocks) == 1 and size < _LOADER and LOADING.search(blocks[0].text):
        return f"it shows nothing but “{blocks[0].text}”"
    return f"it has no text, but {len(scripts)} scripts" if scripts and not blocks else ""


def _empty_root(root: Any) -> str:
    """The element that a framework fills, if it is empty."""
    for element in root.iter("div", "main", "section", "app-root"):
        name = element.get("id") or ""
        if element.tag != "app-root" and not _ROOT.fullmatch(name):
            continue
        if not any((inner.text or "").strip() for inner in element.iter() if inner.tag not in ("script", "style")):
            return f'{element.tag} id="{name}"' if name else str(element.tag)
    return ""


def _quote(match: re.Match[str]) -> str:
    """The sentence around a match."""
    text = match.string
    start = max(text.rfind("\n", 0, match.start()), text.rfind(". ", 0, match.start()) + 1, match.start() - 60, 0)
    ends = [place for place in (text.find("\n", match.end()), text.find(".", match.end())) if place >= 0]
    return f"“{' '.join(text[start : min([*ends, match.end() + 60, len(text)])].split())}”"


def _cut_reason(html: str) -> str:
    """Why a page seems to be cut off; nothing for a page that ends as it should."""
    end = html[-4096:].rstrip()
    tail = html[-100_000:].lower() if "</html" not in (low := end.lower()) and "</body" not in low else ""
    if not tail:
        return ""
    if _CUT.search(end):
        return "the page ends within a tag or a comment"
    for opening, closing in (("<script", "</script"), ("<style", "</style"), ("<!--", "-->")):
        if tail.rfind(opening) > tail.rfind(closing):
            return f"the page ends within {opening}"
    last = end.rpartition(">")[2].strip()
    if "</body" in tail or "</html" in tail or not last:
        return ""
    lower = html.lower()
    is_open = "<body" in lower and "<html" in lower and lower.count("<div") > lower.count("</div")
    if is_open and (last[-1].isalnum() or last[-1] in ",;-(" or _HALF_ENTITY.search(last)):
        return f"the page ends within a sentence: “…{' '.join(last[-40:].split())}”"
    return ""


def _cookie_reason(shown: Sequence[Block]) -> str:
    """Why a page seems to be a request for consent and nothing else; nothing for another page."""
    prose = [block for block in shown if is_prose(block)] if len(shown) < _MANY else []
    by_size = sorted(prose, key=_chars)  # the shortest are searched first
    if not prose or not all(COOKIES.search(block.text) or _is_consent(block) for block in by_size):
        return ""
    others = [block for block in shown if not COOKIES.search(block.text) and not _is_consent(block)]
    if sum(block.chars for block in others) > _FEW:
        return ""
    if not any(AGREE.search(block.text) and block.chars < 2 * _PROSE for block in shown):
        return ""
    if any("cookie" in block.text.lower() for block in shown if block.tag == "h1") and not _is_consent(prose[0]):
        return ""  # a page about cookies
    return f"all of its sentences ask for consent: “{prose[0].text[:60]}…”"


def _is_consent(block: Block) -> bool:
    return any(not _CONSENT.isdisjoint(label.split(".")[1:]) for label in block.path[1:])


def _paywall_reason(shown: Sequence[Block], html: str) -> str:
    """Why a page seems to show no more than the start of its article; nothing for another page."""
    text = "\n".join([block.text for block in shown if block.chars < _OFFER])
    for line in _lines_with(text, PAYWALL_WORDS):
        if match := PAYWALL.search(line):
            return f"the page says {_quote(match)}"
    if "paywall" in html and _PAID.search(html):
        offers = [block for block in shown if any(".paywall" in label for label in block.path)]
        if offers and sum(block.chars for block in offers) < _OFFER:  # else it is the article that has this class
            return f"the page states that it is not free, and offers “{offers[0].text[:60]}”"
    return ""


def _lines_with(text: str, words: Sequence[str]) -> Iterator[str]:
    """The lines of a text that hold one of the words, in lower case. Much faster than a search of each line."""
    lower = text.lower()
    text = text if len(lower) == len(text) else lower  # some letters are two in lower case
    for word in words:
        place = lower.find(word)
        while place >= 0:
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            yield text[text.rfind("\n", 0, place) + 1 : end]
            place = lower.find(word, end)


def _nothing(root: Any, html: str) -> str:
    """Why there is nothing to read."""
    if not html.strip():
        return "the input is empty"
    kinds = {"iframe": "another page in a frame", "img": "images", "video": "a video", "script": "scripts"}
    contents = next((what for tag, what in kinds.items() if next(root.iter(tag), None) is not None), "")
    return f"the page holds {contents}, and no text" if contents else "the page holds no text"


def result_warnings(page: Page, prediction: Prediction) -> tuple[str, ...]:
    """A page's warnings, those of its prediction, and that of a result without main content."""
    warnings = (*page.warnings, *prediction.warnings)
    if prediction.indices or page.query or not page.blocks:
        return warnings
    return (*warnings, Warn.NO_TEXT.because(f"none of the page's {len(page.blocks)} blocks is kept"))
