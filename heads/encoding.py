"""A page as token ids: the prompt's windows, with the place of every block's marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from heads.settings import Settings
from indexlm.page import IndexLMError, Page
from indexlm.prompt import Prior, marker, render, scaffold
from indexlm.windows import cut

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Window", "encode"]


class Window(NamedTuple):
    """Blocks `start` to `stop` of a page (0-based, half open) as one prompt, numbered from 1.

    `markers[i]` is the position of the last token of block i's `[i + 1]`, `lasts[i]` that of its line's last token.
    """

    start: int
    stop: int
    ids: list[int]
    markers: list[int]
    lasts: list[int]


def encode(page: Page, tokenizer: Tokenizer, settings: Settings, prior: Prior | None = None) -> list[Window]:
    """A page -> its windows under `settings`, in ChatML as Qwen3 reads it, up to where the answer begins.

    Each window repeats the instruction, URL, title and query. Every block is in at least one window.
    """
    if not page.blocks:
        return []
    units = settings.query_units if page.query else settings.block_units
    prompt = render(page, settings.profile, units, prior)

    def ids(text: str) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return found

    # A newline is tokenized where the tokenizer would put it in the whole text: with the line that it ends (Qwen has
    # tokens such as `:\n`), unless a newline and a marker are one token (those of `train prepare`).
    begins, ends = ("\n", "") if len(ids(f"\n{marker(1)}")) == 1 else ("", "\n")
    before, after = scaffold("qe" if page.query else "me", settings.opening)
    head, tail = ids(before + prompt.header + ends), ids(begins + after)
    bodies = [e.ids for e in tokenizer.encode_batch([body + ends for body in prompt.bodies], add_special_tokens=False)]
    widest = len(ids(begins + marker(len(bodies))))
    budget = settings.window_tokens - len(head) - len(tail)
    if budget < settings.block_units:
        raise IndexLMError(
            "a window holds the instruction, the title and a block; "
            f"{settings.window_tokens} tokens leave {budget} for blocks"
        )
    spans = cut([len(body) + widest for body in bodies], budget, settings.overlap)
    markers = [ids(begins + marker(i)) for i in range(1, max(stop - start for start, stop in spans) + 1)]
    windows = []
    for start, stop in spans:
        sequence = list(head)
        places, lasts = [], []
        for number, body in zip(markers, bodies[start:stop], strict=False):
            sequence += number
            places.append(len(sequence) - 1)
            sequence += body
            lasts.append(len(sequence) - 1)
        windows.append(Window(start, stop, sequence + tail, places, lasts))
    return windows
