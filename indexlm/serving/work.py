"""What a process of the service does with a page: a request -> JSON, and what is measured of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

from indexlm.extraction import Extraction, check_format
from indexlm.extractor import Extractor
from indexlm.html.read import to_page
from indexlm.inputs.document import Source
from indexlm.inputs.read import read_document
from indexlm.options import named_head
from indexlm.output.chunks import check_sizes
from indexlm.output.links import check_links
from indexlm.output.markdown import to_markdown
from indexlm.page import IndexLMError, Page, Prediction

_READING_SHARE = 0.6  # of a page's time; the rest is for what is not bounded by the clock
_MOST_REPLY = 4  # times the most bytes of a page
HEADS = ("classifier", "decoder", "trees")


@dataclass(frozen=True, slots=True)
class Options:
    """How a page is extracted and written: the options of `Extractor` and of the command `extract`, by their names.

    head: empty for the first that the service has.
    """

    head: str = ""
    format: str = "markdown"
    threshold: float | None = None
    beta: float | None = None
    hidden: str = "drop"
    title: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    links: str = "absolute"
    images: bool = False
    metadata: bool = False
    max_tokens: int = 512
    overlap: int = 0


class ExtractTask(NamedTuple):
    """A page, and how it is extracted: once for each of `queries`, of which an empty one is the main content.

    name: what the client calls it; None where it does not.
    is_list: whether the client sent a list of queries, and gets one of results.
    """

    source: Source
    url: str
    queries: tuple[str, ...]
    options: Options
    name: str | int | None = None
    is_list: bool = False


class BlocksTask(NamedTuple):
    """A page to look at.

    heads: those whose choice is shown; none for the first that the service has.
    with_markdown: whether the Markdown of each block and choice is added.
    """

    source: Source
    url: str
    query: str
    heads: tuple[str, ...]
    with_markdown: bool = False


Task = ExtractTask | BlocksTask


class Measure(NamedTuple):
    """What is counted of one prediction: its head, who decided, and the seconds by stage."""

    head: str
    decided_by: str
    seconds: Mapping[str, float]


class Reply(NamedTuple):
    """A JSON object, and what is counted of it."""

    body: bytes
    measures: tuple[Measure, ...]


def open_work(
    heads: Sequence[str], models: Mapping[str, str], max_bytes: int, timeout: float, options: Mapping[str, Any]
) -> Callable[[Task], Reply]:
    """Opens the heads, each with its shipped model or that of `models`, on one thread -> what does tasks.

    `options` are further ones of `Extractor`; the limits of the service go before them. A page has at most `max_bytes`,
    a reply four times that. Reading stops early enough for an answer within `timeout` seconds, where it can.
    """
    limits = {"max_bytes": max_bytes, "max_seconds": _READING_SHARE * timeout}
    of_all = {**options, **limits, "threads": options.get("threads") or 1}
    extractors = {head: Extractor(head, model=models.get(head, ""), **of_all) for head in heads}
    for extractor in extractors.values():
        extractor.open()
    return partial(do_task, extractors, _MOST_REPLY * max_bytes)


def do_task(extractors: Mapping[str, Extractor], max_bytes: int, task: Task) -> Reply:
    """A task -> its reply. Raises `IndexLMError` for what is no page, for a bad option, and for a large reply."""
    if isinstance(task, ExtractTask):
        data, measures = _extract(extractors, task)
    else:
        data, measures = show_blocks(extractors, task)
    body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    if len(body) > max_bytes:
        raise IndexLMError(f"an answer has at most {max_bytes} bytes; this one has {len(body)}: ask for less at once")
    return Reply(body, measures)


def _named(extractors: Mapping[str, Extractor], head: str) -> str:
    """The head that is asked for. Raises `IndexLMError` for one that the service does not have."""
    head = named_head(head) or next(iter(extractors))
    if head not in extractors:
        raise IndexLMError(f"a head of this service is {', '.join(extractors)}; found {head!r}")
    return head


def _extract(extractors: Mapping[str, Extractor], task: ExtractTask) -> tuple[dict[str, Any], tuple[Measure, ...]]:
    options = task.options
    check_format(options.format)
    check_links(options.links)
    check_sizes(options.max_tokens, options.overlap)
    head = _named(extractors, options.head)
    own = extractors[head]
    choice: dict[str, Any] = {"threshold": own.threshold, "beta": own.beta}
    if options.threshold is not None or options.beta is not None:  # one of them, and not the other
        choice = {"threshold": options.threshold, "beta": options.beta or 1.0}
    extractor = own.with_options(**choice, hidden=options.hidden, include=options.include, exclude=options.exclude)
    extractions = extractor.extract_each(task.source, task.queries, url=task.url)
    results = [_result(extraction, options) for extraction in extractions]
    page = extractions[0].page
    data: dict[str, Any] = {} if task.name is None else {"id": task.name}
    data |= {"url": page.url, "title": page.title, "lang": page.lang, "head": head, "format": options.format}
    if options.metadata:
        data["metadata"] = extractions[0].metadata.to_dict()
    data |= {"results": results} if task.is_list else results[0]
    measures = tuple(
        Measure(head, extraction.prediction.decided_by, result["seconds"])
        for extraction, result in zip(extractions, results, strict=True)
    )
    return data, measures


def _result(extraction: Extraction, options: Options) -> dict[str, Any]:
    """One extraction -> the fields of the reply that depend on the query."""
    began = perf_counter()
    content = _content(extraction, options)
    prediction = extraction.prediction
    seconds = {**prediction.seconds, "render": perf_counter() - began}
    return {
        "query": extraction.page.query,
        "content": content,
        "intervals": [list(interval) for interval in extraction.intervals],
        "block_count": len(extraction.page.blocks),
        **_shown(prediction),
        "warnings": list(extraction.warnings),
        "seconds": {stage: round(value, 6) for stage, value in seconds.items()},
        "tokens": prediction.tokens,
    }


def _content(extraction: Extraction, options: Options) -> Any:
    if options.format == "json":
        return extraction.json()
    if options.format == "chunks":
        shown = (extraction.with_title() if options.title else extraction).with_links(options.links)
        return [chunk.to_dict() for chunk in shown.chunks(options.max_tokens, options.overlap)]
    return extraction.render(options.format, title=options.title, images=options.images, links=options.links)


def _shown(prediction: Prediction) -> dict[str, Any]:
    expected = prediction.expected_f1
    return {
        "scores": None if prediction.scores is None else [round(score, 4) for score in prediction.scores],
        "expected_f1": None if expected is None else round(expected, 4),
        "decided_by": prediction.decided_by,
        "error": prediction.error,
    }


def show_blocks(extractors: Mapping[str, Extractor], task: BlocksTask) -> tuple[dict[str, Any], tuple[Measure, ...]]:
    """A page -> its blocks, and of each head what it keeps. A head that knows no queries says so in its `error`."""
    began = perf_counter()
    names = list(dict.fromkeys(_named(extractors, name) for name in task.heads or ("",)))
    first = extractors[names[0]]
    document = read_document(task.source, url=task.url, max_bytes=first.max_bytes)
    page, _ = to_page(document, task.url, task.query, first.limits())
    parsed = perf_counter() - began
    heads: dict[str, Any] = {}
    measures = []
    for head in names:
        try:
            prediction = extractors[head].predict(page)
        except IndexLMError as error:
            heads[head] = {"indices": [], **_shown(Prediction((), error=str(error)))}
            heads[head] |= {"reasons": {}, "warnings": [], "seconds": {}}
            continue
        prediction = replace(prediction, seconds={"parse": parsed} | prediction.seconds)
        heads[head] = {
            "indices": list(prediction.indices),
            **_shown(prediction),
            "reasons": prediction.reasons,
            "warnings": list(prediction.warnings),
            "seconds": {stage: round(value, 6) for stage, value in prediction.seconds.items()},
        }
        if task.with_markdown:
            heads[head]["markdown"] = to_markdown(page, prediction.indices)
        measures.append(Measure(head, prediction.decided_by, prediction.seconds))
    data = {
        "url": page.url,
        "title": page.title,
        "lang": page.lang,
        "query": page.query,
        "warnings": list(page.warnings),
        "blocks": _block_rows(page, task.with_markdown),
        "heads": heads,
    }
    return data, tuple(measures)


def _block_rows(page: Page, with_markdown: bool) -> list[dict[str, Any]]:
    rows = []
    for block in page.blocks:
        row: dict[str, Any] = {
            "index": block.index,
            "tag": block.tag,
            "text": block.text,
            "path": list(block.path),
            "line": block.line,
            "link_density": round(block.link_density, 4),
            "hidden_by": block.hidden_by,
        }
        if with_markdown:
            alone = Page((replace(block, index=1),), base_url=page.base_url)  # ten times as fast as in its page
            row["markdown"] = to_markdown(alone, [1])
        rows.append(row)
    return rows
