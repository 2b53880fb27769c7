"""The ten workloads of docs/choosing.md: `python -m tests.bench.workloads DATA OUT [NAME…] [--minutes 3]`.

For each, what `choose` recommends is compared with the best candidate of an exhaustive measurement: all modes and all
variants, on all cores and threads, timed anew. Prints a table. Measurements stay in OUT, where a run goes on.
`--answers FOLDER` takes over the answers of `eval.choose.fit shipped DATA FOLDER`; `--cpu-time` is that of `choose`.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from eval.cases import Case, read_cases
from eval.choose.candidates import shipped_modes, variants
from eval.choose.figures import Figures, Wanted, ratio, slowness
from eval.choose.inputs import Workload
from eval.choose.measure import Store, at_most, cores_here
from eval.choose.quality import difference
from eval.choose.search import Search
from eval.choose.verdict import refusals
from eval.examples import embed_article, me_examples
from eval.rows import read_rows

_PAGES = 12  # of a workload, at most
_QUESTIONS = 150  # of which those are taken, as `eval.choose.fit` does
_QUERIES = 30  # of a page of the chat
_CHAT_PAGES = 4
_MOST_PARAGRAPHS = 24


@dataclass(frozen=True)
class Bench:
    """A workload: its task, which pages, and what is wanted."""

    name: str
    task: str
    kinds: tuple[str, ...] = ()
    wanted: dict[str, Any] = field(default_factory=dict)


TEN = (
    Bench("news crawl", "me", ("article",), {"scenario": "offline", "aim": "cost"}),
    Bench("documentation site", "me", ("documentation",), {"aim": "quality"}),
    Bench("forum archive", "me", ("forum",), {"scenario": "offline", "aim": "speed"}),
    Bench("shop", "me", ("product", "collection"), {"aim": "quality"}),
    Bench("mixed pages", "me", (), {"aim": "quality"}),
    Bench("RAG, one query a page", "qe", (), {"aim": "quality"}),
    Bench("chat, 30 queries a page", "chat", (), {"scenario": "many-queries", "aim": "quality"}),
    Bench("256 MB container", "me", (), {"scenario": "offline", "aim": "speed", "max_memory_mb": 256}),
    Bench("one core, 20 pages/s", "me", ("article",), {"scenario": "server", "rate": 20, "cores": 1, "aim": "quality"}),
    Bench("latency under 50 ms", "me", ("article",), {"aim": "quality", "max_p95_ms": 50}),
)


def cases_of(bench: Bench, data: Path) -> list[Case]:
    """The pages of a workload, evenly spread."""
    if bench.task == "chat":
        return chat(data)
    source, limit = ("wcxb", 0) if bench.task == "me" else ("", _QUESTIONS)
    cases = read_cases(data, bench.task, source=source, limit=limit)
    chosen = [case for case in cases if not bench.kinds or case.kind in bench.kinds]
    return chosen[:: -(-len(chosen) // _PAGES)]


def chat(data: Path) -> list[Case]:
    """Articles in host pages, each with `_QUERIES` questions: its own, and others that it does not answer."""
    rng = random.Random(0)
    hosts = me_examples(read_rows(data / "me/dev.parquet", lambda row: row["source"] == "wcxb")[:8])
    hosts_with_gold = [host for host in hosts if host.gold]
    rows = [
        row
        for row in read_rows(data / "qe/dev.parquet", lambda row: len(row["questions"]) >= 8)
        if len(row["paragraphs"]) <= _MOST_PARAGRAPHS
    ]
    cases = []
    for number, row in enumerate(rows[:_CHAT_PAGES]):
        page, first = embed_article(rng.choice(hosts_with_gold), row["title"], row["paragraphs"], rng)
        others = [question for other in rows[_CHAT_PAGES:] for question in other["questions"]]
        own = [(q["question"], q["relevant"] if q["answerable"] else []) for q in row["questions"]][:_QUERIES]
        asked = [*own, *((q["question"], []) for q in rng.sample(others, _QUERIES - len(own)))]
        for n, (query, relevant) in enumerate(asked):
            gold = tuple(sorted(first + i for i in relevant))
            cases.append(Case(f"{number}?{n}", "qe", page=replace(page, query=" ".join(query.split())), gold=gold))
    return cases


def measure(
    bench: Bench, cases: Sequence[Case], out: Path, minutes: float, answers: Path | None, is_cpu: bool
) -> tuple[str, Figures | None, list[Figures]]:
    """A workload -> what is recommended, why nothing is, and the figures of the exhaustive measurement."""
    task = "me" if bench.task == "me" else "qe"
    wanted = Wanted(**{"cores": cores_here()} | bench.wanted)
    workload = Workload(task, tuple(cases), frozenset(case.id for case in cases))
    folder = out / bench.name.replace(" ", "-").replace("/", "-").replace(",", "")
    results = []
    modes = shipped_modes(task)
    for races in (True, False):
        store = Store(folder / ("search" if races else "exhaustive"), workload)
        source = folder / "search" if not races else answers / bench.task if answers else None
        if source:
            _seed(source, store, [*modes, *(v for mode in modes for v in variants(mode, True))])
        budget = 60 * minutes * (1 if races else 3)
        search = Search(store, wanted, cores_here(), monotonic() + budget, budget, races=races, is_cpu=is_cpu)
        results.append(search.run(modes))
        print(f"{bench.name}: {'searched' if races else 'measured'}", file=sys.stderr)
    (_, verdict), (figures, _) = results
    return (verdict.recommended.name if verdict.recommended else "nothing"), verdict.recommended, figures


def _seed(source: Path, store: Store, modes: Sequence[Any]) -> None:
    """Take answers over, which do not change. Times are measured anew."""
    ids = {case.id for case in store.workload.cases}
    for mode in modes:
        path, target = source / f"{mode.name}.jsonl", store.folder / f"{mode.name}.jsonl"
        if path.is_file() and not target.exists():
            lines = [line for line in path.read_text("utf-8").splitlines() if json.loads(line)["id"] in ids]
            target.write_text("".join(line + "\n" for line in lines), "utf-8")
            meta = f"{mode.name}.meta.json"
            shutil.copy(source / meta, store.folder / meta)


def row_of(
    bench: Bench, cases: Sequence[Case], out: Path, minutes: float, answers: Path | None, is_cpu: bool
) -> list[str]:
    """A workload's row of the table."""
    name, recommended, figures = measure(bench, cases, out, minutes, answers, is_cpu)
    wanted = Wanted(**{"cores": cores_here()} | bench.wanted)
    own = [f for f in figures if not f.mode.is_reference]
    best_f1 = max(f.quality.mean for f in own if f.quality)
    eligible = [f for f in own if not refusals(f, wanted, best_f1)]
    limits = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in bench.wanted.items())
    head = [bench.name, f"{len(cases)}", limits, name]
    again = next((f for f in own if recommended and f.name == recommended.name), None)
    if not eligible or again is None:
        return [*head, "–", "–", "nothing meets the limits" if not eligible else "–"]
    best = min(eligible, key=partial(_loss, wanted=wanted))
    regret = f"{100 * (_loss(again, wanted) - _loss(best, wanted)) / abs(_loss(best, wanted)):.1f} %"
    if again.name != best.name:
        regret += " [{:.1f}, {:.1f}]".format(*_interval(again, best, wanted))
    shown = f"{again.quality.mean:.3f}" if again.quality else "–"
    speed = f"{again.pages_per_second:.1f} pages/s, p95 {1000 * again.latency.p95:.0f} ms"
    over = "" if again in eligible else " (breaks a limit)"
    return [*head, f"{shown}; {speed}", best.name, regret + over]


def _loss(figures: Figures, wanted: Wanted) -> float:
    """What the aim makes least."""
    if wanted.aim == "quality":
        return -(figures.quality.mean if figures.quality else 0.0)
    return slowness(figures, wanted)


def _interval(a: Figures, b: Figures, wanted: Wanted) -> tuple[float, float]:
    """The 95 % interval of the regret of a against b, in percent: with 0 in it, there is none to be seen."""
    if wanted.aim != "quality":
        _, low, high = ratio(a, b, wanted)
        return 100 * (low - 1), 100 * (high - 1)
    if a.quality is None or b.quality is None:
        return 0.0, 0.0
    _, low, high = difference(b.quality, a.quality)
    return 100 * low / b.quality.mean, 100 * high / b.quality.mean


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--cpu-time", action="store_true")
    options = parser.parse_args()
    with at_most(cores_here()):
        print("| workload | cases | wanted | recommended | its F1; speed | best | regret |")
        print("| --- | ---: | --- | --- | --- | --- | ---: |")
        for bench in TEN:
            if not options.names or bench.name in options.names:
                cases = cases_of(bench, options.data)
                cells = row_of(bench, cases, options.out, options.minutes, options.answers, options.cpu_time)
                print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
