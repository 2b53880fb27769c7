"""Sources of pages and questions -> conversations to fine-tune on: `train.parquet`, `eval.parquet` and a dataset card.

A row (`train.data.writer`) is one page and task. It shows no tree scores, so that a line is a block. The page
that a question is embedded in is of the question's split, and so are the other articles and questions on it.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from eval.examples import Article, Example, crop, embed_article, host_page, make_question, me_examples
from heads import Settings
from indexlm.page import IndexLMError
from indexlm.prompt import PROFILES, Profile
from train.data.card import card
from train.data.hub import hub_rows
from train.data.leaks import Leaks
from train.data.sources import OpenSource, Source, SourceRow, check_row, draw_rows, is_licensed, open_source
from train.data.splits import Quota, Split, SplitRule, held_out_share, quotas
from train.data.writer import BuiltExample, Summary, Writer, token_counter

_MAX_HOSTS = 1000  # pages that questions are embedded in, for either split
_MIN_HOSTS = 32
_EARLIER = 64  # articles of the same split and language that distractors and foreign questions are drawn from
_LEAD = 8  # paragraphs of a distractor
_MAX_PARAGRAPHS = 24  # of a text without HTML

Hosts = Mapping[Split, Sequence[Example]]


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are built.

    profile: how a page is rendered, `plain` or `structural`.
    block_units, query_units: the most units of a block's text, for ME and for QE; None: those of the profile.
    query_last: whether the query stands after the blocks.
    max_tokens: the most tokens of a conversation; longer ones are left out.
    eval_share: the share of domains and documents held out.
    eval_rows: how many rows are held out, in place of a share.
    questions: the most questions that are asked of a document.
    na_share: the share of these that belong to another document.
    distractors: the most other articles on the page of a question.
    excerpts: the share of these pages that are cut to the blocks around the answer. The Hub's articles are never cut.
    licenses: the wanted licences (`train.data.sources.is_licensed`); empty: all.
    drop_leaks: whether rows that leak are left out; otherwise they are an error.
    seed: what all random choices depend on; the splits do not.
    """

    profile: Profile = "plain"
    block_units: int | None = None
    query_units: int | None = None
    query_last: bool = False
    max_tokens: int = 4096
    eval_share: float = 0.02
    eval_rows: int | None = None
    questions: int = 2
    na_share: float = 0.2
    distractors: int = 2
    excerpts: float = 0.2
    licenses: tuple[str, ...] = ()
    drop_leaks: bool = False
    seed: int = 42

    def __post_init__(self) -> None:
        rules: tuple[tuple[str, bool, str], ...] = (
            ("profile", self.profile in PROFILES, " or ".join(PROFILES)),
            ("block_units", self.block_units is None or self.block_units >= 4, "a whole number from 4"),
            ("query_units", self.query_units is None or self.query_units >= 4, "a whole number from 4"),
            ("max_tokens", self.max_tokens >= 64, "a whole number from 64"),
            ("eval_share", 0 <= self.eval_share <= 0.5, "from 0 to 0.5"),
            ("eval_rows", self.eval_rows is None or self.eval_rows >= 1, "a whole number from 1"),
            ("questions", self.questions >= 1, "a whole number from 1"),
            ("na_share", 0 <= self.na_share <= 1, "from 0 to 1"),
            ("distractors", self.distractors >= 0, "a whole number from 0"),
            ("excerpts", 0 <= self.excerpts <= 1, "from 0 to 1"),
        )
        for name, is_good, rule in rules:
            if not is_good:
                raise IndexLMError(f"{name} is {rule}; found {getattr(self, name)!r}")

    def settings(self) -> Settings:
        """How the pages are rendered; a `plain` page as a published backbone is prompted."""
        defaults = Settings.published("decoder") if self.profile == "plain" else Settings("decoder")
        values = {name: getattr(self, name) or getattr(defaults, name) for name in ("block_units", "query_units")}
        return replace(defaults, profile=self.profile, query_last=self.query_last, **values)


