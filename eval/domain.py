"""The key by which pages of one site are counted and split together."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def domain(url: str) -> str:
    """A web address -> its registrable domain in lower case: `https://www.News.example.co.uk:80/a` -> `example.co.uk`.

    A site below a shared suffix, such as `name.github.io`, is a domain of its own. IP addresses, hosts of one label and
    public suffixes are returned as they are. It is empty where the address is malformed or has no host. The list of
    suffixes is the one that publicsuffixlist ships.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    if "." not in host:
        return host
    with suppress(ValueError):
        ip_address(host)
        return host
    return _public_suffixes().privatesuffix(host) or host


@cache
def _public_suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
