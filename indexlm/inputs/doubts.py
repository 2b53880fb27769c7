"""What makes a page's text doubtful: warnings, each with its reason. Precise rather than complete."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from indexlm.inputs.document import Warn
from indexlm.inputs.frames import find_refresh
from indexlm.inputs.phrases import AGREE, BOT_CHECK, COOKIES, LOGIN, LOGIN_FIRST, NEEDS_SCRIPTS, PAYWALL
from indexlm.page import Block, Page, Prediction

_PROSE = 80  # characters of a block of sentences
_SHORT = 1500  # characters of a page that may be nothing but a wall
_FEW = 300  # characters of a page without an article
_ROOTS = re.compile(
    r"_*(?:root|app|next|nuxt|gatsby|svelte|react-root|main-app|app-root|app-?container|q-app|ember-app)_*",
    re.IGNORECASE,
)
_CUT = re.compile(r"<(?:[a-zA-Z/!][^<>]*)?\Z")
_HALF_ENTITY = re.compile(r"&[#\w]{0,8}\Z")
_REPLACEMENT = "\ufffd"
_PAID = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)


def is_prose(block: Block) -> bool:
    """Whether a reader sees sentences in it."""
    return not block.hidden and block.chars >= _PROSE and block.link_density < 0.5


def page_warnings(root: Any, blocks: Sequence[Block], html: str, title: str, url: str) -> Iterator[str]:
    """A parsed page -> its warnings."""
    shown = [block for block in blocks if not block.hidden]
    size = sum(block.chars for block in shown)
    prose = [block for block in shown if is_prose(block)]
    if size <= _SHORT:
        text = "\n".join([title, *(block.text for block in shown)])
        yield from _walls(root, text, size, prose, url)
    if (reason := _cut_reason(html)) and size:
        yield Warn.TRUNCATED_INPUT.because(reason)
    if reason := _cookie_reason(shown, prose):
        yield Warn.COOKIE_WALL.because(reason)
    if reason := _paywall_reason(shown, html):
        yield Warn.PAYWALL.because(reason)
    broken = sum(block.text.count(_REPLACEMENT) for block in blocks)
    if broken > 2 and broken * 200 > sum(block.chars for block in blocks):
        yield Warn.ENCODING.because(f"{broken} characters cannot be read in the encoding that the page is in or states")
    if not size:
        yield Warn.NO_TEXT.because(_nothing(root, blocks, html))


def _walls(root: Any, text: str, size: int, prose: Sequence[Block], url: str) -> Iterator[str]:
    """The warnings of a page that has hardly any text."""
    if target := find_refresh(root, url):
        yield Warn.REDIRECT.because(f"the page leads to {target}")
    if match := BOT_CHECK.search(text):
        yield Warn.BOT_CHECK.because(f"the page checks its reader: {_quote(match)}")
    elif reason := _script_reason(root, text, size, prose):
        yield Warn.NEEDS_JAVASCRIPT.because(reason)
    has_password = any((e.get("type") or "").lower() == "password" for e in root.iter("input"))
    if has_password and sum(block.chars for block in prose) < _FEW and (match := LOGIN.search(text)):
        yield Warn.LOGIN_WALL.because(f"the page asks for a password: {_quote(match)}")
    elif (match := LOGIN_FIRST.search(text)) and sum(block.chars for block in prose) < _FEW:
        yield Warn.LOGIN_WALL.because(f"the page says {_quote(match)}")


def _script_reason(root: Any, text: str, size: int, prose: Sequence[Block]) -> str:
    scripts = [e for e in root.iter("script") if e.get("src") or len(e.text or "") > 100]
    if sum(block.chars for block in prose if not NEEDS_SCRIPTS.search(block.text)) >= _FEW:
        return ""
    if match := NEEDS_SCRIPTS.search(text):
        return f"the page says {_quote(match)}"
    if size < _FEW and scripts and (place := _empty_root(root)):
        return f"its <{place}> is empty, and scripts fill it"
    return f"it has no text, and {len(scripts)} scripts" if not size and scripts else ""


def _empty_root(root: Any) -> str:
    """The element that a framework fills, if it is empty."""
    for element in root.iter("div", "main", "section", "app-root"):
        name = element.get("id") or ""
        if (element.tag == "app-root" or _ROOTS.fullmatch(name)) and not "".join(
            element.itertext("div", "p", "span", "main", "h1", "section", "article", "li", "a", element.tag)
        ).strip():
            return f'{element.tag} id="{name}"' if name else str(element.tag)
    return ""


def _quote(match: re.Match[str]) -> str:
    """The sentence around a match."""
    text = match.string
    start = max(text.rfind("\n", 0, match.start()), text.rfind(". ", 0, match.start()) + 1, match.start() - 60) + 1
    ends = [place for place in (text.find("\n", match.end()), text.find(".", match.end())) if place >= 0]
    end = min([*ends, match.end() + 60, len(text)])
    return f"“{' '.join(text[start:end].split())}”"


def _cut_reason(html: str) -> str:
    """Why a page seems to be cut off; nothing for a page that ends as it should."""
    end = html[-4096:].rstrip()
    if _CUT.search(end) and not end.endswith("<"):
        return "the page ends within a tag or comment"
    tail = html[-100_000:].lower()
    for tag in ("script", "style", "!--"):
        opened, closed = (
            (tail.rfind("<!--"), tail.rfind("-->")) if tag == "!--" else (tail.rfind(f"<{tag}"), tail.rfind(f"</{tag}"))
        )
        if opened > closed and "</body" not in tail[opened:] and "</html" not in tail[opened:]:
            return f"the page ends within <{tag}>"
    if end.endswith(">") or "</body" in tail or "</html" in tail:
        return ""
    lower = html.lower()
    if "<body" in lower and "<html" in lower and lower.count("<div") > lower.count("</div"):
        last = end.rpartition(">")[2].strip()
        if last and (last[-1].isalnum() or last[-1] in ",;-(" or _HALF_ENTITY.search(last)):
            return f"the page ends within a sentence: “…{last[-40:]}”"
    return ""


def _cookie_reason(shown: Sequence[Block], prose: Sequence[Block]) -> str:
    """Why a page seems to be a request for consent and nothing else."""
    if not prose or len(prose) > 40 or not all(COOKIES.search(block.text) or _is_consent(block) for block in prose):
        return ""
    others = sum(block.chars for block in shown if not (COOKIES.search(block.text) or _is_consent(block)))
    asked = next((block for block in shown if AGREE.search(block.text) and block.chars < 2 * _PROSE), None)
    in_consent = any(map(_is_consent, prose))
    if others > _SHORT or not (asked or in_consent):
        return ""
    if not in_consent and any("cookie" in block.text.lower() for block in shown if block.tag == "h1"):
        return ""  # a page about cookies
    return f"all of its sentences ask for consent: “{prose[0].text[:60]}…”"


def _is_consent(block: Block) -> bool:
    return any(
        word in label
        for label in block.path[1:]
        for word in (".cookie", ".consent", ".gdpr", ".onetrust", ".didomi", ".cmp")
    )


def _paywall_reason(shown: Sequence[Block], html: str) -> str:
    """Why a page seems to show the start of its article alone."""
    offers = [
        block for block in shown if block.chars < 600 and any(".paywall" in p or ".regwall" in p for p in block.path)
    ]
    match = next((match for block in shown if block.chars < 600 and (match := PAYWALL.search(block.text))), None)
    if match is not None:
        return f"the page says {_quote(match)}"
    if offers and _PAID.search(html):
        return f"the page states that it is not free, and offers: “{offers[0].text[:60]}”"
    return ""


def _nothing(root: Any, blocks: Sequence[Block], html: str) -> str:
    """Why there is nothing to read."""
    if not html.strip():
        return "the input is empty"
    if blocks:
        return f"all of its {len(blocks)} blocks are hidden"
    for tag, what in (
        ("iframe", "another page in a frame"),
        ("img", "images"),
        ("video", "a video"),
        ("script", "scripts"),
    ):
        if next(root.iter(tag), None) is not None:
            return f"the page holds {what}, and no text"
    return "the page holds no text"


def result_warnings(page: Page, prediction: Prediction) -> tuple[str, ...]:
    """A page's warnings, and that of a result without main content."""
    if prediction.indices or page.query or not page.blocks or any(w.startswith(Warn.NO_TEXT) for w in page.warnings):
        return page.warnings
    return (*page.warnings, Warn.NO_TEXT.because(f"none of the page's {len(page.blocks)} blocks is main content"))