def build_dataset(
    sources: Sequence[Source],
    out: Path,
    options: Options,
    *,
    hosts: Sequence[Path] = (),
    against: Sequence[Path] = (),
    tokenizer: str = "",
    command: str = "",
    progress: Callable[[str, int], None] = lambda name, rows: None,
) -> Summary:
    """Write `train.parquet`, `eval.parquet` and the card `README.md` into `out`; the same inputs give the same rows.

    `hosts` are pages that questions may be embedded in, as in the sources' own HTML pages, but that make no rows.
    `against` are evaluation files that no row may come from. `tokenizer` is that of `token_counter`. Rows are written
    as they are built, and the files take their names at the end. Raises `IndexLMError` for sources that cannot be read
    or give no row, and for rows that leak unless `drop_leaks`.
    """
    if not sources:
        raise IndexLMError("a data set is built from at least one source; found none")
    count_tokens = token_counter(tokenizer)
    opened = [open_source(source, options.licenses, options.questions) for source in sources]
    more = [open_source(Source(str(path)), options.licenses, options.questions) for path in hosts]
    lenders = [source for source in [*opened, *more] if source.pages]
    sizes = [source.size for source in opened]
    if options.eval_rows is not None and None in sizes:
        unknown = opened[sizes.index(None)].location
        raise IndexLMError(f"with --eval-rows a source of the Hub has a number of rows (NAME@ROWS); found {unknown}")
    summary = Summary()
    if refused := sum(source.refused for source in opened):
        summary.left_out["another licence than asked for"] = refused
    share = held_out_share(options.eval_share, options.eval_rows, sizes)
    needs_hosts = any(source.needs_hosts for source in opened)
    rule = SplitRule(share, [key for source in lenders for _, key in source.pages] if needs_hosts else [])
    embedded = sum(source.size or 4 * _MAX_HOSTS for source in opened if source.needs_hosts)
    pool = _draw_hosts(lenders, rule, embedded, options.seed, summary)
    for split, examples in pool.items():
        if needs_hosts and not examples and (split == "train" or share):
            raise IndexLMError(
                "questions and texts without HTML are embedded in real pages of the same split: give main content "
                f"pages (html and gold_text) as a source or with --hosts; found none for {split}"
            )
    settings = options.settings()
    parts = quotas([source.rows for source in opened], sizes, options.eval_share, options.eval_rows)
    try:
        out.mkdir(parents=True, exist_ok=True)
        leaks = Leaks(against, options.drop_leaks)
        with Writer(out, settings, options.max_tokens, count_tokens, leaks, summary) as writer:
            for index, (source, quota) in enumerate(zip(opened, parts, strict=True)):
                rng = random.Random(f"{options.seed}:{index}:{source.location}")
                builder = _SourceBuilder(source, options, pool, rng, summary.left_out)
                _write_source(builder, quota, rule, writer, progress)
            writer.finish(lambda: card(summary, settings, options.max_tokens, command))
    except OSError as error:
        raise IndexLMError(f"a data set is written into a folder; {out} cannot be: {error.strerror or error}") from None
    return summary


