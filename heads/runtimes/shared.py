"""One process that runs a model on a GPU for others, which prepare pages and decide them.

Each of the others sends the windows of its page and waits. While the GPU reads some, the next ones gather, and are read
together: windows of several pages fill it, as those of one page do not. It holds one copy of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from multiprocessing import AuthenticationError, current_process, get_context
from multiprocessing.connection import Client, Connection, Listener
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from heads.writing import ContinuousWriter, Job
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heads.encoding import Window
    from heads.generation import Answer, Leaning

Result = TypeVar("Result")

MOST_TOKENS = 32768
"""Tokens of windows that are read in one call, where they are of several pages."""

_GRACE = 10  # seconds for the process to end

Load = Callable[[], Any]


class SharedModel:
    """The process, from its beginning to `close`.

    load: makes, in the process, a classifier's scorer or a `ContinuousWriter`; None where each process should have the
        model for itself.
    address: what others reach it by, at once; their requests wait until it is loaded.
    """

    def __init__(self, load: Load) -> None:
        context = get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, load), daemon=True)
        self._process.start()
        other.close()
        self.address: str = self._receive()

    def during(self, begin: Callable[[], Generator[Result, None, None]]) -> Generator[Result, None, None]:
        """Begin what uses the model -> its results, as they come; with the last of them the model is closed.

        Raises `IndexLMError` where it cannot be loaded, and where its process ends before.
        """
        try:
            results = begin()
            self._receive()
            found = self._until_last(results)
            next(found)  # begun, so that closing it before its first result closes the model too
            return found  # type: ignore[return-value]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        self._connection.close()  # it ends by itself, with what libraries do at an exit
        self._process.join(_GRACE)
        self._process.kill()
        self._process.join()

    def _receive(self) -> Any:
        """What the process sends next; raises what it says of an error."""
        try:
            found = self._connection.recv()
        except EOFError:
            self._process.join(5)
            found = self._end()
        if isinstance(found, Exception):
            raise found
        return found

    def _end(self) -> IndexLMError:
        return IndexLMError(f"the process that runs the model ended with exit code {self._process.exitcode}")

    def _until_last(self, results: Generator[Result, None, None]) -> Generator[Result | None, None, None]:
        """None, and then the results."""
        try:
            yield None
            for result in results:
                if not self._process.is_alive():
                    raise self._end()
                yield result
        finally:
            results.close()
            self.close()


class SharedScorer:
    """As `heads.classifier.Scorer`, by the process at an address. One call at a time, as in the processes of a pool."""

    def __init__(self, address: str) -> None:
        self._connection = _connect(address)

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        return _ask(self._connection, (list(batch), list(places)))  # type: ignore[no-any-return]


class SharedAnswers:
    """A decoder's answers about windows, by the process at an address; the `elsewhere` of a `DecoderHead`."""

    def __init__(self, address: str) -> None:
        self._connection = _connect(address)

    def __call__(self, windows: Sequence[Window], leaning: Leaning) -> list[Answer]:
        asked = [(window.ids, len(window.markers)) for window in windows]
        return _ask(self._connection, (asked, leaning))  # type: ignore[no-any-return]


def _connect(address: str) -> Connection:
    return Client(address, authkey=bytes(current_process().authkey))


def _ask(connection: Connection, question: tuple[Any, Any]) -> Any:
    try:
        connection.send(question)
        found = connection.recv()
    except (EOFError, OSError):
        raise IndexLMError("the process that runs the model has ended") from None
    if isinstance(found, Exception):
        raise found
    return found


class Request(NamedTuple):
    """What one of the others asks at a time: its windows, and what is asked of them."""

    windows: list[Any]
    about: Any
    connection: Connection

    @property
    def is_pointless(self) -> bool:
        """Whether who asked has ended, such as a worker that took too long for its page."""
        return self.connection.closed

    def answer(self, answer: Any) -> None:
        """Send it; who has ended by now is not waited for."""
        try:
            self.connection.send(answer)
        except OSError:
            self.connection.close()


