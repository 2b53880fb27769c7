"""What waits for a block while a page is walked: images and links to media without text, and pieces nobody sees."""

from __future__ import annotations

from dataclasses import replace

from indexlm.html.frame import Frame
from indexlm.html.tags import HEADINGS
from indexlm.page import Block

NO_IMAGES = ("tr", "th", "pre")
"""The tags of blocks to which no image is added."""
_NO_LINKS = (*NO_IMAGES, *HEADINGS)
_APART = "<br/><br/>"  # a run holds no two breaks: a link behind or before them is a line of its own


def _shared(block: Block, nodes: tuple[int, ...]) -> int:
    """How many of the elements in `nodes` hold the block."""
    return sum(node in nodes for node in block.nodes)


class Waiting:
    """Images of runs without text, which go with the next block, and links to media.

    embeds: the link, the nodes around it, and whether it stands behind the begin of the next block.
    """

    __slots__ = ("embeds", "images")

    def __init__(self) -> None:
        self.images: list[str] = []
        self.embeds: list[tuple[str, tuple[int, ...], bool]] = []

    def place(self, blocks: list[Block]) -> None:
        """Put each link at the new block or at the one before it: at the nearer one, and above no heading."""
        new = blocks[-1]
        before = blocks[-2] if len(blocks) > 1 else None
        waiting = []
        for link, nodes, is_inside in self.embeds:
            takes = [block is not None and block.tag not in _NO_LINKS for block in (before, new)]
            if takes[1] and is_inside:
                _attach(link, blocks, len(blocks) - 1)
            elif before is not None and takes[0] and (not takes[1] or _shared(before, nodes) >= _shared(new, nodes)):
                _attach(link, blocks, len(blocks) - 2)
            elif takes[1]:
                blocks[-1] = replace(blocks[-1], inner=f"{link}{_APART}{blocks[-1].inner}")
            elif before is not None and before.is_heading and new.is_heading:
                blocks[-2] = replace(before, inner=f"{blocks[-2].inner}{_APART}{link}")
            else:
                waiting.append((link, nodes, is_inside))
        self.embeds = waiting

    def finish(self, blocks: list[Block]) -> None:
        """Put what still waits at the last block."""
        for link, *_ in self.embeds:
            _attach(link, blocks, len(blocks) - 1)
        if self.images and blocks and blocks[-1].tag not in NO_IMAGES:
            blocks[-1] = replace(blocks[-1], inner=blocks[-1].inner + "".join(self.images))


def _attach(link: str, blocks: list[Block], i: int) -> None:
    """Put a link behind the text of a block that takes one: the block `i`, or one before it."""
    while i >= 0 and blocks[i].tag in _NO_LINKS:
        i -= 1
    if i >= 0:
        blocks[i] = replace(blocks[i], inner=f"{blocks[i].inner}{_APART}{link}")


class HiddenPieces:
    """Text and markup of a run that nobody sees. A run without other text is a hidden block of them.

    frame: the open element that is hidden in the run; None where none is.
    start: of the run before that element: texts, pieces, written inline elements, alternative texts, cells, and
        characters: all, those that are shown, those in links, and those in buttons.
    """

    __slots__ = ("chars", "control_chars", "frame", "link_chars", "pieces", "start", "text", "visible_chars")

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.start = (0,) * 9
        self.clear()

    def add(self, text: list[str], pieces: list[str]) -> None:
        """Add the text and the markup of one more piece, apart from those before."""
        if self.pieces:
            self.text.append(" ")
            self.pieces.append(" ")
        self.text += text
        self.pieces += pieces

    def count(self, chars: int, visible_chars: int, link_chars: int, control_chars: int) -> None:
        """Count its characters: all, those that are shown, those in links, and those in buttons."""
        self.chars += chars
        self.visible_chars += visible_chars
        self.link_chars += link_chars
        self.control_chars += control_chars

    def clear(self) -> None:
        """Forget the pieces."""
        self.text: list[str] = []
        self.pieces: list[str] = []
        self.chars = self.visible_chars = self.link_chars = self.control_chars = 0
