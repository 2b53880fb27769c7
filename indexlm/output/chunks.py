"""Kept blocks as chunks for retrieval: pieces of at most so many tokens that know where they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, takewhile
from typing import Any

from indexlm.html.locate import Location, SourceText, locate_in
from indexlm.limits import check_number
from indexlm.output.markdown import to_markdown
from indexlm.output.rows import table_of
from indexlm.output.slices import Slice, cut, header_above, text_of, to_block, to_named_block, whole, words
from indexlm.page import Block, Page
from indexlm.text import count_units

_LEAST_TOKENS = 16
_ROWS = ("tr", "th")
_MARKUP_BYTES = 40  # of a block, beside its own
_MOST_MEASURED = 256  # chunks whose size is remembered
_MOST_HEADING = 1000  # characters of a heading in the path of a chunk
CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a page's kept blocks.

    text: Markdown.
    headings: the kept headings that it stands below, outermost first, its own among them; before them the page's.
    indices: the blocks of which it holds something, without a repeated table header.
    lines: the first and the last source line where its blocks start, from 1.
    start, end: its text stands in `source[start:end]`, characters of the decoded text; None where it was not found.
    tokens: the tokens of `text`.
    """

    text: str
    headings: tuple[str, ...]
    indices: tuple[int, ...]
    lines: tuple[int, int]
    start: int | None
    end: int | None
    tokens: int

    def to_dict(self) -> dict[str, Any]:
        """The chunk as an object that `json.dumps` takes."""
        return asdict(self)


def to_chunks(
    page: Page,
    indices: Iterable[int],
    max_tokens: int = 512,
    overlap: int = 0,
    count_tokens: CountTokens = count_units,
    source: str = "",
) -> tuple[Chunk, ...]:
    """Kept blocks (1-based indices) -> their chunks, in page order.

    A heading starts a chunk, with the headings right above it. A block is cut only where it is longer than a chunk:
    code at lines, other text at the ends of sentences or at words. A chunk that starts inside a table repeats its
    header, where that takes at most half of a chunk; a part of a row repeats that of its columns. No chunk has more
    than `max_tokens` tokens, but for one that holds a single longer word, its link's address included. Without an
    overlap, every word of the blocks is in one chunk.

    max_tokens: at least 16.
    overlap: a chunk repeats up to so many tokens from the end of the one before it in the same section; at most half of
        `max_tokens`.
    count_tokens: text -> its number of tokens; without it units of about a token (`indexlm.text.count_units`).
    source: what the page was read from, for `start` and `end`.

    Raises `IndexLMError` for other numbers.
    """
    check_sizes(max_tokens, overlap)
    chosen = set(indices)
    blocks = [block for block in page.blocks if block.index in chosen]
    packer = _Packer(page, blocks, max_tokens, overlap, count_tokens)
    text = SourceText(source) if source else None
    places = {location.index: location for location in locate_in(page, text)} if text else {}
    chunks = []
    for headings, section in _sections(page, blocks):
        cursor: dict[int, int] = {}
        for parts in packer.pack(section):
            chunks.append(_chunk(packer, parts, headings, text, places, cursor))
    return tuple(chunks)


