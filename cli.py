"""The command line: `python cli.py …`, or `indexlm …` where the package is installed."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO

import typer

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.api import Extraction
    from indexlm.page import Page

EXIT_SOME_FAILED = 1
EXIT_USAGE = 2

FORMATS = {"markdown": ".md", "html": ".html", "text": ".txt", "json": ".json", "intervals": ".txt"}

app = typer.Typer(
    help="Extract the main content of web pages, or the blocks that answer a query: encoder against decoder.\n\n"
    "Exit codes: 0 all done; 1 some inputs failed, the rest is done; 2 a bad option or model, nothing was done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
train_app = typer.Typer(help="Train either head (needs the `train` extra).", no_args_is_help=True)
eval_app = typer.Typer(help="Compare extractors on data sets (needs the `eval` extra).", no_args_is_help=True)
data_app = typer.Typer(help="Build data sets to fine-tune on (needs the `train` extra).", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(train_app, name="train")
app.add_typer(eval_app, name="eval")


def _fail(message: object, code: int = EXIT_USAGE) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(code)


@contextlib.contextmanager
def _usage() -> Iterator[None]:
    """Turn a mistake in what was asked for into one line and exit code 2."""
    try:
        yield
    except IndexLMError as error:
        _fail(error)
    except ModuleNotFoundError as error:
        _fail(f"this command needs an extra: pip install 'indexlm[all]' (no module {error.name})")


def _show_version(wanted: bool) -> None:
    if wanted:
        from indexlm import __version__

        typer.echo(f"indexlm {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


Head = Annotated[
    str,
    typer.Option(
        "--head",
        help="Which predictor: `classifier` (one pass, scores), `decoder` (generates) or `trees` (structure alone: the "
        "fastest, no queries).",
    ),
]
Query = Annotated[str | None, typer.Option(help="Keep the blocks that answer this; without it, the main content.")]
Model = Annotated[str, typer.Option(help="A checkpoint directory or Hugging Face id, in place of the shipped model.")]
Threads = Annotated[int, typer.Option(min=0, max=256, help="CPU threads of the model; 0 lets the runtime choose.")]
Data = Annotated[Path, typer.Option(help="A folder with me/ and qe/, each with train.parquet and dev.parquet.")]


@app.command()
def extract(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders, `-` (standard input) or http(s) addresses.")
    ],
    head: Head = "classifier",
    query: Query = None,
    model: Model = "",
    format: Annotated[str, typer.Option(help="markdown, html, text, json or intervals.")] = "markdown",
    title: Annotated[
        bool, typer.Option("--title", help="Keep the heading that names the page too: models mostly leave it out.")
    ] = False,
    threshold: Annotated[
        float | None, typer.Option(help="Least probability of a kept block, 0 to 1 (classifier).")
    ] = None,
    threads: Threads = 0,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that share the inputs, each with a model on one thread.")
    ] = 1,
    output: Annotated[Path | None, typer.Option(help="A file, or for several inputs a folder: one file each.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a line for each input, in input order.")
    ] = False,
) -> None:
    """Turn web pages into their main content, or into what answers --query.

    Results come in input order. A page that cannot be read is reported on standard error (with --jsonl also in its
    object's `error`), the others are done all the same, and the exit code is 1.

    Examples: `extract page.html`; `extract saved/ --output out/ --format text`;
    `curl -s URL | extract - --query "opening hours" --head decoder`.
    """
    from functools import partial

    from indexlm.api import extract_many
    from indexlm.source import expand

    if format not in FORMATS:
        _fail(f"a format is {', '.join(FORMATS)}; found {format!r}")
    if threshold is not None and not 0 <= threshold <= 1:
        _fail(f"a threshold is a probability from 0 to 1; found {threshold:g}")
    asked = _checked_query(query)
    with _usage():
        paths = list(expand(inputs))
        results = extract_many(
            map(_read, paths),
            query=asked,
            head=head,
            model=model,
            threshold=threshold,
            threads=threads,
            workers=min(workers, len(paths)),
            finish=partial(_made, format, title),
        )
    failed = 0
    with contextlib.closing(results), _Writer(output, paths, format, jsonl) as writer:
        for path, made in zip(_progress(paths), results, strict=True):
            entry = {"input": path, "head": head, "model": model or "shipped"}
            if isinstance(made, Exception):
                failed += 1
                message = str(made) if isinstance(made, IndexLMError) else f"{path}: {made}"
                typer.echo(f"error: {' '.join(message.split())}", err=True)
                writer.write_failure(entry, message)
            else:
                writer.write(path, entry | made)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _read(path: str) -> tuple[str, str] | Exception:
    """An input -> its HTML and address, or what went wrong."""
    from indexlm.source import load

    try:
        return load(path)
    except IndexLMError as error:
        return error
    except Exception as error:  # whatever one input does, the others are done all the same
        return RuntimeError(f"{type(error).__name__}: {error}")


def _made(format: str, title: bool, extraction: Extraction) -> dict[str, Any]:
    """What is written of a page, besides its input: the content stands under the format's name."""
    if title:
        extraction = extraction.with_title()
    if format == "json":
        return extraction.json()
    made: dict[str, Any] = {
        "indices": list(extraction.indices),
        "intervals": [list(interval) for interval in extraction.intervals],
        "error": extraction.prediction.error,
    }
    return made if format == "intervals" else made | {format: getattr(extraction, format)}


def _checked_query(query: str | None) -> str:
    if query is not None and not query.strip():
        _fail(f"a query has at least one word; found {query!r}")
    return (query or "").encode("utf-8", "replace").decode()  # an argument may hold bytes that are no text


class _Writer:
    """Where results go: standard output, one file, or a folder with a file for each input.

    A file is opened when its content is there, so that a page that fails leaves what was there before.
    """

    def __init__(self, output: Path | None, paths: list[str], format: str, jsonl: bool) -> None:
        self.format = format
        self.jsonl = jsonl
        self.first = True
        self.file: TextIO | None = None
        self.target = output
        self.folder: dict[str, Path] | None = None  # the file of each input
        if output is None:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")
            return
        to_folder = not jsonl and (len(paths) > 1 or output.is_dir())
        try:
            (output if to_folder else output.parent).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _fail(f"an output can be written; {output} cannot: {error.strerror}")
        if to_folder:
            self.folder = dict(zip(paths, _targets(output, paths, FORMATS[format]), strict=True))
        inputs = {Path(path).resolve() for path in paths if not path.startswith(("http://", "https://", "-"))}
        for target in self.folder.values() if self.folder is not None else [output]:
            if target.resolve() in inputs:
                _fail(f"an output is no input; {target} is both")

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        if self.file is not None:
            try:
                self.file.close()
            except OSError as error:
                if kind is None:  # else it is already on its way
                    _fail(f"an output can be written; {self.target} cannot: {error.strerror}", EXIT_SOME_FAILED)

    def write(self, path: str, entry: dict[str, Any]) -> None:
        if self.jsonl:
            self._print(json.dumps(entry, ensure_ascii=False), self.target)
            return
        if self.format == "json":
            content = json.dumps(entry, ensure_ascii=False, indent=2)
        elif self.format == "intervals":
            from indexlm.intervals import format_intervals

            content = format_intervals(entry["intervals"])
        else:
            content = entry[self.format]
        if self.folder is not None:
            try:
                self.folder[path].write_text(content + "\n", "utf-8", errors="backslashreplace")
            except OSError as error:
                _fail(f"an output can be written; {self.folder[path]} cannot: {error.strerror}", EXIT_SOME_FAILED)
        else:
            self._print(content if self.first else "\n" + content, self.target)
        self.first = False

    def write_failure(self, entry: dict[str, Any], error: str) -> None:
        if self.jsonl:
            content = {} if self.format in ("json", "intervals") else {self.format: ""}
            entry |= {"indices": [], "intervals": [], "error": error} | content
            self._print(json.dumps(entry, ensure_ascii=False), self.target)

    def _print(self, text: str, target: Path | None) -> None:
        if target is None:
            print(text, flush=True)
            return
        try:
            if self.file is None:
                self.file = target.open("w", encoding="utf-8", errors="backslashreplace")
            print(text, file=self.file, flush=True)
        except OSError as error:
            _fail(f"an output can be written; {target} cannot: {error.strerror}", EXIT_SOME_FAILED)


def _targets(folder: Path, paths: list[str], suffix: str) -> Iterator[Path]:
    """A file name for each input: its own, numbered where two are the same."""
    taken: set[str] = set()
    for path in paths:
        stem = "stdin" if path == "-" else Path(path.rstrip("/").partition("?")[0]).stem[:100] or "page"
        name, n = stem, 1
        while name.lower() in taken:
            n += 1
            name = f"{stem}-{n}"
        taken.add(name.lower())
        yield folder / (name + suffix)


def _progress(paths: list[str]) -> Iterator[str]:
    """The paths, with a progress bar on standard error where there are several and someone looks."""
    if len(paths) == 1 or not sys.stderr.isatty():
        yield from paths
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(paths, description="extracting", console=Console(stderr=True))


@app.command()
def blocks(
    input: Annotated[str, typer.Argument(help="A file, `-` or an http(s) address.")],
    head: Annotated[str, typer.Option("--head", help="Show what this head keeps, and the classifier's scores.")] = "",
    query: Query = None,
    model: Model = "",
    threads: Threads = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a table.")] = False,
) -> None:
    """Show a page as its numbered blocks: what a head sees, and with --head what it makes of each."""
    from indexlm.api import load, predict
    from indexlm.segment import read_page
    from indexlm.source import load as load_source

    asked = _checked_query(query)
    with _usage():
        source = load_source(input)
        page = read_page(source.html, url=source.url, query=asked)
        prediction = predict(page, load(head, model, threads)) if head else None
    kept = set(prediction.indices) if prediction else set()
    scores = prediction.scores if prediction else None
    if as_json:
        rows = []
        for i, block in enumerate(page.blocks):
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
                row["kept"] = block.index in kept
                row["score"] = round(scores[i], 4) if scores else None
            rows.append(row)
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(page.title or source.url or input), box=SIMPLE_HEAD, pad_edge=False)
    console = Console(width=None if sys.stdout.isatty() else 160)
    columns = {"#": 4} | ({"keep": 4} if prediction else {}) | ({"score": 5} if scores else {})
    columns |= {"tag": 10, "links": 5, "path": 24 if console.width >= 100 else 12}
    columns["text"] = max(10, console.width - sum(columns.values()) - 3 * (len(columns) + 1))
    for name, width in columns.items():
        justify = "right" if name in ("#", "score", "links") else "left"
        table.add_column(name, width=width, no_wrap=True, overflow="ellipsis", justify=justify)  # type: ignore[arg-type]
    for i, block in enumerate(page.blocks):
        cells = [str(block.index)]
        if prediction:
            cells.append("yes" if block.index in kept else "")
        if scores:
            cells.append(f"{scores[i]:.2f}")
        cells += [block.tag, f"{block.link_density:.0%}", " ".join(block.path[-2:]), block.text.replace("\n", " ")]
        table.add_row(*map(Text, cells), style="" if not prediction or block.index in kept else "dim")
    console.print(table)


