"""Timings as tables, and as the JSON of pytest-benchmark.

What that format has no place for stands in `extra_info` and under `indexlm`.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from eval.extractors import STAGES
from eval.speed.cold import ColdStart
from eval.speed.measure import Timing
from indexlm import __version__
from indexlm.machine import machine

_MACHINE = ("processor", "machine", "python_implementation", "python_version", "release", "system")
_PACKAGES = ("numpy", "onnxruntime", "tokenizers", "lxml", "torch", "transformers")

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A title, columns and rows."""


def tables(timings: Sequence[Timing], cold: Sequence[ColdStart]) -> list[Table]:
    """Timings and cold starts -> a table for each number of threads, and one of whole processes."""
    counts = dict.fromkeys(timing["threads"] for timing in timings)
    stages = [stage for stage in STAGES if any(stage in timing["seconds"] for timing in timings)]
    of_threads = [_table([t for t in timings if t["threads"] == count], stages) for count in counts]
    columns = ["extractor", "threads", "runs", "median s", "slowest s", "peak MB"]
    rows = []
    for start in cold:
        seconds = start["data"]
        times = (f"{np.median(seconds):.2f}", f"{max(seconds):.2f}", f"{start['peak_bytes'] / 1e6:.0f}")
        rows.append([start["extractor"], str(start["threads"]), str(len(seconds)), *times])
    return [*of_threads, ("A whole process, one page of the shortest length.", columns, rows)]


def _table(timings: Sequence[Timing], stages: Sequence[str]) -> Table:
    columns = ["tokens", "pages", "extractor", "read", "generated", *stages, "p50", "p95", "pages/s"]
    first = timings[0]["extractor"]
    rows = []
    for timing in timings:
        seconds, tokens, speed = timing["seconds"], timing["tokens"], timing["pages_per_second"]
        cells = [timing["bucket"], str(timing["pages"])] if timing["extractor"] == first else ["", ""]
        cells.append(timing["extractor"])
        cells += [f"{tokens[kind]:.0f}" if kind in tokens else "" for kind in ("read", "generated")]
        cells += [f"{1000 * seconds[stage]['p50']:.1f}" if stage in seconds else "" for stage in stages]
        cells += [f"{1000 * seconds['total'][kind]:.1f}" for kind in ("p50", "p95")]
        cells.append(f"{speed:.1f}" if speed >= 1 else f"{speed:.3f}")
        ratio = timing["ratio"]
        cells.append("{:.3g} [{:.3g}, {:.3g}]".format(ratio["all"], *ratio["all_interval"]) if ratio else "")
        rows.append(cells)
    title = f"Threads: {timings[0]['threads']}. Medians in ms.{_failures(timings)}"
    return title, [*columns, f"time ÷ {first}"], rows


def _failures(timings: Sequence[Timing]) -> str:
    """The pages that are left out, by who fails on them."""
    counts = []
    for name in dict.fromkeys(name for timing in timings for name in timing["failed"]):
        by_bucket = {timing["bucket"]: timing["failed"].get(name, 0) for timing in timings}
        counts.append(f"{name} on {by_bucket.get('all', sum(by_bucket.values()))}")
    return f" Pages that one fails on are left out for all: {', '.join(counts)}." if counts else ""


def to_json(timings: Sequence[Timing], cold: Sequence[ColdStart], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Timings and cold starts -> what `pytest-benchmark compare` reads; `metadata` stands under `indexlm`."""
    return {
        "machine_info": {
            **{name: getattr(platform, name)() for name in _MACHINE},
            "cpu": {"brand_raw": machine().partition(",")[0], "count": os.cpu_count()},
        },
        "commit_info": {},
        "benchmarks": [
            *(_benchmark(timing, f"{timing['bucket']} tokens", "extract", timing["bucket"]) for timing in timings),
            *(_benchmark(start, "cold start", "cold start", "process") for start in cold),
        ],
        "datetime": datetime.now(UTC).isoformat(),
        "version": __version__,
        "indexlm": {
            "version": __version__,
            "machine": machine(),
            "load": os.getloadavg(),
            "packages": {d.name: d.version for d in importlib.metadata.distributions() if d.name in _PACKAGES},
            **metadata,
        },
    }


def _benchmark(timing: Timing | ColdStart, group: str, name: str, bucket: str) -> dict[str, Any]:
    param = f"{timing['extractor']}-{bucket}-{timing['threads']}"
    full_name = f"{name}[{param}]"
    threads = "1 thread" if timing["threads"] == 1 else f"{timing['threads']} threads"
    return {
        "group": f"{group}, {threads}",
        "name": full_name,
        "fullname": f"indexlm bench::{full_name}",
        "params": {"extractor": timing["extractor"], "bucket": bucket, "threads": timing["threads"]},
        "param": param,
        "extra_info": {key: value for key, value in timing.items() if key != "data"},
        "options": {},
        "stats": _statistics(timing["data"]),
    }


def _statistics(data: Sequence[float]) -> dict[str, Any]:
    """Seconds -> the statistics of a benchmark in pytest-benchmark."""
    values = np.asarray(data, float)
    low, median, high = (float(value) for value in np.percentile(values, (25, 50, 75)))
    fence = 1.5 * (high - low)
    within = values[(values >= low - fence) & (values <= high + fence)]
    deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    outliers = int((np.abs(values - values.mean()) > deviation).sum())
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
        "stddev_outliers": outliers,
        "outliers": f"{outliers};{len(values) - len(within)}",
        "ld15iqr": float(within.min()),
        "hd15iqr": float(within.max()),
        "ops": float(len(values) / values.sum()),
        "total": float(values.sum()),
        "data": list(data),
        "iterations": 1,
    }
