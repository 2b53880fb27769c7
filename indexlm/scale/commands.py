"""The command `scale`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from indexlm.commands import (
    EXIT_SOME_FAILED,
    Excluded,
    MaxTokens,
    Model,
    Overlap,
    Query,
    Selectors,
    Threads,
    checked_query,
    fail,
    progress,
    usage,
)
from indexlm.options import (
    Beta,
    Head,
    Hidden,
    Images,
    Links,
    MaxBlocks,
    MaxBytes,
    MaxMemory,
    MaxSeconds,
    MaxWindows,
    Threshold,
    Title,
    limits,
)
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.scale.shards import Entry, Job, Store
    from indexlm.scale.tasks import Task

_MIB = 1 << 20
_INPUT_HELP = "WARC, Parquet or JSONL files, pages, folders of these; paths or addresses of fsspec, with `*` for names."
_FORMAT_HELP = "A column of content: markdown, html, text, json or chunks; repeat it. Intervals are there always."
_OUT_HELP = "The folder of the run, at any address of fsspec. One with the same run in it goes on."
_ENGINE_HELP = "local (this machine) or ray (Ray Data: this machine or a cluster)."
_WORKERS_HELP = "Processes that extract pages, a model in each; 0: one for each CPU."
_TIMEOUT_HELP = "The most seconds for one page, at which its process is ended; without it half more than --max-seconds."
_TASK_HELP = "About so many MiB of input make a task, and so a shard."
_SPLIT_HELP = "Cut WARC files into tasks too, which takes a pass over each of them first."


def scale(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help=_INPUT_HELP)],
    out: Annotated[str, typer.Option(help=_OUT_HELP)],
    head: Head = "classifier",
    query: Query = None,
    model: Model = "",
    format: Annotated[list[str] | None, typer.Option(help=_FORMAT_HELP)] = None,
    title: Title = False,
    metadata: Annotated[bool, typer.Option("--metadata", help="A column of what the page states of itself.")] = False,
    threshold: Threshold = None,
    beta: Beta = 1.0,
    hidden: Hidden = "drop",
    threads: Threads = 1,
    include: Selectors = None,
    exclude: Excluded = None,
    max_tokens: MaxTokens = 512,
    overlap: Overlap = 0,
    images: Images = False,
    links: Links = "absolute",
    max_bytes: MaxBytes = 1 << 25,
    max_blocks: MaxBlocks = 20_000,
    max_windows: MaxWindows = 200,
    max_seconds: MaxSeconds = 60,
    max_memory: MaxMemory = 2048,
    timeout: Annotated[float | None, typer.Option(help=_TIMEOUT_HELP)] = None,
    html_column: Annotated[str, typer.Option(help="The pages, in Parquet and JSONL.")] = "html",
    url_column: Annotated[str, typer.Option(help="Their addresses, in Parquet and JSONL.")] = "url",
    task_size: Annotated[int, typer.Option(min=1, help=_TASK_HELP)] = 64,
    split_warc: Annotated[bool, typer.Option("--split-warc", help=_SPLIT_HELP)] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Shards of JSONL in place of Parquet.")] = False,
    engine: Annotated[str, typer.Option(help=_ENGINE_HELP)] = "local",
    workers: Annotated[int, typer.Option(min=0, max=100_000, help=_WORKERS_HELP)] = 0,
    address: Annotated[str, typer.Option(help="A Ray cluster, for --engine ray; without it this machine.")] = "",
) -> None:
    """Turn a crawl into shards of rows: WARC, Parquet, JSONL and pages in, Parquet (or JSONL) out.

    A run that was stopped goes on when the same command is given again: each row is there once. A page that fails is a
    row with an `error`, and the exit code is 1.

    Examples: `scale crawl/ --out rows/`; `scale 's3://crawl/*.warc.gz' --out s3://rows --engine ray --address auto`.
    """
    with usage():
        from indexlm.extractor import Extractor
        from indexlm.scale.records import Columns
        from indexlm.scale.rows import Content
        from indexlm.scale.shards import Job, Store
        from indexlm.scale.tasks import Cut

        content = Content(
            tuple(format or ["markdown"]), checked_query(query), title, metadata, images, links, max_tokens, overlap
        )
        choice = {"threshold": threshold, "beta": beta, "hidden": hidden}
        selectors = {"include": tuple(include or ()), "exclude": tuple(exclude or ())}
        most = limits(max_bytes, max_blocks, max_windows, max_seconds, max_memory)
        extractor = Extractor(head, model=model, threads=threads, **choice, **selectors, **most)  # type: ignore[arg-type]
        job = Job(
            extractor,
            content,
            Columns(html_column, url_column),
            1.5 * max_seconds if timeout is None else timeout,
            jsonl,
        )
        _check_engine(engine, address)
        job.check()
        cut = Cut(task_size * _MIB, split_warc)
        store = Store(out, jsonl)
        tasks, skipped = store.begin(job.options(inputs, cut), cut)
        finished = store.finished()
        todo = [task for task in tasks if task.number not in finished]
        entries = _run(engine, store, job, todo, workers, address) if todo else iter(())
    if skipped:
        typer.echo(f"warning: {skipped} files in folders are no pages, WARC, Parquet or JSONL files", err=True)
    is_failed = _report(entries, len(todo), len(finished))
    store.clear()
    if is_failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _check_engine(engine: str, address: str) -> None:
    """Raise `IndexLMError` for an engine that is none, and `ModuleNotFoundError` for one that is not installed."""
    if engine not in ("local", "ray"):
        raise IndexLMError(f"an engine is local or ray; found {engine!r}")
    if address and engine != "ray":
        raise IndexLMError(f"an address is that of a Ray cluster; found {address!r} with --engine {engine}")
    if engine == "ray":
        import ray  # noqa: F401


def _run(engine: str, store: Store, job: Job, tasks: list[Task], workers: int, address: str) -> Iterator[Entry]:
    import os

    if engine == "ray":
        from indexlm.scale.rays import run_on_ray

        return run_on_ray(store, job, tasks, workers, address)
    from indexlm.scale.local import run_tasks

    return run_tasks(store, job, tasks, workers or len(os.sched_getaffinity(0)))


def _report(entries: Iterator[Entry], todo: int, before: int) -> bool:
    """Wait for the tasks, and say what became of them -> whether a page or a task failed."""
    rows = errors = skipped = faults = 0
    try:
        for entry in progress(entries, "tasks", todo):
            rows, errors, skipped = rows + entry.rows, errors + entry.errors, skipped + entry.skipped
            if entry.fault:
                faults += 1
                typer.echo(f"error: {' '.join(entry.fault.split())}", err=True)
    except IndexLMError as error:
        fail(f"{error} (the same command goes on from here)", EXIT_SOME_FAILED)
    typer.echo(f"{rows} rows, {errors} with an error, {skipped} records left out; {before} tasks were done before")
    if faults:
        typer.echo(f"error: {faults} tasks are not done; the same command tries them again", err=True)
    return bool(errors or faults)
