"""Rows that two splits, or a split and an evaluation file, have in common: by URL, text, or question and document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from eval.rows import html_of, stream_rows
from indexlm.html.read import read_page
from indexlm.page import IndexLMError
from train.data.splits import Split

_EXAMPLES = 3  # ids that an error names of each kind


Trace = tuple[str, bytes]
"""What a row can be recognised by: `URL`, `text` or `question and document`, and a digest of it."""


class Leaks:
    """The traces of the rows of each split and of the evaluation files `against`, and which of them met twice."""

    def __init__(self, against: Sequence[Path], dropped: bool) -> None:
        self.dropped = dropped
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self._seen: dict[str, set[bytes]] = {"train": set(), "eval": set()}
        for path in against:
            seen = self._seen.setdefault(str(path), set())
            for row in stream_rows(path):
                seen.update(digest for _, digest in _traces_of_row(row, path))

    def has(self, split: Split, id: str, row_traces: Sequence[Trace]) -> bool:
        """Whether another split or a file has one of a row's traces; if not, this split has them from now on."""
        for place, seen in self._seen.items():
            kind = "" if place == split else next((name for name, digest in row_traces if digest in seen), "")
            if kind:
                what = f"{kind} in both splits" if place in ("train", "eval") else f"{kind} in {place}"
                self.counts[what] += 1
                examples = self.examples.setdefault(what, [])
                if len(examples) < _EXAMPLES:
                    examples.append(id)
                return True
        self._seen[split].update(digest for _, digest in row_traces)
        return False

    def check(self) -> None:
        """Raise `IndexLMError` for the rows that met twice, unless they are dropped."""
        if self.counts and not self.dropped:
            leaks = "; ".join(
                f"{n} with the same {what} (first {', '.join(self.examples[what])})" for what, n in self.counts.items()
            )
            raise IndexLMError(
                f"no row is in both splits or in a file of --against; found {leaks}; --drop-leaks leaves such rows out"
            )


def _traces_of_row(row: dict[str, Any], path: Path) -> Iterator[Trace]:
    """The traces of a row of an evaluation file: in the layout of a source, or written by `data build`."""
    if "text_hash" in row:
        yield from traces((row.get("url") or "",), row["text_hash"])
    elif "paragraphs" in row:
        for question in row.get("questions") or [{"question": ""}]:
            text = text_hash("\n".join(row["paragraphs"]))
            yield from traces((), text, question["question"], row.get("title") or "")
    elif "html" in row:
        url = row.get("url") or ""
        yield from traces((url,), text_hash(read_page(html_of(row), url=url).text))
    else:
        raise IndexLMError(f"an evaluation file has html, paragraphs or text_hash; {path} has {', '.join(row)}")


def traces(urls: Sequence[str], text: str, question: str = "", title: str = "") -> list[Trace]:
    """A row's URLs, the hash of its text, its question and its document's title -> its traces."""
    values = [("URL", _address(url)) for url in urls if url]
    values.append(("text", text))
    if question:
        values.append(("question and document", f"{text_hash(question.lower())} {text_hash(title.lower())}"))
    return [
        (kind, blake2b(f"{kind} {value}".encode("utf-8", "replace"), digest_size=8).digest()) for kind, value in values
    ]


def text_hash(text: str) -> str:
    """Text -> the hash of its words and single spaces."""
    return blake2b(" ".join(text.split()).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _address(url: str) -> str:
    """A URL -> what all URLs of a page share: no scheme, `www.`, fragment or last slash; parameters in order."""
    from w3lib.url import canonicalize_url

    try:
        url = canonicalize_url(url)
    except ValueError:
        url = url.partition("#")[0]
    return re.sub(r"\Ahttps?://(www\.)?", "", url, flags=re.IGNORECASE).rstrip("/")
