"""Sources of pages and questions -> conversations to fine-tune on: `train.parquet`, `eval.parquet` and a dataset card.

A row is one page and task. Its `messages` are what `indexlm.prompt.render` shows of the page, and the intervals of the
blocks to keep; no trees hint, so that a line is a block. The schema's metadata says, as JSON under `indexlm`, how it
was rendered: `profile`, `block_units`, `query_units`, `query_last` and the `version` of this package.

A page belongs to evaluation by the hash of its domain, a question by that of its document's title (see `train.hub` for
rows that have neither): never by chance, so that what is held out stays held out when rows are added or the seed is
changed. The page that a question is laid into is of the same split, and so are the other articles and questions there.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import zlib
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from eval.examples import Article, Example, crop, embed_article, host_page, make_question, me_examples
from eval.published import corpus_rows
from eval.rows import stream_rows
from heads import Settings
from indexlm import __version__
from indexlm.html.read import read_page
from indexlm.intervals import format_intervals, to_intervals
from indexlm.models import shipped
from indexlm.page import IndexLMError
from indexlm.prompt import PROFILES, render
from train.data.hub import HUB, PAPER, PAPER_ROWS, Row, hub_rows
from train.data.prepare import is_free

__all__ = ["Options", "Source", "Summary", "build", "paper", "parse_source"]

Split = Literal["train", "eval"]

_HOSTS = 1000  # pages that are kept to lay questions into, at most, for either split
_LEAST_HOSTS = 32
_NEAR = 64  # the articles before a question's, of its split and language, that others are drawn from
_LEAD = 8  # paragraphs of another article, and of a text without HTML
_MOST_PARAGRAPHS = 24
_ROWS_AT_ONCE = 256
_SHOWN = 3  # examples of what leaks


class Source(NamedTuple):
    """Where rows come from: a path or a name of `train.hub.HUB`.

    `name` stands for the rows' own source where it is given; `rows` is how many of train and eval are taken, or all.
    """

    what: str
    name: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are made. Units of None are those of the profile (`heads.settings`).

    `eval_share` is of the domains and documents, `eval_rows` a number of rows in its place. Of a document at most
    `questions` are asked, `na_share` of which belong to another one, on a page with up to `distractors` other
    articles; an `excerpts` share of these pages is cut to the blocks around the answer. Rows of the Hub are laid as
    they come. `licenses` are names; one that ends in a hyphen stands for all its versions, and `free` for what the
    shipped models may be trained on.
    """

    profile: str = "plain"
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

    def rendering(self) -> dict[str, Any]:
        """What the schema's metadata says."""
        if self.profile == "plain":  # what a published backbone is taken to be prompted with
            known = Settings.from_config({"architectures": ["Qwen3ForCausalLM"]}, "")
        else:
            known = Settings("decoder")
        return {
            "profile": self.profile,
            "block_units": self.block_units or known.block_units,
            "query_units": self.query_units or known.query_units,
            "query_last": self.query_last,
            "version": __version__,
        }

    def allows(self, licence: str) -> bool:
        """Whether rows of this licence are wanted."""
        if not self.licenses or ("free" in self.licenses and is_free({"license": licence})):
            return True
        return any(licence == name or (name.endswith("-") and licence.startswith(name)) for name in self.licenses)


def parse_source(text: str) -> Source:
    """`[NAME=]WHAT[@ROWS]` -> a source."""
    name, is_named, what = text.rpartition("=") if re.match(r"[\w.-]+=", text) else ("", "", text)
    what, is_counted, rows = what.rpartition("@") if re.search(r"@\d+\Z", what) else (what, "", "")
    if not what or (is_counted and int(rows) < 1):
        raise IndexLMError(
            f"a source is [NAME=]PATH or a name of the Hub ({', '.join(HUB)}), and @ROWS from 1; found {text!r}"
        )
    return Source(what, name if is_named else "", int(rows) if is_counted else None)


def paper() -> list[Source]:
    """The published composition as sources of the Hub; `PAPER_ROWS[1]` of the rows are for evaluation."""
    shares = _apportion(sum(PAPER_ROWS), PAPER)
    return [Source(name, "", rows) for name, rows in shares.items()]


