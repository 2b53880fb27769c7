"""What stands in a block in place of an element."""

from __future__ import annotations

from typing import NamedTuple

MOST_ADDRESS = 8000  # characters; no browser takes much more


class Insert(NamedTuple):
    """Text and markup that stand for an element and all that is in it; both empty where nothing does.

    Markup without text, such as the link to a film, goes with the text beside it, as an image does.
    """

    text: str = ""
    inner: str = ""
