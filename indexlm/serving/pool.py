"""A pool of processes that can be killed, for callers on an event loop: one item a process, each with its limits."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

from indexlm.parallel import MemoryLimitError, Opener, Worker, late

_PAUSE = 5.0  # seconds before another try to open a model that could not be opened
_RECYCLE_SHARE = 0.6  # of a process's memory limit: one that holds more after a page is replaced


class WorkerDiedError(RuntimeError):
    """The process of a page ended before it answered."""


class Done(NamedTuple):
    """An item's result, the seconds that it waited for a process, and those that it took there."""

    result: Any
    waited: float
    worked: float


class Pool:
    """`workers` processes that each make their job once, by `opener`, and then do one item at a time.

    timeout: the most seconds of an item, without the time that it waits. A process that takes longer is killed.
    memory: the most MiB that an item takes beyond the opened job; None for no limit.

    An item that breaks a limit costs itself alone. The pool does not bound how many items wait: whoever submits does.
    Raises what `opener` raises.
    """

    def __init__(self, opener: Opener[Any, Any], workers: int, timeout: float, memory: int | None = None) -> None:
        self.workers = workers
        self.timeout = timeout
        self.memory = memory
        self.restarts = {"time": 0, "memory": 0, "died": 0, "recycled": 0}
        self.busy = 0
        self._is_closed = False
        self._tasks: SimpleQueue[tuple[Any, Future[Done], float] | None] = SimpleQueue()
        self._lock = Lock()
        self._crew: list[Worker] = []
        try:
            for _ in range(workers):
                self._crew.append(Worker(partial(_open, opener), memory))
            for worker in self._crew:
                worker.wait_until_open()
        except BaseException:
            self._kill()
            raise
        self._threads = [Thread(target=self._run, args=(worker,), daemon=True) for worker in self._crew]
        for thread in self._threads:
            thread.start()

    def submit(self, item: Any) -> Future[Done]:
        """An item -> its result later. Cancelling it before its turn takes it out."""
        future: Future[Done] = Future()
        if self._is_closed:
            future.set_exception(WorkerDiedError("the processes were ended before this item"))
            return future
        self._tasks.put((item, future, monotonic()))
        return future

    @property
    def waiting(self) -> int:
        """How many items wait for a process."""
        return self._tasks.qsize()

    @property
    def resident(self) -> int:
        """The bytes of memory that the processes hold."""
        return sum(_resident(_pid(worker)) for worker in self._crew)

    def close(self) -> None:
        """Finish what was taken, then end the processes; a second time does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        self._kill()

    def _kill(self) -> None:
        for worker in self._crew:
            with contextlib.suppress(ValueError):  # it is closed already
                worker.stop()

    def _run(self, worker: Worker) -> None:
        """The thread of one process: takes items one after the other."""
        while task := self._tasks.get():
            item, future, submitted = task
            if not future.set_running_or_notify_cancel():
                continue
            began = monotonic()
            with self._lock:
                self.busy += 1
            try:
                result, cause = self._do(worker, item)
            except Exception as error:  # whatever happens to one item, its caller is answered and the thread goes on
                result, cause = error, "died"
            with self._lock:
                self.busy -= 1
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(Done(result, began - submitted, monotonic() - began))
            if cause:
                self._replace(worker, cause)

    def _do(self, worker: Worker, item: Any) -> tuple[Any, str]:
        """An item -> its result, and why its process has to be replaced, if it has to."""
        if not _is_alive(worker):
            self._replace(worker, "died")
        worker.send(item)
        if not worker.connection.poll(self.timeout):
            return late(self.timeout), "time"
        try:
            result = worker.receive()
        except EOFError as error:
            return WorkerDiedError(str(error)), "died"
        if isinstance(result, MemoryLimitError):
            return result, "memory"
        is_large = self.memory and _resident(_pid(worker)) > _RECYCLE_SHARE * self.memory * 2**20
        return result, "recycled" if is_large else ""

    def _replace(self, worker: Worker, cause: str) -> None:
        """A new process for one that ended or has to end; tried again until there is one or nothing is left to do."""
        with self._lock:
            self.restarts[cause] += 1
        while True:
            with contextlib.suppress(ValueError, AttributeError):  # it never started, or is closed
                worker.stop()
            try:
                worker.start()
                worker.wait_until_open()
                return
            except Exception:  # the model's files may be gone for a while
                if self._is_closed:
                    return
                until = monotonic() + _PAUSE
                while monotonic() < until and not self._is_closed:
                    sleep(0.1)


def _is_alive(worker: Worker) -> bool:
    try:
        return worker.process.is_alive()
    except ValueError:  # it is closed
        return False


def _pid(worker: Worker) -> int | None:
    try:
        return worker.process.pid
    except ValueError:  # it is closed
        return None


def _open(opener: Opener[Any, Any]) -> Callable[[Any], Any]:
    """Makes a job in a process that ends with its parent alone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a signal to the whole group must not end a page that was taken
    return opener()


def _resident(pid: int | None) -> int:
    """The bytes of memory that a process holds now; 0 where the system does not say."""
    import os

    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
