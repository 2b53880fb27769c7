"""The commands `serve`, `view` and `mcp`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from indexlm.commands import check_url, check_writable, checked_query, usage
from indexlm.flags import DeploymentFile, Query
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.serving.service import Access

KEY_VARIABLE = "INDEXLM_API_KEY"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Host = Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 for all of this machine's.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0 for a free one.")]
Workers = Annotated[int, typer.Option(help="Processes that extract pages, a model on one thread in each.")]
Waiting = Annotated[int, typer.Option("--queue", help="How many requests may wait; others are answered 429.")]
Timeout = Annotated[float, typer.Option(help="The most seconds for one page.")]
Memory = Annotated[int, typer.Option(help="The most MiB of memory for one page, beyond the opened models.")]
MaxBytes = Annotated[int, typer.Option(help="The most bytes of a request, and of a page that is fetched.")]
Fetch = Annotated[bool, typer.Option("--fetch", help="Fetch pages of public addresses. Off without it.")]
Private = Annotated[bool, typer.Option("--allow-private", help="With --fetch: local addresses too.")]
_HEADS_HELP = "A head to serve; repeat it. Without it: all three."
Heads = Annotated[list[str] | None, typer.Option("--head", help=_HEADS_HELP)]
Models = Annotated[
    list[str] | None, typer.Option("--model", help="HEAD=CHECKPOINT, in place of a head's shipped model; repeat it.")
]
_KEY_HELP = f"A file that holds the API key; without it the variable {KEY_VARIABLE}. With neither, anybody may ask."
KeyFile = Annotated[Path | None, typer.Option("--api-key-file", help=_KEY_HELP)]
_NAME_HELP = "A name by which the service may be asked; repeat it. Without it: any, but on loopback the names of that."
Names = Annotated[list[str] | None, typer.Option("--allowed-host", help=_NAME_HELP)]


def serve(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 2,
    queue: Waiting = 32,
    timeout: Timeout = 20.0,
    memory: Memory = 2048,
    max_bytes: MaxBytes = 8 << 20,
    fetch: Fetch = False,
    allow_private: Private = False,
    head: Heads = None,
    model: Models = None,
    api_key_file: KeyFile = None,
    allowed_host: Names = None,
    deployment: DeploymentFile = None,
) -> None:
    """Serve extraction over HTTP, with a page to try it at `/`.

    Paths: /v1/extract, /v1/batch, /v1/blocks, /r/ADDRESS, /healthz, /readyz, /metrics, /openapi.json. SIGTERM and
    Ctrl-C finish what was taken.
    """
    with usage():
        from indexlm.deployment import named_options
        from indexlm.serving.server import run_http
        from indexlm.serving.service import Limits, Service

        heads, models, workers, options = _deployed(deployment, _heads(head), workers, named_options(context))
        models |= _models(model, heads)
        limits = Limits(workers=workers, queue=queue, timeout=timeout, memory=memory, max_bytes=max_bytes)
        access = _access(fetch, allow_private, api_key_file, host, allowed_host)
        run_http(Service(limits, access, heads, models, options), host, port)


def mcp(
    http: Annotated[bool, typer.Option("--http", help="Serve streamable HTTP at /mcp, in place of stdio.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    timeout: Timeout = 20.0,
    memory: Memory = 2048,
    max_bytes: MaxBytes = 8 << 20,
    fetch: Fetch = False,
    allow_private: Private = False,
    api_key_file: KeyFile = None,
    allowed_host: Names = None,
) -> None:
    """Serve the tools `extract_page` and `answer_from_page` to a Model Context Protocol client."""
    with usage():
        from indexlm.serving.server import run_mcp
        from indexlm.serving.service import Limits, Service

        limits = Limits(workers=workers, timeout=timeout, memory=memory, max_bytes=max_bytes)
        access = _access(fetch, allow_private, api_key_file, host, allowed_host)
        run_mcp(Service(limits, access, ("classifier",)), host if http else "", port)


def view(
    input: Annotated[str, typer.Argument(metavar="PAGE", help="A file, `-` or an http(s) address.")],
    query: Query = None,
    head: Annotated[list[str] | None, typer.Option("--head", help="A head to show; repeat it.")] = None,
    url: Annotated[str, typer.Option(help="The page's address.")] = "",
    output: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("view.html"),
) -> None:
    """Write one HTML file that shows a page's blocks, what each head keeps, and where its time goes."""
    with usage():
        from indexlm.extractor import Extractor
        from indexlm.inputs.document import Source
        from indexlm.serving.view import page_file
        from indexlm.serving.work import BlocksTask, show_blocks
        from indexlm.sources import load

        check_writable(output)
        heads = _heads(head)
        extractors = {name: Extractor(name) for name in heads}
        question = " ".join(checked_query(query).split())
        check_url(url, [input])
        source = load(input)
        first = Source("<p>A first page is slower than others: its times are not shown.")
        show_blocks(extractors, BlocksTask(first, "", question, heads))
        data, _ = show_blocks(extractors, BlocksTask(source, url, question, heads, True))
    output.write_text(page_file(data), "utf-8")
    typer.echo(str(output))


def _heads(names: list[str] | None) -> tuple[str, ...]:
    from indexlm.options import named_head
    from indexlm.serving.work import HEADS

    heads = tuple(dict.fromkeys(map(named_head, names or HEADS)))
    for name in heads:
        if name not in HEADS:
            raise IndexLMError(f"a head is {', '.join(HEADS)} or auto; found {name!r}")
    return heads


def _models(pairs: list[str] | None, heads: tuple[str, ...]) -> dict[str, str]:
    models = {}
    for pair in pairs or ():
        head, _, model = pair.partition("=")
        if head not in heads or not model:
            raise IndexLMError(f"a model is HEAD=CHECKPOINT, of a head that is served; found {pair!r}")
        models[head] = model
    return models


def _deployed(
    path: Path | None, heads: tuple[str, ...], workers: int, named: set[str]
) -> tuple[tuple[str, ...], dict[str, str], int, dict[str, Any]]:
    """Heads and workers -> with a deployment's file what it says of these, its model by its head, and further options.

    Its head is the one that is served, unless --head is named. Several heads take of its options the threads alone.
    """
    from indexlm.deployment import deployed

    if path is None:
        return heads, {}, workers, {}
    options = deployed(path, {"head": heads[0], "workers": workers}, named)
    head, workers, model = options.pop("head"), options.pop("workers"), options.pop("model", "")
    heads = heads if "head" in named else (head,)
    if len(heads) > 1:
        options = {"threads": options.get("threads", 0)}
    return heads, {head: model} if model else {}, workers, options


def _access(fetch: bool, private: bool, key_file: Path | None, host: str, names: list[str] | None) -> Access:
    from indexlm.serving.service import Access

    if private and not fetch:
        raise IndexLMError("--allow-private goes with --fetch; found it alone")
    key = os.environ.get(KEY_VARIABLE, "")
    if key_file:
        try:
            key = key_file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise IndexLMError(f"an API key is a line of a file; {key_file} cannot be read: {error}") from None
        if not key:
            raise IndexLMError(f"an API key is a line of a file; {key_file} is empty")
    hosts = tuple(name.lower() for name in names or (_LOOPBACK if host in _LOOPBACK else ()))
    return Access(fetch, private, key, hosts)
