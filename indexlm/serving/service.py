"""The service behind HTTP and MCP: pools of processes, a bounded queue, and addresses that are fetched or refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Any

from indexlm.inputs.document import Source
from indexlm.page import IndexLMError
from indexlm.parallel import TimeLimitError
from indexlm.serving.log import log
from indexlm.serving.metrics import Metrics
from indexlm.serving.pool import Done, Pool
from indexlm.serving.problems import ProblemError, as_problem
from indexlm.serving.work import HEADS, Reply, Task, open_work

_FETCH_GRACE = 5.0  # seconds that a fetching process may take longer than its own limit


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service allows.

    workers: processes that extract pages.
    fetchers: processes that fetch addresses, where the service does; they mostly wait for others.
    queue: how many requests may wait beside those that are worked on.
    batches: how many batches may run at once.
    timeout: seconds for a page, without waiting.
    memory: MiB that a page takes beyond the opened models.
    max_bytes: bytes of a request, and of a page that is fetched.
    body_timeout: seconds in which a request has to arrive, and the most between two parts of a batch or an answer.
    fetch_timeout: seconds in which an address has to answer.
    """

    workers: int = 2
    fetchers: int = 4
    queue: int = 32
    batches: int = 4
    timeout: float = 20.0
    memory: int = 2048
    max_bytes: int = 8 << 20
    body_timeout: float = 30.0
    fetch_timeout: float = 15.0

    def __post_init__(self) -> None:
        ranges = {
            "workers": (1, 256),
            "fetchers": (1, 256),
            "queue": (0, 10_000),
            "batches": (1, 1000),
            "timeout": (0.1, 3600),
        }
        ranges |= {"memory": (16, 1 << 20), "max_bytes": (1024, 32 << 20)}
        ranges |= {"body_timeout": (0.1, 3600), "fetch_timeout": (0.1, 600)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise IndexLMError(f"{name} is from {least} to {most}; found {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask what.

    fetch: whether addresses are fetched.
    private: whether local addresses are fetched too: loopback, private networks, and what else is not public.
    api_key: what a client has to show; empty for none.
    hosts: the names by which the service may be asked; empty for all. This holds off other sites' names for it.
    """

    fetch: bool = False
    private: bool = False
    api_key: str = field(default="", repr=False)
    hosts: tuple[str, ...] = ()


class Service:
    """Opens its processes when it is made, with `options` of `Extractor` for each head.

    Raises `IndexLMError` where a model cannot be opened.
    """

    def __init__(
        self,
        limits: Limits = Limits(),
        access: Access = Access(),
        heads: tuple[str, ...] = HEADS,
        models: dict[str, str] | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.limits = limits
        self.access = access
        self.heads = heads
        self.is_closing = False
        opener = partial(open_work, heads, models or {}, limits.max_bytes, limits.timeout, options or {})
        self.pool = Pool(opener, limits.workers, limits.timeout, limits.memory)
        pools = {"pages": self.pool}
        self.fetchers: Pool | None = None
        if access.fetch:
            fetcher = partial(_open_fetcher, limits.max_bytes, limits.fetch_timeout, access.private)
            self.fetchers = Pool(fetcher, limits.fetchers, limits.fetch_timeout + _FETCH_GRACE, limits.memory)
            pools["fetches"] = self.fetchers
        self.metrics = Metrics(pools)
        self.slots = asyncio.Semaphore(limits.workers + limits.queue)
        self.batches = asyncio.Semaphore(limits.batches)
        self._mean_seconds = 0.1  # of a page, over the last ones

    @asynccontextmanager
    async def slot(self, of: asyncio.Semaphore) -> AsyncIterator[None]:
        """A place in the queue, or among the batches. Raises `ProblemError` where none is free."""
        if self.is_closing:
            raise ProblemError("closing", "the service finishes what it took, and takes no more")
        if of.locked():
            seconds = max(1, ceil(self.pool.waiting * self._mean_seconds / self.limits.workers))
            most = self.limits.workers + self.limits.queue if of is self.slots else self.limits.batches
            what = "requests" if of is self.slots else "batches"
            detail = f"at most {most} {what} are taken at a time; try again in {seconds} seconds"
            raise ProblemError("queue-full", detail, {"Retry-After": str(seconds)})
        async with of:
            yield

    async def do(self, task: Task) -> tuple[Reply, Done]:
        """A task -> its reply and times. Raises `ProblemError`."""
        try:
            done = await _result(self.pool.submit(task))
        except Exception as error:
            raise _logged(error) from error
        reply: Reply = done.result
        self._mean_seconds += 0.05 * (done.worked - self._mean_seconds)
        self.metrics.count_pages(reply.measures, done.waited)
        return reply, done

    async def source(self, content: bytes | str | None, url: str, content_type: str = "") -> tuple[Source, float]:
        """A page that was sent, or the address of one -> the page, and the seconds that it took to fetch."""
        if content is not None:
            return Source(content, url, content_type=content_type), 0.0
        if self.fetchers is None:
            raise ProblemError("fetch-off", "this service reads pages that are sent as html; it fetches none")
        try:
            done = await _result(self.fetchers.submit(url))
        except TimeLimitError:
            raise ProblemError("fetch-failed", f"an address answers within {self.limits.fetch_timeout:g} s") from None
        except IndexLMError as error:
            raise ProblemError("fetch-failed", str(error)) from None
        except Exception as error:
            raise _logged(error) from error
        return done.result, done.waited + done.worked

    def close(self) -> None:
        """Finish what was taken, then end the processes."""
        self.is_closing = True
        if self.fetchers:
            self.fetchers.close()
        self.pool.close()


def _logged(error: Exception) -> ProblemError:
    """The problem of an error, which is logged if the client is not told what it was."""
    problem = as_problem(error)
    if problem.kind in ("internal", "page-crash"):
        log("failure", problem=problem.kind, error=str(error))
    return problem


async def _result(future: Future[Done]) -> Done:
    return await asyncio.wrap_future(future)


def _open_fetcher(max_bytes: int, timeout: float, private: bool) -> Callable[[str], Source]:
    return partial(_fetch, max_bytes, timeout, private)


def _fetch(max_bytes: int, timeout: float, private: bool, url: Any) -> Source:
    from indexlm.sources import fetch

    return fetch(url, max_bytes=max_bytes, timeout=timeout, private="always" if private else "never")
