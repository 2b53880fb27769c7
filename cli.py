"""The command line: `python cli.py …`, or `indexlm …` where the package is installed."""

from __future__ import annotations

from typing import Annotated

import typer

from eval.choose.commands import choose
from eval.commands import bench, eval_app
from indexlm.blocks import blocks
from indexlm.commands import extract
from indexlm.scale.commands import scale
from indexlm.serving.commands import mcp, serve, view
from train.commands import data_app, export, train_app

app = typer.Typer(
    help="Extract the main content of web pages, or the blocks that answer a query.\n\n"
    "Exit codes: 0 all done; 1 some inputs failed, the rest is done; 2 a bad option or model, nothing was done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
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


app.command()(extract)
app.command()(blocks)
app.command()(scale)
app.command()(serve)
app.command()(view)
app.command()(mcp)
app.command()(bench)
app.command()(choose)
app.command()(export)
app.add_typer(data_app, name="data")
app.add_typer(train_app, name="train")
app.add_typer(eval_app, name="eval")

if __name__ == "__main__":
    app()