def _apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """A number -> whole parts in proportion to the weights (largest remainders)."""
    exact = {name: total * weight / sum(weights.values()) for name, weight in weights.items()}
    parts = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: parts[name] - exact[name])[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


@dataclass(slots=True)
class _Group:
    """What the summary counts of the rows that share a source, task and licence."""

    train: int = 0
    eval: int = 0
    empty: int = 0
    kept: int = 0
    blocks: int = 0
    tokens: array[int] = field(default_factory=partial(array, "I"))


@dataclass(slots=True)
class Summary:
    """What was written, and what was not."""

    groups: dict[tuple[str, str, str], _Group] = field(default_factory=dict)  # source, task, licence
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)  # language, task
    left_out: Counter[str] = field(default_factory=Counter)
    lenders: Counter[str] = field(default_factory=Counter)  # licences of the pages that questions are laid into

    def add(self, row: Row, split: Split) -> None:
        group = self.groups.setdefault((row["source"], row["task"], row["license"]), _Group())
        setattr(group, split, getattr(group, split) + 1)
        group.empty += not row["gold"]
        group.kept += len(row["gold"])
        group.blocks += row["blocks"]
        group.tokens.append(row["tokens"])
        self.languages[row["lang"], row["task"]] += 1

    def rows(self, split: Split) -> int:
        return sum(getattr(group, split) for group in self.groups.values())

    def tables(self) -> list[tuple[str, list[str], list[list[str]]]]:
        """Title, columns and cells of each table; numbers stand to the right of the words."""
        by_source = [
            [
                *(name or "none stated" for name in key),
                str(group.train),
                str(group.eval),
                f"{group.empty / len(group.tokens):.1%}",
                f"{group.kept / group.blocks:.1%}",
                f"{statistics.median(group.tokens):.0f}",
            ]
            for key, group in sorted(self.groups.items())
        ]
        by_task = []
        for task in sorted({task for _, task, _ in self.groups}):
            groups = [group for (_, name, _), group in self.groups.items() if name == task]
            tokens = sorted(count for group in groups for count in group.tokens)
            by_task.append(
                [
                    task,
                    str(sum(group.train for group in groups)),
                    str(sum(group.eval for group in groups)),
                    f"{sum(group.empty for group in groups) / len(tokens):.1%}",
                    f"{sum(group.kept for group in groups) / sum(group.blocks for group in groups):.1%}",
                    f"{statistics.median(tokens):.0f}",
                    str(tokens[ceil(0.95 * len(tokens)) - 1]),
                    str(tokens[-1]),
                ]
            )
        languages = sorted({lang for lang, _ in self.languages})
        by_language = [
            [lang or "none stated", *(str(self.languages[lang, task]) for task in ("me", "qe"))] for lang in languages
        ]
        counted = ["train", "eval", "NA", "positive blocks", "median tokens"]
        return [
            ("Rows by source", ["source", "task", "licence", *counted], by_source),
            ("Rows by task", ["task", *counted, "95 % tokens", "most tokens"], by_task),
            ("Rows by language", ["language", "me", "qe"], by_language),
            ("Left out", ["reason", "rows"], [[reason, str(n)] for reason, n in self.left_out.most_common()]),
        ]


