"""The command that shows a page as its numbered blocks."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from indexlm.commands import EXIT_SOME_FAILED, check_url, checked_query, fail, usage
from indexlm.flags import Model, Query, Threads

if TYPE_CHECKING:
    from indexlm.page import Page, Prediction


_WIDE = 120  # columns of a screen that has room for reasons beside the text


def blocks(
    input: Annotated[str, typer.Argument(help="A file, `-` or an http(s) address.")],
    head: Annotated[
        str,
        typer.Option(
            "--head", help="Also show what this head keeps, its probabilities, and rules that decide against them."
        ),
    ] = "",
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
    from indexlm.output.files import OutputError, print_out
    from indexlm.sources import load

    with usage():
        query = checked_query(query)
        check_url(url, [input])
        page, _ = to_page(read_document(load(input), url=url), url, query)
        prediction = Extractor(head, model=model, threads=threads).predict(page) if head else None
    for warning in page.warnings:
        typer.echo(f"warning: {' '.join(warning.split())}", err=True)
    try:
        if as_json:
            print_out(json.dumps(_block_rows(page, prediction), ensure_ascii=False, indent=2))
        else:
            _print_blocks(page, prediction, page.title or page.url or input)
    except OSError as error:
        fail(f"an output can be written; standard output cannot: {error.strerror}", EXIT_SOME_FAILED)
    except OutputError as error:
        fail(error, EXIT_SOME_FAILED)


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
            "hidden_by": block.hidden_by,
            "line": block.line,
        }
        if prediction:
            row["kept"] = block.index in prediction.indices
            row["score"] = round(prediction.scores[block.index - 1], 4) if prediction.scores else None
            row["reason"] = prediction.reasons.get(block.index, "")
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
    reasons = prediction.reasons if prediction else {}
    columns |= {"tag": 10, "links": 5, "path": 24 if console.width >= 100 else 12}
    is_wide = console.width >= _WIDE
    columns |= {"reason": max(map(len, reasons.values()))} if reasons and is_wide else {}
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
        cells += [block.tag, f"{block.link_density:.0%}", " ".join(block.path[-2:])]
        text, reason = block.text.replace("\n", " "), reasons.get(block.index, "")
        if reasons and is_wide:
            cells.append(reason)
        elif reason:
            text = f"({reason}) {text}"
        cells.append(text)
        table.add_row(*map(Text, cells), style="" if not prediction or block.index in kept else "dim")
    console.print(table)
