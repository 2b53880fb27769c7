"""Which rows train and which evaluate, and how many of each source.

A page's domain, or a document's title, decides by its hash. Neither the seed nor other rows change that.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from eval.domain import domain
from indexlm.page import IndexLMError

Split = Literal["train", "eval"]


def split_key(row: Mapping[str, Any]) -> str:
    """A row -> what decides its split: its own `key`, else its page's domain, its document's title, or its id."""
    return str(row.get("key") or domain(str(row.get("url") or "")) or row.get("title") or row.get("id") or "")


def hash_of(key: str) -> int:
    """A key -> its CRC-32."""
    return zlib.crc32(key.encode("utf-8", "replace"))


class SplitRule:
    """A key -> its split: `share` of all keys are for evaluation.

    `page_keys` are those of the pages that questions are embedded in. Each split needs such a page, so that the key
    with the lowest hash is always for evaluation. Raises `IndexLMError` where there are fewer than two.
    """

    def __init__(self, share: float, page_keys: Collection[str]) -> None:
        self.share = self.page_share = share
        if share and page_keys:
            hashes = set(map(hash_of, page_keys))
            if len(hashes) < 2:
                raise IndexLMError(
                    "questions of train and eval are embedded in pages of different domains; "
                    f"found {len(hashes)} domain"
                )
            self.page_share = max(share, (min(hashes) + 1) / 2**32)

    def __call__(self, key: str, is_page: bool) -> Split:
        return "eval" if hash_of(key) < (self.page_share if is_page else self.share) * 2**32 else "train"


class Quota(NamedTuple):
    """The most rows of a source in each split; None: all."""

    train: int | None
    eval: int | None


def held_out_share(eval_share: float, eval_rows: int | None, sizes: Sequence[int | None]) -> float:
    """The options of `data build` and the sources' sizes in rows -> the share of keys held out."""
    if eval_rows is None:
        return eval_share
    # Twice what is needed, since domains differ in size. Rows beyond `eval_rows` are left out.
    return min(0.5, 2 * eval_rows / max(1, sum(size or 0 for size in sizes)))


def quotas(
    limits: Sequence[int | None], sizes: Sequence[int | None], eval_share: float, eval_rows: int | None
) -> list[Quota]:
    """Of each source the most rows that are wanted of it and the rows it has (None: all, unknown) -> its quota."""
    if eval_rows is None:
        return [Quota(limit and limit - int(limit * eval_share), None) for limit in limits]
    parts = apportion(eval_rows, {str(i): size or 0 for i, size in enumerate(sizes)})
    return [Quota(limit and max(0, limit - parts[str(i)]), parts[str(i)]) for i, limit in enumerate(limits)]


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """A number -> whole parts in proportion to the weights (largest remainders)."""
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    parts = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: parts[name] - exact[name])[: total - sum(parts.values())]:
        parts[name] += 1
    return parts
