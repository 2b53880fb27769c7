"""The HTTP service: its paths, and how requests are read. Imported inside functions, since FastAPI is slow."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import HTTPException
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from indexlm.serving.guard import Guard
from indexlm.serving.problems import KINDS, ProblemError, as_problem, gone, too_large, too_slow
from indexlm.serving.requests import (
    BlocksReply,
    BlocksRequest,
    ExtractListReply,
    ExtractReply,
    ExtractRequest,
    Problem,
    read_id,
)
from indexlm.serving.service import Service
from indexlm.serving.view import page_policy, page_shell
from indexlm.serving.work import Reply

_Asked = TypeVar("_Asked", ExtractRequest, BlocksRequest)
_Value = TypeVar("_Value")
_LISTS = ("queries", "include", "exclude", "heads")  # parameters that may come several times
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_NO_TYPE = (_FORM, "application/octet-stream", "multipart/form-data")
_NDJSON = "application/x-ndjson"
_HOST = re.compile(rb"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|$)", re.ASCII)
_BEGIN = 1 << 12  # bytes of a line that is too long in which its `id` is looked for
_PART = 1 << 16  # bytes of an answer that are sent at once
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    kind.status: {"model": Problem, "description": kind.title, "content": {"application/problem+json": {}}}
    for kind in KINDS.values()
    if kind.status not in (404, 405, 499)
}


def make_app(service: Service) -> FastAPI:
    """A service -> its ASGI application, which closes the service when it ends."""
    from indexlm import __version__

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="IndexLM",
        version=__version__,
        description="A web page in, its main content or the blocks that answer a question out.",
        lifespan=lifespan,
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
    )
    app.include_router(_status_paths(service))
    app.include_router(_page_paths(service))
    app.include_router(_reader_path(service))
    app.add_exception_handler(ProblemError, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(404, _answer_http_error)
    app.add_exception_handler(405, _answer_http_error)
    app.add_middleware(Guard, service=service)
    return app


def _status_paths(service: Service) -> APIRouter:
    router = APIRouter()

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", summary="Whether the service runs", response_model=dict[str, str])
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", summary="Whether the service takes requests", response_model=dict[str, str])
    async def readyz() -> dict[str, str]:
        if service.is_closing:
            raise ProblemError("closing", "the service finishes what it took, and takes no more")
        return {"status": "ready"}

    @router.get("/metrics", summary="What is counted, for Prometheus", response_class=Response)
    async def metrics() -> Response:
        body, content_type = service.metrics.text()
        return Response(body, media_type=content_type)

    @router.head("/", include_in_schema=False)
    @router.get("/", summary="The page to try the service", response_class=HTMLResponse)
    async def page() -> Response:
        shell = page_shell(service.heads, service.access.fetch, bool(service.access.api_key))
        return HTMLResponse(shell, headers={"Content-Security-Policy": page_policy(connect="'self'")})

    return router


def _page_paths(service: Service) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=_PROBLEMS)
    pages = {"text/html": {"schema": {"type": "string", "format": "binary"}}}

    @router.post(
        "/extract",
        summary="Main content, or the blocks that answer a query",
        description="JSON, or the page itself as the body and the other fields as parameters of the address.",
        response_model=ExtractReply | ExtractListReply,
        openapi_extra=_body(ExtractRequest, pages),
    )
    async def extract(request: Request) -> Response:
        return await _answer(service, request, ExtractRequest)

    @router.post(
        "/blocks",
        summary="A page as its blocks, and what heads keep",
        response_model=BlocksReply,
        openapi_extra=_body(BlocksRequest, pages),
    )
    async def blocks(request: Request) -> Response:
        return await _answer(service, request, BlocksRequest)

    @router.post(
        "/batch",
        summary="Many pages: a request a line, an answer a line, in order",
        description="Each line is what `/v1/extract` takes. A line that fails, such as one that is too long, is "
        "answered by `error`, a problem, and its number `line`; the others are done. "
        "Answers begin while the request arrives, so a client reads while it writes.",
        response_class=Response,
        openapi_extra={"requestBody": {"content": {_NDJSON: {"schema": ExtractRequest.model_json_schema()}}}},
    )
    async def batch(request: Request) -> Response:
        _check_encoding(request.headers)
        if service.batches.locked():
            async with service.slot(service.batches):  # raises
                pass
        return _Stream(_run_batch(service, request), service.limits.body_timeout)

    return router


def _body(model: type[ExtractRequest] | type[BlocksRequest], others: Mapping[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema()
    examples = {f"example {i}": {"value": value} for i, value in enumerate(schema.pop("examples"), 1)}
    content = {_JSON: {"schema": schema, "examples": examples}, **others}
    return {"requestBody": {"required": True, "content": content}}


def _reader_path(service: Service) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/r/{address:path}",
        summary="The main content of an address",
        description="Title, address and Markdown as text; with `Accept: application/json` as `/v1/extract` answers.",
        response_class=Response,
        responses=_PROBLEMS,
    )
    async def read(request: Request, address: str) -> Response:
        asked = _validated(ExtractRequest, {"url": _raw_address(request), "title": True})
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(service.slot(service.slots))
            reply, timing = await _unless_gone(request, _work(service, asked, None, ""))
            body, media_type = reply.body, _JSON
            if _JSON not in request.headers.get("accept", ""):
                body, media_type = _as_text(body), "text/plain; charset=utf-8"
            return _Reply(body, media_type, timing, service.limits.body_timeout, stack.pop_all())

    return router


def _as_text(body: bytes) -> bytes:
    data = json.loads(body)
    text = f"Title: {data['title']}\n\nURL Source: {data['url']}\n\nMarkdown Content:\n{data['content']}\n"
    return text.encode("utf-8", "replace")


def _raw_address(request: Request) -> str:
    """The address behind `/r/` as the client wrote it, with its own query.

    A slash that a proxy took is put back, and an address that begins with its host is one of https.
    """
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    address = path.partition(b"/r/")[2] + (b"?" + query if query else b"")
    for scheme in (b"https:/", b"http:/"):
        if address.lower().startswith(scheme) and not address.lower().startswith(scheme + b"/"):
            address = scheme + b"/" + address[len(scheme) :]
    if _HOST.match(address):
        address = b"https://" + address
    return address.decode("ascii", "replace")


async def _answer(service: Service, request: Request, model: type[_Asked]) -> Response:
    """Reads a request, does it, and answers."""
    _check_encoding(request.headers)
    _check_length(request.headers, service.limits.max_bytes)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(service.slot(service.slots))
        asked, content, content_type = await _read(service, request, model)
        reply, timing = await _unless_gone(request, _work(service, asked, content, content_type))
        return _Reply(reply.body, _JSON, timing, service.limits.body_timeout, stack.pop_all())


async def _work(
    service: Service, asked: ExtractRequest | BlocksRequest, content: bytes | str | None, content_type: str
) -> tuple[Reply, dict[str, str]]:
    """A request -> its reply, and a header with the milliseconds that it took."""
    source, fetched = await service.source(content, asked.url, content_type)
    reply, done = await service.do(asked.task(source))
    times = {"fetch": fetched, "wait": done.waited, "work": done.worked}
    shown = ", ".join(f"{name};dur={1000 * seconds:.1f}" for name, seconds in times.items() if seconds)
    return reply, {"Server-Timing": shown}


async def _unless_gone(request: Request, work: Awaitable[_Value]) -> _Value:
    """The work's result; it is cancelled where the client has gone."""
    working = asyncio.ensure_future(work)
    listening = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, listening}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise gone()
    finally:
        working.cancel()
        listening.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _read(service: Service, request: Request, model: type[_Asked]) -> tuple[_Asked, bytes | str | None, str]:
    """A request -> its fields, the page that it holds (None for one that is fetched), and the page's content type."""
    limit = service.limits.max_bytes
    body = bytearray()
    try:
        async with asyncio.timeout(service.limits.body_timeout):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    raise too_large(limit)
    except TimeoutError:
        raise too_slow(service.limits.body_timeout) from None
    except ClientDisconnect:
        raise gone() from None
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _JSON:
        asked = _validated(model, bytes(body).removeprefix(b"\xef\xbb\xbf"))
        return asked, asked.html, ""
    if kind == _FORM and _is_json_object(body):  # curl's type without -H
        raise ProblemError("invalid-request", f"a JSON object is sent with the content type {_JSON}; found {kind}")
    query = request.query_params
    values: dict[str, Any] = {
        name: query.getlist(name) if name in _LISTS else value for name, value in query.multi_items()
    }
    if body:
        values["html"] = ""  # it is there, as bytes
    asked = _validated(model, values)
    return asked, bytes(body) if body else None, "" if kind in _NO_TYPE else content_type