@data_app.command("build")
def data_build(
    out: Annotated[Path, typer.Option(help="The folder for train.parquet, eval.parquet and the dataset card.")],
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]WHAT[@ROWS]",
            help="A .parquet or .jsonl file of pages or questions, a WCXB or article-extraction-benchmark folder, or "
            "from the Hub hotpotqa, multihoprag, htmlrag, msmarco, mismatched; at most ROWS rows of it, evenly drawn. "
            "Repeat the option.",
        ),
    ] = None,
    recipe: Annotated[
        str, typer.Option(help="`paper`: 21,098 rows and 500 for evaluation from the Hub, as published.")
    ] = "",
    hosts: Annotated[
        list[Path] | None, typer.Option(help="Pages that questions may be laid into, but that make no rows.")
    ] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="A file to evaluate on: no row may come from it. Repeat the option.")
    ] = None,
    drop_leaks: Annotated[
        bool, typer.Option("--drop-leaks", help="Leave out rows known from elsewhere, in place of an error.")
    ] = False,
    profile: Annotated[str, typer.Option(help="How a page is rendered: plain or structural.")] = "plain",
    block_units: Annotated[
        int | None, typer.Option(help="Units of a block's text, about a token each; without it, the profile's.")
    ] = None,
    query_units: Annotated[int | None, typer.Option(help="The same where a query is asked.")] = None,
    query_last: Annotated[
        bool,
        typer.Option(help="The query after the blocks: a decoder trained so reads a page once for many queries."),
    ] = False,
    tokenizer: Annotated[
        str, typer.Option(help="A folder, a tokenizer.json or a Hugging Face id; without it, the shipped models'.")
    ] = "",
    max_tokens: Annotated[int, typer.Option(help="Longer conversations are left out.")] = 4096,
    eval_share: Annotated[float, typer.Option(help="The share of domains and documents held out.")] = 0.02,
    eval_rows: Annotated[int | None, typer.Option(help="A number of rows to hold out, in place of a share.")] = None,
    questions: Annotated[int, typer.Option(help="At most so many are asked of a document.")] = 2,
    na_share: Annotated[float, typer.Option(help="The share of them that belong to another document.")] = 0.2,
    distractors: Annotated[int, typer.Option(help="At most so many other articles stand on the page.")] = 2,
    excerpts: Annotated[
        float, typer.Option(help="The share of these pages cut to the blocks around the answer.")
    ] = 0.2,
    licenses: Annotated[
        list[str] | None,
        typer.Option(help="Only rows of this licence; `free` for those of the shipped models. Repeat the option."),
    ] = None,
    seed: int = 42,
) -> None:
    """Turn pages and questions into conversations for `train`: one row a page and task, and a summary.

    Questions are laid into real pages, which the sources with HTML or --hosts lend. The same sources and seed give the
    same rows; what is held out depends on domains and titles alone.

    Example: `data build --source me/train.parquet --source qe/train.parquet@4000 --against me/dev.parquet
    --licenses free --out data/`.
    """
    import shlex

    from train.data import Options, build, paper, parse_source
    from train.hub import PAPER_ROWS

    if recipe not in ("", "paper"):
        _fail(f"a recipe is `paper`; found {recipe!r}")
    with _usage():
        sources = [*(paper() if recipe else []), *map(parse_source, source or ())]
        if recipe and eval_rows is None:
            eval_rows = PAPER_ROWS[1]
        options = Options(
            profile=profile,
            block_units=block_units,
            query_units=query_units,
            query_last=query_last,
            max_tokens=max_tokens,
            eval_share=eval_share,
            eval_rows=eval_rows,
            questions=questions,
            na_share=na_share,
            distractors=distractors,
            excerpts=excerpts,
            licenses=tuple(licenses or ()),
            drop_leaks=drop_leaks,
            seed=seed,
        )
        with _counter() as progress:
            summary = build(
                sources,
                out,
                options,
                hosts=hosts or (),
                against=against or (),
                tokenizer=tokenizer,
                command=shlex.join(["indexlm", *sys.argv[1:]]),
                progress=progress,
            )
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    for title, columns, cells in summary.tables():
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for k, column in enumerate(columns):
            is_number = any(row[k][:1].isdigit() for row in cells)
            table.add_column(column, justify="right" if is_number else "left")
        for row in cells:
            table.add_row(*row)
        if cells:
            console.print(table)
    console.print(f"{summary.rows('train'):,} rows for training and {summary.rows('eval'):,} for evaluation in {out}")


