"""A stream of items through a few processes: results in order, a time limit an item, bounded memory.

An item that kills its process, or takes too long, costs that item alone. Kept libraries do not hold this: in pebble
5.2 workers share one pipe, so that one that dies while idle breaks the pool; loky has no time limit, and a dead worker
fails all items in flight.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Callable, Generator, Iterable, Sequence
from pickle import PicklingError
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_GRACE = 2  # seconds for an idle process to end
_LONGEST_WAIT = 3600.0  # seconds; systems do not wait for any number
_OF_MEMORY = re.compile(r"^MemoryError|bad_alloc|[Ff]ailed to allocate|[Oo]ut of memory")


class TimeLimitError(IndexLMError):
    """An item took longer than it may."""


class MemoryLimitError(IndexLMError):
    """An item took more memory than it may."""


Item = TypeVar("Item")
Result = TypeVar("Result")
Opener = Callable[[], Callable[[Item], Result]]
"""Makes the job, in the process that runs it."""


def run_here(
    opener: Opener[Item, Result], items: Iterable[Item | Exception]
) -> Generator[Result | Exception, None, None]:
    """`run_in_processes` in this process, one item after the other and without a time limit."""
    job = opener()
    return (attempt(job, item) for item in items)


def run_in_processes(
    opener: Opener[Item, Result],
    items: Iterable[Item | Exception],
    workers: int,
    timeout: float | None = None,
    memory: int | None = None,
) -> Generator[Result | Exception, None, None]:
    """Items -> what the job makes of each, in order.

    Each of the `workers` processes makes its own job once, by `opener`, which is picklable. An item that fails yields
    an exception in its place: an `IndexLMError`, or a `RuntimeError` that names any other kind. An item that is itself
    an exception is yielded as it is. `timeout` is in seconds, without the time of opening. `memory` is the most MiB
    that an item may take beyond the opened job, where the system can hold a process to it (Linux).

    Where `items` itself raises, what is in flight is yielded first.

    Items are taken as they are needed: at most `2 * workers` items and results are in memory. Closing the iterator ends
    the processes. Raises what `opener` raises, before any item is taken. As always with processes, a script needs
    `if __name__ == "__main__":`.
    """
    crew: list[Worker] = []
    try:
        for _ in range(workers):
            crew.append(Worker(opener, memory))
        for worker in crew:
            worker.wait_until_open()
    except BaseException:
        _stop(crew)
        raise
    return _results(crew, items, timeout)


def _results(crew: Sequence[Worker], items: Iterable[Any], timeout: float | None) -> Generator[Any, None, None]:
    source = enumerate(items)
    idle = list(crew)
    busy: dict[Worker, tuple[int, float]] = {}  # each one's item number and deadline
    done: dict[int, Any] = {}
    next_number = 0
    is_more = True
    failure: BaseException | None = None  # of `items`
    try:
        while is_more or busy or done:
            while is_more and idle and len(busy) + len(done) < 2 * len(crew):
                try:
                    number, item = next(source, (-1, None))
                except Exception as error:  # what is in flight comes first
                    number, item, failure = -1, None, error
                is_more = number >= 0
                if isinstance(item, Exception):
                    done[number] = item
                elif is_more:
                    worker = idle.pop()
                    worker.send(item)
                    busy[worker] = number, monotonic() + (float("inf") if timeout is None else timeout)
            if next_number in done:
                yield done.pop(next_number)
                next_number += 1
            elif busy:
                for worker, result in _finished(busy, timeout):
                    done[busy.pop(worker)[0]] = result
                    idle.append(worker)
        if failure is not None:
            raise failure
    finally:
        for worker in idle:
            worker.connection.close()  # it ends by itself, with what libraries do at an exit
        for worker in idle:
            worker.process.join(_GRACE)
        _stop(crew)


def _finished(busy: dict[Worker, tuple[int, float]], timeout: float | None) -> list[tuple[Worker, Any]]:
    """Wait until workers are done, have died or are too late -> these, ready for another item, with their results."""
    from multiprocessing.connection import wait

    first_deadline = min(deadline for _, deadline in busy.values())
    patience = None if timeout is None else min(max(0.0, first_deadline - monotonic()), _LONGEST_WAIT)
    ready = wait([worker.connection for worker in busy], patience)
    results: list[tuple[Worker, Any]] = []
    for worker, (_, deadline) in busy.items():
        if worker.connection in ready:
            try:
                results.append((worker, worker.receive()))
                continue
            except EOFError as error:
                results.append((worker, RuntimeError(str(error))))
        elif monotonic() >= deadline:
            results.append((worker, late(timeout or 0)))
        else:
            continue
        worker.stop()
        worker.start()
        worker.wait_until_open()
    return results


def late(seconds: float) -> TimeLimitError:
    """The error of an item that took longer."""
    return TimeLimitError(f"a page takes at most {seconds:g} seconds; this one took longer")


def _stop(crew: Sequence[Worker]) -> None:
    for worker in crew:
        worker.stop()


def attempt(job: Callable[[Any], Any], item: Any) -> Any:
    """The job's result, or the exception in its place; an item that is an exception is returned as it is."""
    if isinstance(item, Exception):
        return item
    try:
        return job(item)
    except IndexLMError as error:
        return error
    except Exception as error:  # whatever one item does, the others are done all the same
        return RuntimeError(f"{type(error).__name__}: {error}")