def check_sizes(max_tokens: int, overlap: int) -> None:
    """Raise `IndexLMError` for sizes that no chunk has."""
    check_number(
        f"max_tokens of a chunk are a whole number from {_LEAST_TOKENS}", max_tokens, _LEAST_TOKENS, whole=True
    )
    rule = f"an overlap is a whole number from 0 to half of max_tokens ({max_tokens // 2})"
    check_number(rule, overlap, 0, max_tokens // 2, whole=True)


def _sections(page: Page, blocks: Sequence[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Kept blocks -> runs of them that start with headings or hold none, each with its heading path."""
    name = page.blocks[page.heading - 1] if page.heading else None
    path: list[tuple[int, str]] = []
    section: list[Block] = []
    for block in blocks:
        if block.is_heading and not all(above.is_heading for above in section):
            yield _heading_path(name, path, section), section
            section = []
        if block.is_heading:
            level = int(block.tag[1])
            path = [(above, text) for above, text in path if above < level] + [(level, _line(block))]
        section.append(block)
    if section:
        yield _heading_path(name, path, section), section


def _heading_path(name: Block | None, path: Sequence[tuple[int, str]], section: Sequence[Block]) -> tuple[str, ...]:
    texts = tuple(text for _, text in path)
    is_above = name is not None and name.index <= section[0].index and _line(name) not in texts
    return (_line(name), *texts) if name is not None and is_above else texts


def _line(block: Block) -> str:
    return " ".join(block.text.split())[:_MOST_HEADING]


class _Packer:
    """Sections -> chunks, as runs of slices."""

    def __init__(
        self, page: Page, blocks: Sequence[Block], max_tokens: int, overlap: int, count_tokens: CountTokens
    ) -> None:
        self.page = page
        self.max_tokens = max_tokens
        self.overlap = overlap
        self.count_tokens = count_tokens
        self.headers = _headers(blocks)
        self.carried: dict[int, tuple[int, ...]] = {}  # by row that is cut, the header that its parts repeat
        self._measured: dict[tuple[tuple[int, int, int], ...], tuple[str, int]] = {}
        self._tokens_a_char = 0.25  # as measured last

    def pack(self, section: Sequence[Block]) -> Iterator[list[Slice]]:
        """A section -> the slices of each chunk."""
        for parts in _runs(self._parts(section)):
            lead: list[Slice] = []  # what the chunk repeats
            place = 0
            while place < len(parts):
                count = self._fitting(lead, parts, place)
                if not count and lead:
                    lead = []
                    continue
                while count > 1 and place + count < len(parts) and parts[place + count - 1].block.tag in ("dt", "th"):
                    count -= 1
                added = parts[place : place + max(count, 1)]
                yield lead + added
                place += len(added)
                lead = self._tail(added) if place < len(parts) else []

    def _parts(self, section: Sequence[Block]) -> list[Slice]:
        """A section -> its blocks, those that are too long in slices; the first fits below the section's headings."""
        parts: list[Slice] = []
        for block in section:
            is_begun = not block.is_heading and all(part.block.is_heading or part.block.tag == "th" for part in parts)
            above = [part for part in parts if part.block.is_heading] if is_begun else []
            if above and 2 * self.count(above) > self.max_tokens:
                above = []
            pieces = self._split(whole(block), above if len(above) == len(parts) else [])
            if len(pieces) > 1 and self._drop_header(parts, block, pieces) and above:
                pieces = self._split(whole(block), above)
            parts += pieces
        return parts

    def _drop_header(self, parts: list[Slice], row: Block, pieces: Sequence[Slice]) -> bool:
        """Drop a header at the end of slices, which the parts of the row below it repeat. Returns whether it was.

        A header that is itself cut is repeated only if each part stands below cells of it.
        """
        rows = self.headers.get(table_of(row), []) if row.tag == "tr" else []
        size = len([*takewhile(lambda part: part.block in rows, reversed(parts))]) if rows else 0
        if not size:
            return False
        is_cut = parts[-size:] != [*map(whole, rows)]
        if not all(map(self._header, pieces)) if is_cut else not self._header(whole(row)):
            return False
        del parts[-size:]
        self.carried[row.index] = tuple(block.index for block in rows)
        return True

    def _split(self, part: Slice, above: Sequence[Slice]) -> list[Slice]:
        """A slice -> slices that fit into a chunk each, the first below the slices `above`."""
        if not above and self._fits_in_any_case(part):
            return [part]
        tokens = self.count([*above, part])
        is_whole = part == whole(part.block)
        most = self.max_tokens if is_whole else self.max_tokens - self.overlap  # the overlap is from the same block
        if tokens <= most and (is_whole or not self._lacks_header(part)):
            return [part]
        pieces = []
        rest = part
        for count in range(max(2, -(-tokens // (self.max_tokens - self.overlap))), 1, -1):
            halves = cut(rest, 1 / count)
            if halves is not None:
                pieces.append(halves[0])
                rest = halves[1]
        if not pieces:
            return [part]
        return self._split(pieces[0], above) + [s for piece in (*pieces[1:], rest) for s in self._split(piece, ())]

    def _fits_in_any_case(self, part: Slice) -> bool:
        """Whether a slice fits into a chunk whatever the tokenizer: no token is less than a byte."""
        inner = part.block.inner
        size = len(inner) if inner.isascii() else len(inner.encode("utf-8", "replace"))
        links = inner.count('="') * (len(self.page.base_url) + 8)
        return part.block.tag not in _ROWS and 2 * size + links + _MARKUP_BYTES <= self.max_tokens

    def _fitting(self, lead: Sequence[Slice], parts: Sequence[Slice], place: int) -> int:
        """How many of the slices from `place` on fit into a chunk after those of `lead`."""
        most = len(parts) - place

        def fits(count: int) -> bool:
            return self.count([*lead, *parts[place : place + count]]) <= self.max_tokens

        guess = min(self._guess(parts, place), most)
        step = 1
        if fits(guess):
            low = guess
            while low + step <= most and fits(low + step):
                low, step = low + step, step * 2
            high = min(low + step - 1, most)
        else:
            high = guess - 1
            while high > 0 and not fits(max(high - step + 1, 1)):
                high, step = max(high - step, 0), step * 2
            low = max(high - step + 1, min(high, 1))
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(middle) else (low, middle - 1)
        return low

    def _guess(self, parts: Sequence[Slice], place: int) -> int:
        """How many slices may fit into a chunk, by their characters; at least one."""
        room = self.max_tokens / self._tokens_a_char
        count = 0
        while room > 0 and place + count < len(parts):
            block, first, last = parts[place + count]
            share = 1.0 if first == 0 else (last - first) / max(len(words(block)), 1)
            room -= share * len(block.text) + _MARKUP_BYTES / 4
            count += 1
        return max(count - 1, 1)

    def _tail(self, parts: Sequence[Slice]) -> list[Slice]:
        """Slices -> those of the end that make up an overlap, no headings; text may be cut, rows and code may not."""
        tail: list[Slice] = []
        for part in reversed(parts if self.overlap else ()):
            if part.block.is_heading:
                break
            while self.count_tokens(self._render(_blocks([part, *tail]))) > self.overlap:
                halves = None if part.block.tag in (*_ROWS, "pre") else cut(part, 0.5)
                if halves is None:
                    return tail
                part = halves[1]
            tail.insert(0, part)
            if part.first:
                break
        return tail

    def count(self, parts: Sequence[Slice]) -> int:
        """The tokens of a chunk of these slices."""
        return self.measure(parts)[1]

    def measure(self, parts: Sequence[Slice]) -> tuple[str, int]:
        """A chunk of these slices as Markdown, with the header of a table that it starts inside, and its tokens."""
        key = tuple((part.block.index, part.first, part.last) for part in parts)
        if key not in self._measured:
            joined = _joined(parts)
            start = next((i for i, part in enumerate(joined) if not part.block.is_heading), 0)
            blocks = [*map(to_named_block, joined)]
            markdown = self._render([*blocks[:start], *self._header(joined[start]), *blocks[start:]])
            if len(self._measured) >= _MOST_MEASURED:
                del self._measured[next(iter(self._measured))]
            self._measured[key] = markdown, self.count_tokens(markdown)
            self._tokens_a_char = (self._measured[key][1] + 1) / (len(markdown) + 1)
        return self._measured[key]

    def indices(self, part: Slice) -> tuple[int, ...]:
        """A slice -> its block, behind the header that it alone stands for."""
        return (*(self.carried.get(part.block.index, ()) if part.first == 0 else ()), part.block.index)

    def _header(self, part: Slice) -> list[Block]:
        """The header of the table that a row, or a part of it, stands in, where it takes at most half of a chunk."""
        header = self._whole_header(part)
        return header if header and 2 * self.count_tokens(self._render(header)) <= self.max_tokens else []

    def _whole_header(self, part: Slice) -> list[Block]:
        rows = self.headers.get(table_of(part.block), []) if part.block.tag == "tr" else []
        return [row for row in (header_above(row, part) for row in rows) if row is not None]

    def _lacks_header(self, part: Slice) -> bool:
        """Whether a part of a row has a header that is too long for it, which that of fewer columns may not be."""
        header = self._whole_header(part)
        return max((row.inner.count("</t") for row in header), default=0) > 1 and not self._header(part)

    def _render(self, blocks: Sequence[Block]) -> str:
        page = replace(self.page, blocks=tuple(blocks))
        return to_markdown(page, [block.index for block in blocks])


def _blocks(parts: Sequence[Slice]) -> list[Block]:
    return [to_block(part) for part in _joined(parts)]


def _runs(parts: Sequence[Slice]) -> Iterator[list[Slice]]:
    """Slices -> those that may share a chunk; a part of a row, whose columns are its own, shares it with headings."""
    run: list[Slice] = []
    for part in parts:
        if part.block.tag not in _ROWS or part == whole(part.block):
            run.append(part)
            continue
        if not all(other.block.is_heading for other in run):
            yield run
            run = []
        yield [*run, part]
        run = []
    if run:
        yield run


def _joined(parts: Sequence[Slice]) -> list[Slice]:
    """Slices -> the same with those of a block that follow one another as one."""
    joined: list[Slice] = []
    for part in parts:
        if joined and joined[-1].block is part.block and joined[-1].last >= part.first:
            joined[-1] = joined[-1]._replace(last=part.last)
        else:
            joined.append(part)
    return joined


def _headers(blocks: Sequence[Block]) -> dict[int, list[Block]]:
    """Kept blocks -> by table its header: the rows of headings that it starts with."""
    rows: dict[int, list[Block]] = {}
    for block in blocks:
        if block.tag in _ROWS:
            rows.setdefault(table_of(block), []).append(block)
    headers = {}
    for table, of_table in rows.items():
        count = next((i for i, row in enumerate(of_table) if row.tag == "tr"), 0)
        headers[table] = of_table[:count]
    return headers


def _chunk(
    packer: _Packer,
    parts: Sequence[Slice],
    headings: tuple[str, ...],
    text: SourceText | None,
    places: dict[int, Location],
    cursor: dict[int, int],
) -> Chunk:
    """The slices of a chunk -> the chunk. `cursor` says up to where each block's source is in the chunks so far."""
    markdown, tokens = packer.measure(parts)
    spans = []
    for part in _joined(parts):
        place = places.get(part.block.index)
        if text is None or place is None:
            continue
        span = text.find(text_of(part), cursor.get(part.block.index, place.start), place.end)
        spans.append(span or text.find(text_of(part), place.start, place.end) or (place.start, place.end))
        if not packer.overlap:
            cursor[part.block.index] = spans[-1][1]
    numbers = [part.block.line for part in parts]
    lines = (min(numbers), max(numbers))
    if spans and text is not None:
        lines = (text.line(min(spans)[0]), text.line(max(end for _, end in spans) - 1))
    return Chunk(
        text=markdown,
        headings=headings,
        indices=tuple(dict.fromkeys(chain.from_iterable(map(packer.indices, parts)))),
        lines=lines,
        start=min(spans)[0] if spans else None,
        end=max(end for _, end in spans) if spans else None,
        tokens=tokens,
    )
