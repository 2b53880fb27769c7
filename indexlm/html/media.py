"""Images and embedded media: where they are, and what stands for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import islice
from typing import Any

from indexlm.addresses import split_address
from indexlm.html.insert import Insert
from indexlm.page import Block
from indexlm.patterns import late
from indexlm.text import word_set

EMBEDS = word_set("iframe video audio object lite-youtube youtube-video lite-vimeo vimeo-video amp-youtube amp-vimeo")
"""Elements of embedded media. `<embed>` is none of them: it has no end, and libxml2 puts what follows inside."""

_LAZY = word_set(
    "data-src data-lazy-src data-original data-lazy data-actualsrc data-echo data-hi-res-src data-original-src "
    "data-image-src data-real-src data-url data-img-src"
)
_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set", "srcset")
_PLACEHOLDER = late(
    r"^(?:data:|about:)|(?:^|[/_-])(?:blank|spacer|placeholder|transparent|pixel|1x1|loading|lazy\w*|grey|gray)[^/]*\.\w{3,4}",
    re.IGNORECASE,
)
_SPACER = late(r"(?:^|/)(?:spacer|1x1|clear|transparent|trans|pixel|blank)\.(?:gif|png)", re.IGNORECASE)
_FILE = late(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|mp[34]|webm|pdf)(?:[?#]\S*)?\Z", re.IGNORECASE)
"""The end of an address that may hold spaces."""
_FEW_PIXELS = ("0", "1", "2", "0px", "1px")
_CANDIDATE = late(r"(?<![^\s,])([^\s,]++(?:,++[^\s,]++)*+)(?:\s++([0-9]++(?:\.[0-9]*+)?+)([wx])[^,]*+)?+\s*+(?:,|$)")
_MOST_SOURCES = 50  # of a picture
_EMOJI_NAMES = late(r"(?:^|[\s_-])(?:emoji\w*|smil(?:ey|ie)s?|twemoji|emoticon)(?:$|[\s_-])", re.IGNORECASE)
_TICK = late(
    r"(?:^|[\s/#_-])(?:(check(?:mark|ed)?|tick|yes|true)|(?:cross|times|x-?mark|close|no|false|x))(?:$|[\s._-])",
    re.IGNORECASE,
)
_LABEL = 30  # characters of an icon's label
_FEW_CHARS = 150  # of a page that is no text
_DROP_CAP = late(r"drop-?_?cap|initial|lettrine|capital", re.IGNORECASE)
_ALT = late(r'(?<=" )alt="[^"]*"(?=/>(?:</a>)?$)')
_HOSTS = late(
    r"(?:^|\.)(?:youtube(?:-nocookie)?\.com|youtu\.be|vimeo\.com|dailymotion\.com|twitch\.tv|ted\.com|bilibili\.com|rutube\.ru"
    r"|spotify\.com|soundcloud\.com|bandcamp\.com|mixcloud\.com|podbean\.com|megaphone\.fm|buzzsprout\.com|acast\.com"
    r"|openstreetmap\.org|codepen\.io|jsfiddle\.net|codesandbox\.io|stackblitz\.com|replit\.com|observablehq\.com|archive\.org"
    r"|figma\.com|loom\.com|wistia\.(?:com|net)|streamable\.com|giphy\.com|imgur\.com|slideshare\.net|scribd\.com|issuu\.com"
    r"|datawrapper\.de|dwcdn\.net|flourish\.studio|infogram\.com|tableau\.com|typeform\.com|airtable\.com|desmos\.com"
    r"|geogebra\.org|tiktok\.com|instagram\.com|platform\.twitter\.com|brightcove\.net|jwplatform\.com|kickstarter\.com)$"
)
_PATH = late(
    r"(?:^|[/._-])(?:embed|player|video|watch|maps?|podcast|audio)(?:$|[/._?-])|\.(?:mp4|webm|mp3|ogg|pdf)$", re.I
)
_NOISE = late(
    r"doubleclick|googlesyndication|googletagmanager|adservice|adsystem|[/._-]ads?[/._-]|banner|recaptcha|captcha|disqus"
    r"|plugins/(?:like|page|share|follow)|addthis|sharethis|consent|(?<!no)cookie|tracking|analytics|pixel|beacon|newsletter",
    re.IGNORECASE,
)


def image_source(element: Any) -> str:
    """The address of the picture that an `<img>` shows in the end, however it is loaded; empty where none is there."""
    get, names = element.get, element.keys()
    for name in () if _LAZY.isdisjoint(names) else names:
        if name in _LAZY and _is_address(value := get(name).strip()):
            return str(value)
    source = (get("src") or "").strip()
    sets = [get(name) for name in _SETS if name in names]
    if _is_address(source) and not (any(sets) and _PLACEHOLDER.search(source)):
        return "" if _noscript_image(element.getnext()) is not None else source
    for picture in element.iterancestors("picture"):
        sets += [
            other.get("data-srcset") or other.get("srcset") for other in islice(picture.iter("source"), _MOST_SOURCES)
        ]
    return next(filter(None, map(_largest, filter(None, sets))), "")


def is_tracker(element: Any, source: str) -> bool:
    """Whether an `<img>` of this source counts readers or keeps space: at most two pixels large, or named so."""
    get = element.get
    if source != (get("src") or "").strip():
        return False
    if get("width") in _FEW_PIXELS and get("height") in _FEW_PIXELS:
        return ".svg" not in source  # which WordPress takes for a pixel
    return source[-4:].lower() in (".gif", ".png") and _SPACER.search(source) is not None


def is_copy(element: Any) -> bool:
    """Whether an `<img>` in a `<noscript>` shows what the image beside it shows."""
    holder = next(element.iterancestors("noscript"), None)
    if holder is None:
        return False
    beside = (
        image for side in (holder.getprevious(), holder.getnext()) if side is not None for image in side.iter("img")
    )
    return any(image_source(image) for image in beside)


def image_text(element: Any) -> str:
    """The text that an `<img>` is in place of: an emoji, or a letter that begins a word."""
    alt = (element.get("alt") or "").strip()
    if not alt or len(alt) > 30:
        return ""
    names = element.get("class") or ""
    if _EMOJI_NAMES.search(names) or (len(alt) < 12 and min(alt) > "\u200c" and max(alt) > "\u218f" and _is_emoji(alt)):
        return alt
    is_letter = len(alt) == 1 and alt.isalpha() and alt.isupper()
    return alt if is_letter and (_DROP_CAP.search(names) or (element.tail or "")[:1].islower()) else ""


def icon_text(cell: Any) -> str:
    """What the first icon in a table's cell without text says: its label, or a sign for a box, a tick or a cross."""
    if next(cell.iter("a", "button"), None) is not None:
        return ""  # controls
    for element in cell.iter("svg", "i", "span", "img", "input", "use", "em", "b", "div"):
        get = element.get
        if element.tag == "input":
            if (get("type") or "").lower() == "checkbox":
                return "☑" if get("checked") is not None else "☐"
            continue
        title = element.find("title") if element.tag == "svg" else None
        label = get("aria-label") or get("title") or (title.text if title is not None else "") or ""
        if 0 < len(label := " ".join(label.split())) <= _LABEL:
            return label
        if sign := tick(element):
            return sign
    return ""


