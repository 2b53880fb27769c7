"""The commands `eval …` and `bench`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from indexlm.commands import EXIT_SOME_FAILED, check_writable, fail, print_tables, progress, usage
from indexlm.flags import Threads

eval_app = typer.Typer(help="Compare extractors on data sets (needs the `eval` extra).", no_args_is_help=True)

Data = Annotated[Path, typer.Option(help="A folder with me/ and qe/, each with train.parquet and dev.parquet.")]
Cases = Annotated[
    Path,
    typer.Option(
        help="A folder with me/ and qe/, a WCXB or article-extraction-benchmark folder, a .parquet or .jsonl file."
    ),
]
Source = Annotated[str, typer.Option(help="Only cases of this source, such as wcxb.")]
Limit = Annotated[int, typer.Option(min=0, help="At most this many cases, evenly spread; 0 for all.")]
BenchExtractors = Annotated[
    list[str] | None,
    typer.Option(
        help="As in `eval predict`; the others are compared with the first. decoder-oracle=CHECKPOINT and "
        "decoder-oracle-alone=CHECKPOINT write the gold answers, whatever their weights (see `train "
        "random-checkpoint`). Repeat the option. Default: "
        "classifier, decoder; for synthetic pages classifier-alone, decoder-alone.",
    ),
]


@eval_app.command("segmenter")
def segmenter(
    data: Annotated[Path, typer.Option(help="A folder with me/train.parquet and me/dev.parquet, or a .parquet file.")],
    split: str = "dev",
    source: Annotated[str, typer.Option(help="Only rows of this source; else wcxb of a folder, all of a file.")] = "",
) -> None:
    """Measure the segmenter: word F1 of the gold blocks and of all blocks, median blocks and milliseconds a page."""
    from eval.rows import read_rows
    from eval.segmenter import score_segmenter

    with usage():
        is_file = data.suffix == ".parquet"
        source = source or ("" if is_file else "wcxb")
        path = data if is_file else data / "me" / f"{split}.parquet"
        rows = read_rows(path, lambda row: not source or row.get("source") == source)
        if not rows:
            fail(f"the segmenter is measured on rows of the source {source!r}; {data} has none")
        typer.echo(json.dumps(score_segmenter(rows), indent=2))


@eval_app.command("predict")
def predict(
    data: Cases,
    out: Annotated[Path, typer.Option(help="A folder for the predictions; a run continues where it stopped.")],
    extractor: Annotated[
        list[str],
        typer.Option(
            help="A head, as in classifier, decoder=CHECKPOINT, classifier@torch or decoder=CHECKPOINT@onnx (without "
            "@, ONNX where the checkpoint has it); classifier-alone and decoder-alone have the model read everything; "
            "decoder-unconstrained is the decoder without its grammar; trees; or a baseline or tool: all-blocks, "
            "first-blocks=COUNT, bm25=THRESHOLD,TOP, embedding=MODEL, trafilatura, readability, …; `peers` stands for "
            "all tools. Repeat the option."
        ),
    ],
    task: Annotated[str, typer.Option(help="me (main content) or qe (questions).")] = "me",
    split: str = "dev",
    source: Source = "",
    limit: Limit = 0,
    seconds: Annotated[float, typer.Option(help="A page that takes longer is an error.")] = 60.0,
    threads: Threads = 0,
) -> None:
    """Run extractors over cases and write a row a page, for `eval score`.

    Each extractor runs in a process of its own: a page that crashes it or never ends costs that page alone. A tool that
    is not installed is left out, and the report says so.
    """
    from eval.cases import read_cases
    from eval.extractors import check_names, check_task, expand_names
    from eval.predict import predict_named, write_cases

    failed = 0
    with usage():
        names = expand_names(extractor)
        check_task(names, task)
        check_names(names)
        cases = read_cases(data, task, split, source, limit)
        write_cases(cases, out)
        for name in names:
            rows = predict_named(name, cases, out, threads=threads, seconds_a_page=seconds)
            try:
                errors = sum(bool(row["error"]) for row in progress(rows, name, len(cases)))
            except ImportError as error:
                typer.echo(f"{name} is left out: {error}", err=True)
                continue
            failed += errors
            typer.echo(f"{name}: {len(cases)} cases, {errors} new errors", err=True)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


@eval_app.command("score")
def score(
    folder: Annotated[Path, typer.Argument(help="A folder that `eval predict` wrote; the reports go there too.")],
    published: Annotated[
        list[str] | None,
        typer.Option(help='NAME=FILE: published results, {id: {"articleBody": text}}, marked as such in the table.'),
    ] = None,
) -> None:
    """Turn predictions into report.md, report.json and report.html: scores with intervals, differences, cost, pages.

    No model is needed: the numbers come from the files alone.
    """
    from eval.report import to_html, to_markdown
    from eval.score import load
    from eval.score import score as score_predictions

    files: dict[str, Path] = {}
    for option in published or []:
        name, is_pair, file = option.partition("=")
        if not is_pair or not name:
            fail(f"published results have the form NAME=FILE; found {option!r}")
        files[name] = Path(file)
    with usage():
        predictions = load(folder, files)
        report = score_predictions(*predictions)
        markdown = to_markdown(report)
        html = to_html(report, predictions.cases, predictions.systems)
        texts = {"json": json.dumps(report, ensure_ascii=False, indent=1), "html": html, "md": markdown}
        for ending, text in texts.items():
            (folder / f"report.{ending}").write_text(text, "utf-8", errors="replace")
    typer.echo(markdown)


@eval_app.command("confidence")
def confidence(
    folder: Annotated[Path, typer.Argument(help="A folder that `eval predict` wrote.")],
    min_expected_f1: Annotated[float, typer.Option(min=0, max=1, help="Pages below are those to review.")] = 0.8,
) -> None:
    """Compare the F1 that each head expects of a page with the F1 that it reaches, as JSON."""
    from eval.confidence import measure_confidence
    from eval.score import load

    with usage():
        result = measure_confidence(load(folder), min_expected_f1)
    typer.echo(json.dumps(result, indent=1, default=lambda number: round(float(number), 4)))


@eval_app.command("cascade")
def cascade(
    folder: Annotated[Path, typer.Argument(help="A folder that `eval predict` wrote.")],
    first: Annotated[str, typer.Option(help="The head that reads every page.")] = "classifier",
    second: Annotated[str, typer.Option(help="The head that is asked where the first is unsure.")] = "decoder",
) -> None:
    """Measure what asking a second head gains over the first alone, by rule, as a Markdown table."""
    from eval.cascade import measure_cascades, to_markdown
    from eval.score import load

    with usage():
        result = to_markdown(measure_cascades(load(folder), first, second))
    typer.echo(result)


@eval_app.command("dial")
def dial(
    data: Cases,
    extractor: Annotated[
        list[str] | None,
        typer.Option(help="A head, as in `eval predict`. Repeat it. Default: trees (me), classifier, decoder."),
    ] = None,
    beta: Annotated[
        list[float] | None, typer.Option(min=0.1, max=10, help="Repeat it. Default: 0.25, 0.5, 1, 2, 4.")
    ] = None,
    task: Annotated[str, typer.Option(help="me (main content) or qe (questions).")] = "me",
    split: str = "dev",
    source: Source = "",
    limit: Limit = 0,
    threads: Threads = 0,
) -> None:
    """Measure precision, recall and F1 of heads under several betas, as a Markdown table.

    Precision counts the cases of which something is kept, recall those that have gold; main content is scored by words,
    questions by blocks.
    """
    from eval.cases import read_cases
    from eval.dial import BETAS, measure_dial, to_markdown
    from indexlm.machine import machine

    with usage():
        cases = read_cases(data, task, split, source, limit)
        names = extractor or [*["trees"] * (task == "me"), "classifier", "decoder"]
        betas = beta or BETAS
        points = [*progress(measure_dial(names, cases, betas, threads), "measuring", len(names) * len(betas))]
    typer.echo(f"{len(cases)} cases, task {task}, {split}. {machine()}.\n\n{to_markdown(points)}")


@eval_app.command("tune-bm25")
def tune_bm25(
    data: Data, limit: Annotated[int, typer.Option(min=1, help="At most this many questions.")] = 800
) -> None:
    """Choose BM25's threshold and number of blocks on the training split, for the strongest baseline."""
    from eval.cases import read_cases
    from eval.retrieval import bm25_scores, tune

    with usage():
        cases = read_cases(data, "qe", "train", limit=limit)
        scores = [bm25_scores(case.page) for case in cases if case.page]
        typer.echo(json.dumps(tune(scores, [case.gold for case in cases])))