@contextlib.contextmanager
def _counter() -> Iterator[Any]:
    """A function (name, count) that shows what is being counted on standard error, where someone looks."""
    if not sys.stderr.isatty():
        yield lambda name, count: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        yield lambda name, count: status.update(f"{name}: {count:,} rows")


@train_app.command("prepare")
def train_prepare(
    data: Data,
    run: Annotated[Path, typer.Option(help="A folder for the trees, the tokenizer, the windows and the checkpoints.")],
    vocabulary: Annotated[int, typer.Option(min=2048, max=65536, help="Tokens of the tokenizer.")] = 8192,
    epochs: Annotated[int, typer.Option(min=1, help="How often every page is seen, augmented anew each time.")] = 5,
    articles: Annotated[int, typer.Option(min=0, help="QE pages laid for each epoch.")] = 3500,
    profile: Annotated[str, typer.Option(help="How blocks are rendered: structural or plain.")] = "structural",
    window_tokens: Annotated[int, typer.Option(min=128, max=4096, help="Tokens of a window.")] = 384,
    block_units: Annotated[int, typer.Option(min=4, help="Units of a block's text, for main content.")] = 8,
    query_units: Annotated[int, typer.Option(min=4, help="Units of a block's text, for queries.")] = 32,
    seed: int = 42,
) -> None:
    """For the shipped models: train the trees and a tokenizer on the licensed rows, and cut these into windows.

    Trees that are in the folder of the run stay as they are.
    """
    from train.build import build

    with _usage():
        run.mkdir(parents=True, exist_ok=True)
        counts = build(
            data,
            run,
            vocabulary=vocabulary,
            epochs=epochs,
            articles=articles,
            seed=seed,
            profile=profile,
            window_tokens=window_tokens,
            block_units=block_units,
            query_units=query_units,
        )
    typer.echo(json.dumps(counts))