class Worker:
    """A process that has made its job and is sent one item at a time."""

    def __init__(self, opener: Opener[Any, Any], memory: int | None) -> None:
        self.opener = opener
        self.memory = memory
        self.start()

    def start(self) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")  # no locks or threads of this process are inherited
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, self.opener, self.memory), daemon=True)
        self.process.start()
        other.close()

    def wait_until_open(self) -> None:
        """Raise what making the job raised."""
        try:
            error = self.receive()
        except EOFError as ended:
            raise IndexLMError(f"a worker opens the model and waits for pages; {ended}") from None
        if error is not None:
            raise error

    def send(self, item: Any) -> None:
        with contextlib.suppress(OSError):  # it is dead, as `receive` will say
            self.connection.send(item)

    def receive(self) -> Any:
        """What the process sends next. Raises `EOFError` if it has ended."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join(5)
            raise EOFError(f"its process ended with exit code {self.process.exitcode}") from None

    def stop(self) -> None:
        self.connection.close()
        self.process.kill()  # nothing in it would be lost
        self.process.join()
        self.process.close()


def _limit_memory(mebibytes: int) -> None:
    """Hold this process to so much memory beyond what it has now, where the system can."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[5])  # of data and stacks, reserved
    except (ImportError, OSError):
        return
    most = pages * resource.getpagesize() + mebibytes * 2**20
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


def _serve(connection: Connection, opener: Opener[Any, Any], memory: int | None) -> None:
    with contextlib.suppress(EOFError, ConnectionError):  # the process that reads the results is done, or was killed
        _work(connection, opener, memory)


def _work(connection: Connection, opener: Opener[Any, Any], memory: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads the results
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread a worker
    try:
        job = opener()
    except (IndexLMError, ImportError) as error:
        connection.send(error)
        return
    except Exception as error:
        connection.send(RuntimeError(f"{type(error).__name__}: {error}"))
        return
    connection.send(None)
    if memory is not None:
        _limit_memory(memory)
    while True:
        result = attempt(job, connection.recv())
        if memory is not None and isinstance(result, RuntimeError) and _OF_MEMORY.search(str(result)):
            result = MemoryLimitError(f"a page takes at most {memory} MiB of memory; this one took more")
        try:
            connection.send(result)
        except (TypeError, AttributeError, PicklingError) as error:  # raised before anything is sent
            connection.send(RuntimeError(f"a result can be pickled; {error}"))
