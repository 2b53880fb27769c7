"""The pool of the service: a page that breaks a limit costs itself alone, and closing finishes what was taken."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from indexlm import IndexLMError
from indexlm.parallel import MemoryLimitError, TimeLimitError
from indexlm.serving.pool import Pool, WorkerDiedError

MEMORY = 256  # MiB


def opener() -> Callable[[Any], Any]:
    return work


def work(item: Any) -> Any:
    """Does what it is told."""
    name, value = item
    if name == "sleep":
        time.sleep(value)
    if name == "grow":
        return len(bytearray(value))
    if name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "refuse":
        raise IndexLMError("no page")
    if name == "fail":
        raise KeyError(value)
    return value


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(opener, 1, 2.0, MEMORY)
    yield pool
    pool.close()


@pytest.mark.parametrize(
    ("item", "error", "message"),
    [
        (("sleep", 60), TimeLimitError, "at most 2 seconds"),
        (("grow", 2 * MEMORY << 20), MemoryLimitError, "at most 256 MiB"),
        (("die", 0), WorkerDiedError, "exit code -9"),
        (("refuse", 0), IndexLMError, "no page"),
        (("fail", 7), RuntimeError, "KeyError: 7"),
    ],
)
def test_an_item_that_breaks_a_limit_costs_itself_alone(
    pool: Pool, item: tuple[str, int], error: type[Exception], message: str
) -> None:
    first, last = pool.submit(item), pool.submit(("echo", "next"))
    with pytest.raises(error, match=message):
        first.result(60)
    assert last.result(60).result == "next"


def test_an_item_that_is_cancelled_before_its_turn_is_not_done(pool: Pool) -> None:
    first = pool.submit(("sleep", 0.5))
    second, third = pool.submit(("die", 0)), pool.submit(("echo", 3))
    assert second.cancel()
    assert third.result(60).result == 3
    assert first.done()
    with pytest.raises(CancelledError):
        second.result(0)


def test_a_process_that_ends_while_idle_is_replaced_before_the_next_item(pool: Pool) -> None:
    process = pool._crew[0].process
    process.kill()
    process.join()
    assert pool.submit(("echo", 1)).result(60).result == 1


def test_a_signal_to_all_processes_ends_no_item() -> None:
    """As a service manager sends it."""
    pool = Pool(opener, 1, 20.0)
    future = pool.submit(("sleep", 0.3))
    while not pool.busy:
        time.sleep(0.01)
    os.kill(pool._crew[0].process.pid or 0, signal.SIGTERM)
    pool.close()
    assert future.result(0).result == 0.3
    with pytest.raises(WorkerDiedError):
        pool.submit(("echo", 1)).result(0)


def test_what_cannot_be_opened_is_said_at_once() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        Pool(broken, 2, 1.0)


def broken() -> Callable[[Any], Any]:
    raise ZeroDivisionError
