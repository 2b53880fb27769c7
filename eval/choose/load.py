"""Pages under load: a queue that is simulated from the seconds of pages, and real processes that are sent pages."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from time import perf_counter, sleep
from typing import NamedTuple

import numpy as np

from eval.cases import Case
from eval.choose.candidates import Candidate, open_mode
from eval.choose.measure import at_most
from eval.extractors import System
from indexlm.serving.pool import Done, Pool

_ARRIVALS = 20_000  # of a simulation
_WARM_UP = 200  # arrivals that are not counted: the queue is empty at first
_SEED = 0
_TIMEOUT = 120.0  # seconds of a page
_MOST_BUSY = 0.999  # of the processes' time: a queue beyond grows without end
_STEPS = 12  # of the search for the highest rate
_LEAST_REPEATS = 3


class Latency(NamedTuple):
    """Seconds from a page's arrival to its answer."""

    p50: float
    p95: float
    p99: float


def percentiles(seconds: Sequence[float]) -> Latency:
    """Seconds -> their percentiles."""
    p50, p95, p99 = np.percentile(np.asarray(seconds, float), (50, 95, 99))
    return Latency(float(p50), float(p95), float(p99))


def simulate(seconds: Sequence[float], rate: float, workers: int) -> Latency:
    """Seconds of pages alone, arrivals a second, processes -> the latency under load: Poisson arrivals, one queue.

    Infinite where more pages arrive than the processes can do. The arrivals are the same in every call.
    """
    if rate * float(np.mean(seconds)) / workers > _MOST_BUSY:
        return Latency(*[float("inf")] * 3)
    draws = np.random.default_rng(_SEED)
    arrivals = np.cumsum(draws.exponential(1 / rate, _ARRIVALS)).tolist()
    services = np.asarray(seconds, float)[draws.integers(len(seconds), size=_ARRIVALS)].tolist()
    free = [0.0] * workers  # when each process is free again
    latencies = []
    for arrival, service in zip(arrivals, services, strict=True):
        ends = max(heapq.heappop(free), arrival) + service
        heapq.heappush(free, ends)
        latencies.append(ends - arrival)
    return percentiles(latencies[_WARM_UP:])


def highest_rate(seconds: Sequence[float], workers: int, max_p95: float) -> float:
    """Seconds of pages, processes, the most seconds at the 95th percentile -> the most arrivals a second."""
    low, high = 0.0, workers / float(np.mean(seconds))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if simulate(seconds, middle, workers).p95 <= max_p95 else (low, middle)
    return low


class Run(NamedTuple):
    """What real processes did.

    seconds: by the id of a case the seconds that a process worked on it, the mean of several.
    latencies: from arrival to answer, of every page.
    pages_per_second: of each repeat; nothing where pages arrived one by one.
    """

    seconds: dict[str, float]
    latencies: list[float]
    pages_per_second: list[float]


def run_offline(candidate: Candidate, groups: Sequence[tuple[Case, ...]], cores: int, least_seconds: float) -> Run:
    """All pages as fast as the processes do them, again until `least_seconds` are over and there are three repeats."""
    with at_most(cores):
        do, close = _open(candidate, groups)
        try:
            do(groups[: 2 * candidate.workers])  # a warm-up
            speeds: list[float] = []
            worked: dict[str, list[float]] = {}
            began = perf_counter()
            while len(speeds) < _LEAST_REPEATS or perf_counter() - began < least_seconds:
                start = perf_counter()
                for id, seconds in do(groups):
                    worked.setdefault(id, []).append(seconds)
                speeds.append(len(groups) / (perf_counter() - start))
        finally:
            close()
    return Run({id: float(np.median(values)) for id, values in worked.items()}, [], speeds)


Do = Callable[[Sequence[tuple[Case, ...]]], list[tuple[str, float]]]


def _open(candidate: Candidate, groups: Sequence[tuple[Case, ...]]) -> tuple[Do, Callable[[], None]]:
    """A candidate -> what does pages and says the seconds of each, and what ends it."""
    if candidate.workers == 1:
        system = open_mode(candidate.mode, candidate.threads, {group[0].id: group for group in groups})
        return partial(_do_here, system), lambda: None
    pool = _pool(candidate, groups)
    return partial(_do_in_pool, pool), pool.close


def _do_here(system: System, groups: Sequence[tuple[Case, ...]]) -> list[tuple[str, float]]:
    results = []
    for group in groups:
        began = perf_counter()
        system(group[0])
        results.append((group[0].id, perf_counter() - began))
    return results


def _do_in_pool(pool: Pool, groups: Sequence[tuple[Case, ...]]) -> list[tuple[str, float]]:
    futures = [pool.submit(group[0]) for group in groups]
    return [(group[0].id, future.result().worked) for group, future in zip(groups, futures, strict=True)]


def _pool(candidate: Candidate, groups: Sequence[tuple[Case, ...]]) -> Pool:
    together = {group[0].id: group for group in groups if len(group) > 1}
    threads = candidate.threads or (0 if candidate.workers == 1 else 1)
    return Pool(partial(open_mode, candidate.mode, threads, together), candidate.workers, _TIMEOUT)


def run_server(
    candidate: Candidate, groups: Sequence[tuple[Case, ...]], cores: int, rate: float, seconds: float
) -> Run:
    """Pages that arrive at random, `rate` a second for so many seconds, at real processes."""
    draws = np.random.default_rng(_SEED)
    count = max(20, round(rate * seconds))
    arrivals = np.cumsum(draws.exponential(1 / rate, count)).tolist()
    order = [int(n) for n in draws.permutation(count) % len(groups)]
    with at_most(cores):
        pool = _pool(candidate, groups)
        try:
            for future in [pool.submit(group[0]) for group in groups[: 2 * candidate.workers]]:
                future.result()
            futures: list[Future[Done]] = []
            ends = [0.0] * count
            began = perf_counter()
            for n, (arrival, place) in enumerate(zip(arrivals, order, strict=True)):
                sleep(max(0.0, began + arrival - perf_counter()))
                futures.append(pool.submit(groups[place][0]))
                futures[-1].add_done_callback(partial(_note_end, ends, n))
            done = [future.result() for future in futures]
        finally:
            pool.close()
    worked: dict[str, list[float]] = {}
    for result, place in zip(done, order, strict=True):
        worked.setdefault(groups[place][0].id, []).append(result.worked)
    latencies = [end - began - arrival for end, arrival in zip(ends, arrivals, strict=True)]
    return Run({id: float(np.mean(values)) for id, values in worked.items()}, latencies, [])


def _note_end(ends: list[float], n: int, _: object) -> None:
    ends[n] = perf_counter()
