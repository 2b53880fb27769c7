"""What a page says of itself: title, address, language and type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urljoin

from indexlm.html.elements import find_elements
from indexlm.html.parse import CONTROL

_JSON_TYPE = re.compile(r'"@type"\s*+:\s*+(?:\[\s*+)?+"(?:https?://schema\.org/)?(\w+)"')
_MOST_ADDRESS = 2000  # characters of an address that stands for the page in all of its links
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Metadata(NamedTuple):
    """A page's metadata, as in `Page`."""

    url: str
    title: str
    lang: str
    base_url: str
    kinds: tuple[str, ...]


def read_metadata(root: Any, url: str) -> Metadata:
    """The root element and the page's address, where it is known -> the page's metadata.

    Without an address, the page's own (`rel=canonical`, `og:url`) stands in.
    """
    metas, links, addresses, scripts, named = find_elements(root, ["meta"], ["link"], ["base"], ["script"], ["title"])
    meta = {name: contents[0] for name, contents in meta_contents(metas).items()}
    canonicals = (link for link in links if "canonical" in (link.get("rel") or "").lower().split())
    canonical = next((link.get("href") for link in canonicals), None)
    stated = (canonical or meta.get("og:url") or "").strip()
    url = url or (stated if len(stated) <= _MOST_ADDRESS else "")
    bases = (address for element in addresses if (address := element.get("href")))
    base = next((address for address in bases if len(address) <= _MOST_ADDRESS), "")
    titles = (
        " ".join(CONTROL.sub(" ", "".join(element.itertext())).split())
        for element in named
        if element.getparent().tag != "svg"
    )
    kinds = [meta.get("og:type", "")]
    for script in scripts:
        if "ld+json" in (script.get("type") or ""):
            kinds += _JSON_TYPE.findall(script.text or "")
    return Metadata(
        url=url,
        title=next(filter(None, titles), "") or meta.get("og:title", ""),
        lang=language_of(root) or meta.get("content-language", ""),
        base_url=join_address(url, base),
        kinds=tuple(dict.fromkeys(kind.lower() for kind in kinds if kind)),
    )


def language_of(root: Any) -> str:
    """The language that the root element states; `xml:lang` is one name where it was parsed as HTML."""
    return (root.get("lang") or root.get(_XML_LANG) or root.get("xml:lang") or "").strip()


def meta_contents(elements: Iterable[Any]) -> dict[str, list[str]]:
    """`<meta>` elements -> the contents of each name, in lower case; `dc:title` is `dc.title`."""
    contents: dict[str, list[str]] = {}
    for meta in elements:
        name, content = meta.get("property") or meta.get("name") or meta.get("http-equiv"), meta.get("content")
        if name and content:
            name = name.strip().lower()
            name = name.replace(":", ".") if name.startswith(("dc:", "dcterms:")) else name
            contents.setdefault(name, []).append(content.strip())
    return contents


def join_address(url: str, address: str) -> str:
    """An address as a page states it -> the absolute one; the page's own where it cannot be read."""
    try:
        return urljoin(url, address)
    except ValueError:
        return url