def build(
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

    `hosts` lend their boilerplate, as the sources' own HTML pages do, but make no rows. `against` are evaluation files
    that no row may come from. `tokenizer` is a folder, a tokenizer.json or a Hub id, the shipped models' without it.
    Rows are written as they are made, and take their final name when all are there. Raises `IndexLMError` for sources
    that cannot be read or give no row, and for rows that leak unless `drop_leaks`.
    """
    if not sources:
        raise IndexLMError("a data set is built from at least one source; found none")
    count = _open_tokenizer(tokenizer)
    opened = [_open(source, options) for source in sources]
    lenders = [source for source in [*opened, *(_open(Source(str(path)), options) for path in hosts)] if source.pages]
    planned = _plan(opened, options)
    summary = Summary()
    for source in opened:
        if source.refused:
            summary.left_out["another licence than asked for"] += source.refused
    rule = _Rule(opened, lenders, planned, options)
    pool = _lend(lenders, rule, sum(planned[i] or 4 * _HOSTS for i, s in enumerate(opened) if s.laid), options, summary)
    if any(source.laid for source in opened):
        for split, lent in pool.items():
            if not lent and (split == "train" or rule.share):
                raise IndexLMError(
                    "questions and texts without HTML are laid into real pages of the same split: give main content "
                    f"pages (html and gold_text) as a source or with --hosts; found none for {split}"
                )
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _Writer(out, options, count, _Leaks(against, options.drop_leaks), summary) as writer:
            quotas = _quotas(opened, planned, options)
            for index, (source, quota) in enumerate(zip(opened, quotas, strict=True)):
                _take(source, quota, rule, pool, options, writer, f"{options.seed}:{index}:{source.what}", progress)
            writer.finish(_card(summary, options, command))
    except OSError as error:
        raise IndexLMError(f"a data set is written into a folder; {out} cannot be: {error.strerror or error}") from None
    return summary


@dataclass(slots=True)
class _Opened:
    """A source that was looked through once: of a file, which rows have a licence that is wanted."""

    what: str
    name: str
    rows: int | None
    read: Callable[[], Iterator[Row]] | None = None  # of a file or folder
    eligible: Sequence[int] = ()
    pages: list[tuple[int, str]] = field(default_factory=list)  # rows with HTML, and the key of their split
    laid: bool = False  # whether a row is laid into a page
    per_row: int = 1
    refused: int = 0


def _open(source: Source, options: Options) -> _Opened:
    if source.what in HUB:
        return _Opened(source.what, source.name, source.rows, laid=source.what != "htmlrag")
    path = Path(source.what)
    read: Callable[[], Iterator[Row]]
    survey: Iterable[Row]
    if path.is_dir():
        if corpus_rows(path, "dev") is None:
            raise IndexLMError(f"a source folder is one of WCXB or article-extraction-benchmark; {path} is neither")
        read = partial(_published, path)
        survey = first = read()
    elif path.suffix in (".parquet", ".jsonl") and path.is_file():
        read = partial(stream_rows, path)
        first = read()
        survey = stream_rows(path, ("license", "url", "title", "id", "key"))
    else:
        raise IndexLMError(
            f"a source is a .parquet or .jsonl file, a folder or a name of the Hub ({', '.join(HUB)}); found {path}"
        )
    head = list(islice(first, 1))
    if not head:
        raise IndexLMError(f"a source has rows; {path} has none")
    asks = "paragraphs" in head[0]
    if not asks and not {"gold_text", "text"} & set(head[0]):
        raise IndexLMError(
            f"rows have gold_text (ME) or paragraphs and questions (QE); {path} has {', '.join(head[0])}"
        )
    has_html = not asks and bool(head[0].get("html"))
    if path.is_dir():
        survey = read()
    opened = _Opened(source.what, source.name, source.rows, read, laid=not has_html)
    opened.per_row = options.questions if asks else 1
    eligible = array("L")
    for i, row in enumerate(survey):
        if options.allows(str(row.get("license") or "")):
            eligible.append(i)
            if has_html:
                opened.pages.append((i, _key(row)))
        else:
            opened.refused += 1
    opened.eligible = eligible
    if not eligible:
        raise IndexLMError(f"rows of {path} have a licence of {', '.join(options.licenses)}; found none")
    return opened


def _published(folder: Path) -> Iterator[Row]:
    rows = corpus_rows(folder, "dev")
    assert rows is not None
    return rows


def _plan(opened: Sequence[_Opened], options: Options) -> list[int | None]:
    """How many rows each source will about give; None where its size is not known."""
    planned = []
    for source in opened:
        size = len(source.eligible) * source.per_row if source.read else None
        planned.append(size if source.rows is None else source.rows if size is None else min(size, source.rows))
    if options.eval_rows is not None and None in planned:
        unknown = opened[planned.index(None)].what
        raise IndexLMError(
            f"to hold out a number of rows, a source of the Hub needs its own (NAME@ROWS); found {unknown}"
        )
    return planned


class _Quota(NamedTuple):
    train: int | None
    eval: int | None


def _quotas(opened: Sequence[_Opened], planned: Sequence[int | None], options: Options) -> list[_Quota]:
    if options.eval_rows is None:
        return [_Quota(s.rows and s.rows - int(s.rows * options.eval_share), None) for s in opened]
    parts = _apportion(options.eval_rows, {str(i): size or 0 for i, size in enumerate(planned)})
    return [_Quota(s.rows and max(0, s.rows - parts[str(i)]), parts[str(i)]) for i, s in enumerate(opened)]


class _Rule:
    """Which split a key belongs to."""

    def __init__(
        self,
        opened: Sequence[_Opened],
        lenders: Sequence[_Opened],
        planned: Sequence[int | None],
        options: Options,
    ) -> None:
        share = options.eval_share
        if options.eval_rows is not None:
            # Twice what is needed, for domains are large and small: rows beyond the number are left out.
            share = min(0.5, 2 * options.eval_rows / max(1, sum(size or 0 for size in planned)))
        self.share = self.page_share = share
        if share and lenders and any(source.laid for source in opened):
            # A question of either split needs a page of that split.
            places = {_place(key) for source in lenders for _, key in source.pages}
            if len(places) < 2:
                raise IndexLMError(
                    f"questions of train and eval are laid into pages of different domains; found {len(places)} domain"
                )
            self.page_share = max(share, (min(places) + 1) / 2**32)

    def __call__(self, key: str, is_page: bool) -> Split:
        return "eval" if _place(key) < (self.page_share if is_page else self.share) * 2**32 else "train"


def _place(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "replace"))


def _key(row: Row) -> str:
    """What decides a row's split: the domain of a page, the title of a document."""
    if row.get("key"):
        return str(row["key"])
    try:
        host = urlsplit(str(row.get("url") or "")).hostname or ""
    except ValueError:
        host = str(row["url"])
    return host.removeprefix("www.") or str(row.get("title") or row.get("id") or "")


def _lend(
    lenders: Sequence[_Opened], rule: _Rule, laid: int, options: Options, summary: Summary
) -> dict[Split, list[Example]]:
    """The pages that questions are laid into, by split: a sample of those with main content."""
    pool: dict[Split, list[Example]] = {"train": [], "eval": []}
    if not laid:
        return pool
    rng = random.Random(f"{options.seed}:hosts")
    found: dict[Split, list[tuple[int, int]]] = {"train": [], "eval": []}
    for number, source in enumerate(lenders):
        for i, key in source.pages:
            found[rule(key, is_page=True)].append((number, i))
    chosen: set[tuple[int, int]] = set()
    for places in found.values():
        chosen.update(rng.sample(places, min(len(places), _HOSTS, max(_LEAST_HOSTS, laid // 4))))
    for number, source in enumerate(lenders):
        last = max((i for k, i in chosen if k == number), default=-1)
        if source.read is None or last < 0:
            continue
        for i, row in enumerate(islice(source.read(), last + 1)):
            if (number, i) not in chosen or not row.get("html"):
                continue
            row = _checked(row, source, i)
            for example in me_examples([row]):
                if example.gold:
                    pool[rule(row["key"], is_page=True)].append(host_page(example))
                    summary.lenders[row["license"]] += 1
    return pool


def _take(
    source: _Opened,
    quota: _Quota,
    rule: _Rule,
    pool: Mapping[Split, list[Example]],
    options: Options,
    writer: _Writer,
    seed: str,
    progress: Callable[[str, int], None],
) -> None:
    """Write a source's rows until its quota is filled or it has no more."""
    rng = random.Random(seed)
    left_out = writer.summary.left_out
    written: Counter[Split] = Counter()
    near: dict[tuple[Split, str], deque[_Near]] = {}
    na_share = 1.0 if source.what == "mismatched" else options.na_share if source.read else 0.0

    def missing() -> int:
        return 1 << 30 if quota.train is None else quota.train - written["train"]

    if source.read is None:
        rows: Iterator[Row] = hub_rows(source.what, rng.randrange(1 << 31), left_out, once=quota.train is None)
    else:
        rows = _drawn(source, missing, rng)
    for i, row in enumerate(rows):
        if missing() <= 0:
            break
        row = _checked(row, source, i)
        if not options.allows(row["license"]):
            left_out["another licence than asked for"] += 1
            continue
        is_page = bool(row["html"]) and not row["query"]
        split = rule(row["key"], is_page)
        if not row["html"] and not pool[split]:  # among rows with HTML; a source of none has been refused
            left_out["no HTML, and no page to be laid into"] += 1
            continue
        most = quota.train if split == "train" else quota.eval
        if most is not None and written[split] >= most:
            left_out["held out, but evaluation has its number of rows"] += 1
            continue
        seen = near.setdefault((split, row["lang"]), deque(maxlen=_NEAR))
        for made in _examples(row, pool[split], seen, na_share, options, rng, left_out):
            if most is None or written[split] < most:
                written[split] += writer.add(made, row, split)
            progress(source.name or source.what, written.total())


def _drawn(source: _Opened, missing: Callable[[], int], rng: random.Random) -> Iterator[Row]:
    """A file's rows: all in file order or, where fewer are needed, drawn evenly until none are missing."""
    assert source.read is not None
    order: Sequence[int] = source.eligible
    size = len(order)
    if ceil(missing() / source.per_row) < size:
        order = rng.sample(source.eligible, size)
        size = ceil(missing() / source.per_row)
    start = 0
    while start < len(order):
        chosen = set(order[start : start + size])
        for i, row in enumerate(islice(source.read(), max(chosen) + 1)):
            if i in chosen:
                yield row
        start += size
        size = max(_LEAST_HOSTS, 2 * ceil(missing() / source.per_row))


def _checked(row: Row, source: _Opened, i: int) -> Row:
    """A row with all columns that its layout has, or `IndexLMError`."""

    def need(is_good: bool, rule: str) -> None:
        if not is_good:
            raise IndexLMError(f"{rule}; row {row.get('id') or i} of {source.what} breaks this")

    made: Row = {name: str(row.get(name) or "") for name in ("license", "url", "lang", "title", "page_type", "query")}
    made["id"] = str(row.get("id") or f"{Path(source.what).stem}-{i}")
    made["source"] = source.name or str(row.get("source") or Path(source.what).stem)
    made["key"] = _key(row) or made["id"]
    made["html"] = row.get("html") or ""
    need(isinstance(made["html"], str | bytes), "html is text")
    if "paragraphs" not in row:
        made["gold_text"] = row.get("gold_text") or row.get("text") or ""
        need(isinstance(made["gold_text"], str), "gold_text is text")
        return made
    paragraphs, questions, tags = row["paragraphs"], row.get("questions"), row.get("tags") or ()
    need(_are(paragraphs, str) and len(paragraphs) > 0, "paragraphs are a list of texts")
    need(_are(questions, dict), "questions are a list of objects")
    need(not tags or (_are(tags, str) and len(tags) == len(paragraphs)), "tags are as many as paragraphs")
    asked = []
    for question in questions or ():
        text, relevant = question.get("question"), question.get("relevant") or []
        need(isinstance(text, str) and bool(text.strip()), "a question has words")
        good = _are(relevant, int) and all(0 <= k < len(paragraphs) for k in relevant)
        need(good, "relevant are numbers of paragraphs from 0")
        answerable = bool(question.get("answerable", bool(relevant)))
        need(bool(relevant) or not answerable, "an answerable question has a relevant paragraph")
        asked.append({"id": str(question.get("id") or made["id"]), "text": text, "relevant": set(relevant)})
        if not answerable:
            asked[-1]["relevant"] = set()
    return made | {"paragraphs": paragraphs, "tags": tuple(tags), "questions": asked}


def _are(values: Any, kind: type) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, kind) for value in values)


class _Near(NamedTuple):
    """An article met before, to ask its questions of another one or to stand beside it."""

    key: str
    questions: list[str]
    article: Article


class _Made(NamedTuple):
    id: str
    task: Literal["me", "qe"]
    example: Example
    text: str
    """What must not be in both splits: the page's text, or the document's that a question is asked of."""


def _examples(
    row: Row,
    hosts: Sequence[Example],
    near: deque[_Near],
    na_share: float,
    options: Options,
    rng: random.Random,
    left_out: Counter[str],
) -> Iterator[_Made]:
    if "paragraphs" in row:
        yield from _asked(row, hosts, near, na_share, options, rng, left_out)
    elif row["html"]:
        example = next(me_examples([row]), None)
        if example is None:
            left_out["a page without blocks"] += 1
        elif not example.gold and row["gold_text"].strip():
            left_out["the gold text is not on the page"] += 1
        else:
            yield _Made(row["id"], "qe" if row["query"] else "me", example, example.page.text)
    else:
        paragraphs = [line for line in row["gold_text"].splitlines() if line.strip()][:_MOST_PARAGRAPHS]
        if not paragraphs:
            left_out["a text without words"] += 1
            return
        page, first = embed_article(rng.choice(hosts), row["title"] or None, paragraphs, rng)
        gold = tuple(range(first - bool(row["title"]), first + len(paragraphs)))
        yield _Made(row["id"], "me", Example(page, gold), row["gold_text"])


def _asked(
    row: Row,
    hosts: Sequence[Example],
    near: deque[_Near],
    na_share: float,
    options: Options,
    rng: random.Random,
    left_out: Counter[str],
) -> Iterator[_Made]:
    article: Article = (row["title"] or None, row["paragraphs"])
    others = [other for other in near if other.key != row["key"]]
    for question in rng.sample(row["questions"], min(options.questions, len(row["questions"]))):
        text, relevant = question["text"], question["relevant"]
        beside = others
        if rng.random() < na_share and others:
            asked = rng.choice(others)
            text, relevant = rng.choice(asked.questions), set()
            beside = [other for other in others if other.key != asked.key]  # or the answer would be on the page
        elif na_share == 1:
            continue  # the first article of all has no other one
        count = 0 if row["tags"] else min(len(beside), rng.randint(0, options.distractors))
        shown = [other.article for other in rng.sample(beside, count)]
        example = make_question(article, text, relevant, hosts, rng, row["tags"], shown)
        if example is None:
            left_out["a long article, of which no part shows all relevant paragraphs"] += 1
        else:
            if not row["tags"] and rng.random() < options.excerpts:
                example = crop(example, rng)
            yield _Made(question["id"], "qe", example, "\n".join(row["paragraphs"]))
    if row["questions"]:
        questions = [question["text"] for question in row["questions"][:_LEAD]]
        start = rng.randrange(max(1, len(row["paragraphs"]) - _LEAD + 1))
        near.append(_Near(row["key"], questions, (row["title"] or None, row["paragraphs"][start : start + _LEAD])))


class _Leaks:
    """What the rows of each split, and of files to evaluate on, came from; and what was met in two of these."""

    def __init__(self, against: Sequence[Path], dropped: bool) -> None:
        self.dropped = dropped
        self.found: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self._seen: dict[str, dict[bytes, str]] = {"train": {}, "eval": {}}
        for path in against:
            known = self._seen.setdefault(str(path), {})
            for row in stream_rows(path):
                known.update((digest, kind) for kind, digest in _traces_of_row(row, path))

    def holds(self, split: Split, name: str, traces: Sequence[tuple[str, bytes]]) -> bool:
        """Whether another split or file holds one of the traces; if not, this split does from now on."""
        for place, known in self._seen.items():
            if place != split:
                for kind, digest in traces:
                    if digest in known:
                        where = "in both splits" if place in ("train", "eval") else f"in {place}"
                        self.found[f"{kind} {where}"] += 1
                        shown = self.examples.setdefault(f"{kind} {where}", [])
                        if len(shown) < _SHOWN:
                            shown.append(name)
                        return True
        self._seen[split].update((digest, kind) for kind, digest in traces)
        return False

    def check(self) -> None:
        """Raise for what was found, unless such rows are dropped."""
        if self.found and not self.dropped:
            told = "; ".join(
                f"{n} with the same {what} (first {', '.join(self.examples[what])})" for what, n in self.found.items()
            )
            raise IndexLMError(
                f"no row for training or evaluation is known from the other or from --against; found {told}; "
                "--drop-leaks leaves such rows out"
            )


def _traces_of_row(row: Row, path: Path) -> Iterator[tuple[str, bytes]]:
    """What a row of an evaluation file leaves: one of a layout that sources have, or one that `build` wrote."""
    if "text_hash" in row:
        yield from _traces((row.get("url") or "",), row["text_hash"])
    elif "paragraphs" in row:
        for question in row.get("questions") or [{"question": ""}]:
            text = text_hash("\n".join(row["paragraphs"]))
            yield from _traces((), text, question["question"], row.get("title") or "")
    elif "html" in row:
        html = row["html"] if isinstance(row["html"], bytes) else (row["html"] or "").encode("utf-8", "replace")
        url = row.get("url") or ""
        yield from _traces((url,), text_hash(read_page(html, url=url).text))
    else:
        raise IndexLMError(f"an evaluation file has html, paragraphs or text_hash; {path} has {', '.join(row)}")


def _traces(urls: Sequence[str], text: str, question: str = "", title: str = "") -> list[tuple[str, bytes]]:
    found = [("URL", _address(url)) for url in urls if url]
    found.append(("text", text))
    if question:
        found.append(("question and document", f"{text_hash(question.lower())} {text_hash(title.lower())}"))
    return [(kind, blake2b(f"{kind} {it}".encode("utf-8", "replace"), digest_size=8).digest()) for kind, it in found]


def text_hash(text: str) -> str:
    """Text -> the hash of its words and single spaces."""
    return blake2b(" ".join(text.split()).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _address(url: str) -> str:
    """A URL -> what two URLs of one page share: no scheme, `www.`, fragment or last slash; parameters in order."""
    from w3lib.url import canonicalize_url

    try:
        url = canonicalize_url(url)
    except ValueError:
        url = url.partition("#")[0]
    return re.sub(r"\Ahttps?://(www\.)?", "", url, flags=re.IGNORECASE).rstrip("/")


def _open_tokenizer(name: str) -> Callable[[str], int]:
    """A folder, a tokenizer.json or a Hub id -> a function that counts a text's tokens."""
    from tokenizers import Tokenizer

    path = Path(name) if name else shipped("classifier")
    path = path / "tokenizer.json" if path.is_dir() else path
    try:
        if not path.is_file() and name.count("/") == 1 and not name.startswith((".", "/", "~")):
            from huggingface_hub import hf_hub_download

            path = Path(hf_hub_download(name, "tokenizer.json"))
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # neither tokenizers nor the Hub's client raises one type
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(
            f"a tokenizer is a folder, a tokenizer.json or a Hub id; {name!r} is none of them: {first_line}"
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


class _Writer:
    """The two files, written as rows come, under names of their own until `finish`."""

    def __init__(
        self, out: Path, options: Options, count: Callable[[str], int], leaks: _Leaks, summary: Summary
    ) -> None:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        self.summary = summary
        self.out, self.options, self.count, self.leaks = out, options, count, leaks
        self.rendering = options.rendering()
        self.ids: Counter[str] = Counter()
        message = pa.struct([("role", pa.string()), ("content", pa.string())])
        schema = pa.schema(
            [
                *((name, pa.string()) for name in ("id", "source", "task", "lang", "license", "url", "title", "query")),
                ("messages", pa.list_(message)),
                ("gold", pa.list_(pa.int32())),
                ("blocks", pa.int32()),
                ("tokens", pa.int32()),
                ("text_hash", pa.string()),
            ],
            metadata={"indexlm": json.dumps(self.rendering)},
        )
        self.to_table = partial(pa.Table.from_pylist, schema=schema)
        self.files: dict[Split, Any] = {}
        self.batches: dict[Split, list[Row]] = {"train": [], "eval": []}
        for split in self.batches:
            self.files[split] = ParquetWriter(self._path(split, ".tmp"), schema, compression="zstd")

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        for split, file in self.files.items():
            file.close()
            self._path(split, ".tmp").unlink(missing_ok=True)
        (self.out / "README.md.tmp").unlink(missing_ok=True)

    def add(self, made: _Made, row: Row, split: Split) -> bool:
        """Write an example, unless it is too long or known from elsewhere."""
        page = made.example.page
        digest = text_hash(made.text)
        traces = _traces((page.url, row["url"]), digest, page.query, row["title"])
        if self.leaks.holds(split, made.id, traces):
            self.summary.left_out["known from the other split or an evaluation file"] += 1
            return False
        units = self.rendering["query_units" if page.query else "block_units"]
        prompt = render(page, self.rendering["profile"], units, query_last=self.rendering["query_last"])
        said = {
            "system": prompt.system,
            "user": prompt.user(),
            "assistant": format_intervals(to_intervals(made.example.gold)),
        }
        chat = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in said.items())
        tokens = self.count(chat)
        if tokens > self.options.max_tokens:
            self.summary.left_out[f"longer than {self.options.max_tokens} tokens ({made.task})"] += 1
            return False
        self.ids[made.id] += 1
        written = {
            "id": made.id if self.ids[made.id] == 1 else f"{made.id}#{self.ids[made.id]}",
            "source": row["source"],
            "task": made.task,
            "lang": row["lang"],
            "license": row["license"],
            "url": page.url,
            "title": page.title,
            "query": page.query,
            "messages": [{"role": role, "content": content} for role, content in said.items()],
            "gold": list(made.example.gold),
            "blocks": len(prompt.bodies),
            "tokens": tokens,
            "text_hash": digest,
        }
        self.summary.add(written, split)
        self.batches[split].append(written)
        if len(self.batches[split]) == _ROWS_AT_ONCE:
            self._flush(split)
        return True

    def finish(self, card: Callable[[], str]) -> None:
        """Check for leaks, and give the files their names."""
        self.leaks.check()
        if not self.summary.groups:
            reasons = "; ".join(f"{reason}: {n}" for reason, n in self.summary.left_out.most_common(3))
            raise IndexLMError(f"the sources give at least one row; found none ({reasons or 'no rows'})")
        for split, file in self.files.items():
            self._flush(split)
            file.close()
        draft = self.out / "README.md.tmp"
        draft.write_text(card(), "utf-8", errors="replace")
        for split in self.files:
            os.replace(self._path(split, ".tmp"), self._path(split))
        os.replace(draft, self.out / "README.md")

    def _flush(self, split: Split) -> None:
        if self.batches[split]:
            self.files[split].write_table(self.to_table(self.batches[split]))
            self.batches[split].clear()

    def _path(self, split: Split, suffix: str = "") -> Path:
        return self.out / f"{split}.parquet{suffix}"


_HUB_LICENCES = {"": "unknown", "odc-by-1.0": "odc-by", "licenseref-ms-marco": "other"}


def _card(summary: Summary, options: Options, command: str) -> Callable[[], str]:
    """The text of the dataset card, to be called when all rows are counted."""

    def text() -> str:
        total = summary.rows("train") + summary.rows("eval")
        licences = sorted({_HUB_LICENCES.get(name.lower(), name.lower()) for _, _, name in summary.groups})
        languages = sorted({lang for lang, _ in summary.languages if lang})
        size = next(name for limit, name in ((1000, "n<1K"), (10_000, "1K<n<10K"), (1 << 60, "n>10K")) if total < limit)
        rendering = options.rendering()
        lines = [
            "---",
            # Quoted, for YAML takes Norwegian for false.
            *(["language:", *(f'- "{lang}"' for lang in languages)] if languages else []),
            "license:",
            *(f"- {name}" for name in licences),
            "task_categories:",
            "- text-generation",
            "- question-answering",
            "size_categories:",
            f"- {size}",
            "tags:",
            "- indexlm",
            "- web-content-extraction",
            "configs:",
            "- config_name: default",
            "  data_files:",
            "  - split: train",
            "    path: train.parquet",
            "  - split: eval",
            "    path: eval.parquet",
            "---",
            "",
            "# Pages as numbered blocks, and which of them to keep",
            "",
            f"{summary.rows('train'):,} rows for training and {summary.rows('eval'):,} for evaluation, made by IndexLM "
            f"{rendering['version']}. A row is one page and task: `me` keeps the main content, `qe` the blocks that "
            "answer a query, or none (`NA`). `messages` is a conversation as TRL's `SFTTrainer` takes it, `gold` holds "
            "the numbers of the blocks to keep, and `tokens` is the conversation's length in ChatML.",
        ]
        for title, columns, rows in summary.tables():
            if rows:
                lines += ["", f"## {title}", "", _markdown(columns), _markdown(["---"] * len(columns))]
                lines += map(_markdown, rows)
        lines += ["", "## How it was made", ""]
        if command:
            lines += ["```sh", command, "```", ""]
        lines += [
            f"Rendered with the profile `{rendering['profile']}`, {rendering['block_units']} units of text a block for "
            f"`me` and {rendering['query_units']} for `qe`"
            + (", the query after the blocks" if rendering["query_last"] else "")
            + f"; conversations of more than {options.max_tokens:,} tokens "
            "are left out. Pages are cut into blocks, and their gold text is aligned to these. Questions and texts "
            "without HTML are laid into real pages, in place of their main content"
            + (f" (licences of these pages: {_named(summary.lenders)})" if summary.lenders else "")
            + ". Other articles may stand on the page of a question, and some questions belong to an article that is "
            "not there. The `url` of such a row is that of the page, its `license` that of the text.",
            "",
            "Evaluation holds pages of other domains and questions of other documents than training: no URL, no text, "
            "and no question on a document of the same title is in both. `text_hash` is of a page's text, and for a "
            "question of the text that it is asked of.",
        ]
        return "\n".join(lines) + "\n"

    return text


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _named(licences: Counter[str]) -> str:
    return ", ".join(sorted(name or "none stated" for name in licences))
