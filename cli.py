"""The command line: `python cli.py …`, or `indexlm …` where the package is installed."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO

import typer

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.api import Extraction

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
train_app = typer.Typer(help="Train the small models that are shipped (needs the `train` extra).", no_args_is_help=True)
eval_app = typer.Typer(help="Compare extractors on data sets (needs the `eval` extra).", no_args_is_help=True)
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
    str, typer.Option("--head", help="Which predictor: `classifier` (one pass, scores) or `decoder` (generates).")
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
    threshold: Annotated[
        float | None, typer.Option(help="Least probability of a kept block, 0 to 1 (classifier).")
    ] = None,
    threads: Threads = 0,
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
    from indexlm.api import Extraction, load, predict
    from indexlm.segment import read_page
    from indexlm.source import expand
    from indexlm.source import load as load_source

    if format not in FORMATS:
        _fail(f"a format is {', '.join(FORMATS)}; found {format!r}")
    if threshold is not None and not 0 <= threshold <= 1:
        _fail(f"a threshold is a probability from 0 to 1; found {threshold:g}")
    asked = _checked_query(query)
    with _usage():
        paths = list(expand(inputs))
        opened = load(head, model, threads)
        _check_task(opened, asked, threshold)
    failed = 0
    with _Writer(output, paths, format, jsonl) as writer:
        for path in _progress(paths):
            try:
                source = load_source(path)
                page = read_page(source.html, url=source.url, query=asked)
                made = _entry(path, head, model, format, Extraction(page, predict(page, opened, threshold)))
            except Exception as error:  # whatever one page does, the others are done all the same
                failed += 1
                message = str(error) if isinstance(error, IndexLMError) else f"{path}: {type(error).__name__}: {error}"
                typer.echo(f"error: {' '.join(message.split())}", err=True)
                named = {"input": path, "head": head, "model": model or "shipped"}
                writer.write_failure(named, message, format)
            else:
                writer.write(path, made)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _checked_query(query: str | None) -> str:
    if query is not None and not query.strip():
        _fail(f"a query has at least one word; found {query!r}")
    return (query or "").encode("utf-8", "replace").decode()  # an argument may hold bytes that are no text


def _check_task(opened: Any, query: str, threshold: float | None) -> None:
    """Raise for what no page could be predicted with, before any page is read."""
    from indexlm.api import predict
    from indexlm.page import Page

    predict(Page((), query=query), opened, threshold)


def _entry(path: str, head: str, model: str, format: str, extraction: Extraction) -> dict[str, Any]:
    """What is written of one input: with --jsonl the whole object, otherwise its `content`."""
    entry: dict[str, Any] = {"input": path, "head": head, "model": model or "shipped"}
    if format == "json":
        entry |= extraction.json()
        content = json.dumps(entry, ensure_ascii=False, indent=2)
    else:
        from indexlm.intervals import format_intervals

        entry |= {
            "indices": list(extraction.indices),
            "intervals": [list(interval) for interval in extraction.intervals],
            "error": extraction.prediction.error,
        }
        content = format_intervals(extraction.intervals) if format == "intervals" else getattr(extraction, format)
        if format != "intervals":
            entry[format] = content
    return {"entry": entry, "content": content}


class _Writer:
    """Where results go: standard output, one file, or a folder with a file for each input.

    A file is opened when its content is there, so that a page that fails leaves what was there before.
    """

    def __init__(self, output: Path | None, paths: list[str], format: str, jsonl: bool) -> None:
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

    def write(self, path: str, made: dict[str, Any]) -> None:
        if self.jsonl:
            self._print(json.dumps(made["entry"], ensure_ascii=False), self.target)
        elif self.folder is not None:
            try:
                self.folder[path].write_text(made["content"] + "\n", "utf-8", errors="backslashreplace")
            except OSError as error:
                _fail(f"an output can be written; {self.folder[path]} cannot: {error.strerror}", EXIT_SOME_FAILED)
        else:
            self._print(made["content"] if self.first else "\n" + made["content"], self.target)
        self.first = False

    def write_failure(self, entry: dict[str, Any], error: str, format: str) -> None:
        if self.jsonl:
            content = {} if format in ("json", "intervals") else {format: ""}
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


@train_app.command("prepare")
def train_prepare(
    data: Data,
    run: Annotated[Path, typer.Option(help="A folder for the trees, the tokenizer, the windows and the checkpoints.")],
    vocabulary: Annotated[int, typer.Option(min=2048, max=65536, help="Tokens of the tokenizer.")] = 8192,
    epochs: Annotated[int, typer.Option(min=1, help="How often every page is seen, augmented anew each time.")] = 4,
    articles: Annotated[int, typer.Option(min=0, help="QE pages laid for each epoch.")] = 3500,
    seed: int = 42,
) -> None:
    """Train the trees and a tokenizer on the licensed training rows, and cut these into windows for both heads."""
    from train.build import build

    with _usage():
        run.mkdir(parents=True, exist_ok=True)
        counts = build(data, run, vocabulary=vocabulary, epochs=epochs, articles=articles, seed=seed)
    typer.echo(json.dumps(counts))


Run = Annotated[Path, typer.Option(help="The folder that `train prepare` wrote; training goes on where it stopped.")]
Steps = Annotated[int, typer.Option(min=1, help="Optimizer steps of 8 windows.")]


@train_app.command("classifier")
def train_classifier(
    run: Run,
    steps: Steps = 7000,
    learning_rate: float = 1.5e-3,
    read: Annotated[
        str, typer.Option(help="Where a block is read: `marker` or `last` (its line's last token).")
    ] = "marker",
    threads: Threads = 0,
) -> None:
    """Train the classifier from scratch (bidirectional Qwen3, a label at each marker) into RUN/classifier."""
    from train import classifier

    if read not in ("marker", "last"):
        _fail(f"a block is read at its marker or its last token; found {read!r}")
    with _usage():
        _set_threads(threads)
        typer.echo(classifier.train_classifier(run, steps=steps, learning_rate=learning_rate, read=read))


@train_app.command("decoder")
def train_decoder(
    run: Run,
    steps: Steps = 7600,
    learning_rate: float = 1e-3,
    start: Annotated[
        Path | None, typer.Option(help="A checkpoint to take the backbone from, such as RUN/classifier.")
    ] = None,
    more_layers: Annotated[int, typer.Option(min=0, help="Layers more than --start has, or than the classifier.")] = 1,
    threads: Threads = 0,
) -> None:
    """Train the decoder (causal Qwen3, on the intervals and on each block's own fate) into RUN/decoder."""
    from train import decoder

    with _usage():
        _set_threads(threads)
        out = decoder.train_decoder(run, steps=steps, learning_rate=learning_rate, start=start, more_layers=more_layers)
        typer.echo(out)


def _set_threads(threads: int) -> None:
    if threads:
        import torch

        torch.set_num_threads(threads)


@train_app.command("calibrate")
def train_calibrate(
    model: Annotated[Path, typer.Argument(help="A classifier's checkpoint directory; its config.json is rewritten.")],
    data: Data,
    threads: Threads = 0,
) -> None:
    """Scale the classifier's probabilities, for ME and QE apart, on rows of the training split that no training saw."""
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


@train_app.command("export")
def train_export(
    checkpoint: Annotated[Path, typer.Argument(help="A trained checkpoint of either head.")],
    out: Annotated[Path, typer.Argument(help="The folder for model.onnx, config.json and tokenizer.json.")],
    precision: Annotated[str, typer.Option(help="fp32 or int8.")] = "int8",
) -> None:
    """Export a checkpoint to ONNX, so that it runs without torch."""
    from train.export import export

    with _usage():
        export(checkpoint, out, precision)  # type: ignore[arg-type]


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
            help="classifier, decoder, classifier=CHECKPOINT, decoder=CHECKPOINT, trees, or a baseline or tool: "
            "all-blocks, first-blocks=COUNT, bm25=THRESHOLD,TOP, embedding=MODEL, trafilatura, readability, …; "
            "`peers` stands for all tools. Repeat the option."
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
            ours = name.partition("=")[0] in ("classifier", "decoder", "trees")
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

    kind, _, model = name.partition("=")
    folder = Path(model) if model else shipped("decoder" if kind == "decoder" else "classifier")
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.suffix in (".json", ".onnx", ".safetensors"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16] if folder.is_dir() else ""


def open_extractor(name: str, threads: int = 0) -> Any:
    """The name of a head (`=CHECKPOINT` for another than shipped), `trees`, a baseline or a tool -> an extractor."""
    from eval.extractors import of_blocks, open_baseline

    kind, _, model = name.partition("=")
    if kind in ("classifier", "decoder"):
        from indexlm.api import load

        return of_blocks(load(kind, model, threads))
    if kind == "trees":
        from heads import shipped
        from heads.trees import load_trees

        return of_blocks(load_trees((Path(model) if model else shipped("classifier")) / "trees.onnx"))
    return open_baseline(name)


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


if __name__ == "__main__":
    app()
