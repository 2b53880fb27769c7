"""The pages of a benchmark, by their length in the tokens that a head reads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

from eval.cases import Case
from eval.extractors import open_named_head, parse_name
from eval.synthetic import synthetic_page
from heads.cascade import plan
from heads.encoding import encode
from heads.trees import TreeHead
from indexlm.html.read import read_page
from indexlm.inputs.read import read_document
from indexlm.page import IndexLMError, Page
from indexlm.sources import expand, load

Buckets = Mapping[str, Sequence[Case]]
"""Pages by their length."""

TokenCounter = Callable[[Page], int]

_MAX_TRIES = 9
_MIN_SHARE = 0.9  # of the length that a synthetic page may have


def token_counter(names: Sequence[str]) -> TokenCounter:
    """Systems -> how many tokens the windows of a page have for the first head with a model; else the classifier."""
    name = next((name for name in names if parse_name(name).head in ("classifier", "decoder")), "classifier")
    head = open_named_head(name, 1)
    assert not isinstance(head, TreeHead), "trees read no tokens"
    tokenizer, settings, trees = head.tokenizer, head.settings, head.trees  # the model is not kept: it may be large

    def count(page: Page) -> int:
        cascade = plan(page, trees, settings.skip_model_min_f1)
        windows = encode(page, tokenizer, settings, cascade.tree_scores, cascade.layout)
        return sum(len(window.ids) for window in windows)

    return count


def synthetic_pages(limits: Sequence[int], tokens: TokenCounter, count: int) -> dict[str, list[Case]]:
    """Lengths in tokens -> for each `count` synthetic pages of nearly that many tokens, and no more.

    Raises `IndexLMError` for a length that the shortest page exceeds.
    """
    buckets: dict[str, list[Case]] = {}
    for limit in limits:
        sections = limit // 16
        buckets[str(limit)] = []
        for seed in range(count):
            case, sections = _synthetic_case(seed, sections, limit, tokens)
            buckets[str(limit)].append(case)
    return buckets


def _synthetic_case(seed: int, sections: int, limit: int, tokens: TokenCounter) -> tuple[Case, int]:
    """A seed and sections to try first -> the longest case of at most `limit` tokens, and the sections tried last."""

    def make(sections: int) -> tuple[Case, int]:
        case = synthetic_page(seed, sections)
        return case, tokens(read_page(case.html, url=case.url))

    best: Case | None = None
    best_length = 0
    low, high = 0, 0  # sections that fit, and that are too many; 0 where unknown
    for _ in range(_MAX_TRIES):
        case, length = make(sections)
        if best_length < length <= limit:
            best, best_length = case, length
        low, high = (sections, high) if length <= limit else (low, sections)
        if best_length >= _MIN_SHARE * limit or high - low == 1:
            break
        sections = (low + high) // 2 if high else max(sections + 1, sections * limit // length)
    if best is None:
        best, best_length = make(0)
        if best_length > limit:
            raise IndexLMError(f"a synthetic page has at least {best_length} tokens; found a length of {limit}")
    return best, sections


def by_length(cases: Sequence[Case], limits: Sequence[int], tokens: TokenCounter) -> dict[str, list[Case]]:
    """Cases -> those of at most each limit in tokens and more than the one before; longer ones last."""
    names = [*(f"≤ {limit}" for limit in limits), f"> {limits[-1]}"]
    buckets: dict[str, list[Case]] = {name: [] for name in names}
    for case in cases:
        page = case.read()
        buckets[names[bisect_left(limits, tokens(page))]].append(case)
    return {name: bucket for name, bucket in buckets.items() if bucket}


def read_files(inputs: Iterable[str]) -> list[Case]:
    """Files, folders or addresses -> a case without reference for each page."""
    pages = ((path, read_document(load(path))) for path in expand(inputs))
    return [Case(path, "me", html=page.html.encode("utf-8", "replace"), url=page.url) for path, page in pages]
