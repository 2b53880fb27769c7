"""The command `extract`, and what the commands of all packages share."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn, TypeVar

import typer

from indexlm import flags
from indexlm.limits import check_address
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.extraction import Extraction
    from indexlm.extractor import Extractor
    from indexlm.inputs.document import Source
    from indexlm.output.files import Results

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2
_NO_TEXT = "<html><body></body></html>"
_NO_ROOM = (errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # on a disk

Row = TypeVar("Row")

_RESUME_HELP = (
    "Go on with a run that was stopped: inputs with a result in --output (a folder, or --jsonl) are left out."
)
_PRIVATE_HELP = (
    "Local addresses that are asked: the `named` hosts, `never` or `always` (then redirects may lead there)."
)
FrontMatter = Annotated[
    bool, typer.Option("--front-matter", help="Write the page's metadata above its Markdown, in YAML.")
]
_REVIEW_HELP = (
    "Name each page whose expected F1 is lower (0 to 1) on standard error, and mark its object with `needs_review`: "
    "pages for a slower system."
)
MinF1 = Annotated[float | None, typer.Option("--min-expected-f1", min=0, max=1, help=_REVIEW_HELP)]


def fail(message: object, code: int = EXIT_USAGE) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"error: {' '.join(str(message).split())}", err=True)
    raise typer.Exit(code)


@contextlib.contextmanager
def usage() -> Iterator[None]:
    """End the command in one line and with exit code 2 where an option or a model is wrong, or an extra is missing.

    The exit code is 1 where a disk fails.
    """
    try:
        yield
    except IndexLMError as error:
        fail(error)
    except ModuleNotFoundError as error:
        name = _extra_with(error.name or "")
        fail(f"this command needs an extra: pip install -e '.[{name}]' in the checkout (no module {error.name})")
    except typer.Exit:
        raise
    except Exception as error:
        if reason := _fault_of_disk(error):
            fail(reason, EXIT_SOME_FAILED)
        raise


def _extra_with(module: str) -> str:
    """The name of a module that is not installed -> the first extra that brings it; `all` where none has its name."""
    from importlib.metadata import PackageNotFoundError, requires

    with contextlib.suppress(PackageNotFoundError):
        for line in requires("indexlm") or ():
            name, _, extra = line.partition("extra ==")
            if re.split(r"[\W]", name.replace("-", "_"), maxsplit=1)[0].lower() == module.partition(".")[0].lower():
                return extra.strip(" '\")") or "all"
    return "all"


def _fault_of_disk(error: BaseException | None) -> str:
    """A sentence for an exception that a disk is the cause of, whichever library raised it; nothing for others."""
    while error is not None:
        for number in _NO_ROOM:
            if os.strerror(number) in str(error):  # also where a library keeps no more than the text
                name = getattr(error, "filename", None) or "this one"
                return f"an output can be written; {name} cannot: {os.strerror(number)}"
        if isinstance(error, OSError) and error.filename and error.strerror:
            return f"a file can be read and written; {error.filename} cannot: {error.strerror}"
        error = error.__cause__
    return ""


def check_writable(path: Path) -> None:
    """End the command where a file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        existed = path.exists()
        path.open("a", encoding="utf-8").close()
        if not existed:
            path.unlink()
    except OSError as error:
        fail(f"an output can be written; {path} cannot: {error.strerror}")


def progress(rows: Iterator[Row] | Sequence[Row], description: str, total: int) -> Iterator[Row]:
    """The rows, with a progress bar on standard error where there are several and it is a terminal."""
    if total == 1 or not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(rows, description=description, total=total, console=Console(stderr=True))


