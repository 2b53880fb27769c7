"""One process that runs a classifier on a GPU for others, which prepare pages and decide them.

Each of the others sends the windows of its page and waits. While the GPU reads some, the next ones gather, and are read
together: windows of several pages fill it, as those of one page do not. It holds one copy of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from multiprocessing import AuthenticationError, current_process, get_context
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Result = TypeVar("Result")

_MOST_TOKENS = 32768  # of a call
_GRACE = 10  # seconds for the process to end


Load = Callable[[Path, int], Any]


class SharedModel:
    """The process, from its beginning to `close`.

    load: a checkpoint directory and a number of threads -> its scorer, in the process.
    address: what a `SharedScorer` is made with.

    Raises `IndexLMError` where the model cannot be loaded.
    """

    def __init__(self, load: Load, checkpoint: Path) -> None:
        context = get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, load, checkpoint), daemon=True)
        self._process.start()
        other.close()
        try:
            found = self._connection.recv()
        except EOFError:
            self._process.join(5)
            found = IndexLMError(f"the process of the model ended with exit code {self._process.exitcode}")
        if isinstance(found, Exception):
            self.close()
            raise found
        self.address: str = found

    def _check(self) -> None:
        if not self._process.is_alive():
            raise IndexLMError(f"the process that runs the model ended with exit code {self._process.exitcode}")

    def during(self, begin: Callable[[], Generator[Result, None, None]]) -> Generator[Result, None, None]:
        """Begin what uses the model -> its results, as they come; with the last of them the model is closed.

        Raises `IndexLMError` where its process ends before.
        """
        try:
            return self._until_last(begin())
        except BaseException:
            self.close()
            raise

    def _until_last(self, results: Generator[Result, None, None]) -> Generator[Result, None, None]:
        try:
            for result in results:
                self._check()
                yield result
        finally:
            results.close()
            self.close()

    def close(self) -> None:
        """End the process."""
        self._connection.close()  # it ends by itself, with what libraries do at an exit
        self._process.join(_GRACE)
        self._process.kill()
        self._process.join()


class SharedScorer:
    """As `heads.classifier.Scorer`, by the process at an address. One call at a time, as in the processes of a pool."""

    def __init__(self, address: str) -> None:
        self._connection = Client(address, authkey=bytes(current_process().authkey))

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        try:
            self._connection.send((list(batch), list(places)))
            found = self._connection.recv()
        except (EOFError, OSError):
            raise IndexLMError("the process that runs the model has ended") from None
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]


class Request(NamedTuple):
    batch: list[list[int]]
    places: list[list[int]]
    connection: Connection

    @property
    def tokens(self) -> int:
        return sum(map(len, self.batch))


def _serve(parent: Connection, load: Load, checkpoint: Path) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads the results
    try:
        scorer = load(checkpoint, 0)
    except Exception as error:
        parent.send(error if isinstance(error, IndexLMError) else RuntimeError(f"{type(error).__name__}: {error}"))
        return
    requests: SimpleQueue[Request | None] = SimpleQueue()
    with Listener(authkey=bytes(current_process().authkey)) as listener:
        Thread(target=_accept, args=(listener, requests), daemon=True).start()
        Thread(target=_wait_for_end, args=(parent, requests), daemon=True).start()
        parent.send(listener.address)
        waiting: Request | None = None
        while (first := waiting or requests.get()) is not None:
            together, waiting = gather(first, requests)
            _answer(scorer, together)


def _accept(listener: Listener, requests: SimpleQueue[Request | None]) -> None:
    while True:
        try:
            connection = listener.accept()
        except (OSError, EOFError, AuthenticationError):  # one that ended before it was accepted, or a stranger
            continue
        Thread(target=_receive, args=(connection, requests), daemon=True).start()


def _receive(connection: Connection, requests: SimpleQueue[Request | None]) -> None:
    try:
        while True:
            batch, places = connection.recv()
            requests.put(Request(batch, places, connection))
    except (EOFError, OSError):  # its process has ended
        connection.close()


def _wait_for_end(parent: Connection, requests: SimpleQueue[Request | None]) -> None:
    try:
        parent.recv()
    except (EOFError, OSError):
        requests.put(None)


def gather(first: Request, requests: SimpleQueue[Request | None]) -> tuple[list[Request], Request | None]:
    """What waits beside a request and fits into a call with it, and what comes next, if it is taken already."""
    together, tokens = [first], first.tokens
    while True:
        try:
            request = requests.get_nowait()
        except Empty:
            return together, None
        if request is None:
            requests.put(None)
            return together, None
        tokens += request.tokens
        if tokens > _MOST_TOKENS:
            return together, request
        together.append(request)


def _answer(scorer: Any, requests: list[Request]) -> None:
    """Read the windows of requests in one call; where that fails, each by itself."""
    try:
        found = scorer([w for r in requests for w in r.batch], [p for r in requests for p in r.places])
    except Exception as error:
        if len(requests) == 1:
            _send(requests[0], RuntimeError(f"{type(error).__name__}: {error}"))
        else:
            for request in requests:
                _answer(scorer, [request])
        return
    begin = 0
    for request in requests:
        _send(request, found[begin : begin + len(request.batch)])
        begin += len(request.batch)


def _send(request: Request, answer: Any) -> None:
    try:
        request.connection.send(answer)
    except OSError:  # its process has ended
        request.connection.close()