def _is_json_object(body: bytearray) -> bool:
    with suppress(ValueError, RecursionError):
        return body.lstrip().startswith(b"{") and isinstance(json.loads(body), dict)
    return False


class _Reply(Response):
    """A body that gives its place in the queue back when it is sent: what waits for slow readers is bounded too."""

    def __init__(
        self, body: bytes, media_type: str, headers: Mapping[str, str], timeout: float, place: AsyncExitStack
    ) -> None:
        super().__init__(body, 200, headers, media_type)
        self.timeout = timeout
        self.place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the body in parts. Raises `ProblemError` where the client takes none of them for too long."""
        body = bytes(self.body)
        starts = range(0, len(body), _PART)
        async with self.place:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for start in starts:
                is_more = start < starts[-1]
                part = {"type": "http.response.body", "body": body[start : start + _PART], "more_body": is_more}
                await _send_in_time(send, part, self.timeout)


class _Stream(Response):
    """Lines as they come. FastAPI's own streams wait for the client's end meanwhile, and so take the request's body."""

    media_type = _NDJSON

    def __init__(self, lines: AsyncGenerator[bytes, None], timeout: float) -> None:
        super().__init__()
        del self.headers["content-length"]
        self.lines = lines
        self.timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends each line as soon as it is there; waits while the client does not read, but not for ever."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self.lines) as lines:
            async for line in lines:
                await _send_in_time(send, {"type": "http.response.body", "body": line, "more_body": True}, self.timeout)
        await send({"type": "http.response.body", "body": b""})