RecipeFile = Annotated[
    Path | None, typer.Argument(metavar="[RECIPE]", help="A YAML file; without one, the defaults. See train/recipes/.")
]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the recipe. Repeat the option.")
]
PrintConfig = Annotated[bool, typer.Option("--print-config", help="Print the whole recipe as YAML, and do nothing.")]


@train_app.command("classifier")
def train_classifier(
    recipe: RecipeFile = None, changes: Changes = None, print_config: PrintConfig = False, threads: Threads = 0
) -> None:
    """Train a classifier (bidirectional, a label at each marker) by a recipe; goes on where it stopped.

    Afterwards its probabilities are calibrated on the rows that the recipe holds out.
    """
    from eval.metrics import block_prf, calibration_error
    from train.recipe import read_recipe, write_recipe

    with _usage():
        chosen = read_recipe(recipe, changes or ())
        if print_config:
            typer.echo(write_recipe(chosen), nl=False)
            return
        from train.calibrate import calibrate_rows
        from train.classifier import train_classifier

        _set_threads(threads)
        out = train_classifier(chosen)
        if chosen.held_out and _is_first_process():
            found = calibrate_rows(out, chosen, lambda kept, gold: block_prf(kept, gold)[2], calibration_error)
            typer.echo(json.dumps(found, indent=2))
        _finish(chosen, out)


@train_app.command("decoder")
def train_decoder(
    recipe: RecipeFile = None, changes: Changes = None, print_config: PrintConfig = False, threads: Threads = 0
) -> None:
    """Train a decoder (supervised fine-tuning on the intervals) by a recipe; goes on where it stopped."""
    from train.recipe import read_recipe, write_recipe

    with _usage():
        chosen = read_recipe(recipe, changes or ())
        if print_config:
            typer.echo(write_recipe(chosen), nl=False)
            return
        from train.decoder import train_decoder

        _set_threads(threads)
        _finish(chosen, train_decoder(chosen))


@train_app.command("speed")
def train_speed(
    head: Annotated[str, typer.Argument(help="classifier or decoder.")],
    size: Annotated[str, typer.Option(help="A published configuration, with random weights.")] = "qwen3-0.6b",
    tokens: Annotated[int, typer.Option(min=256, help="Tokens of a row.")] = 4096,
    batch: Annotated[list[int] | None, typer.Option(min=1, help="Rows of a step; repeat the option. 1, 4, 8.")] = None,
    steps: Annotated[int, typer.Option(min=6, help="Steps of a setting; the first three are not counted.")] = 10,
) -> None:
    """What training costs on this machine: tokens/s, model-FLOPs utilisation, peak memory; a JSON line a setting."""
    from heads.settings import HEADS
    from train.backbone import PUBLISHED
    from train.speed import speed

    if head not in HEADS or size not in PUBLISHED:
        _fail(f"a head is {' or '.join(HEADS)}, a size {', '.join(PUBLISHED)}; found {head!r} and {size!r}")
    with _usage():
        for found in speed(head, PUBLISHED[size], tokens, batch or [1, 4, 8], steps):
            typer.echo(json.dumps(found))


def _is_first_process() -> bool:
    """Under `accelerate launch` every GPU has a process; what is done once is done by the first."""
    import os

    return os.environ.get("RANK", "0") == "0"


def _finish(recipe: Any, out: Path) -> None:
    if not _is_first_process():
        return
    typer.echo(out)
    if recipe.push_to_hub:
        from train.fit import publish

        typer.echo(publish(recipe))


def _set_threads(threads: int) -> None:
    if threads:
        import torch

        torch.set_num_threads(threads)


@train_app.command("calibrate")
def train_calibrate(
    model: Annotated[Path, typer.Argument(help="A checkpoint directory; its config.json is rewritten.")],
    data: Data,
    threads: Threads = 0,
) -> None:
    """Set by training rows that no training saw, for ME and QE apart, what a head's answers are corrected by.

    A classifier's probabilities are scaled; a decoder is held back from ending its answers too early.
    """
    from eval.metrics import block_prf, calibration_error, word_prf
    from train.calibrate import calibrate

    with _usage():
        found = calibrate(
            model,
            data,
            lambda text, gold: word_prf(text, gold)[2],
            lambda kept, gold: block_prf(kept, gold)[2],
            calibration_error,
            threads,
        )
        typer.echo(json.dumps(found, indent=2))


