"""The command `scale`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from indexlm import flags
from indexlm.commands import EXIT_SOME_FAILED, check_chunk_options, checked_query, fail, progress, usage
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.scale.shards import Entry, Job, Store
    from indexlm.scale.tasks import Cut, Task

_INPUT_HELP = "WARC, Parquet or JSONL files, pages, folders of these; paths or addresses of fsspec, with `*` for names."
_FORMAT_HELP = "A column of content: markdown, html, text, json or chunks; repeat it. Intervals are there always."
_OUT_HELP = "The folder of the run, at any address of fsspec. One with the same run in it goes on."
_ENGINE_HELP = "local (this machine) or ray (Ray Data: this machine or a cluster)."
_WORKERS_HELP = "Processes that extract pages, a model in each; 0: one for each CPU."
_TIMEOUT_HELP = "The most seconds for one page, at which its process is ended; without it half more than --max-seconds."
_TASK_HELP = "About so many MiB of input make a task, and so a shard."
_SPLIT_HELP = "Cut WARC files into tasks too, which takes a pass over each of them first."


def scale(
    context: typer.Context,
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help=_INPUT_HELP)],
    out: Annotated[str, typer.Option(help=_OUT_HELP)],
    head: flags.Head = "classifier",
    query: flags.Query = None,
    model: flags.Model = "",
    format: Annotated[list[str] | None, typer.Option(help=_FORMAT_HELP)] = None,
    title: flags.Title = False,
    metadata: Annotated[bool, typer.Option("--metadata", help="A column of what the page states of itself.")] = False,
    threshold: flags.Threshold = None,
    beta: flags.Beta = None,
    favour: flags.Favour = None,
    hidden: flags.Hidden = "drop",
    include: flags.Selectors = None,
    exclude: flags.Excluded = None,
    max_tokens: flags.MaxTokens = 512,
    overlap: flags.Overlap = 0,
    images: flags.Images = False,
    links: flags.Links = "absolute",
    max_bytes: flags.MaxBytes = 1 << 25,
    max_blocks: flags.MaxBlocks = 20_000,
    max_windows: flags.MaxWindows = 200,
    max_seconds: flags.MaxSeconds = 60,
    max_memory: flags.MaxMemory = 2048,
    timeout: Annotated[float | None, typer.Option(help=_TIMEOUT_HELP)] = None,
    html_column: Annotated[str, typer.Option(help="The pages, in Parquet and JSONL.")] = "html",
    url_column: Annotated[str, typer.Option(help="Their addresses, in Parquet and JSONL.")] = "url",
    task_size: Annotated[int, typer.Option(min=1, help=_TASK_HELP)] = 64,
    split_warc: Annotated[bool, typer.Option("--split-warc", help=_SPLIT_HELP)] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Shards of JSONL in place of Parquet.")] = False,
    engine: Annotated[str, typer.Option(help=_ENGINE_HELP)] = "local",
    workers: Annotated[int, typer.Option(min=0, max=100_000, help=_WORKERS_HELP)] = 0,
    address: Annotated[str, typer.Option(help="A Ray cluster, for --engine ray; without it this machine.")] = "",
    deployment: flags.DeploymentFile = None,
) -> None:
    """Turn a crawl into shards of rows: WARC, Parquet, JSONL and pages in, Parquet (or JSONL) out.

    The same command goes on with a run that was stopped, and each row is there once. A page that fails is a row with an
    `error`, and the exit code is 1.
    """
    with usage():
        from indexlm.extractor import Extractor
        from indexlm.scale.records import Columns
        from indexlm.scale.rows import Content
        from indexlm.scale.shards import Job, Store
        from indexlm.scale.tasks import Cut

        formats, query = tuple(format or ["markdown"]), checked_query(query)
        check_chunk_options(context, formats)
        content = Content(formats, query, title, metadata, images, links, max_tokens, overlap)
        choice = flags.extractor_options(context, threads=1)
        workers, extractor = choice.pop("workers"), Extractor(**choice)
        most = 1.5 * max_seconds if timeout is None else timeout
        job = Job(extractor, content, Columns(html_column, url_column), most, jsonl)
        _check_engine(engine, address, jsonl)
        run = _begin(job, inputs, Cut(task_size << 20, split_warc), Store(out, jsonl))
        entries = _run(engine, run, workers, address)
    if _report(run, entries):
        raise typer.Exit(EXIT_SOME_FAILED)


class _Run(NamedTuple):
    store: Store
    job: Job
    todo: list[Task]
    before: list[Entry]  # of the tasks that were done before


def _begin(job: Job, inputs: list[str], cut: Cut, store: Store) -> _Run:
    job.check()
    tasks, skipped = store.begin(job.options(inputs, cut), cut)
    if skipped:
        typer.echo(f"warning: {skipped} files in folders are no pages, WARC, Parquet or JSONL files", err=True)
    finished = store.finished()
    return _Run(store, job, [task for task in tasks if task.number not in finished], store.entries(finished))


def _check_engine(engine: str, address: str, jsonl: bool) -> None:
    """Raise `IndexLMError` for an engine that is none, `ModuleNotFoundError` for a package that is not installed."""
    if engine not in ("local", "ray"):
        raise IndexLMError(f"an engine is local or ray; found {engine!r}")
    if address and engine != "ray":
        raise IndexLMError(f"an address is that of a Ray cluster; found {address!r} with --engine {engine}")
    if engine == "ray":
        import ray  # noqa: F401
    if not jsonl:
        import pyarrow  # noqa: F401


def _run(engine: str, run: _Run, workers: int, address: str) -> Iterator[Entry]:
    import os

    if not run.todo:
        return iter(())
    if engine == "ray":
        from indexlm.scale.rays import run_on_ray

        return run_on_ray(run.store, run.job, run.todo, workers, address)
    from indexlm.scale.local import run_tasks

    return run_tasks(run.store, run.job, run.todo, workers or len(os.sched_getaffinity(0)))


def _report(run: _Run, entries: Iterator[Entry]) -> bool:
    """Wait for the tasks, and say what became of them -> whether a page or a task failed, now or before."""
    from indexlm.scale.shards import MOST_NAMED

    rows = errors = skipped = faults = named = 0
    try:
        for entry in progress(entries, "tasks", len(run.todo)):
            rows, errors, skipped = rows + entry.rows, errors + entry.errors, skipped + entry.skipped
            for failure in entry.failed[: MOST_NAMED - named]:
                named += 1
                typer.echo(f"error: {' '.join(failure.split())}", err=True)
            if entry.fault:
                faults += 1
                typer.echo(f"error: {' '.join(entry.fault.split())}", err=True)
    except IndexLMError as error:
        fail(f"{error} (the same command goes on from here)", EXIT_SOME_FAILED)
    run.store.clear()
    counts = f"{rows} rows, {errors} with an error, {skipped} records left out"
    typer.echo(f"{counts}; {len(run.before)} tasks were done before")
    if errors > named:
        typer.echo(f"error: {errors - named} more rows failed; their `error` says why", err=True)
    if failed_before := sum(entry.errors for entry in run.before):
        typer.echo(f"warning: {failed_before} rows failed in the run before, and were not tried again", err=True)
    if faults:
        typer.echo(f"error: {faults} tasks are not done; the same command tries them again", err=True)
    return bool(errors or faults or failed_before)
