"""A page as token ids: the prompt's windows, with the place of every block's marker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from heads.settings import Settings, task_of
from indexlm.layout import Layout
from indexlm.page import IndexLMError, Page
from indexlm.prompt import marker, render, task_frame
from indexlm.windows import cut

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_LONGEST, _SHORTEST = 300, 20  # characters of a query or a title that is shortened
_QUERY_ROOM = 96  # tokens kept free in every window for a query that stands last


class Window(NamedTuple):
    """Neighbouring lines of a page as one prompt, numbered from 1.

    bounds: line i holds the page's blocks from `bounds[i]` to `bounds[i + 1]` (0-based, half open).
    fixed: as in `indexlm.prompt.Prompt`.
    ids: the tokens of the prompt, up to where the answer begins.
    markers, lasts: of each line the position of the last token of its marker, and of its last token.
    shared: how many of the first ids other prompts begin with too: all of the task, the other windows of the page, or
        with `query_last` all queries of the page.
    """

    bounds: list[int]
    fixed: list[bool | None]
    ids: list[int]
    markers: list[int]
    lasts: list[int]
    shared: int


def encode(
    page: Page,
    tokenizer: Tokenizer,
    settings: Settings,
    tree_scores: Sequence[float] | None = None,
    layout: Layout | None = None,
) -> list[Window]:
    """A page -> its windows under `settings`, in ChatML; none for a page without blocks.

    `tree_scores` and `layout` are those of `render`. Each window repeats the instruction, URL, title and query. Every
    block is in at least one window. Where query, title and address leave no room for a block, they are shortened;
    raises `IndexLMError` where there is none even so.
    """
    if not page.blocks:
        return []
    units = settings.query_units if page.query else settings.block_units
    prompt = render(page, settings.profile, units, tree_scores, layout, settings.query_last)
    begins, ends = newline_side(len(_fixed(tokenizer, f"\n{marker(1)}")) == 1)
    before, after = task_frame(task_of(page.query), settings.assistant_prefix)
    query, _, _ = prompt.closing.rpartition("\n")
    texts = [before + prompt.header + ends, *(body + ends for body in prompt.bodies)]
    head, *bodies = (encoded.ids for encoded in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    tail = list(_fixed(tokenizer, begins + after))
    room = len(tail)
    if query:  # the same windows for all queries that fit in the room
        tail = tokenizer.encode(f"{begins}{query}\n{after}", add_special_tokens=False).ids
        room = max(len(tail), room + _QUERY_ROOM)
    widest = len(_fixed(tokenizer, begins + marker(len(bodies))))
    budget = settings.window_tokens - len(head) - room
    if budget < settings.block_units and (shorter := _with_shorter_header(page)) is not None:
        return encode(shorter, tokenizer, settings, tree_scores, layout)
    if budget < settings.block_units:
        raise IndexLMError(
            f"a window of {settings.window_tokens} tokens holds the instruction, the title, the query and a block of "
            f"{settings.block_units}; without the block these take {len(head) + room}"
        )
    spans = cut([len(body) + widest for body in bodies], budget, settings.overlap)
    markers = [_fixed(tokenizer, begins + marker(i)) for i in range(1, max(stop - start for start, stop in spans) + 1)]
    instruction = _fixed(tokenizer, before)
    shared = next((i for i, (a, b) in enumerate(zip(head, instruction, strict=False)) if a != b), len(instruction))
    windows = []
    for start, stop in spans:
        ids = list(head)
        places, lasts = [], []
        for number, body in zip(markers, bodies[start:stop], strict=False):
            ids += number
            places.append(len(ids) - 1)
            ids += body
            lasts.append(len(ids) - 1)
        if query:
            shared = len(ids)
        elif len(spans) > 1:
            shared = len(head)
        ids += tail
        bounds, fixed = prompt.bounds[start : stop + 1], prompt.fixed[start:stop]
        windows.append(Window(bounds, fixed, ids, places, lasts, shared))
    return windows


def _with_shorter_header(page: Page) -> Page | None:
    """A page whose query, title and address take too many tokens -> the same with shorter ones; None for none."""
    most = max(map(len, (page.query, page.title, page.url)))
    if most <= _SHORTEST:
        return None
    size = min(most * 2 // 3, _LONGEST)
    return replace(page, query=page.query[:size], title=page.title[:size], url=page.url[:size])


def newline_side(marker_holds_newline: bool) -> tuple[str, str]:
    """What each marker begins with, and each body ends with: the newline between two lines, on one of the sides.

    Pieces are tokenized apart. So the newline stands where the tokenizer puts it in the whole text: with the line that
    it ends (Qwen has tokens such as `:\\n`), unless newline and marker are one token, as in the shipped tokenizers.
    """
    return ("\n", "") if marker_holds_newline else ("", "\n")


@lru_cache(maxsize=4096)
def _fixed(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    """The tokens of what is the same on every page: markers, and what stands after the last line."""
    return tuple(tokenizer.encode(text, add_special_tokens=False).ids)
