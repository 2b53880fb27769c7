"""The commands `extract` and `blocks`, and what the commands of all packages share."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.extractor import Extractor
    from indexlm.inputs.document import Source
    from indexlm.output.files import Results
    from indexlm.page import Page, Prediction

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2

Row = TypeVar("Row")

Query = Annotated[str | None, typer.Option(help="Keep the blocks that answer this; without it, the main content.")]
Model = Annotated[str, typer.Option(help="A checkpoint directory or Hugging Face id, in place of the shipped model.")]
_HEAD_HELP = (
    "Which head: `classifier` (one pass, scores), `decoder` (generates) or `trees` (structure alone: the fastest, no "
    "queries)."
)
_LINKS_HELP = "absolute, keep (as the page writes them) or drop (their text stays)."
_TITLE_HELP = "Keep the heading that names the page too: models mostly leave it out."
_THRESHOLD_HELP = (
    "Keep every block with at least this probability (0 to 1), instead of the set with the greatest expected F1. The "
    "classifier then reads every window. Not for the decoder."
)
Threads = Annotated[int, typer.Option(help="CPU threads of the model; 0 lets the runtime choose.")]


def fail(message: object, code: int = EXIT_USAGE) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"error: {' '.join(str(message).split())}", err=True)
    raise typer.Exit(code)


@contextlib.contextmanager
def usage() -> Iterator[None]:
    """End the command in one line and with exit code 2 where an option or a model is wrong, or an extra is missing."""
    try:
        yield
    except IndexLMError as error:
        fail(error)
    except ModuleNotFoundError as error:
        fail(f"this command needs an extra: pip install 'indexlm[all]' (no module {error.name})")


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
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, `-` (standard input) or http(s) addresses.")
    ],
    head: Annotated[str, typer.Option("--head", help=_HEAD_HELP)] = "classifier",
    query: Query = None,
    model: Model = "",
    format: Annotated[str, typer.Option(help="markdown, html, text, json or intervals.")] = "markdown",
    title: Annotated[bool, typer.Option("--title", help=_TITLE_HELP)] = False,
    threshold: Annotated[float | None, typer.Option(help=_THRESHOLD_HELP)] = None,
    threads: Threads = 0,
    workers: Annotated[int, typer.Option(help="Processes that share the inputs, a model in each.")] = 1,
    timeout: Annotated[float | None, typer.Option(help="The most seconds for one page; no limit without it.")] = None,
    output: Annotated[Path | None, typer.Option(help="A file, or for several inputs a folder: one file each.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line for each input, in order.")] = False,
    url: Annotated[str, typer.Option(help="The input's address, which relative links are resolved against.")] = "",
    images: Annotated[bool, typer.Option("--images", help="Keep images in Markdown.")] = False,
    links: Annotated[str, typer.Option(help=_LINKS_HELP)] = "absolute",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name each skipped file of a folder.")] = False,
) -> None:
    """Turn web pages into their main content, or into what answers --query.

    Results come in input order. A page that cannot be read is reported on standard error (with --jsonl also in its
    object's `error`), the others are done all the same, and the exit code is 1. What makes a result doubtful is a line
    `warning: …` on standard error, and in the object's `warnings`.

    Examples: `extract page.html`; `extract saved/ --output out/ --format text`;
    `curl -s URL | extract - --query "opening hours" --head decoder`.
    """
    from functools import partial

    from indexlm.extractor import Extractor, check_format
    from indexlm.output.files import OutputError, Results
    from indexlm.output.links import check_links
    from indexlm.parallel import attempt
    from indexlm.sources import find_inputs, load

    with usage():
        check_format(format)
        check_links(links)
        query = _checked_query(query)
        paths, places, skipped = find_inputs(inputs)
        _check_url(url, paths)
        extractor = Extractor(head, model=model, threshold=threshold, threads=threads)
        job = partial(_extract_source, query, url, format, {"title": title, "images": images, "links": links})
        count = workers if workers < 1 else min(workers, len(paths))
        results = extractor.map(job, map(partial(attempt, load), paths), query=query, workers=count, timeout=timeout)
        writer = Results(output, paths, places, format, jsonl)
    _report_skipped(skipped, verbose)
    try:
        with contextlib.closing(results), writer:
            pairs = zip(progress(paths, "extracting", len(paths)), results, strict=True)
            failed = sum([_write(writer, path, {"head": head, "model": model or "shipped"}, r) for path, r in pairs])
    except OutputError as error:
        fail(error, EXIT_SOME_FAILED)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _write(writer: Results, path: str, options: dict[str, str], result: Any) -> bool:
    """Write what was made of an input -> whether it failed."""
    entry = {"input": path} | options
    if not isinstance(result, Exception):
        fields, content = result
        for warning in fields["warnings"]:
            typer.echo(f"warning: {path}: {' '.join(warning.split())}", err=True)
        writer.write(path, entry | fields, content)
        return False
    message = str(result) if isinstance(result, IndexLMError) else f"{path}: {result}"
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    writer.write_failure(entry, message)
    return True


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


def _check_url(url: str, paths: Sequence[str]) -> None:
    if url and len(paths) > 1:
        raise IndexLMError(f"an address (url) belongs to one input; found {len(paths)} inputs")
    if url and not url.lower().startswith(("http://", "https://", "file:")):
        raise IndexLMError(f"an address (url) starts with http://, https:// or file:; found {url!r}")


def _extract_source(
    query: str, url: str, format: str, options: dict[str, Any], extractor: Extractor, source: Source
) -> tuple[dict[str, Any], str]:
    """An input -> the fields of its JSON object, and its content in the format. `options` are those of `render`."""
    extraction = extractor.extract(source, url=url, query=query)
    if format == "json":
        extraction = extraction.with_title() if options["title"] else extraction
        fields = extraction.with_links(options["links"]).json()
        return fields, json.dumps(fields, ensure_ascii=False, indent=2)
    content = extraction.render(format, **options)
    shown = extraction.with_title() if options["title"] else extraction
    fields = {
        "indices": list(shown.indices),
        "intervals": [list(interval) for interval in shown.intervals],
        "error": extraction.prediction.error,
        "warnings": list(extraction.warnings),
    }
    if format == "intervals":
        return fields, content
    return fields | {format: content if shown.indices else ""}, content


def _checked_query(query: str | None) -> str:
    if query is not None and not query.strip():
        raise IndexLMError(f"a query has at least one word; found {query!r}")
    return (query or "").encode("utf-8", "replace").decode()  # an argument may hold bytes that are no text


def blocks(
    input: Annotated[str, typer.Argument(help="A file, `-` or an http(s) address.")],
    head: Annotated[str, typer.Option("--head", help="Also show what this head keeps, and its probabilities.")] = "",
    query: Query = None,
    model: Model = "",
    threads: Threads = 0,
    url: Annotated[str, typer.Option(help="The page's address.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a table.")] = False,
) -> None:
    """Show a page as its numbered blocks: what a head sees, and with --head what it keeps."""
    from indexlm.extractor import Extractor
    from indexlm.html.read import to_page
    from indexlm.inputs.read import read_document
    from indexlm.sources import load

    with usage():
        query = _checked_query(query)
        _check_url(url, [input])
        page = to_page(read_document(load(input), url=url), url, query)
        prediction = Extractor(head, model=model, threads=threads).predict(page) if head else None
    for warning in page.warnings:
        typer.echo(f"warning: {' '.join(warning.split())}", err=True)
    if as_json:
        typer.echo(json.dumps(_block_rows(page, prediction), ensure_ascii=False, indent=2))
    else:
        _print_blocks(page, prediction, page.title or page.url or input)


def _block_rows(page: Page, prediction: Prediction | None) -> list[dict[str, Any]]:
    rows = []
    for block in page.blocks:
        row: dict[str, Any] = {
            "index": block.index,
            "tag": block.tag,
            "text": block.text,
            "path": list(block.path),
            "link_density": round(block.link_density, 4),
            "hidden": block.hidden,
            "line": block.line,
        }
        if prediction:
            row["kept"] = block.index in prediction.indices
            row["score"] = round(prediction.scores[block.index - 1], 4) if prediction.scores else None
        rows.append(row)
    return rows


def _print_blocks(page: Page, prediction: Prediction | None, title: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    kept = set(prediction.indices) if prediction else set()
    scores = prediction.scores if prediction else None
    table = Table(title=Text(title), box=SIMPLE_HEAD, pad_edge=False)
    console = Console(width=None if sys.stdout.isatty() else 160)
    columns = {"#": 4} | ({"keep": 4} if prediction else {}) | ({"score": 5} if scores else {})
    columns |= {"tag": 10, "links": 5, "path": 24 if console.width >= 100 else 12}
    columns["text"] = max(10, console.width - sum(columns.values()) - 3 * (len(columns) + 1))
    for name, width in columns.items():
        justify = "right" if name in ("#", "score", "links") else "left"
        table.add_column(name, width=width, no_wrap=True, overflow="ellipsis", justify=justify)  # type: ignore[arg-type]
    for block in page.blocks:
        cells = [str(block.index)]
        if prediction:
            cells.append("yes" if block.index in kept else "")
        if scores:
            cells.append(f"{scores[block.index - 1]:.2f}")
        cells += [block.tag, f"{block.link_density:.0%}", " ".join(block.path[-2:]), block.text.replace("\n", " ")]
        table.add_row(*map(Text, cells), style="" if not prediction or block.index in kept else "dim")
    console.print(table)
