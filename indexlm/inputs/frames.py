"""Pages that show another page: framesets, redirections, and a page's source as browsers save it."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin

from indexlm.inputs.document import Document, Warn, as_html
from indexlm.patterns import late

_FRAMESET = late(r"<frameset\b", re.IGNORECASE)
_FRAMESET_WORDS = ("<frameset", "<FRAMESET", "<Frameset", "<FrameSet")  # a search for each is faster than `_FRAMESET`
_BODY = late(r"<body\b[^>]{0,10000}>", re.IGNORECASE)
_NOFRAMES = late(r"<noframes\b[^>]{0,1000}>(.*?)(?:</noframes\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_FRAME = late(r"<i?frame\b[^>]{0,2000}?\ssrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_TITLE = late(r"<title\b[^>]{0,1000}>([^<]*)", re.IGNORECASE)
_BASE = late(r"<base\b[^>]{0,2000}?\shref\s*=\s*[\"']?([^\"'>\s]+)", re.IGNORECASE)
_LINE = late(
    r'<td class="?line-content"?[^>]{0,1000}>((?:(?!</td>|<td class="?line-content).)*+)</td>',
    re.IGNORECASE | re.DOTALL,
)
_SOURCE = late(r'<body[^>]{0,1000}\sid="?viewsource\b[^>]{0,1000}>(.*)', re.IGNORECASE | re.DOTALL)
_REFRESH = late(r"\s*([\d.]*)\s*[;,]\s*(?:url\s*=)?\s*[\"']?\s*([^\"']+)", re.IGNORECASE)
_TAG = late(r"<[^<>]*>")
_SOON = 10  # seconds
_START = 1 << 15  # characters of a page in which it shows what it is


def read_view_source(html: str) -> str | None:
    """What a browser saved of a page's source view -> the page's HTML; None for another page."""
    if "line-content" in html[:_START] and 'class="html-' in html and (lines := _LINE.findall(html)):
        return "\n".join(_source_line(line) for line in lines)
    if "viewsource" in html[:4096] and (match := _SOURCE.search(html)):
        return _source_line(match[1])
    return None


def _source_line(markup: str) -> str:
    return unescape(_TAG.sub("", markup))


def show_frames(html: str, url: str = "") -> Document | None:
    """A frameset -> what it says to browsers without frames, and links to its frames; None for another page."""
    match = _FRAMESET.search(html) if any(map(html[:_START].__contains__, _FRAMESET_WORDS)) else None
    if match is None or ((body := _BODY.search(html)) is not None and body.start() < match.start()):
        return None
    titles, bases = _TITLE.search(html), _BASE.search(html)
    addresses = list(dict.fromkeys(unescape(next(filter(None, found), "")).strip() for found in _FRAME.findall(html)))
    links = [f'<li><a href="{escape(address)}">{escape(address)}</a>' for address in addresses if address]
    texts = [_BODY.split(text)[-1] for text in _NOFRAMES.findall(html)]
    body_html = "".join(f"<div>{text}</div>" for text in texts)
    listed = f"<ul>{''.join(links)}</ul>" if links else ""
    named = ", ".join(_join(url, address) for address in addresses[:5] if address) or "no address"
    warning = Warn.FRAMES.because(f"the page only frames other pages, which are to be read by themselves: {named}")
    title = unescape(titles[1]).strip() if titles else ""
    return Document(
        as_html(body_html + listed, title, base=unescape(bases[1]) if bases else ""), whole=True, warnings=(warning,)
    )


def find_refresh(root: Any, url: str) -> str:
    """The root of a page -> the address that it soon leads to by `<meta http-equiv=refresh>`; nothing for none."""
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").strip().lower() != "refresh":
            continue
        if any(above.tag == "noscript" for above in meta.iterancestors()):
            continue
        match = _REFRESH.match(meta.get("content") or "")
        if match and float(re.sub(r"[^\d]", "", match[1].partition(".")[0]) or 0) <= _SOON:
            target = _join(url, match[2].strip())
            if target.partition("#")[0] != url.partition("#")[0] and not target.lower().startswith("javascript:"):
                return target
    return ""


def _join(url: str, address: str) -> str:
    try:
        return urljoin(url, address)
    except ValueError:
        return address