def print_tables(tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]], width: int = 160) -> None:
    """Print tables, each its title, columns and rows; columns of numbers to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else width)
    for title, columns, rows in tables:
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for k, column in enumerate(columns):
            is_number = any(row[k][:1].isdigit() for row in rows)
            table.add_column(column, justify="right" if is_number else "left")
        for row in rows:
            table.add_row(*row)
        if rows:
            console.print(table)


def extract(
    context: typer.Context,
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, `-` (standard input) or http(s) addresses.")
    ],
    head: flags.Head = "classifier",
    query: flags.Query = None,
    model: flags.Model = "",
    format: Annotated[str, typer.Option(help="markdown, html, text, json, intervals or chunks.")] = "markdown",
    title: flags.Title = False,
    threshold: flags.Threshold = None,
    beta: flags.Beta = None,
    favour: flags.Favour = None,
    hidden: flags.Hidden = "drop",
    threads: flags.Threads = 0,
    workers: Annotated[int, typer.Option(help="Processes that share the inputs, a model in each.")] = 1,
    timeout: Annotated[
        float | None,
        typer.Option(
            help="The most seconds for one page, which is then ended. Without it 90 with several workers, else none."
        ),
    ] = None,
    include: flags.Selectors = None,
    exclude: flags.Excluded = None,
    front_matter: FrontMatter = False,
    max_tokens: flags.MaxTokens = 512,
    overlap: flags.Overlap = 0,
    min_expected_f1: MinF1 = None,
    output: Annotated[Path | None, typer.Option(help="A file, or for several inputs a folder: one file each.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line for each input, in order.")] = False,
    url: Annotated[str, typer.Option(help="The input's address, which relative links are resolved against.")] = "",
    images: flags.Images = False,
    links: flags.Links = "absolute",
    resume: Annotated[bool, typer.Option("--resume", help=_RESUME_HELP)] = False,
    private: Annotated[str, typer.Option(help=_PRIVATE_HELP)] = "named",
    max_bytes: flags.MaxBytes = 1 << 25,
    max_blocks: flags.MaxBlocks = 20_000,
    max_windows: flags.MaxWindows = 200,
    max_seconds: flags.MaxSeconds = 60,
    max_memory: flags.MaxMemory = 2048,
    deployment: flags.DeploymentFile = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name each skipped file of a folder.")] = False,
) -> None:
    """Turn web pages into their main content, or into what answers --query.

    Results come in input order. A page that cannot be read is reported on standard error (with --jsonl also in its
    object's `error`), the others are done all the same, and the exit code is 1. What makes a result doubtful is a line
    `warning: …` on standard error, and in the object's `warnings`.

    Examples: `extract page.html`; `extract saved/ --output out/ --format text`;
    `curl -s URL | extract - --query "opening hours" --head decoder`.
    """
    from indexlm.extractor import Extractor
    from indexlm.output.files import Results
    from indexlm.resuming import check_run, options_of
    from indexlm.sources import find_inputs

    with usage():
        query = checked_query(query)
        paths, places, skipped = find_inputs(inputs)
        choice = flags.extractor_options(context, threads=threads)
        workers, extractor = choice.pop("workers"), Extractor(**choice)
        options = _Output(format, title, front_matter, jsonl, max_tokens, overlap, min_expected_f1, url, images, links)
        options.check(paths)
        check_chunk_options(context, [format])
        in_folder = any(map(os.path.isdir, inputs))
        kept = options_of(extractor, query=query, **options._asdict())
        if resume and output is not None:
            check_run(output, kept)
        writer = Results(output, paths, places, format, jsonl, resume, in_folder=in_folder)
        results = _results(extractor, [paths[i] for i in writer.todo], query, options, private, workers, timeout)
    _report_skipped(skipped, verbose)
    entry = {"head": extractor.head, "model": extractor.model or "shipped"}
    _write_all(writer, paths, results, _Entries(entry, query, options), kept)


def _results(
    extractor: Extractor,
    paths: Sequence[str],
    query: str,
    options: _Output,
    private: str,
    workers: int,
    timeout: float | None,
) -> Generator[Any, None, None]:
    """Inputs -> what `_extract_source` makes of each, or its error, in their order."""
    from functools import partial

    from indexlm.parallel import attempt
    from indexlm.sources import check_private, load

    read = partial(attempt, partial(load, max_bytes=extractor.max_bytes, private=check_private(private)))
    count = workers if workers < 1 else min(workers, len(paths) or 1)
    job = partial(_extract_source, query, options)
    return extractor.map(job, map(read, paths), query=query, workers=count, timeout=timeout)


def _write_all(
    writer: Results, paths: Sequence[str], results: Generator[Any, None, None], entries: _Entries, kept: dict[str, Any]
) -> None:
    """Write the result of each input without one, in order. Ends the command with an exit code where some failed.

    The options that are `kept` are those that a run which goes on has to share.
    """
    from indexlm.output.files import OutputError
    from indexlm.resuming import keep_options

    paths = [paths[i] for i in writer.todo]
    try:
        with contextlib.closing(results), writer:
            if writer.output is not None and (writer.output.is_dir() or writer.jsonl):
                keep_options(writer.output, kept)
            pairs = zip(progress(paths, "extracting", len(paths)), results, strict=True)
            failed = sum([_write(writer, path, entries, result) for path, result in pairs])
    except OutputError as error:
        fail(error, EXIT_SOME_FAILED)
    if writer.failed_before:
        typer.echo(
            f"warning: {writer.failed_before} inputs failed in the run before, and were not tried again", err=True
        )
    if failed or writer.failed_before:
        raise typer.Exit(EXIT_SOME_FAILED)


def _write(writer: Results, path: str, entries: _Entries, result: Any) -> bool:
    """Write what was made of an input -> whether it failed."""
    from indexlm.parallel import MemoryLimitError, TimeLimitError

    entry = {"input": path} | entries.common
    if not isinstance(result, Exception):
        fields, content, notes = result
        for note in notes:
            typer.echo(f"warning: {path}: {' '.join(note.split())}", err=True)
        if writer.format == "chunks" and not writer.jsonl:
            if entries.query and not fields["chunks"]:
                typer.echo(f"warning: {path}: no block answers the query (NA)", err=True)
            content = "\n".join(json.dumps({"input": path} | chunk, ensure_ascii=False) for chunk in fields["chunks"])
        writer.write(entry | fields, content)
        return False
    is_named = isinstance(result, IndexLMError) and not isinstance(result, TimeLimitError | MemoryLimitError)
    message = str(result) if is_named else f"{path}: {result}"
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    writer.write_failure(entry | (entries.of_failure(message) if writer.jsonl else {}), message)
    return True


class _Entries(NamedTuple):
    """What the JSON objects of a run's inputs hold.

    common: the same of all.
    """

    common: dict[str, str]
    query: str
    options: _Output

    def of_failure(self, message: str) -> dict[str, Any]:
        """The fields of an input that failed: those of a page without blocks."""
        from indexlm.extraction import Extraction
        from indexlm.page import Page, Prediction

        extraction = Extraction(Page((), self.options.url, query=self.query), Prediction((), error=message), _NO_TEXT)
        fields = _rendered(extraction, self.options)[0] | {"warnings": []}
        return fields | ({} if self.options.min_expected_f1 is None else {"needs_review": True})


def _report_skipped(skipped: Sequence[str], is_verbose: bool) -> None:
    """Say on standard error which files of folders are no pages: how many of each suffix, or each by its name."""
    from collections import Counter

    from indexlm.inputs.document import Warn

    if is_verbose:
        for path in skipped:
            typer.echo(f"warning: {Warn.SKIPPED_FILES.because(path)}", err=True)
    elif skipped:
        counts = Counter(Path(path).suffix.lower() or "no suffix" for path in skipped).most_common(8)
        shown = ", ".join(f"{count} {suffix}" for suffix, count in counts)
        reason = f"{len(skipped)} in folders are no pages ({shown}); name them to read them; -v lists them"
        typer.echo(f"warning: {Warn.SKIPPED_FILES.because(reason)}", err=True)


def check_chunk_options(context: typer.Context, formats: Sequence[str]) -> None:
    """Raise `IndexLMError` where sizes of chunks are named, and no chunks are written."""
    from indexlm.deployment import named_options

    named = sorted(named_options(context) & {"max_tokens", "overlap"})
    if named and "chunks" not in formats:
        option = named[0].replace("_", "-")
        raise IndexLMError(f"--{option} is of the format chunks; found it with {', '.join(formats)}")


def check_url(url: str, paths: Sequence[str]) -> None:
    """Raise `IndexLMError` for an address that is none, or that is given for several inputs."""
    if url and len(paths) > 1:
        raise IndexLMError(f"an address (url) belongs to one input; found {len(paths)} inputs")
    check_address(url)


class _Output(NamedTuple):
    """What `extract` writes of a page, as its options of the same names."""

    format: str
    title: bool
    front_matter: bool
    jsonl: bool
    max_tokens: int
    overlap: int
    min_expected_f1: float | None
    url: str
    images: bool
    links: str

    def check(self, paths: Sequence[str]) -> None:
        """Raise `IndexLMError` for an option that cannot be, with these inputs."""
        from indexlm.extraction import check_format
        from indexlm.output.chunks import check_sizes
        from indexlm.output.links import check_links

        check_url(self.url, paths)
        check_format(self.format, self.front_matter)
        check_sizes(self.max_tokens, self.overlap)
        check_links(self.links)


def _extract_source(
    query: str, options: _Output, extractor: Extractor, source: Source
) -> tuple[dict[str, Any], str, list[str]]:
    """An input -> the fields of its JSON object, its content in the format, and warnings."""
    extraction = extractor.extract(source, url=options.url, query=query).with_links(options.links)
    notes = list(extraction.warnings)
    extraction = extraction.with_title() if options.title else extraction
    fields, content = _rendered(extraction, options)
    if options.min_expected_f1 is not None:
        fields["needs_review"] = extraction.needs_review(options.min_expected_f1)
        if fields["needs_review"]:
            expected = extraction.prediction.expected_f1
            value = "unknown" if expected is None else f"{expected:.2f}"
            notes.append(f"needs review: its expected F1 is {value}, the least is {options.min_expected_f1:g}")
    return fields, content, notes


def _rendered(extraction: Extraction, options: _Output) -> tuple[dict[str, Any], str]:
    """A page's extraction -> the fields of its JSON object, and its content in the format."""
    if options.format == "json":
        data = extraction.json()
        return data, json.dumps(data, ensure_ascii=False, indent=2)
    expected = extraction.prediction.expected_f1
    fields: dict[str, Any] = {
        "indices": list(extraction.indices),
        "intervals": [list(interval) for interval in extraction.intervals],
        "decided_by": extraction.prediction.decided_by,
        "expected_f1": None if expected is None else round(expected, 4),
        "error": extraction.prediction.error,
        "warnings": list(extraction.warnings),
    }
    if options.jsonl:
        fields["metadata"] = extraction.metadata.to_dict()
    if options.format == "chunks":
        chunks = [chunk.to_dict() for chunk in extraction.chunks(options.max_tokens, options.overlap)]
        return fields | {"chunks": chunks}, ""
    content = extraction.render(
        options.format, front_matter=options.front_matter, images=options.images, links=options.links
    )
    if options.format == "intervals":
        return fields, content
    return fields | {options.format: content if extraction.indices else ""}, content


def checked_query(query: str | None) -> str:
    """The text of a query; empty for none. Raises `IndexLMError` for one without a word."""
    if query is not None and not query.strip():
        raise IndexLMError(f"a query has at least one word; found {query!r}")
    return (query or "").encode("utf-8", "replace").decode()  # an argument may hold bytes that are no text