Requests = SimpleQueue[Request | None]
"""Requests as they come; None at the end of all."""


def _serve(parent: Connection, load: Load) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads the results
    requests: Requests = SimpleQueue()
    with Listener(authkey=bytes(current_process().authkey)) as listener:
        parent.send(listener.address)
        Thread(target=_accept, args=(listener, requests), daemon=True).start()
        try:
            model = load()
        except Exception as error:
            parent.send(_as_error(error))
            return
        parent.send(None)
        Thread(target=_wait_for_end, args=(parent, requests), daemon=True).start()
        (_write if isinstance(model, ContinuousWriter) else _score)(model, requests)


def _as_error(error: Exception) -> Exception:
    return error if isinstance(error, IndexLMError) else RuntimeError(f"{type(error).__name__}: {error}")


def _accept(listener: Listener, requests: Requests) -> None:
    while True:
        try:
            connection = listener.accept()
        except (OSError, EOFError, AuthenticationError):  # one that ended before it was accepted, or a stranger
            continue
        Thread(target=_take, args=(connection, requests), daemon=True).start()


def _take(connection: Connection, requests: Requests) -> None:
    try:
        while True:
            windows, about = connection.recv()
            requests.put(Request(windows, about, connection))
    except (EOFError, OSError):  # its process has ended
        pass
    finally:
        connection.close()


def _wait_for_end(parent: Connection, requests: Requests) -> None:
    try:
        parent.recv()
    except (EOFError, OSError):
        requests.put(None)


def _score(scorer: Any, requests: Requests) -> None:
    waiting: Request | None = None
    while (first := waiting or requests.get()) is not None:
        together, waiting = gather(first, requests)
        score_together(scorer, together)


def gather(first: Request, requests: Requests) -> tuple[list[Request], Request | None]:
    """What waits beside a request and fits into a call with it, and what comes next, if it is taken already."""
    together, tokens = [first], sum(map(len, first.windows))
    while True:
        try:
            request = requests.get_nowait()
        except Empty:
            return together, None
        if request is None:
            requests.put(None)
            return together, None
        if request.is_pointless:
            continue
        tokens += sum(map(len, request.windows))
        if tokens > MOST_TOKENS:
            return together, request
        together.append(request)


def score_together(scorer: Any, requests: list[Request]) -> None:
    """Read the windows of requests in one call; where that fails, each by itself."""
    try:
        found = scorer([w for r in requests for w in r.windows], [places for r in requests for places in r.about])
    except Exception as error:
        if len(requests) == 1:
            requests[0].answer(_as_error(error))
        else:
            for request in requests:
                score_together(scorer, [request])
        return
    begin = 0
    for request in requests:
        request.answer(found[begin : begin + len(request.windows)])
        begin += len(request.windows)


class _Asked(NamedTuple):
    """A request, and the jobs that its windows are."""

    request: Request
    jobs: list[Job]


def _write(writer: ContinuousWriter, requests: Requests) -> None:
    while True:
        try:
            request = requests.get(block=not writer.is_busy)
            if request is None:
                return
            _add(writer, request)
        except Empty:  # all that has come is taken
            _advance(writer)


def _add(writer: ContinuousWriter, request: Request) -> None:
    asked = _Asked(request, [])
    asked.jobs.extend(Job(ids, lines, request.about, asked) for ids, lines in request.windows)
    try:
        writer.add(asked.jobs)
    except IndexLMError as error:
        request.answer(error)


def _advance(writer: ContinuousWriter) -> None:
    writer.drop(lambda job: job.owner.request.is_pointless)
    try:
        done = writer.advance()
    except Exception as error:
        for asked in {id(job.owner): job.owner for job in writer.drop_all()}.values():
            asked.request.answer(_as_error(error))
        return
    for asked in {id(job.owner): job.owner for job in done}.values():
        if all(job.answer is not None for job in asked.jobs):
            asked.request.answer([job.answer for job in asked.jobs])
