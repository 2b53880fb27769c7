"""The search: modes race on growing samples of pages, then what is left is timed in turns, and winners run for real."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from statistics import fmean
from time import monotonic
from typing import Any

from eval.cases import Case
from eval.choose.candidates import CAREFUL, DEFAULT, Candidate, Mode, layouts, variants
from eval.choose.figures import Figures, Wanted, slowness, to_figures
from eval.choose.inputs import visits
from eval.choose.load import run_offline, run_server
from eval.choose.measure import Clock, Rows, Store
from eval.choose.progress import Progress
from eval.choose.quality import Quality, agreement, expected_f1, score_rows
from eval.choose.race import Runner, hopeless
from eval.choose.shipped import predicted_quality
from eval.choose.verdict import Verdict, decide
from indexlm.page import IndexLMError

_LEAST_PAGES = 32  # of a sample
_NEAR = 1.5  # times as slow as the recommended one, or as a limit: what more rounds may decide between
_MOST_ROUNDS = 6
_LEAST_ROUNDS = 2
_EXHAUSTIVE_ROUNDS, _MOST_RUNS = 3, 6
_RUN_SECONDS = 4.0  # of a real run offline
_LOAD_SECONDS = 12.0  # and of one under load
_MOST_CRASHED = 0.1  # of the pages
_ENDED = re.compile(r"its process ended|takes at most [\d.]+ seconds")  # see `indexlm.parallel`
_ANSWERING, _TIMING = 0.5, 0.8  # the shares of the budget after which no more answers, and no more rounds, begin


@dataclass
class Search:
    """A search under way: what was measured is in `store`; `notes` say what was left out, and why.

    Without `races`, no mode stops early, all variants are tried, and all candidates are timed alike: exhaustive. With
    `is_cpu`, pages are timed in CPU seconds of one thread, as on an idle machine; more threads are taken to save no
    time, and nothing is run for real.
    """

    store: Store
    wanted: Wanted
    machine_cores: int
    deadline: float
    budget: float
    progress: Progress = field(default_factory=Progress)
    mix: Mapping[str, float] | None = None
    races: bool = True
    is_cpu: bool = False
    clock: Callable[[], float] = monotonic
    notes: list[str] = field(default_factory=list)
    rows: dict[Mode, Rows] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    groups: list[tuple[Case, ...]] = field(default_factory=list)

    @property
    def task(self) -> str:
        return self.store.workload.task

    def _is_late(self, share: float) -> bool:
        return self.clock() > self.deadline - (1 - share) * self.budget

    def run(self, modes: Sequence[Mode]) -> tuple[list[Figures], Verdict]:
        """Modes -> the figures of their candidates, and the decision."""
        modes, pages = self._race(modes)
        modes = [*modes, *self._refine(modes, pages)]
        timed = self._time(modes, pages)
        figures = self._figures(timed, pages, {})
        verdict = decide(figures, self.wanted)
        if self.wanted.scenario in ("offline", "server") and not self.is_cpu:
            figures, verdict = self._verify(timed, pages)
        if verdict.recommended is not None and self.wanted.cold_start_ms is None and not self.is_cpu:
            self._cold(verdict.recommended.candidate)
        return figures, verdict

    def _race(self, modes: Sequence[Mode]) -> tuple[list[Mode], list[Case]]:
        """Modes answer growing samples; those that can win no more stop -> the others, and the pages of all of them."""
        cases = list(self.store.workload.cases)
        sizes = [size for size in (len(cases) // 4, len(cases) // 2) if size >= _LEAST_PAGES] if self.races else []
        left, pages = list(modes), list[Case]()
        for size in [*sizes, len(cases)]:
            if pages and self._is_late(_ANSWERING):
                break
            sample = cases[:size]
            left = [mode for mode in left if self._answer(mode, sample, must=not pages and mode.name == DEFAULT)]
            if not left:
                why = "; ".join(f"{name}: {reason}" for name, reason in self.dropped.items())
                raise IndexLMError(f"a choice needs a mode that reads the pages; none does: {why}")
            pages = sample
            if size < len(cases):
                runners = [self._runner(mode, sample) for mode in left]
                reasons = {runner.mode: hopeless(runner, runners, self.wanted) for runner in runners}
                self.dropped |= {mode.name: reason for mode, reason in reasons.items() if reason}
                left = [mode for mode, reason in reasons.items() if not reason]
        if len(pages) < len(cases):
            self.notes.append(
                f"the budget ended after {len(pages)} of {len(cases)} pages: give more minutes (--budget)"
            )
        return left, pages

    def _answer(self, mode: Mode, sample: Sequence[Case], must: bool = False) -> bool:
        """Have a mode answer a sample -> whether it did. Where it cannot, it is dropped with the reason."""
        try:
            missing = len({case.id for case in sample} - self.store.rows(mode).keys())
            self.progress.begin(f"{mode.name} on {len(sample)} pages", missing)
            with closing(self.store.answer(mode, sample)) as rows:  # type: ignore[type-var]
                for _ in rows:
                    self.progress.advance()
                    if not must and self._is_late(_ANSWERING):
                        break
        except (IndexLMError, ImportError, RuntimeError) as error:
            self.dropped[mode.name] = str(error)
            return False
        rows_now = self.store.rows(mode)
        if lacking := [case for case in sample if case.id not in rows_now]:
            self.dropped[mode.name] = f"the budget ended before {len(lacking)} of {len(sample)} pages"
            return False
        self.rows[mode] = {case.id: rows_now[case.id] for case in sample}
        errors = [row["error"] for row in self.rows[mode].values() if row["error"]]
        crashed = [error for error in errors if _ENDED.search(error)]
        if len(errors) == len(sample) or len(crashed) > max(1, _MOST_CRASHED * len(sample)):
            kind = "have no answer" if len(errors) == len(sample) else "end its process or take too long"
            self.dropped[mode.name] = f"{len(crashed or errors)} of {len(sample)} pages {kind}; the first: {errors[0]}"
            return False
        return True

    def quality(self, mode: Mode, pages: Sequence[Case]) -> Quality | None:
        """Against references where there are some, else as shipped measurements predict it."""
        with_gold = [case for case in pages if case.id in self.store.workload.with_gold]
        if self.store.workload.with_gold:
            return score_rows(with_gold, self.rows[mode])
        return None if mode.is_reference else predicted_quality(mode, self.task, self.mix)

    def _runner(self, mode: Mode, pages: Sequence[Case]) -> Runner:
        mean = fmean(row["seconds"]["total"] for row in self.rows[mode].values())
        return Runner(mode, self.quality(mode, pages), mean, self._peak_mb(mode))

    def _peak_mb(self, mode: Mode) -> float:
        return max(float(row["peak_bytes"]) for row in self.rows[mode].values()) / 1e6

    def _refine(self, modes: Sequence[Mode], pages: Sequence[Case]) -> list[Mode]:
        """Modes near those that are left: token budgets where time counts and pages have windows; beta for recall."""
        near: list[Mode] = []
        counts_time = not self.races or self.wanted.aim != "quality" or self.wanted.max_p95_ms is not None
        for mode in modes:
            most = max((row["tokens"].get("windows", 0) for row in self.rows[mode].values()), default=0)
            is_fixed = bool(mode.model or mode.is_reference or dict(mode.options).get("alone"))
            for variant in [] if is_fixed else variants(mode, self.wanted.min_recall is not None):
                budget = dict(variant.options).get("max_windows", 0)
                is_of_use = budget < most and (counts_time or not budget)
                if is_of_use and not self._is_late(_ANSWERING) and self._answer(variant, pages):
                    near.append(variant)
        return near

    def _time(self, modes: Sequence[Mode], pages: Sequence[Case]) -> list[Candidate]:
        """Time the candidates of modes in turns, until the decision is stable, or the budget's share is over."""
        shares = self.wanted.scenario in ("offline", "server")
        candidates = [c for mode in modes for c in layouts(mode, self.wanted.cores, self.machine_cores, shares)]
        keys = list(dict.fromkeys((candidate.mode, self._threads(candidate)) for candidate in candidates))
        self.groups = groups = self._groups(modes, pages)
        for n in range(_MOST_ROUNDS):
            if n:
                near = self._near(self._figures(candidates, pages, {}))
                keys = list(dict.fromkeys((candidate.mode, self._threads(candidate)) for candidate in near))
            least = min(self.store.rounds(mode, threads, groups, self.timed_by) for mode, threads in keys)
            if least <= n:
                self.progress.begin(f"round {n + 1} of timing", 1)
                self.store.time_in_turns(keys, groups, self.timed_by)
                self.progress.advance()
            is_enough = self._is_stable(candidates, pages, n + 1) if self.races else n + 1 >= _EXHAUSTIVE_ROUNDS
            if self._is_late(_TIMING) or (is_enough and n + 1 >= _LEAST_ROUNDS):
                break
        return candidates

    def _near(self, figures: Sequence[Figures]) -> list[Candidate]:
        """The candidates that more rounds may decide between; all where nothing meets the limits yet."""
        wanted, chosen = self.wanted, decide(figures, self.wanted).recommended
        if chosen is None or not self.races:
            return [f.candidate for f in figures]
        most = _NEAR * slowness(chosen, wanted)
        near = [f for f in figures if f.mode == chosen.mode or (wanted.aim != "quality" and slowness(f, wanted) < most)]
        if wanted.max_p95_ms:
            near += [f for f in figures if 1 / _NEAR < 1000 * f.latency.p95 / wanted.max_p95_ms < _NEAR]
        return [f.candidate for f in near if not f.mode.is_reference]

    def _is_stable(self, candidates: Sequence[Candidate], pages: Sequence[Case], rounds: int) -> bool:
        """Whether each round alone leads to the same decision as all together."""
        names = set()
        for n in [None, *range(rounds)]:
            chosen = decide(self._figures(candidates, pages, {}, n), self.wanted).recommended
            names.add(chosen and chosen.name)
        return len(names) == 1

    def _threads(self, candidate: Candidate) -> int:
        """The option `threads` with which a candidate is timed."""
        return 1 if self.is_cpu else candidate.timed_threads

    @property
    def timed_by(self) -> Clock:
        return Clock(self.wanted.scenario == "many-queries", self.wanted.cores, self.is_cpu)

    def _groups(self, modes: Sequence[Mode], pages: Sequence[Case]) -> list[tuple[Case, ...]]:
        """What is timed: as many visits as a fifth of the budget allows for a round, at least a few.

        Pages that ended a mode's process are left out.
        """
        deadly = {id for mode in modes for id, row in self.rows[mode].items() if _ENDED.search(row["error"])}
        chosen = {case.id for case in pages} - deadly
        groups = [group for group in visits(self.store.workload, self.timed_by.together) if group[0].id in chosen]
        if deadly:
            self.notes.append(f"{len(deadly)} pages end a mode's process or take too long: they are not timed")
        if not groups:
            raise IndexLMError("times are taken of pages that all modes survive; here is none")
        seconds = sum(fmean(row["seconds"]["total"] for row in self.rows[mode].values()) for mode in modes)
        a_visit = 3 * seconds * fmean(map(len, groups))
        return groups[: max(10, int(0.2 * self.budget / max(a_visit, 1e-6)))]

    def _figures(
        self,
        candidates: Sequence[Candidate],
        pages: Sequence[Case],
        runs: Mapping[str, dict[str, Any]],
        round: int | None = None,
    ) -> list[Figures]:
        """Candidates -> their figures, of one round of timing or all; `runs` by name hold those of real runs."""
        careful = next((mode for name in CAREFUL for mode in self.rows if mode.name == name), None)
        groups, result = self.groups, []
        for candidate in candidates:
            mode, rows = candidate.mode, self.rows[candidate.mode]
            timed = self.store.seconds(mode, self._threads(candidate), self.timed_by, round)
            run = runs.get(candidate.name, {})
            seconds = [run.get("seconds", {}).get(group[0].id, timed[group[0].id]) for group in groups]
            rest: dict[str, Any] = {
                "agreement": agreement(self.task, rows, self.rows[careful]) if careful else None,
                "expected_f1": expected_f1(rows),
                "errors": sum(bool(row["error"]) for row in rows.values()),
                "cold_ms": self._cold(candidate) if self.wanted.cold_start_ms and not mode.is_reference else None,
                "speeds": run.get("speeds", ()),
                "is_loaded": bool(run),
            }
            peak, parent = self._peak_mb(mode), self.store.parent_mb()
            result.append(to_figures(candidate, seconds, self.quality(mode, pages), peak, parent, self.wanted, **rest))
        return result

    def _cold(self, candidate: Candidate) -> float:
        """Milliseconds of a whole process; of one layout for all of a mode."""
        first = Candidate(candidate.mode, 0, 1, candidate.machine_cores)
        page = self.store.workload.cases[0]
        return 1000 * self.store.cold_start(first, page, page.page.query if page.page else "")[0]

    def _verify(self, candidates: Sequence[Candidate], pages: Sequence[Case]) -> tuple[list[Figures], Verdict]:
        """Run the recommended candidate for real, until what is recommended has been run.

        What is simulated takes processes not to disturb each other. So it is too good, and real runs come best first.
        """
        kind = f"{self.wanted.scenario} {self.wanted.rate:g} {self.wanted.cores}"
        runs = {c.name: self.store.runs[kind, c.name][-1] for c in candidates if self.store.runs[kind, c.name]}
        for _ in range(_MOST_RUNS):
            figures = self._figures(candidates, pages, runs)
            verdict = decide(figures, self.wanted)
            waiting = [f for f in self._contenders(verdict) if f.name not in runs]
            if not waiting or self.clock() > self.deadline:
                break
            chosen = waiting[0].candidate
            self.progress.begin(f"a real run of {chosen.name}", 1)
            self._run(kind, chosen, self.groups)
            self.progress.advance()
            runs[chosen.name] = self.store.runs[kind, chosen.name][-1]
        figures = self._figures(candidates, pages, runs)
        verdict = decide(figures, self.wanted)
        if verdict.recommended is not None and verdict.recommended.name not in runs:
            self.notes.append("the budget ended before a real run of what is recommended: its figures are simulated")
        return figures, verdict

    def _contenders(self, verdict: Verdict) -> list[Figures]:
        """What is to be run: the recommended one, and those of its mode that are ahead of it or tied."""
        if verdict.recommended is None:
            return []
        chosen = verdict.recommended
        near = [f for f in verdict.eligible if f.mode == chosen.mode or self.wanted.aim != "quality"]
        most = (1.01 if self.races else _NEAR) * slowness(chosen, self.wanted)
        near = [f for f in near if slowness(f, self.wanted) <= most]
        return [chosen, *sorted(near, key=lambda f: slowness(f, self.wanted))]

    def _run(self, kind: str, candidate: Candidate, groups: Sequence[tuple[Case, ...]]) -> None:
        left = max(2.0, self.deadline - self.clock())
        if self.wanted.scenario == "offline":
            run = run_offline(candidate, groups, self.wanted.cores, min(_RUN_SECONDS, left))
        else:
            seconds = min(max(_LOAD_SECONDS, 200 / self.wanted.rate), left)
            run = run_server(candidate, groups, self.wanted.cores, self.wanted.rate, seconds)
        speeds, latencies = run.pages_per_second, [round(value, 6) for value in run.latencies]
        self.store.add_run(kind, candidate.name, seconds=run.seconds, speeds=speeds, latencies=latencies)
