"""A page's title without what is no part of it: the name of its site, and counts of news."""

from __future__ import annotations

import re

from indexlm.metadata import MetadataValue
from indexlm.patterns import late

_SIGNS = r"[^\w\s,.:;'’\"“”&+?!()\[\]]{1,3}"
_PARTS = rf"(?:\s+(?:{_SIGNS}|::?)\s+|\s*[|_｜－¦❘]\s*)"
"""What stands between a page's title and the name of its site."""
_PART = late(_PARTS)
_SITE_NEXT = late(rf"(?!_){_PARTS}\S")
_SITE_BEFORE = late(rf"{_PARTS}\Z")
_COUNT = late(r"\A\(\d{1,3}\+?\)\s+")  # of what a reader has not seen yet
_HOST = late(r"https?://(?:www\.)?([^/:?#]+)", re.IGNORECASE)
_LEAST_NAME = 3  # letters of the part of a host that may be the name of a site, and more
_SITE_AT_ONCE = late(r"\s?[_|｜－–—-]\s?\S")


def whole_title(found: MetadataValue, stated: str, heading: str, sites: list[str]) -> MetadataValue:
    """The title that is found, that of the document, its heading and names of its site -> the title without these.

    The title of the document replaces one that names the site alone, or that was cut off.
    """
    title, source, _ = found
    start = title.rstrip(".…").rstrip()
    is_site = title in sites and stated.endswith(title) and stated != title
    if is_site or (title.endswith(("…", "...")) and stated.startswith(start) and len(stated) > len(title)):
        title, source = stated, "title"
    if source == "title" and not _COUNT.match(heading):
        title = _COUNT.sub("", title)
    if heading and title != heading:
        title = _without_end(title, heading)
    if title != heading:
        for site in sites:
            bare = _without_site(title, site, source == "title")
            is_last = bare != title and bare.endswith(heading) and _SITE_BEFORE.search(bare.removesuffix(heading))
            title = heading if is_last and heading else bare
        title = _without_end(title, heading) if heading else title
    return MetadataValue(title, source)


def names_of_host(addresses: tuple[str, ...]) -> list[str]:
    """What a site may be called by its address: its host, and the part of it that names it."""
    host = next((match[1] for match in map(_HOST.match, addresses) if match), "").lower()
    labels = host.split(".")
    return [host, labels[-2]] if len(labels) > 1 and len(labels[-2]) > _LEAST_NAME else [host] if host else []


def _without_site(title: str, site: str, at_start: bool) -> str:
    """A title without the name of its site at its end, or at its start, as in `A storm - The Daily Gull`."""
    name = re.escape(site)
    end = rf"(?:{_PARTS}|\s+{_SIGNS}|{_SIGNS}\s+){name}(?:\s+[|·•]\s+[^|·•]{{1,20}})?\Z|\s+\({name}\)\Z"
    start = rf"|\A{name}(?:{_PARTS}|\s*:\s+)" if at_start else ""
    bare = re.sub(end + start, "", title, count=1, flags=re.IGNORECASE)
    is_subtitle = title.endswith(bare) and bare[:1].islower()  # `Oar: a guide`
    return title if is_subtitle or not bare else bare


def _without_end(title: str, heading: str) -> str:
    """A title without what follows the page's heading in it, as in `A storm | The Daily Gull`."""
    rest = title.removeprefix(heading)
    is_site = rest != title and (_SITE_NEXT.match(rest) or (not heading[-1:].isascii() and _SITE_AT_ONCE.match(rest)))
    are_short = all(len(part.split()) <= len(heading.split()) for part in _PART.split(rest))
    return heading if is_site and are_short else title
