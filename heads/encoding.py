"""A page as token ids: the prompt's windows, with the place of every block's marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from heads.settings import Settings
from indexlm.page import IndexLMError, Page
from indexlm.prompt import marker, render
from indexlm.windows import cut

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Window", "encode"]


class Window(NamedTuple):
    """Blocks `start` to `stop` of a page (0-based, half open) as one prompt, numbered from 1.

    `markers[i]` is the position of the last token of block i's `[i + 1]`, `lasts[i]` that of its line's newline.
    """

    start: int
    stop: int
    ids: list[int]
    markers: list[int]
    lasts: list[int]


def encode(page: Page, tokenizer: Tokenizer, settings: Settings) -> list[Window]:
    """A page -> its windows under `settings`, in ChatML as Qwen3 reads it, up to where the answer begins.

    Each window repeats the instruction, URL, title and query. Every block is in at least one window.
    """
    if not page.blocks:
        return []
    prompt = render(page, settings.profile, settings.block_units)

    def ids(text: str) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return found

    head = ids(f"<|im_start|>system\n{prompt.system}<|im_end|>\n<|im_start|>user\n{prompt.header}")
    tail = ids(f"{prompt.closing}<|im_end|>\n<|im_start|>assistant\n{settings.opening}")
    bodies = [e.ids for e in tokenizer.encode_batch(prompt.bodies, add_special_tokens=False)]
    widest = len(ids(marker(len(bodies))))
    budget = settings.window_tokens - len(head) - len(tail)
    if budget < settings.block_units:
        raise IndexLMError(
            "a window holds the instruction, the title and a block; "
            f"{settings.window_tokens} tokens leave {budget} for blocks"
        )
    windows = []
    markers = [ids(marker(i)) for i in range(1, min(len(bodies), budget // 2) + 1)]
    for start, stop in cut([len(body) + widest for body in bodies], budget, settings.overlap):
        sequence = list(head)
        places, lasts = [], []
        for number, body in zip(markers, bodies[start:stop], strict=False):
            sequence += number
            places.append(len(sequence) - 1)
            sequence += body
            lasts.append(len(sequence) - 1)
        windows.append(Window(start, stop, sequence + tail, places, lasts))
    return windows