@app.command("export")
def export_checkpoint(
    checkpoint: Annotated[
        Path, typer.Argument(help="A directory with a Qwen3 checkpoint: a causal language model or a token classifier.")
    ],
    out: Annotated[Path, typer.Argument(help="The folder for model.onnx, config.json, tokenizer.json and the rest.")],
    runtime: Annotated[
        str, typer.Option(help="What to compare and time with: onnx, or openvino (classifiers; --precision fp32).")
    ] = "onnx",
    precision: Annotated[str, typer.Option(help="fp32, int8 (weights and activations) or int4 (weights).")] = "int8",
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--sample",
            help="Files, folders or addresses of pages to compare on; made ones otherwise. Repeat the option.",
        ),
    ] = None,
    max_drift: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Greatest mean difference of logits (default 0.001 for fp32, with openvino 0.25; 0.25 for int8, 0.5 "
            "for int4).",
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="A JSON file for what was measured.")] = None,
    speed: Annotated[
        int, typer.Option(min=0, max=32768, help="Also time a pass over so many tokens against the machine's peaks.")
    ] = 0,
    threads: Threads = 0,
) -> None:
    """Export a checkpoint of either head, so that it runs without torch, and compare it with the checkpoint.

    Checkpoint and exported model read the same pages. Where their logits differ by more than --max-drift on average,
    the exit code is 1 and the files lie in OUT.drifted instead. Weights of more than 2 GB lie in model.onnx.data.
    """
    from train.export import MOST_DRIFT, PRECISIONS, compare, export, place, sample

    if runtime not in ("onnx", "openvino"):
        _fail(f"the runtime to export for is onnx or openvino; found {runtime!r}")
    if precision not in PRECISIONS:
        _fail(f"a precision is {', '.join(PRECISIONS)}; found {precision!r}")
    with _usage():
        from heads import Settings, check_openvino

        settings = Settings.read_from(checkpoint)
        if runtime == "openvino":
            check_openvino(settings, checkpoint)
        kind: Any = precision  # one of PRECISIONS
        # OpenVINO rounds to bfloat16 where the processor has it: coarser than fp32, and less so than 8 bits.
        most = MOST_DRIFT["int8" if (runtime, precision) == ("openvino", "fp32") else kind]
        most = most if max_drift is None else max_drift
        by: Any = runtime
        pages = sample(given or [], settings.tasks)
        out = out.resolve()
        trial, drifted = (out.with_name(out.name + suffix) for suffix in (".unchecked", ".drifted"))
        export(checkpoint, trial, kind)
        found = compare(checkpoint, trial, pages, threads, by)
        size = sum(path.stat().st_size for path in trial.glob("model.onnx*"))
        stated: dict[str, Any] = {
            "checkpoint": str(checkpoint),
            "runtime": runtime,
            "precision": precision,
            "bytes": size,
        }
        stated |= found._asdict() | {"max_drift": most, "passed": found.mean <= most}
        if speed:
            from train.peaks import measure

            took = measure(trial, kind, speed, threads, by)
            stated["speed"] = took._asdict() | {"ratio": took.ratio}
        kept = out if found.mean <= most else drifted
        place(trial, kept)
        stated["folder"] = str(kept)
        if report is not None:
            try:
                report.write_text(json.dumps(stated, indent=2) + "\n", "utf-8")
            except OSError as error:
                _fail(f"an output can be written; {report} cannot: {error.strerror}", EXIT_SOME_FAILED)
    drift = (
        f"{found.mean:.2g} on average and by {found.largest:.2g} at most ({found.logits} logits, "
        f"{found.identical} of {found.pages} pages with identical indices)"
    )
    if speed:
        rates = ", ".join(f"{name} {rate:.0f}" for name, rate in took.peaks.items())
        typer.echo(
            f"{speed} tokens: {took.seconds:.3f} s, {took.ratio:.1f} times the floor of {took.linear:.3f} s (linear) "
            f"and {took.attention:.3f} s (attention) at the peaks measured here ({rates} GFLOP/s)"
        )
    if kept == drifted:
        _fail(
            f"logits of {precision} may differ by {most:g} on average from the checkpoint's; found {drift}; "
            f"the model is kept in {drifted}",
            EXIT_SOME_FAILED,
        )
    typer.echo(f"{out}: {precision}, {size / 2**20:.1f} MiB; logits differ by {drift}")


@eval_app.command("segmenter")
def eval_segmenter(
    data: Data, split: str = "dev", source: Annotated[str, typer.Option(help="Only rows of this source.")] = "wcxb"
) -> None:
    """What the segmenter costs and loses: oracle and all-blocks word F1, median blocks and milliseconds a page."""
    from eval.segmenter import score_segmenter
    from indexlm.examples import read_rows

    with _usage():
        rows = read_rows(data / "me" / f"{split}.parquet", lambda row: row["source"] == source)
        if not rows:
            _fail(f"rows of the source {source!r} are asked for; {data} has none")
        typer.echo(json.dumps(score_segmenter(rows), indent=2))


