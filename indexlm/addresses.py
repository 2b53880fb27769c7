"""Addresses of pages, which may be none."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def split_address(address: str) -> SplitResult:
    """The parts of an address; empty ones of what is none, such as `https://[x`."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def host_of(address: str) -> str:
    """The host of an address; empty for none."""
    return split_address(address).hostname or ""
