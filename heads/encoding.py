"""A page as token ids: the prompt's windows, with the place of every block's marker."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from heads.settings import Settings
from indexlm.figures import Figures
from indexlm.page import IndexLMError, Page
from indexlm.prompt import marker, render, scaffold
from indexlm.windows import cut

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Window", "encode"]

_QUERY_ROOM = 96  # tokens kept free in every window for a query that stands last


class Window(NamedTuple):
    """Neighbouring lines of a page as one prompt, numbered from 1.

    Line i holds the page's blocks from `bounds[i]` to `bounds[i + 1]` (0-based, half open). `markers[i]` is the
    position of the last token of its `[i + 1]`, `lasts[i]` that of its last token, `settled[i]` as in `Prompt`.
    The first `shared` of the ids are those of other prompts too: of all of the task, or with the settings' `query_last`
    of all queries of the page.
    """

    bounds: list[int]
    settled: list[bool | None]
    ids: list[int]
    markers: list[int]
    lasts: list[int]
    shared: int


def encode(
    page: Page,
    tokenizer: Tokenizer,
    settings: Settings,
    hints: Sequence[float] | None = None,
    figures: Figures | None = None,
) -> list[Window]:
    """A page -> its windows under `settings`, in ChatML as Qwen3 reads it, up to where the answer begins.

    `hints` and `figures` are what `render` takes. Each window repeats the instruction, URL, title and query. Every
    block is in at least one window.
    """
    if not page.blocks:
        return []
    units = settings.query_units if page.query else settings.block_units
    prompt = render(page, settings.profile, units, hints, figures, settings.query_last)
    # A newline is tokenized where the tokenizer would put it in the whole text: with the line that it ends (Qwen has
    # tokens such as `:\n`), unless a newline and a marker are one token (those of `train prepare`).
    begins, ends = ("\n", "") if len(_fixed(tokenizer, f"\n{marker(1)}")) == 1 else ("", "\n")
    before, after = scaffold("qe" if page.query else "me", settings.opening)
    query, _, _ = prompt.closing.rpartition("\n")
    texts = [before + prompt.header + ends, *(body + ends for body in prompt.bodies)]
    head, *bodies = (found.ids for found in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    tail = list(_fixed(tokenizer, begins + after))
    room = len(tail)
    if query:  # the same windows for all queries that fit in the room
        tail = tokenizer.encode(f"{begins}{query}\n{after}", add_special_tokens=False).ids
        room = max(len(tail), room + _QUERY_ROOM)
    widest = len(_fixed(tokenizer, begins + marker(len(bodies))))
    budget = settings.window_tokens - len(head) - room
    if budget < settings.block_units:
        raise IndexLMError(
            "a window holds the instruction, the title and a block; "
            f"{settings.window_tokens} tokens leave {budget} for blocks"
        )
    spans = cut([len(body) + widest for body in bodies], budget, settings.overlap)
    markers = [_fixed(tokenizer, begins + marker(i)) for i in range(1, max(stop - start for start, stop in spans) + 1)]
    instruction = _fixed(tokenizer, before)
    shared = next((i for i, (a, b) in enumerate(zip(head, instruction, strict=False)) if a != b), len(instruction))
    windows = []
    for start, stop in spans:
        sequence = list(head)
        places, lasts = [], []
        for number, body in zip(markers, bodies[start:stop], strict=False):
            sequence += number
            places.append(len(sequence) - 1)
            sequence += body
            lasts.append(len(sequence) - 1)
        if query:
            shared = len(sequence)
        sequence += tail
        bounds, settled = prompt.bounds[start : stop + 1], prompt.settled[start:stop]
        windows.append(Window(bounds, settled, sequence, places, lasts, shared))
    return windows


@lru_cache(maxsize=4096)
def _fixed(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    """What is the same on every page, as token ids: markers, and what stands after the last line."""
    return tuple(tokenizer.encode(text, add_special_tokens=False).ids)
