"""What an extraction costs, by the length of the page: its stages, pages a second, a cold start and memory.

Extractors take turns on every page (A B A B …), so that whatever else the machine does hits all alike, and they are
compared by ratios on the same pages. The result is in the format of pytest-benchmark, with what that has no place
for in `extra_info` and under `indexlm`.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eval.cases import Case
from eval.extractors import Answer, Extractor
from eval.predict import machine
from eval.score import bootstrap
from eval.synthetic import synthetic_page
from indexlm import __version__
from indexlm.html.read import read_page
from indexlm.page import IndexLMError, Page

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "Contender",
    "Timings",
    "by_length",
    "cold_starts",
    "made_pages",
    "measure",
    "ratio",
    "run",
    "tables",
    "to_json",
]

_WARM_PAGES = 2
_REST = 0.005  # seconds before each call: the threads of the one before it spin a while before they sleep
_DRAWS = 1000
_TRIES = 9
_NEARLY = 0.9
STAGES = ("parse", "encode", "forward", "prefill", "decode", "predict", "assemble")

Buckets = Mapping[str, Sequence[Case]]
"""Pages by how long they are, in the tokens that a head reads of them."""


class Contender(NamedTuple):
    """An extractor under the clock.

    `extract` takes one page, `batch` several in one call (those without such a call, one after the other).
    """

    name: str
    extract: Extractor
    batch: Callable[[Sequence[Case]], object]


class Timings(NamedTuple):
    """By contender: seconds and answer of each page, by rounds, and seconds of each group of pages, by rounds.

    `failed` counts the pages that a contender raised on, or at which it stopped; these are in no list.
    """

    seconds: dict[str, list[list[float]]]
    answers: dict[str, list[list[Answer]]]
    batches: dict[str, list[list[float]]]
    failed: dict[str, int]


def measure(
    contenders: Sequence[Contender],
    cases: Sequence[Case],
    *,
    rounds: int = 2,
    batch: int = 8,
    most_seconds: float = 0.0,
    clock: Callable[[], float] = perf_counter,
) -> Timings:
    """Time contenders on pages: after a warm-up each page goes to one after the other, and so in every round.

    Then groups of `batch` pages (the last one filled up from the first pages; 0 for none) do the same. No round is
    begun after `most_seconds` (0 for no limit), the first one always. A page that a contender raises on is left out for
    all of them.
    """
    failed: dict[int, str] = {}
    seconds: dict[str, list[list[float]]] = {contender.name: [[] for _ in cases] for contender in contenders}
    answers: dict[str, list[list[Answer]]] = {contender.name: [[] for _ in cases] for contender in contenders}

    def turn(i: int, case: Case, keep: bool) -> None:
        for contender in contenders:
            sleep(_REST)
            began = clock()
            try:
                answer = contender.extract(case)
            except Exception:  # whatever one page does to a tool, the others are timed
                failed.setdefault(i, contender.name)
                return
            took = clock() - began
            if keep:
                seconds[contender.name][i].append(took)
                answers[contender.name][i].append(answer)

    for i, case in enumerate(cases[:_WARM_PAGES]):
        turn(i, case, keep=False)
    began = clock()
    for n in range(rounds):
        if n and most_seconds and clock() - began > most_seconds:
            break
        for i, case in enumerate(cases):
            if i not in failed:
                turn(i, case, keep=True)
    done = [i for i in range(len(cases)) if i not in failed]
    groups = [list(islice(cycle(done), start, start + batch)) for start in range(0, len(done), batch)] if batch else []
    batches: dict[str, list[list[float]]] = {contender.name: [[] for _ in groups] for contender in contenders}
    began = clock()
    for n in range(rounds):
        if n and most_seconds and clock() - began > most_seconds:
            break
        for held, group in enumerate(groups):
            for contender in contenders:
                sleep(_REST)
                start = clock()
                contender.batch([cases[i] for i in group])
                batches[contender.name][held].append(clock() - start)
    who = list(failed.values())
    return Timings(
        {name: [pages[i] for i in done] for name, pages in seconds.items()},
        {name: [pages[i] for i in done] for name, pages in answers.items()},
        batches,
        {name: who.count(name) for name in dict.fromkeys(who)},
    )


def ratio(seconds: Sequence[float], base: Sequence[float]) -> dict[str, Any]:
    """Seconds of two extractors on the same pages -> how many times as long the first takes, with 95 % intervals.

    `all` compares the sums, and so pages a second; `median` is the median of the ratios of single pages.
    """
    a, b = np.asarray(seconds, float), np.asarray(base, float)
    found: dict[str, Any] = {"pages": len(a)}
    statistics: dict[str, Callable[[Any], float]] = {
        "all": lambda at: float(a[at].sum() / b[at].sum()),
        "median": lambda at: float(np.median(a[at] / b[at])),
    }
    for name, statistic in statistics.items():
        found[name] = statistic(slice(None))
        found[f"{name}_interval"] = bootstrap(len(a), statistic, _DRAWS)
    return found


def run(
    open_all: Callable[[int], Sequence[Contender]],
    buckets: Buckets,
    *,
    threads: Sequence[int] = (1, 2),
    rounds: int = 2,
    batch: int = 8,
    most_seconds: float = 0.0,
    together: bool = False,
) -> Iterator[dict[str, Any]]:
    """Time what `open_all` opens for each number of threads, and yield an entry for each contender and bucket.

    With `together`, the buckets are pages of one set, and entries of all of them follow; otherwise each must have a
    page that all contenders can read, or `IndexLMError` is raised.
    """
    for count in threads:
        contenders = open_all(count)
        whole: list[Timings] = []
        for bucket, cases in buckets.items():
            found = measure(contenders, cases, rounds=rounds, batch=batch, most_seconds=most_seconds)
            whole.append(found)
            if found.seconds[contenders[0].name] or not together:
                yield from _entries(contenders, bucket, count, batch, found)
        if together:
            yield from _entries(contenders, "all", count, batch, _joined(whole))


def _joined(parts: Sequence[Timings]) -> Timings:
    def joined(of: Callable[[Timings], Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
        return {name: [page for part in parts for page in of(part)[name]] for name in parts[0].seconds}

    failing = dict.fromkeys(name for part in parts for name in part.failed)
    return Timings(
        joined(lambda part: part.seconds),
        joined(lambda part: part.answers),
        joined(lambda part: part.batches),
        {name: sum(part.failed.get(name, 0) for part in parts) for name in failing},
    )


def _entries(
    contenders: Sequence[Contender], bucket: str, threads: int, batch: int, found: Timings
) -> Iterator[dict[str, Any]]:
    pages = {name: [float(np.median(rounds)) for rounds in times] for name, times in found.seconds.items()}
    first = contenders[0].name
    if not pages[first]:
        raise IndexLMError(
            f"extractors are timed on pages that all of them can read; of {bucket} tokens there is none: "
            f"{' and '.join(found.failed)} failed"
        )
    for contender in contenders:
        name = contender.name
        stages: dict[str, list[float]] = {"total": [second for times in found.seconds[name] for second in times]}
        tokens: dict[str, list[int]] = {}
        for answer in (answer for answers in found.answers[name] for answer in answers):
            for stage in STAGES:
                if stage in answer.seconds:
                    stages.setdefault(stage, []).append(answer.seconds[stage])
            for kind, number in answer.tokens.items():
                tokens.setdefault(kind, []).append(number)
        speed = {"1": len(pages[name]) / sum(pages[name])}
        if found.batches[name]:
            groups = [float(np.median(rounds)) for rounds in found.batches[name]]
            speed[str(batch)] = batch * len(groups) / sum(groups)
        yield {
            "extractor": name,
            "bucket": bucket,
            "threads": threads,
            "pages": len(pages[name]),
            "failed": found.failed,
            "seconds": {
                stage: {"p50": float(np.median(values)), "p95": float(np.percentile(values, 95))}
                for stage, values in stages.items()
            },
            "tokens": {kind: float(np.mean(numbers)) for kind, numbers in tokens.items()},
            "pages_per_second": speed,
            "ratio": {"to": first} | ratio(pages[name], pages[first]) if name != first else None,
            "data": stages["total"],
        }


_TELL_PEAK = """
import atexit, re, resource, runpy, sys
def tell():
    try:
        peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(peak, file=sys.stderr)