@eval_app.command("predict")
def eval_predict(
    data: Annotated[
        Path,
        typer.Option(
            help="A folder with me/ and qe/, a WCXB or article-extraction-benchmark folder, a .parquet or .jsonl file."
        ),
    ],
    out: Annotated[Path, typer.Option(help="A folder for the predictions; a run goes on where it stopped.")],
    extractor: Annotated[
        list[str],
        typer.Option(
            help="A head, as in classifier, decoder=CHECKPOINT, classifier@torch or decoder=CHECKPOINT@onnx (without "
            "@, ONNX where the checkpoint has it); classifier-whole and decoder-whole leave nothing to the trees; "
            "decoder-unconstrained is the decoder without its grammar; trees; or a baseline or tool: all-blocks, "
            "first-blocks=COUNT, bm25=THRESHOLD,TOP, embedding=MODEL, trafilatura, readability, …; `peers` stands for "
            "all tools. Repeat the option."
        ),
    ],
    task: Annotated[str, typer.Option(help="me (main content) or qe (questions).")] = "me",
    split: str = "dev",
    source: Annotated[str, typer.Option(help="Only cases of this source, such as wcxb.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="At most this many cases, evenly spread; 0 for all.")] = 0,
    seconds: Annotated[float, typer.Option(help="A page that takes longer is an error.")] = 60.0,
    threads: Threads = 0,
) -> None:
    """Run extractors over cases and write a row a page: what `eval score` reads.

    Each extractor runs in a process of its own: a page that crashes it or never ends costs that page alone. A tool that
    is not installed is left out, and the report says so.
    """
    from functools import partial

    from eval.cases import read_cases
    from eval.extractors import PEERS, version
    from eval.predict import file_name, machine, predict, write_cases

    names = [name for given in extractor for name in (PEERS if given == "peers" else [given])]
    unfit = [name for name in names if (name in PEERS if task == "qe" else name.startswith(("bm25", "embedding")))]
    if unfit:
        _fail(f"tools read main content (me), bm25 and embeddings answer questions (qe); found {unfit[0]} for {task}")
    failed = 0
    with _usage():
        cases = read_cases(data, task, split, source, limit)
        write_cases(cases, out)
        for name in dict.fromkeys(names):
            ours = _parts(name)[0] in (*_HEADS, "trees")
            meta: dict[str, Any] = {"name": name}
            try:
                meta["version"] = version(name)
                if ours:
                    meta |= {"probabilities": not name.startswith("decoder"), "threads": threads}
                    meta["checkpoint"] = _fingerprint(name)
                rows = predict(
                    name,
                    partial(open_extractor, name, threads),
                    cases,
                    out,
                    seconds_a_page=seconds,
                    stated=meta,
                )
                errors = sum(bool(row["error"]) for row in _count(rows, name, len(cases)))
            except (ImportError, importlib.metadata.PackageNotFoundError) as error:
                meta |= {"left_out": f"not installed: {error}", "machine": machine()}
                (out / f"{file_name(name)}.meta.json").write_text(json.dumps(meta) + "\n", "utf-8")
                typer.echo(f"{name} is left out: {error}", err=True)
                continue
            failed += errors
            typer.echo(f"{name}: {len(cases)} cases, {errors} new errors", err=True)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _count(rows: Iterator[dict[str, Any]], name: str, total: int) -> Iterator[dict[str, Any]]:
    """The rows, with a progress bar on standard error where someone looks."""
    if not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(rows, description=name, total=total, console=Console(stderr=True))


def _fingerprint(name: str) -> str:
    """What tells two checkpoints of an extractor apart: a hash of the files; none for a Hugging Face id."""
    import hashlib

    from heads import shipped

    kind, model, _ = _parts(name)
    folder = Path(model) if model else shipped("decoder" if kind.startswith("decoder") else "classifier")
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.suffix in (".json", ".onnx", ".safetensors"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16] if folder.is_dir() else ""


_HEADS = ("classifier", "classifier-whole", "decoder", "decoder-whole", "decoder-unconstrained")


def _parts(name: str) -> tuple[str, str, str]:
    """An extractor's `KIND[=CHECKPOINT][@RUNTIME]` -> these three, empty where they are not given."""
    from heads import RUNTIMES

    rest, _, runtime = name.rpartition("@")
    if runtime not in RUNTIMES:
        rest, runtime = name, ""
    kind, _, model = rest.partition("=")
    return kind, model, runtime


def open_extractor(name: str, threads: int = 0) -> Any:
    """The name of a head or of the trees (`KIND[=CHECKPOINT][@RUNTIME]`), a baseline or a tool -> an extractor."""
    from eval.extractors import of_blocks, open_baseline

    predictor = _open_predictor(name, threads)
    return of_blocks(predictor) if predictor else open_baseline(name)


def _open_predictor(name: str, threads: int) -> Any:
    """What predicts the blocks of pages, for the name of a head or of the trees; None for other names."""
    from dataclasses import replace

    from heads import DecoderHead, open_head, shipped
    from heads.settings import NEVER

    kind, model, runtime = _parts(name)
    if kind in _HEADS:
        wanted = kind.partition("-")[0]
        head = open_head(model or shipped(wanted), runtime or None, threads)  # type: ignore[arg-type]
        if head.settings.head != wanted:
            raise IndexLMError(f"{model} is a checkpoint of the {head.settings.head} head; found {name!r}")
        if isinstance(head, DecoderHead):
            head.constrained = kind != "decoder-unconstrained"
        if kind.endswith("-whole"):
            head.settings = replace(head.settings, enough=NEVER, unread=0.0)
        return head
    if kind == "trees" and not runtime:
        from heads.trees import load_trees

        return load_trees((Path(model) if model else shipped("classifier")) / "trees.onnx")
    return None


@eval_app.command("score")
def eval_score(
    folder: Annotated[Path, typer.Argument(help="A folder that `eval predict` wrote; the reports go there too.")],
    published: Annotated[
        list[str] | None,
        typer.Option(help='NAME=FILE: published results, {id: {"articleBody": text}}, marked as such in the table.'),
    ] = None,
) -> None:
    """Turn predictions into report.md, report.json and report.html: scores with intervals, differences, cost, pages.

    No model is needed, and nothing is computed twice: the tables come from the files alone.
    """
    from eval.report import to_html, to_markdown
    from eval.score import load, score

    files: dict[str, Path] = {}
    for given in published or []:
        name, is_pair, file = given.partition("=")
        if not is_pair or not name:
            _fail(f"published results are given as NAME=FILE; found {given!r}")
        files[name] = Path(file)
    with _usage():
        cases, systems, stated = load(folder, files)
        report = score(cases, systems, stated)
        markdown = to_markdown(report)
        for name, text in (
            ("report.json", json.dumps(report, ensure_ascii=False, indent=1)),
            ("report.html", to_html(report, cases, systems)),
            ("report.md", markdown),
        ):
            (folder / name).write_text(text, "utf-8", errors="replace")
    typer.echo(markdown)


@eval_app.command("tune-bm25")
def eval_tune_bm25(
    data: Data, limit: Annotated[int, typer.Option(min=1, help="At most this many questions.")] = 800
) -> None:
    """Choose BM25's threshold and number of blocks on the training split: its best, to compare with."""
    from eval.cases import read_cases
    from eval.metrics import block_prf
    from eval.retrieval import bm25_scores, tune

    with _usage():
        cases = read_cases(data, "qe", "train", limit=limit)
        scores = [bm25_scores(case.page) for case in cases if case.page]
        typer.echo(json.dumps(tune(scores, [case.gold for case in cases], lambda a, b: block_prf(a, b)[2])))


@app.command()
def bench(
    extractor: Annotated[
        list[str] | None,
        typer.Option(
            help="As in `eval predict`; the others are compared with the first. CHECKPOINT may also be qwen3-0.6b or "
            "qwen3-1.7b: random weights in that model's exact configuration. Repeat the option. Default: classifier, "
            "decoder; for made pages classifier-whole, decoder-whole.",
        ),
    ] = None,
    length: Annotated[
        list[int] | None,
        typer.Option(min=64, help="Tokens of a page, at most. Repeat the option. Default: 512, 1024, … 32768."),
    ] = None,
    made: Annotated[int, typer.Option(min=1, help="Pages that are made up for each length.")] = 8,
    pages: Annotated[list[str] | None, typer.Option(help="Files or folders of pages, in place of made ones.")] = None,
    data: Annotated[Path | None, typer.Option(help="Pages of a data set, as in `eval predict`.")] = None,
    split: str = "dev",
    source: Annotated[str, typer.Option(help="Only pages of this source of the data, such as wcxb.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="At most this many pages of the data; 0 for all.")] = 0,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, max=256, help="CPU threads of the models. Repeat it. Default: 1, 2.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each page is timed.")] = 3,
    seconds: Annotated[float, typer.Option(min=0, help="Begin no other round of a length after this; 0: always.")] = 60,
    batch: Annotated[int, typer.Option(min=0, max=1024, help="Pages of a call with several; 0 for none.")] = 8,
    cold: Annotated[int, typer.Option(min=0, help="How often a whole `extract` process is timed.")] = 5,
    cache: Annotated[
        Path | None, typer.Option(help="Where models with random weights are kept. Default: the user's cache folder.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A JSON file that `pytest-benchmark compare` reads.")] = None,
) -> None:
    """Time extractors by stage and page length, in turns on the same pages: HTML to Markdown (of tools: to text).

    Pages are of main content. Lengths are counted in the tokens of the first named head's windows; classifier-whole and
    decoder-whole are the heads that read all of these. A decoder with random weights writes the gold answers of the
    pages, so that it generates as many tokens as a trained one.

    Examples: `bench --length 512 --length 2048 --out times.json`;
    `bench --data DATA --source wcxb --extractor trafilatura --extractor classifier`.
    """
    import tempfile

    from eval import bench as benchmark
    from eval.extractors import PEERS

    given = extractor or (["classifier", "decoder"] if pages or data else ["classifier-whole", "decoder-whole"])
    names = list(dict.fromkeys(name for part in given for name in (PEERS if part == "peers" else [part])))
    lengths = sorted(set(length or (512 << n for n in range(7))))
    counts = list(dict.fromkeys(threads or (1, 2)))
    if unfit := [name for name in names if name.startswith(("bm25", "embedding"))]:
        _fail(f"main content is timed, and bm25 and embeddings answer questions; found {unfit[0]}")
    if pages and data:
        _fail("pages are made, or given by --pages, or by --data; found two of these")
    if out:
        _check_writable(out)
    with _usage():
        opened = {name: _random_checkpoint(name, cache) or name for name in names}
        tokens = _token_counter(list(opened.values()))
        if pages or data:
            buckets = benchmark.by_length(_given_pages(pages, data, split, source, limit), lengths, tokens)
        else:
            buckets = benchmark.made_pages(lengths, tokens, made)
        cases = [case for held in buckets.values() for case in held]
        stated: dict[str, Any] = {"extractors": {name: _stated(name, opened[name]) for name in names}}
        stated |= {"pages": "made" if not pages and not data else str(data or " ".join(pages or ())), "source": source}
        stated |= {"rounds": rounds, "seconds": seconds, "batch": batch}
        entries: list[dict[str, Any]] = []
        starts: list[dict[str, Any]] = []

        def keep() -> None:
            if out:
                out.write_text(json.dumps(benchmark.to_json(entries, starts, stated), indent=1) + "\n", "utf-8")

        def open_all(count: int) -> list[Any]:
            return [_contender(name, opened[name], count, cases) for name in names]

        timed = benchmark.run(
            open_all,
            buckets,
            threads=counts,
            rounds=rounds,
            batch=batch,
            most_seconds=seconds,
            together=bool(pages or data),
        )
        for entry in timed:
            entries.append(entry)
            keep()
            if entry["extractor"] == names[-1]:
                typer.echo(f"{entry['bucket']} tokens, threads {entry['threads']}: done", err=True)
        if cold:
            with tempfile.TemporaryDirectory() as folder:
                page = Path(folder) / "page.html"
                page.write_bytes(cases[0].html)
                for count in counts:
                    commands = {name: _command(name, opened[name], count) for name in names}
                    starts += benchmark.cold_starts(commands, page, count, cold)
            keep()
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 240)
    for table in benchmark.tables(entries, starts):
        console.print(table)


def _given_pages(pages: list[str] | None, data: Path | None, split: str, source: str, limit: int) -> list[Any]:
    """The cases of a data set, or of files."""
    from eval.cases import Case, read_cases

    if data:
        return read_cases(data, "me", split, source, limit)
    from indexlm.source import expand, load

    found = []
    for path in expand(pages or ()):
        read = load(path)
        found.append(Case(path, "me", html=read.html.encode("utf-8", "replace"), url=read.url))
    return found


def _check_writable(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        was_there = path.exists()
        path.open("a", encoding="utf-8").close()
        if not was_there:
            path.unlink()
    except OSError as error:
        _fail(f"an output can be written; {path} cannot: {error.strerror}")


def _token_counter(names: list[str]) -> Any:
    """How many tokens the windows of a page have for the first head among extractors."""
    from heads.decide import look
    from heads.encoding import encode

    name = next((name for name in names if _parts(name)[0] in _HEADS), None)
    if name is None:
        raise IndexLMError(f"lengths are counted in the tokens that a head reads: name one; found {', '.join(names)}")
    head = _open_predictor(name, 1)
    tokenizer, settings, prior = head.tokenizer, head.settings, head.prior  # and not the model, which may be large

    def count(page: Any) -> int:
        outlook = look(page, prior, settings.enough)
        return sum(len(window.ids) for window in encode(page, tokenizer, settings, outlook.hints, outlook.figures))

    return count


def _contender(name: str, opened: str, threads: int, cases: list[Any]) -> Any:
    """An extractor as it is timed; `opened` is the name that it is opened by."""
    from eval.bench import Contender
    from eval.extractors import of_blocks, open_baseline
    from indexlm.assemble import to_markdown
    from indexlm.segment import read_page

    predictor = _open_predictor(opened, threads)
    if predictor is None:
        extract = open_baseline(opened)
        return Contender(name, extract, lambda batch: [extract(case) for case in batch])
    if opened != name and _parts(opened)[0].startswith("decoder"):
        from heads.decoder import forced

        predictor = forced(predictor, map(_with_gold, cases))

    def batch(cases: Sequence[Any]) -> list[str]:
        read = [read_page(case.html, url=case.url) for case in cases]
        return [to_markdown(page, found.indices) for page, found in zip(read, predictor(read), strict=True)]

    return Contender(name, of_blocks(predictor, to_markdown), batch)


def _with_gold(case: Any) -> tuple[Page, tuple[int, ...]]:
    from indexlm.align import align
    from indexlm.segment import read_page

    page = read_page(case.html, url=case.url)
    if not case.gold and not case.text:
        raise IndexLMError(f"a decoder with random weights writes the gold answer of a page; {case.id} has none")
    return page, case.gold or align(page, case.text)


def _command(name: str, opened: str, threads: int) -> tuple[str, ...]:
    """The arguments of a process that extracts a page as the extractor does; empty where no command does."""
    kind, model, runtime = _parts(opened)
    # `extract` chooses the runtime itself; and in a process of its own a decoder with random weights writes anything.
    if kind not in ("classifier", "decoder") or runtime not in ("", "onnx") or (opened != name and kind == "decoder"):
        return ()
    given = ("--model", model) if model else ()
    return (str(Path(__file__).resolve()), "extract", "--head", kind, *given, "--threads", str(threads))


def _stated(name: str, opened: str) -> dict[str, Any]:
    """What a result says of an extractor."""
    from eval.extractors import version

    kind = _parts(name)[0]
    if opened != name:
        return {"weights": "random, int8 in ONNX, fp32 in torch"} | (
            {"answers": "gold"} if kind.startswith("decoder") else {}
        )
    return {"version": version(name)} | ({"checkpoint": _fingerprint(name)} if kind in (*_HEADS, "trees") else {})


def _random_checkpoint(name: str, cache: Path | None) -> str:
    """An extractor of a published size -> its name with the checkpoint that is made for it; empty for all others.

    The weights are random, which changes no time. Settings, tokenizer and trees are those of the shipped head: its ids
    stand for any (what is left of the embedding is not read). It is made once, for both runtimes.
    """
    from train.backbone import PUBLISHED

    kind, size, runtime = _parts(name)
    if kind not in _HEADS or size not in PUBLISHED:
        return ""
    head = kind.partition("-")[0]
    cache = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "indexlm"
    folder = cache / f"{size}-{head}"
    if not folder.is_dir():
        import tempfile

        import torch
        from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3ForTokenClassification

        from heads import shipped
        from train.export import export

        typer.echo(f"making {folder}, once", err=True)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch) / "made"
            config = Qwen3Config(**PUBLISHED[size], num_labels=2)
            config.is_causal = head == "decoder"
            config.indexlm = json.loads((shipped(head) / "config.json").read_text("utf-8"))["indexlm"]
            torch.manual_seed(0)
            (Qwen3ForCausalLM if head == "decoder" else Qwen3ForTokenClassification)(config).save_pretrained(made)
            for file in ("tokenizer.json", "trees.onnx"):
                shutil.copy(shipped(head) / file, made / file)
            export(made, made, "int8")
            made.rename(folder)
    return f"{kind}={folder}@{runtime or 'onnx'}"


if __name__ == "__main__":
    app()