def without_alt(image: str) -> str:
    """The markup of an image -> the same without its alternative text."""
    return _ALT.sub('alt=""', image)


def tick(icon: Any) -> str:
    """The sign for a tick or a cross that the names of an icon say; empty for others."""
    match = _TICK.search(" ".join(filter(None, map(icon.get, ("class", "href", "xlink:href", "src", "data-icon")))))
    return "" if match is None else "✓" if match.group(1) else "✗"


def embed(element: Any) -> Insert:
    """What stands for embedded media: a link to it, unless it is an advertisement, a control or a tracker."""
    address = _embed_address(element)
    if not address:
        return Insert()
    title = " ".join((element.get("title") or element.get("aria-label") or "").split()) or address
    return Insert("", f'<a href="{escape(address)}">{escape(title, quote=False)}</a>')


def _embed_address(element: Any) -> str:
    get, tag = element.get, element.tag
    if tag in ("lite-youtube", "youtube-video", "amp-youtube", "lite-vimeo", "vimeo-video", "amp-vimeo"):
        name = get("videoid") or get("video-id") or get("data-videoid") or ""
        if not re.fullmatch(r"[\w-]+", name):
            return (get("src") or "").strip()
        return f"https://vimeo.com/{name}" if "vimeo" in tag else f"https://www.youtube.com/watch?v={name}"
    if tag in ("video", "audio"):
        sources = (source.get("src") or source.get("data-src") for source in element.iter(tag, "source"))
        address = next(filter(_is_address, map(str.strip, filter(None, sources))), "")
        is_decor = get("autoplay") is not None and get("loop") is not None
        return "" if is_decor or address.startswith("blob:") else address
    names = (
        ("data", "src") if tag == "object" else ("src", "data-src", "data-lazy-src", "data-url", "data-litespeed-src")
    )
    values = [(get(name) or "").strip() for name in names]
    address = next((value for value in values if _is_address(value) and not _PLACEHOLDER.search(value)), "")
    return address if address and not _is_tiny(element) and _is_content(address) else ""


def _is_content(address: str) -> bool:
    """Whether what an address names is content: of a known host, or a player or a map by its path."""
    parts = split_address(address)
    host = parts.hostname or ""
    return not _NOISE.search(address) and bool(_HOSTS.search(host) or _PATH.search(parts.path) or _PATH.search(host))


def _is_tiny(element: Any) -> bool:
    """Whether an element is hidden or at most a few pixels large."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = (element.get("style") or "").replace(" ", "").lower()
    if "display:none" in style or "visibility:hidden" in style or re.search(r"(?:^|;)(?:width|height):[0-9]px", style):
        return True
    return any(re.fullmatch(r"\s*[0-9](?:px)?\s*", element.get(side) or "") for side in ("width", "height"))


def _is_address(value: str) -> bool:
    if not value or value.startswith(("data:", "about:", "javascript:", "{", "<")):
        return False
    return " " not in value or (", " not in value and _FILE.search(value) is not None)


def _noscript_image(element: Any) -> Any:
    """The image in a `<noscript>`, which is shown in place of the one beside it; None where there is none."""
    return next(element.iter("img"), None) if element is not None and element.tag == "noscript" else None


def _largest(candidates: str) -> str:
    """A `srcset` -> its largest candidate."""
    sizes = [
        (float(match.group(2) or 1), match.group(1))
        for match in _CANDIDATE.finditer(candidates)
        if not match.group(1).startswith("data:")
    ]
    return max(sizes, key=lambda size: size[0])[1] if sizes else ""


def _is_emoji(text: str) -> bool:
    from unicodedata import category

    return any(category(char) in ("So", "Sk", "Cs") for char in text)


def is_of_images(blocks: Sequence[Block], body: Any) -> bool:
    """Whether a page shows images with hardly any text but links."""
    chars = sum(block.chars - block.link_chars for block in blocks if not block.hidden)
    return chars < _FEW_CHARS and next(body.iter("img"), None) is not None
