"""The models that come with the package, one directory a head."""

from __future__ import annotations

from pathlib import Path

from indexlm.page import IndexLMError

__all__ = ["shipped"]

_HEADS = ("classifier", "decoder")


def shipped(head: str) -> Path:
    """`classifier` or `decoder` -> the directory of the checkpoint that comes with the package."""
    if head not in _HEADS:
        raise IndexLMError(f"a head is {' or '.join(_HEADS)}; found {head!r}")
    return Path(__file__).parent / head
