"""The commands `data build`, `train …` and `export`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from indexlm.commands import EXIT_SOME_FAILED, fail, print_tables, usage
from indexlm.flags import Threads

if TYPE_CHECKING:
    from train.export.parity import Report
    from train.recipe import Recipe

data_app = typer.Typer(help="Build data sets to fine-tune on (needs the `train` extra).", no_args_is_help=True)
train_app = typer.Typer(help="Train either head (needs the `train` extra).", no_args_is_help=True)


Data = Annotated[Path, Option(help="A folder with me/ and qe/, each with train.parquet and dev.parquet.")]
Profile = Annotated[str, Option(help="How blocks are rendered: structural or plain.")]
Head = Annotated[str, Argument(metavar="HEAD", help="classifier or decoder.")]

DataOut = Annotated[Path, Option(help="The folder for train.parquet, eval.parquet and the dataset card.")]
Sources = Annotated[
    list[str] | None,
    Option(
        metavar="[NAME=]WHAT[@ROWS]",
        help="A .parquet or .jsonl file of pages or questions, a WCXB or article-extraction-benchmark folder, or from "
        "the Hub hotpotqa, multihoprag, htmlrag, msmarco, mismatched; at most ROWS rows of it, evenly drawn. Repeat "
        "the option.",
    ),
]
DataRecipe = Annotated[str, Option(help="`paper`: 21,098 rows and 500 for evaluation from the Hub, as published.")]
Hosts = Annotated[list[Path] | None, Option(help="Pages that questions may be embedded in, but that make no rows.")]
Against = Annotated[
    list[Path] | None, Option(help="A file to evaluate on: no row may come from it. Repeat the option.")
]
DropLeaks = Annotated[bool, Option("--drop-leaks", help="Leave out rows that leak, in place of an error.")]
BlockUnits = Annotated[
    int | None, Option(help="Units of a block's text, about a token each; without it, the profile's.")
]
QueryUnits = Annotated[int | None, Option(help="The same for pages with a query.")]
QueryLast = Annotated[
    bool, Option(help="The query after the blocks: a decoder trained so reads a page once for many queries.")
]
Tokenizer = Annotated[
    str, Option(help="A folder, a tokenizer.json or a Hugging Face id; without it, the shipped models'.")
]
MaxTokens = Annotated[int, Option(help="Longer conversations are left out.")]
EvalShare = Annotated[float, Option(help="The share of domains and documents held out.")]
EvalRows = Annotated[int | None, Option(help="A number of rows to hold out, in place of a share.")]
Questions = Annotated[int, Option(help="The most questions of a document.")]
NaShare = Annotated[float, Option(help="The share of questions that belong to another document.")]
Distractors = Annotated[int, Option(help="The most other articles on the page of a question.")]
Excerpts = Annotated[float, Option(help="The share of these pages cut to the blocks around the answer.")]
Licenses = Annotated[
    list[str] | None,
    Option(help="Only rows of this licence; `free` for those of the shipped models. Repeat the option."),
]


@data_app.command("build")
def data_build(
    context: typer.Context,
    out: DataOut,
    source: Sources = None,
    recipe: DataRecipe = "",
    hosts: Hosts = None,
    against: Against = None,
    drop_leaks: DropLeaks = False,
    profile: Profile = "plain",
    block_units: BlockUnits = None,
    query_units: QueryUnits = None,
    query_last: QueryLast = False,
    tokenizer: Tokenizer = "",
    max_tokens: MaxTokens = 4096,
    eval_share: EvalShare = 0.02,
    eval_rows: EvalRows = None,
    questions: Questions = 2,
    na_share: NaShare = 0.2,
    distractors: Distractors = 2,
    excerpts: Excerpts = 0.2,
    licenses: Licenses = None,
    seed: int = 42,
) -> None:
    """Turn pages and questions into conversations for `train`: one row a page and task, and a summary.

    Questions are embedded in real pages, those of the sources with HTML and of --hosts. The same sources and seed give
    the same rows. What is held out depends on domains and titles alone.

    Example: `data build --source me/train.parquet --source qe/train.parquet@4000 --against me/dev.parquet
    --licenses free --out data/`.
    """
    from rich.console import Console

    from train.data.build import Options, build_dataset
    from train.data.card import tables
    from train.data.hub import PAPER_ROWS
    from train.data.sources import paper_sources, parse_source

    if recipe not in ("", "paper"):
        fail(f"a recipe is `paper`; found {recipe!r}")
    with usage():
        values = {field.name: context.params[field.name] for field in fields(Options)}
        options = Options(**values | {"licenses": tuple(licenses or ())})
        sources = [*(paper_sources() if recipe else []), *map(parse_source, source or ())]
        if recipe and eval_rows is None:
            options = replace(options, eval_rows=PAPER_ROWS[1])
        inputs: dict[str, Any] = {"hosts": hosts or (), "against": against or (), "tokenizer": tokenizer}
        inputs["command"] = shlex.join(["indexlm", *sys.argv[1:]])
        with Console(stderr=True).status("reading") as status:  # shown on a terminal alone
            inputs["progress"] = lambda name, rows: status.update(f"{name}: {rows:,} rows")
            summary = build_dataset(sources, out, options, **inputs)
    print_tables(tables(summary))
    typer.echo(f"{summary.rows('train'):,} rows for training and {summary.rows('eval'):,} for evaluation in {out}")


@train_app.command("prepare")
def prepare(
    data: Data,
    run: Annotated[Path, Option(help="A folder for the trees, the tokenizer, the windows and the checkpoints.")],
    vocabulary: Annotated[int, Option(min=2048, max=65536, help="Tokens of the tokenizer.")] = 16384,
    epochs: Annotated[int, Option(min=1, help="How often every page is seen, augmented anew each time.")] = 2,
    articles: Annotated[int, Option(min=0, help="QE pages of each epoch.")] = 14000,
    profile: Profile = "structural",
    window_tokens: Annotated[int, Option(min=128, max=4096, help="Tokens of a window.")] = 384,
    block_units: Annotated[int, Option(min=4, help="Units of a block's text, for main content.")] = 8,
    query_units: Annotated[int, Option(min=4, help="Units of a block's text, for queries.")] = 32,
    seed: int = 42,
) -> None:
    """For the shipped models: train the trees and a tokenizer on the licensed rows, and cut these into windows.

    Trees and a tokenizer that are in the folder of the run are kept.
    """
    from train.data.prepare import prepare_windows, window_settings

    with usage():
        settings = window_settings(profile, window_tokens, block_units, query_units)  # type: ignore[arg-type]
        run.mkdir(parents=True, exist_ok=True)
        numbers = {"vocabulary": vocabulary, "epochs": epochs, "articles": articles, "seed": seed}
        typer.echo(json.dumps(prepare_windows(data, run, settings, **numbers)))


RecipeFile = Annotated[
    Path | None, Argument(metavar="[RECIPE]", help="A YAML file; without one, the defaults. See train/recipes/.")
]
Changes = Annotated[
    list[str] | None, Option("--set", metavar="KEY=VALUE", help="Change a key of the recipe. Repeat the option.")
]
PrintConfig = Annotated[bool, Option("--print-config", help="Print the whole recipe as YAML, and do nothing.")]


@train_app.command("classifier")
def classifier(
    recipe: RecipeFile = None, changes: Changes = None, print_config: PrintConfig = False, threads: Threads = 0
) -> None:
    """Train a classifier (bidirectional, a label at each marker) by a recipe; continues where it stopped.

    Afterwards its probabilities are calibrated on the rows that the recipe holds out.
    """
    with usage():
        chosen = _read_recipe(recipe, changes, print_config, threads)
        from train.calibrate import calibrate_rows
        from train.classifier import train_classifier

        out = train_classifier(chosen)
        if chosen.held_out and _is_first_process():
            typer.echo(json.dumps(calibrate_rows(out, chosen), indent=2))
        _finish(chosen, out)


@train_app.command("decoder")
def decoder(
    recipe: RecipeFile = None, changes: Changes = None, print_config: PrintConfig = False, threads: Threads = 0
) -> None:
    """Train a decoder (supervised fine-tuning on the intervals) by a recipe; continues where it stopped."""
    with usage():
        chosen = _read_recipe(recipe, changes, print_config, threads)
        from train.decoder import train_decoder

        _finish(chosen, train_decoder(chosen))


def _read_recipe(path: Path | None, changes: list[str] | None, print_config: bool, threads: int) -> Recipe:
    """The recipe of a file and changes to it; torch runs on so many threads from now on (0: as it is).

    With `print_config` the recipe is printed and the command ends.
    """
    from train.recipe import read_recipe, write_recipe

    recipe = read_recipe(path, changes or ())
    if print_config:
        typer.echo(write_recipe(recipe), nl=False)
        raise typer.Exit
    if threads:
        import torch

        torch.set_num_threads(threads)
    return recipe


def _is_first_process() -> bool:
    """Whether this process does what is done once: `accelerate launch` starts one for each GPU."""
    return os.environ.get("RANK", "0") == "0"


def _finish(recipe: Recipe, out: Path) -> None:
    """Print where a checkpoint is, and publish it where the recipe says so."""
    if not _is_first_process():
        return
    typer.echo(out)
    if recipe.push_to_hub:
        from train.fit import publish

        typer.echo(publish(recipe))


@train_app.command("speed")
def speed(
    head: Head,
    size: Annotated[str, Option(help="A published configuration, with random weights.")] = "qwen3-0.6b",
    tokens: Annotated[int, Option(min=256, help="Tokens of a row.")] = 4096,
    batch: Annotated[list[int] | None, Option(min=1, help="Rows of a step; repeat the option. 1, 4, 8.")] = None,
    steps: Annotated[int, Option(min=6, help="Steps of a setting; the first three are not counted.")] = 10,
) -> None:
    """What training costs on this machine: tokens/s, model-FLOPs utilisation, peak memory; a JSON line a setting."""
    from train.backbone import PUBLISHED
    from train.speed import speed

    _check_size(head, size)
    with usage():
        for result in speed(head, PUBLISHED[size], tokens, batch or [1, 4, 8], steps):
            typer.echo(json.dumps(result))


def _check_size(head: str, size: str) -> None:
    from heads import HEADS
    from train.backbone import PUBLISHED

    if head not in HEADS or size not in PUBLISHED:
        fail(f"a head is {' or '.join(HEADS)}, a size {', '.join(PUBLISHED)}; found {head!r} and {size!r}")


@train_app.command("calibrate")
def calibrate(
    model: Annotated[Path, Argument(help="A checkpoint directory; its config.json is rewritten.")],
    data: Data,
    threads: Threads = 0,
) -> None:
    """Calibrate a head on training rows that no training has seen, for ME and QE apart.

    A classifier's probabilities are scaled. A decoder gets a penalty for ending its answers too early.
    """
    from train.calibrate import calibrate

    with usage():
        typer.echo(json.dumps(calibrate(model, data, threads), indent=2))


@train_app.command("answers")
def answers(
    model: Annotated[Path, Argument(help="A calibrated checkpoint; answers.onnx and its config.json are written.")],
    data: Data,
    articles: Annotated[int, Option(min=0, help="As of the `prepare` that it was trained on.")] = 12000,
    seed: Annotated[int, Option(help="As of the `prepare` that it was trained on.")] = 61,
    threads: Threads = 0,
) -> None:
    """Fit trees that look a second time at a head's probabilities for questions, on questions it has not seen.

    It comes after `calibrate`. Which questions were seen follows from the options of `prepare`.
    """
    from train.answers import fit_answer_trees

    with usage():
        typer.echo(json.dumps(fit_answer_trees(model, data, articles=articles, seed=seed, threads=threads), indent=2))


@train_app.command("blend")
def blend(
    begun: Annotated[Path, Argument(help="What the training began with: a checkpoint or an export.")],
    trained: Annotated[Path, Argument(help="The checkpoint that it made.")],
    out: Annotated[Path, Argument(help="A new folder.")],
    share: Annotated[float, Option(help="What the trained weights count; those that it began with count the rest.")],
) -> None:
    """Write the mean of the weights before and after a training on new data: it forgets less."""
    from train.blend import blend

    with usage():
        blend(begun, trained, out, share)
    typer.echo(out)


@train_app.command("random-checkpoint")
def random_checkpoint(
    head: Head,
    size: Annotated[str, Argument(metavar="SIZE", help="A published configuration, such as qwen3-0.6b.")],
    out: Annotated[Path, Option(help="The folder of the checkpoint.")],
) -> None:
    """Write a checkpoint of a published size with random weights, for torch and int8 in ONNX: to time that size.

    Example: `train random-checkpoint classifier qwen3-0.6b --out random/`, then
    `bench --extractor classifier-alone=random/`.
    """
    from train.export.random_weights import export_random

    _check_size(head, size)
    with usage():
        export_random(head, size, out)  # type: ignore[arg-type]
    typer.echo(out)


def export(
    checkpoint: Annotated[
        Path, Argument(help="A directory with a Qwen3 checkpoint: a causal language model or a token classifier.")
    ],
    out: Annotated[Path, Argument(help="The folder for model.onnx, config.json, tokenizer.json and the rest.")],
    runtime: Annotated[
        str, Option(help="What to compare and time with: onnx, or openvino (classifiers; --precision fp32).")
    ] = "onnx",
    precision: Annotated[str, Option(help="fp32, int8 (weights and activations) or int4 (weights).")] = "int8",
    sample: Annotated[
        list[str] | None, Option(help="Files, folders or addresses of pages to compare on; by default synthetic pages.")
    ] = None,
    max_drift: Annotated[
        float | None,
        Option(min=0, help="Greatest mean difference of logits: 0.001 for fp32, 0.25 for int8, 0.5 for int4."),
    ] = None,
    report: Annotated[Path | None, Option(help="A JSON file for the measurements.")] = None,
    speed: Annotated[
        int, Option(min=0, max=32768, help="Also time a pass over so many tokens against the machine's peaks.")
    ] = 0,
    threads: Threads = 0,
) -> None:
    """Export a checkpoint of either head, so that it runs without torch, and compare it with the checkpoint.

    Checkpoint and exported model read the same pages. Where their logits differ by more than --max-drift on average,
    the exit code is 1 and the files are in OUT.drifted instead. Weights of more than 2 GB are in model.onnx.data. With
    OpenVINO --max-drift is 0.25 for fp32, because it may compute in bfloat16.
    """
    from heads import Settings
    from heads.checkpoint import check_openvino
    from train.export import parity

    if runtime not in ("onnx", "openvino"):
        fail(f"the runtime to export for is onnx or openvino; found {runtime!r}")
    with usage():
        settings = Settings.read_from(checkpoint)
        if runtime == "openvino":
            check_openvino(settings, checkpoint)
        pages = parity.sample(sample or [], settings.tasks)
        options: Any = {"precision": precision, "runtime": runtime, "max_drift": max_drift, "threads": threads}
        result = parity.export_checked(checkpoint, out, pages, speed_tokens=speed, **options)
    if report is not None:
        try:
            report.write_text(result.to_json(), "utf-8")
        except OSError as error:
            fail(f"an output can be written; {report} cannot: {error.strerror}", EXIT_SOME_FAILED)
    _print_report(result)


def _print_report(report: Report) -> None:
    """Print an export's size, drift and speed; end with an error where it drifts."""
    parity, speed = report.parity, report.speed
    if speed:
        rates = ", ".join(f"{name} {rate:.0f}" for name, rate in speed.peaks.items())
        typer.echo(
            f"{speed.tokens} tokens: {speed.seconds:.3f} s, {speed.ratio:.1f} times the floor of {speed.linear:.3f} s "
            f"(linear) and {speed.attention:.3f} s (attention) at the peaks measured here ({rates} GFLOP/s)"
        )
    drift = (
        f"{parity.mean:.2g} on average and by {parity.largest:.2g} at most ({parity.logits} logits, "
        f"{parity.identical} of {parity.pages} pages with identical indices)"
    )
    if not report.passed:
        fail(
            f"logits of {report.precision} may differ by {report.max_drift:g} on average from the checkpoint's; "
            f"found {drift}; the model is in {report.folder}",
            EXIT_SOME_FAILED,
        )
    typer.echo(f"{report.folder}: {report.precision}, {report.bytes / 2**20:.1f} MiB; logits differ by {drift}")