def _draw_hosts(
    lenders: Sequence[OpenSource], rule: SplitRule, embedded: int, seed: int, summary: Summary
) -> dict[Split, list[Example]]:
    """The pages to embed about so many questions in, by split: a sample of those with main content."""
    pool: dict[Split, list[Example]] = {"train": [], "eval": []}
    if not embedded:
        return pool
    rng = random.Random(f"{seed}:hosts")
    candidates: dict[Split, list[tuple[int, int]]] = {"train": [], "eval": []}
    for number, source in enumerate(lenders):
        for i, key in source.pages:
            candidates[rule(key, is_page=True)].append((number, i))
    count = min(_MAX_HOSTS, max(_MIN_HOSTS, embedded // 4))
    chosen = {place for places in candidates.values() for place in rng.sample(places, min(len(places), count))}
    for number, source in enumerate(lenders):
        last = max((i for k, i in chosen if k == number), default=-1)
        if source.read is None or last < 0:
            continue
        for i, raw in enumerate(islice(source.read(), last + 1)):
            if (number, i) not in chosen or not raw.get("html"):
                continue
            row = check_row(raw, source, i)
            example = _page_example(row)
            if example and example.gold:
                pool[rule(row.key, is_page=True)].append(host_page(example))
                summary.host_licences[row.license] += 1
    return pool


def _page_example(row: SourceRow) -> Example | None:
    """A page and its main content; None for a page without blocks."""
    return next(me_examples([asdict(row)]), None)


def _write_source(
    builder: _SourceBuilder, quota: Quota, rule: SplitRule, writer: Writer, progress: Callable[[str, int], None]
) -> None:
    """Write a source's rows until its quota is filled or it has no more."""
    source, left_out = builder.source, builder.left_out
    written: Counter[Split] = Counter()

    def missing() -> int:
        return 1 << 30 if quota.train is None else quota.train - written["train"]

    if source.read is None:
        seed = builder.rng.randrange(1 << 31)
        rows: Iterator[dict[str, Any]] = hub_rows(source.location, seed, left_out, once=quota.train is None)
    else:
        rows = draw_rows(source, missing, builder.rng)
    for i, raw in enumerate(rows):
        if missing() <= 0:
            break
        row = check_row(raw, source, i)
        if not is_licensed(row.license, builder.options.licenses):
            left_out["another licence than asked for"] += 1
            continue
        split = rule(row.key, is_page=bool(row.html) and not row.query)
        if not row.html and not builder.hosts[split]:  # a row among pages; a source without pages has been refused
            left_out["no HTML, and no page to be embedded in"] += 1
            continue
        limit = getattr(quota, split)
        if limit is not None and written[split] >= limit:
            left_out["held out, but evaluation has its number of rows"] += 1
            continue
        for built in builder.examples(row, split):
            if limit is None or written[split] < limit:
                written[split] += writer.add(built, row, split)
            progress(source.name or source.location, written.total())


class _EarlierArticle(NamedTuple):
    """An article that other articles' pages may show, and whose questions may be asked on them."""

    key: str
    questions: list[str]
    article: Article


@dataclass(slots=True)
class _SourceBuilder:
    """A source's rows -> examples.

    hosts: the pages to embed articles in, by split.
    left_out: rows that made no example, by reason.
    earlier: by split and language the articles before the current one.
    """

    source: OpenSource
    options: Options
    hosts: Hosts
    rng: random.Random
    left_out: Counter[str]
    earlier: dict[tuple[Split, str], deque[_EarlierArticle]] = field(default_factory=dict)

    @property
    def na_share(self) -> float:
        """The share of questions that belong to another article: all of `mismatched`, none of the Hub's other rows."""
        if self.source.read is None:
            return 1.0 if self.source.location == "mismatched" else 0.0
        return self.options.na_share

    def examples(self, row: SourceRow, split: Split) -> Iterator[BuiltExample]:
        """A row -> the examples that it makes."""
        if row.paragraphs:
            yield from self._questions(row, split)
        elif row.html:
            example = _page_example(row)
            if example is None:
                self.left_out["a page without blocks"] += 1
            elif not example.gold and row.gold_text.strip():
                self.left_out["the gold text is not on the page"] += 1
            else:
                yield BuiltExample(row.id, example, example.page.text)
        else:
            paragraphs = [line for line in row.gold_text.splitlines() if line.strip()][:_MAX_PARAGRAPHS]
            if not paragraphs:
                self.left_out["a text without words"] += 1
                return
            host = self.rng.choice(self.hosts[split])
            page, first = embed_article(host, row.title or None, paragraphs, self.rng)
            gold = tuple(range(first - bool(row.title), first + len(paragraphs)))
            yield BuiltExample(row.id, Example(page, gold), row.gold_text)

    def _questions(self, row: SourceRow, split: Split) -> Iterator[BuiltExample]:
        rng, options = self.rng, self.options
        if row.unanswered:
            self.left_out["a question whose answers stand in no paragraph"] += row.unanswered
        earlier = self.earlier.setdefault((split, row.lang), deque(maxlen=_EARLIER))
        others = [other for other in earlier if other.key != row.key]
        for question in rng.sample(row.questions, min(options.questions, len(row.questions))):
            text, relevant, candidates = question.text, question.relevant, others
            if rng.random() < self.na_share and others:
                foreign = rng.choice(others)
                text, relevant = rng.choice(foreign.questions), set()
                candidates = [other for other in others if other.key != foreign.key]  # its article would answer
            elif self.na_share == 1:
                continue  # the first article of all has no other one
            count = 0 if row.tags else min(len(candidates), rng.randint(0, options.distractors))
            distractors = [other.article for other in rng.sample(candidates, count)]
            article: Article = (row.title or None, row.paragraphs)
            example = make_question(article, text, relevant, self.hosts[split], rng, row.tags, distractors)
            if example is None:
                self.left_out["a long article, no part of which shows all relevant paragraphs"] += 1
                continue
            if not row.tags and rng.random() < options.excerpts:
                example = crop(example, rng)
            yield BuiltExample(question.id, example, "\n".join(row.paragraphs))
        if row.questions:
            texts = [question.text for question in row.questions[:_LEAD]]
            start = rng.randrange(max(1, len(row.paragraphs) - _LEAD + 1))
            lead = row.paragraphs[start : start + _LEAD]
            earlier.append(_EarlierArticle(row.key, texts, (row.title or None, lead)))