atexit.register(tell)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def cold_starts(commands: Mapping[str, Sequence[str]], page: Path, threads: int, runs: int) -> list[dict[str, Any]]:
    """By name the arguments of a Python process that is also given `page` -> seconds of the whole of it, peak memory.

    The processes take turns, `runs` times; names with an empty command are left out. A run before these warms the
    disk's cache, and tells the most memory that the process holds. Raises `IndexLMError` where one fails.
    """
    whole = {name: [*command, str(page)] for name, command in commands.items() if command}
    peaks = {
        name: int(_process([sys.executable, "-c", _TELL_PEAK, *command]).split()[-1]) for name, command in whole.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in whole}
    for _ in range(runs):
        for name, command in whole.items():
            began = perf_counter()
            _process([sys.executable, *command])
            seconds[name].append(perf_counter() - began)
    return [
        {"extractor": name, "threads": threads, "peak_bytes": peaks[name], "data": data}
        for name, data in seconds.items()
    ]


def _process(command: Sequence[str]) -> str:
    """Run a command to its end -> what it wrote to standard error."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip() and not line.isdigit()]  # and not the peak
        raise IndexLMError(f"a cold start ends with exit code 0; found {done.returncode} ({''.join(said[-1:])})")
    return done.stderr


def made_pages(limits: Sequence[int], tokens: Callable[[Page], int], count: int) -> dict[str, list[Case]]:
    """Lengths in tokens -> for each `count` made pages of which `tokens` counts nearly as many, and no more."""

    def made(seed: int, parts: int) -> Case:
        html, url, gold = synthetic_page(seed, parts)
        return Case(f"made-{seed}-{parts}", "me", html=html, url=url, gold=gold)

    def read(case: Case) -> int:
        return tokens(read_page(case.html, url=case.url))

    buckets: dict[str, list[Case]] = {}
    for limit in limits:
        buckets[str(limit)] = cases = []
        parts = limit // 16
        for seed in range(count):
            best, length = made(seed, 0), 0
            low, high = 0, 0  # parts that are short enough, and too many where that is known
            for _ in range(_TRIES):
                found = read(case := made(seed, parts))
                if length < found <= limit:
                    best, length = case, found
                low, high = (parts, high) if found <= limit else (low, parts)
                if length >= _NEARLY * limit or high - low == 1:
                    break
                parts = (low + high) // 2 if high else max(parts + 1, parts * limit // found)
            if not length and (length := read(best)) > limit:
                raise IndexLMError(f"a made page is read as at least {length} tokens; found a length of {limit}")
            cases.append(best)
    return buckets


def by_length(cases: Sequence[Case], limits: Sequence[int], tokens: Callable[[Page], int]) -> dict[str, list[Case]]:
    """Cases -> those of each length: of at most so many tokens and more than the limit before; longer ones last."""
    names = [*(f"≤ {limit}" for limit in limits), f"> {limits[-1]}"]
    buckets: dict[str, list[Case]] = {name: [] for name in names}
    for case in cases:
        page = case.page or read_page(case.html, url=case.url)
        buckets[names[bisect_left(limits, tokens(page))]].append(case)
    return {name: held for name, held in buckets.items() if held}


def to_json(
    entries: Sequence[Mapping[str, Any]], cold: Sequence[Mapping[str, Any]], stated: Mapping[str, Any]
) -> dict[str, Any]:
    """Entries of `run` and `cold_starts` -> what `pytest-benchmark compare` reads; `stated` is kept under `indexlm`."""
    benchmarks = [_benchmark(entry, f"{entry['bucket']} tokens", "extract", entry["bucket"]) for entry in entries] + [
        _benchmark(entry, "cold start", "cold start", "process") for entry in cold
    ]
    packages = ("numpy", "onnxruntime", "tokenizers", "lxml", "torch", "transformers")
    return {
        "machine_info": {
            "processor": platform.processor(),
            "machine": platform.machine(),
            "python_implementation": platform.python_implementation(),
            "python_version": platform.python_version(),
            "release": platform.release(),
            "system": platform.system(),
            "cpu": {"brand_raw": machine().partition(",")[0], "count": os.cpu_count()},
        },
        "commit_info": {},
        "benchmarks": benchmarks,
        "datetime": datetime.now(UTC).isoformat(),
        "version": __version__,
        "indexlm": {
            "version": __version__,
            "machine": machine(),
            "load": os.getloadavg(),
            "packages": {name: found for name in packages if (found := _version(name))},
            **stated,
        },
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _benchmark(entry: Mapping[str, Any], group: str, name: str, bucket: str) -> dict[str, Any]:
    param = f"{entry['extractor']}-{bucket}-{entry['threads']}"
    named = f"{name}[{param}]"
    threads = "1 thread" if entry["threads"] == 1 else f"{entry['threads']} threads"
    return {
        "group": f"{group}, {threads}",
        "name": named,
        "fullname": f"indexlm bench::{named}",
        "params": {"extractor": entry["extractor"], "bucket": bucket, "threads": entry["threads"]},
        "param": param,
        "extra_info": {key: value for key, value in entry.items() if key != "data"},
        "options": {},
        "stats": _stats(entry["data"]),
    }


def _stats(data: Sequence[float]) -> dict[str, Any]:
    """Seconds -> the statistics that pytest-benchmark keeps of a benchmark."""
    values = np.asarray(data, float)
    low, median, high = (float(value) for value in np.percentile(values, (25, 50, 75)))
    fence = 1.5 * (high - low)
    within = values[(values >= low - fence) & (values <= high + fence)]
    deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    far = int((np.abs(values - values.mean()) > deviation).sum())
    return {
        "min": float(values.min()),
        "max": float(values.max()),
        "mean": float(values.mean()),
        "stddev": deviation,
        "rounds": len(values),
        "median": median,
        "iqr": high - low,
        "q1": low,
        "q3": high,
        "iqr_outliers": len(values) - len(within),
        "stddev_outliers": far,
        "outliers": f"{far};{len(values) - len(within)}",
        "ld15iqr": float(within.min()),
        "hd15iqr": float(within.max()),
        "ops": float(len(values) / values.sum()),
        "total": float(values.sum()),
        "data": list(data),
        "iterations": 1,
    }


def tables(entries: Sequence[Mapping[str, Any]], cold: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Entries of `run` and `cold_starts` -> a table for each number of threads, and one of whole processes."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    def made(title: str, *columns: str) -> Table:
        table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False, title_justify="left")
        for column in columns:
            table.add_column(column, justify="left" if column == "extractor" else "right", no_wrap=True)
        return table

    found = []
    stages = [stage for stage in STAGES if any(stage in entry["seconds"] for entry in entries)]
    batch = next((size for entry in entries for size in entry["pages_per_second"] if size != "1"), "")
    for threads in dict.fromkeys(entry["threads"] for entry in entries):
        own = [entry for entry in entries if entry["threads"] == threads]
        first = own[0]["extractor"]
        titles = ["tokens", "pages", "extractor", "read", "generated", *stages, "p50", "p95", "pages/s"]
        titles += [f"in {batch}s"] if batch else []
        table = made(f"Threads: {threads}. Medians in ms.", *titles, f"time ÷ {first}")
        for bucket in dict.fromkeys(entry["bucket"] for entry in own):
            for n, entry in enumerate(entry for entry in own if entry["bucket"] == bucket):
                seconds, tokens, speed = entry["seconds"], entry["tokens"], entry["pages_per_second"]
                cells = [bucket, str(entry["pages"])] if not n else ["", ""]
                cells += [entry["extractor"]]
                cells += [f"{tokens[kind]:.0f}" if kind in tokens else "" for kind in ("read", "generated")]
                cells += [f"{1000 * seconds[stage]['p50']:.1f}" if stage in seconds else "" for stage in stages]
                cells += [f"{1000 * seconds['total'][kind]:.1f}" for kind in ("p50", "p95")]
                cells += [f"{value:.1f}" if value >= 1 else f"{value:.3f}" for value in speed.values()]
                paired = entry["ratio"]
                cells += ["{:.3g} [{:.3g}, {:.3g}]".format(paired["all"], *paired["all_interval"]) if paired else ""]
                table.add_row(*cells)
            table.add_section()
        failures = {name: 0 for entry in own for name in entry["failed"]}
        for name in failures:
            of_bucket = {entry["bucket"]: entry["failed"].get(name, 0) for entry in own}
            failures[name] = of_bucket.get("all", sum(of_bucket.values()))
        if failures:
            said = ", ".join(f"{name} on {count}" for name, count in failures.items())
            table.caption = f"Left out for all are pages that one fails on: {said}."
        found.append(table)
    if cold:
        table = made(
            "A whole process, one page of the shortest length.",
            "extractor",
            "threads",
            "runs",
            "median s",
            "slowest s",
            "peak MB",
        )
        for entry in cold:
            data = entry["data"]
            cells = [entry["extractor"], str(entry["threads"]), str(len(data))]
            cells += [f"{np.median(data):.2f}", f"{max(data):.2f}", f"{entry['peak_bytes'] / 1e6:.0f}"]
            table.add_row(*cells)
        found.append(table)
    return found