async def _send_in_time(send: Send, message: Message, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await send(message)
    except TimeoutError:
        raise gone() from None


async def _run_batch(service: Service, request: Request) -> AsyncGenerator[bytes, None]:
    """Lines of requests -> lines of answers, in order, each as soon as it and those before are there.

    At most two lines a process are read ahead of the answers that the client took.
    """
    tasks: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(2 * service.limits.workers)
    async with service.batches:
        reader = asyncio.create_task(_read_batch(service, request, tasks))
        try:
            while task := await tasks.get():
                yield await task + b"\n"
        finally:
            reader.cancel()
            while not tasks.empty():
                if task := tasks.get_nowait():
                    task.cancel()


async def _read_batch(service: Service, request: Request, tasks: asyncio.Queue[asyncio.Task[bytes] | None]) -> None:
    number = 0
    try:
        async for number, line, problem in _lines(service, request):
            answer = _failed_line(service, number, line, problem) if problem else _line(service, number, line)
            await tasks.put(asyncio.create_task(answer))
    except Exception as error:  # the client is told in place of its next line
        await tasks.put(asyncio.create_task(_failed_line(service, number + 1, b"", error)))
    await tasks.put(None)


async def _lines(service: Service, request: Request) -> AsyncIterator[tuple[int, bytes, ProblemError | None]]:
    """The lines of a body that are not empty, with their numbers.

    Of one that is too long, its begin with a problem, as soon as that is known. The rest of it is dropped as it
    arrives, so that no more than a line is in memory.
    """
    limits = service.limits
    stream = request.stream().__aiter__()
    rest, number, is_more, is_dropped = b"", 1, True, False
    while is_more:
        try:
            async with asyncio.timeout(limits.body_timeout):
                rest += await anext(stream)
        except StopAsyncIteration:
            rest, is_more = rest + b"\n", False
        except TimeoutError:
            raise too_slow(limits.body_timeout) from None
        except ClientDisconnect:
            return
        *lines, rest = rest.split(b"\n")
        for line in lines:
            if is_dropped:
                is_dropped = False  # here it ends
            elif len(line) > limits.max_bytes:
                yield number, line[:_BEGIN], too_large(limits.max_bytes)
            elif line.strip():
                yield number, line, None
            number += 1
        if len(rest) > limits.max_bytes and not is_dropped:
            is_dropped = True
            yield number, rest[:_BEGIN], too_large(limits.max_bytes)
        rest = b"" if is_dropped else rest


async def _line(service: Service, number: int, line: bytes) -> bytes:
    """One line of a batch -> its answer, or its problem."""
    try:
        asked = _validated(ExtractRequest, line)
        async with service.slots:  # waits, in place of an error
            reply, _ = await _work(service, asked, asked.html, "")
        return reply.body
    except Exception as error:
        return await _failed_line(service, number, line, error)


async def _failed_line(service: Service, number: int, line: bytes, error: Exception) -> bytes:
    problem = as_problem(error)
    service.metrics.count_error(problem.kind)
    name = read_id(line)
    fields = ({} if name is None else {"id": name}) | {"line": number, "error": problem.to_dict()}
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


def _validated(model: type[_Asked], values: bytes | Mapping[str, Any]) -> _Asked:
    try:
        return model.model_validate_json(values) if isinstance(values, bytes) else model.model_validate(values)
    except ValidationError as error:
        errors = [
            {"field": ".".join(map(str, row["loc"])), "message": row["msg"].removeprefix("Value error, ")}
            for row in error.errors(include_input=False, include_url=False, include_context=False)[:20]
        ]
        first = f"{errors[0]['field']}: {errors[0]['message']}" if errors[0]["field"] else errors[0]["message"]
        raise ProblemError("invalid-request", first, errors=errors) from None


def _check_encoding(headers: Mapping[str, str]) -> None:
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise ProblemError("unsupported-encoding", f"a request is sent as it is; found the encoding {encoding[:40]!r}")


def _check_length(headers: Mapping[str, str], limit: int) -> None:
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > limit:
        raise too_large(limit)


async def _answer_problem(request: Request, error: Exception) -> Response:
    problem = as_problem(error)
    request.scope["indexlm.problem"] = problem.kind
    return Response(problem.to_json(), problem.status, problem.headers, "application/problem+json")


async def _answer_http_error(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    if status == 405:
        headers = getattr(error, "headers", None) or {}
        detail = f"this path takes {headers.get('Allow', 'other methods')}"
        return await _answer_problem(request, ProblemError("method-not-allowed", detail, headers))
    return await _answer_problem(request, ProblemError("not-found", "the paths are listed at /openapi.json"))
