"""What clients send and get, as the API describes it. Imported inside functions, since pydantic is slow to import."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import from_json

from indexlm.inputs.document import Source
from indexlm.limits import check_query
from indexlm.options import favoured_beta
from indexlm.page import IndexLMError
from indexlm.serving.work import BlocksTask, ExtractTask, Options

_OPTIONS = tuple(field.name for field in fields(Options))
MAX_QUERIES = 32
"""The most queries about one page in one request."""
_Query = Annotated[str, StringConstraints(max_length=2000)]
_Selector = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Head = Literal["classifier", "decoder", "trees", "auto"]
_ID = Annotated[str, StringConstraints(max_length=200)] | int | None
_URL = Annotated[str, StringConstraints(max_length=4096)]
_PAGE = "<title>Ferry</title><nav><a href='/'>Home</a></nav><h1>Ferry</h1><p>The last boat leaves at 18:20.</p>"


class _PageRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    html: str | None = Field(None, description="The page. Without it, `url` is fetched, where the service does that.")
    url: _URL = Field("", description="The page's http(s) address. Beside `html`, links are resolved against it.")

    @model_validator(mode="after")
    def _check_page(self) -> Self:
        if self.url and not self.url.lower().startswith(("http://", "https://")):
            raise ValueError("a url starts with http:// or https://")
        if self.html is None and not self.url:
            raise ValueError("a request has html, or the url of a page")
        return self


class ExtractRequest(_PageRequest):
    """A page, and what is wanted of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"html": _PAGE}, {"html": _PAGE, "query": "When does the last boat leave?"}]},
    )

    id: _ID = Field(None, description="Comes back.")
    query: _Query = Field("", description="Keep the blocks that answer this; without it, the main content.")
    queries: list[_Query] = Field(
        default_factory=list, max_length=MAX_QUERIES, description="Several queries; the answer is a list `results`."
    )
    head: _Head | None = Field(None, description="Without it: the first that the service has.")
    format: Literal["markdown", "html", "text", "json", "intervals", "chunks"] = "markdown"
    threshold: float | None = Field(None, ge=0, le=1, description="Keep blocks of at least this probability.")
    beta: float | None = Field(None, ge=0.1, le=10, description="What recall counts against precision; else 1.")
    favour: Literal["precision", "recall"] | None = Field(None, description="A name for a beta of 0.5 or 2.")
    hidden: Literal["drop", "keep"] = Field("drop", description="Text that no reader of the page can see.")
    title: bool = Field(False, description="Keep the heading that names the page too.")
    include: list[_Selector] = Field(default_factory=list, max_length=32, description="CSS selectors to keep.")
    exclude: list[_Selector] = Field(default_factory=list, max_length=32, description="CSS selectors to leave out.")
    links: Literal["absolute", "keep", "drop"] = "absolute"
    images: bool = Field(False, description="Keep images in Markdown.")
    metadata: bool = Field(False, description="Add title, author, dates and more, each with its source.")
    max_tokens: int = Field(512, ge=16, le=1_000_000, description="Of a chunk.")
    overlap: int = Field(0, ge=0, le=1_000_000, description="Of chunks, in tokens.")

    @model_validator(mode="after")
    def _check_queries(self) -> Self:
        if self.query and self.queries:
            raise ValueError("a request has a query or queries, not both")
        try:
            for query in (self.query, *self.queries):
                check_query(query)
        except IndexLMError as error:
            raise ValueError(str(error)) from None
        return self

    @model_validator(mode="after")
    def _check_beta(self) -> Self:
        try:
            favoured_beta(self.beta, self.favour)
        except IndexLMError as error:
            raise ValueError(str(error)) from None
        return self

    def task(self, source: Source) -> ExtractTask:
        """The request about a page that was read or fetched."""
        values = {name: getattr(self, name) for name in _OPTIONS} | {"head": self.head or ""}
        values |= {"include": tuple(self.include), "exclude": tuple(self.exclude)}
        values["beta"] = favoured_beta(self.beta, self.favour) if self.favour else self.beta
        options = Options(**values)
        queries = tuple(self.queries) or (self.query,)
        return ExtractTask(source, source.url or self.url, queries, options, self.id, bool(self.queries))


class _Named(BaseModel):
    id: _ID = None


def read_id(line: bytes) -> str | int | None:
    """The `id` in a line of a batch, which may be wrong in all else, or cut off; None where it holds none."""
    try:
        return _Named.model_validate(from_json(line, allow_partial=True)).id
    except ValueError:  # of no JSON, and of another id
        return None


class BlocksRequest(_PageRequest):
    """A page to look at as its blocks."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"html": _PAGE, "heads": ["trees"]}]})

    query: _Query = ""
    heads: list[_Head] = Field(
        default_factory=list, max_length=4, description="The heads whose choice is shown; without any, the first."
    )
    markdown: bool = Field(False, description="Add the Markdown of each block and of each head's choice.")

    def task(self, source: Source) -> BlocksTask:
        """The request about a page that was read or fetched."""
        heads = tuple(dict.fromkeys(self.heads))
        return BlocksTask(source, source.url or self.url, self.query, heads, self.markdown)


class Result(BaseModel):
    """What is kept for one query, or as main content."""

    query: str
    content: str | list[Any] | dict[str, Any] = Field(description="In the format; `NA` if no block answers the query.")
    intervals: list[tuple[int, int]] = Field(description="The kept blocks, from 1, both ends included.")
    block_count: int
    scores: list[float] | None = Field(description="Of each block the probability that it is kept; null: decoder.")
    expected_f1: float | None = Field(
        description="The confidence: the F1 that is expected of the choice, 0 to 1; of `NA`, that no block answers."
    )
    decided_by: Literal["", "model", "trees", "mixed"]
    error: str
    warnings: list[str]
    seconds: dict[str, float] = Field(description="By stage.")
    tokens: dict[str, int]


class _PageReply(BaseModel):
    id: str | int | None = None
    url: str
    title: str
    lang: str
    head: str
    format: str
    metadata: dict[str, Any] | None = None


class ExtractReply(Result, _PageReply):
    """The answer to one query, or the main content."""


class ExtractListReply(_PageReply):
    """The answers to several queries, in their order."""

    results: list[Result]


class BlocksReply(BaseModel):
    """A page as its blocks, and by head what it keeps."""

    url: str
    title: str
    lang: str
    query: str
    warnings: list[str]
    blocks: list[dict[str, Any]]
    heads: dict[str, dict[str, Any]]


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