def bench(
    extractor: BenchExtractors = None,
    length: Annotated[
        list[int] | None,
        typer.Option(min=64, help="Tokens of a page, at most. Repeat the option. Default: 512, 1024, … 32768."),
    ] = None,
    synthetic: Annotated[int, typer.Option(min=1, help="Synthetic pages for each length.")] = 8,
    pages: Annotated[
        list[str] | None, typer.Option(help="Files or folders of pages, in place of synthetic ones.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Pages of a data set, as in `eval predict`.")] = None,
    split: str = "dev",
    source: Source = "",
    limit: Limit = 0,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, max=256, help="CPU threads of the models. Repeat it. Default: 1, 2.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each page is timed.")] = 3,
    seconds: Annotated[float, typer.Option(min=0, help="Begin no other round of a length after this; 0: always.")] = 60,
    cold: Annotated[int, typer.Option(min=0, help="How often a whole `extract` process is timed.")] = 5,
    out: Annotated[Path | None, typer.Option(help="A JSON file that `pytest-benchmark compare` reads.")] = None,
) -> None:
    """Time extractors by stage and page length, in turns on the same pages: HTML to Markdown (tools: to text).

    Pages are read for main content. Lengths are counted in the tokens that the first named head with a model reads of a
    page; without one, the classifier.

    Examples: `bench --length 512 --length 2048 --out times.json`;
    `bench --data DATA --source wcxb --extractor trafilatura --extractor classifier`.
    """
    from eval.cases import read_cases
    from eval.extractors import check_names, check_task, expand_names
    from eval.speed.bench import run_bench
    from eval.speed.pages import by_length, read_files, synthetic_pages, token_counter
    from eval.speed.report import tables

    defaults = ["classifier", "decoder"] if pages or data else ["classifier-alone", "decoder-alone"]
    names = expand_names(extractor or defaults)
    lengths = sorted(set(length or (512 << n for n in range(7))))
    counts = list(dict.fromkeys(threads or (1, 2)))
    if out:
        check_writable(out)
    metadata = {"pages": str(data or " ".join(pages or ["synthetic"])), "source": source}
    notify = partial(typer.echo, err=True)
    with usage():
        check_task(names, "me")
        check_names(names)
        if pages and data:
            fail("pages are synthetic, or come from --pages, or from --data; found two of these")
        tokens = token_counter(names)
        if pages or data:
            cases = read_cases(data, "me", split, source, limit) if data else read_files(pages or ())
            buckets = by_length(cases, lengths, tokens)
        else:
            buckets = synthetic_pages(lengths, tokens, synthetic)
        timings, starts = run_bench(
            names, buckets, counts, rounds, seconds, cold, out, metadata, notify, together=bool(pages or data)
        )
    print_tables(tables(timings, starts), width=240)
