"""The command-line options that several commands have, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

_HEAD_HELP = (
    "Which head: `classifier` (one pass, scores), `decoder` (generates), `trees` (structure alone: the fastest, no "
    "queries) or `auto` (the best by measurement: the classifier)."
)
_TITLE_HELP = "Keep the heading that names the page too: models often leave it out."
_BETA_HELP = "What recall counts against precision (0.1 to 10): 2 keeps more, 0.5 less. Not with --threshold."
_FAVOUR_HELP = "A name for a beta: `precision` for 0.5, `recall` for 2."
_THRESHOLD_HELP = (
    "Keep every block with at least this probability (0 to 1), instead of the set with the greatest expected F1. The "
    "classifier then reads every window. Not for the decoder."
)
_HIDDEN_HELP = "Text that no reader of the page can see (off-screen, without size, transparent): `drop` or `keep`."
_DEPLOYMENT_HELP = "A file of `choose`: head, model, options, workers. Options that are named here win over it."
_LINKS_HELP = "absolute, keep (as the page writes them) or drop (their text stays)."

Head = Annotated[str, typer.Option("--head", help=_HEAD_HELP)]
Title = Annotated[bool, typer.Option("--title", help=_TITLE_HELP)]
Threshold = Annotated[float | None, typer.Option(help=_THRESHOLD_HELP)]
Beta = Annotated[float | None, typer.Option(help=_BETA_HELP)]
Favour = Annotated[str | None, typer.Option(help=_FAVOUR_HELP)]
Hidden = Annotated[str, typer.Option(help=_HIDDEN_HELP)]
Images = Annotated[bool, typer.Option("--images", help="Keep images in Markdown.")]
Links = Annotated[str, typer.Option(help=_LINKS_HELP)]
MaxBytes = Annotated[int, typer.Option(help="The most bytes of a page; a larger one fails.")]
MaxBlocks = Annotated[int, typer.Option(help="The most blocks of a page; it is cut there.")]
MaxWindows = Annotated[int, typer.Option(help="The most windows of a page that the model reads.")]
MaxSeconds = Annotated[float, typer.Option(help="The seconds at which the reading of a page stops.")]
MaxMemory = Annotated[int, typer.Option(help="The most MiB for a page, with several workers.")]
DeploymentFile = Annotated[Path | None, typer.Option("--deployment", help=_DEPLOYMENT_HELP)]
Query = Annotated[str | None, typer.Option(help="Keep the blocks that answer this; without it, the main content.")]
Model = Annotated[str, typer.Option(help="A checkpoint directory or Hugging Face id, in place of the shipped model.")]
Selectors = Annotated[
    list[str] | None, typer.Option(help="A CSS selector of elements to keep, beside the model. Repeat it.")
]
Excluded = Annotated[
    list[str] | None, typer.Option(help="Likewise of elements to leave out; it goes before --include.")
]
MaxTokens = Annotated[int, typer.Option(min=16, help="The most tokens of a chunk, for `--format chunks`.")]
Overlap = Annotated[int, typer.Option(min=0, help="The tokens that a chunk repeats of the one before it, at most.")]
Threads = Annotated[int, typer.Option(help="CPU threads of the model; 0 lets the runtime choose.")]


_OPTIONS = ("head", "model", "threshold", "hidden", "workers")
_LIMITS = ("max_bytes", "max_blocks", "max_windows", "max_seconds", "max_memory")


def extractor_options(context: typer.Context, **more: Any) -> dict[str, Any]:
    """The parameters of a command -> the options of `Extractor` among them, with `more`, and `workers`.

    Those of `--deployment` stand in for what is not named on the command line. Raises `IndexLMError` for bad ones.
    """
    from indexlm.deployment import deployed, named_options
    from indexlm.options import favoured_beta

    values = context.params
    options = {name: values[name] for name in (*_OPTIONS, *_LIMITS)} | more
    options |= {"include": values["include"] or (), "exclude": values["exclude"] or ()}
    options["beta"] = favoured_beta(values["beta"], values["favour"])
    return deployed(values["deployment"], options, named_options(context))
