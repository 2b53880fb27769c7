"""The tag, the text and the markup of a finished run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from textwrap import dedent
from urllib.parse import unquote

from indexlm.html.frame import Frame
from indexlm.html.language import code_language
from indexlm.html.tags import BLOCK_LEVEL, SEMANTIC, TRANSPARENT

_REDIRECT = re.compile(
    r"https?://(?:www\.google\.\w+(?:\.\w+)?/url\?(?:[^#]*?&)?(?:q|url)="
    r"|[\w.]+\.safelinks\.protection\.outlook\.com/\?(?:[^#]*?&)?url=)([^&#]+)"
)
_HIDDEN_ADDRESS = re.compile(r"[0-9a-f]{4,400}")
_PROTECTED = "/cdn-cgi/l/email-protection#"
_MOST_REDIRECT = 4000  # characters
_MOST_SIGNS = 3  # between the names of buttons


def attribute(value: str) -> str:
    """A text as the value of an attribute."""
    is_special = "&" in value or '"' in value or "'" in value or "<" in value or ">" in value
    return escape(value) if is_special else value


def markup(text: str) -> str:
    """A text as markup. Most texts are the same: to look for each sign is faster than to replace it, or a pattern."""
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


def hidden_address(code: str) -> str:
    """An address of mail as Cloudflare hides it from robots (each byte is XORed with the first) -> the address."""
    if not _HIDDEN_ADDRESS.fullmatch(code) or len(code) % 2:
        return ""
    key, *others = bytes.fromhex(code)
    return bytes(byte ^ key for byte in others).decode("utf-8", "replace")


def without_redirect(href: str) -> str:
    """The address that a link leads to in the end, where Google, Outlook or Cloudflare write another in its place."""
    if _PROTECTED in href and (address := hidden_address(href.rpartition("#")[2].partition("?")[0])):
        return f"mailto:{address}"
    match = _REDIRECT.match(href) if len(href) < _MOST_REDIRECT else None
    if match is None:
        return href
    address = unquote(match.group(1))
    return address if address.startswith(("http://", "https://")) else href


def run_tag(frames: Sequence[Frame]) -> str:
    """The open elements -> a run's tag: the nearest semantic one, unless one that is not transparent stands between."""
    top = frames[-1]
    if top.tag in SEMANTIC:
        return top.tag
    top.run_tag = top.run_tag or _run_tag(frames)
    return top.run_tag


def _run_tag(frames: Sequence[Frame]) -> str:
    for frame in reversed(frames):
        tag = frame.tag
        if tag in SEMANTIC:
            return tag
        if tag in ("td", "th"):
            return "div"
        if tag in BLOCK_LEVEL and tag not in TRANSPARENT:
            break
    for frame in reversed(frames):
        if frame.tag in BLOCK_LEVEL:
            return frame.tag if frame.tag in ("blockquote", "address") else "div"
    return "div"


def plain_content(text: str, inner: str) -> tuple[str, str]:
    """A run's text and markup, without the white space around them."""
    if text.isprintable() and "  " not in text:
        text = text.strip()
        if "<" not in inner:
            return text, inner.strip()
    elif "\n" in text:
        lines = [" ".join(line.split()) for line in text.split("\n")]
        text = "\n".join(filter(None, lines))
    else:
        text = " ".join(text.split())
    return text, _without_last_breaks(inner)


def are_controls(control_chars: int, chars: int, text: str) -> bool:
    """Whether a text is nothing but the names of buttons, how often they were pressed, and signs between them."""
    if chars <= control_chars:
        return control_chars > 0
    signs = sum(not (sign.isalnum() or sign.isspace()) for sign in text)
    return chars - control_chars <= sum(map(str.isdigit, text)) + min(signs, _MOST_SIGNS)


def code_content(text: str, inner: str, frames: Sequence[Frame], dropped: bool) -> tuple[str, str]:
    """The text and markup of code: the markup as one `<code>` that keeps its language.

    `dropped` says that something in it, such as line numbers, was left out.
    """
    text, inner = text.replace("\xa0", " ").strip("\n"), inner.replace("\xa0", " ")
    inner = inner.replace("<code>", "").replace("</code>", "").strip("\n")
    if dropped and (dedented := dedent(text)) != text:  # what parted a line's number from its text
        text, inner = dedented, escape(dedented, quote=False)
    name = code_language(frame.element for frame in reversed(frames))
    return text, f'<code class="language-{escape(name)}">{inner}</code>' if name else f"<code>{inner}</code>"


def _without_last_breaks(inner: str) -> str:
    """Markup -> the same without white space around it, and without line breaks at its end."""
    inner = inner.strip()
    end = len(inner)
    while inner.endswith("<br/>", 0, end):
        end -= 5
        while end and inner[end - 1].isspace():
            end -= 1
    return inner[:end]
