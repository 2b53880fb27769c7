"""A decision as sentences, as tables on the terminal, as JSON, and as one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import isfinite
from typing import Any

from eval.choose.figures import Figures, Wanted, cost_of_a_million, ratio
from eval.choose.inputs import Workload
from eval.choose.load import highest_rate
from eval.choose.quality import PREDICTED, difference
from eval.choose.verdict import Verdict, tightest
from eval.html_page import fill, to_table
from eval.speed.report import Table
from indexlm import __version__

_BY_AIM = {"quality": "the best {metric}", "speed": "the fastest", "cost": "the cheapest"}


@dataclass(frozen=True)
class Outcome:
    """Everything that is reported.

    dropped: by the name of a mode that was not measured to the end, why.
    source: where the figures come from: the machine and the date.
    """

    wanted: Wanted
    figures: Sequence[Figures]
    verdict: Verdict
    dropped: Mapping[str, str]
    notes: Sequence[str]
    workload: Mapping[str, Any]
    machine: str
    date: str


def describe_workload(workload: Workload, mix: Mapping[str, float] | None) -> dict[str, Any]:
    """What the figures are of."""
    data = {"task": workload.task, "cases": len(workload.cases), "with_gold": len(workload.with_gold)}
    return data | ({"page types": dict(mix)} if mix else {})


def reasons(outcome: Outcome) -> tuple[str, ...]:
    """Why the recommended candidate is, in three sentences; why there is none, in two."""
    verdict, wanted = outcome.verdict, outcome.wanted
    chosen = verdict.recommended
    if chosen is None:
        if not any(not figures.mode.is_reference for figures in outcome.figures):
            return (f"Nothing meets the limits: {'; '.join(f'{n}: {why}' for n, why in outcome.dropped.items())}.",)
        limit, sentence = tightest(outcome.figures, wanted)
        return (f"Nothing meets all limits, and {limit} is the tightest.", f"{sentence[:1].upper()}{sentence[1:]}.")
    return (_why(chosen, outcome), _costs(chosen, wanted), _beside(chosen, outcome))


def _why(chosen: Figures, outcome: Outcome) -> str:
    verdict, wanted = outcome.verdict, outcome.wanted
    assert chosen.quality, "what is recommended has a quality"
    count = len(verdict.eligible)
    what = _BY_AIM[wanted.aim].format(metric=chosen.quality.metric)
    low, high = chosen.quality.interval
    value = f"{chosen.quality.metric} {chosen.quality.mean:.3f} [{low:.3f}, {high:.3f}]"
    best = verdict.best
    if best is None or best.name == chosen.name or (best.mode == chosen.mode and wanted.aim == "quality"):
        hint = _hint(chosen, verdict) if wanted.aim == "quality" else ""
        return f"Take {chosen.name}: of {count} candidates that meet the limits it is {what}, with {value}{hint}."
    if wanted.aim == "quality" and best.quality:
        gap = "{:+.3f} [{:.3f}, {:.3f}]".format(*difference(best.quality, chosen.quality))
    else:
        gap = f"{ratio(chosen, best, wanted)[0]:.3g} times as {'dear' if wanted.aim == 'cost' else 'slow'}"
    return (
        f"Take {chosen.name}: between it and {what} of {count} candidates that meet the limits, {best.mode.name}, is "
        f"no significant difference ({gap}), it changes no more options, and has {value}."
    )


def _hint(chosen: Figures, verdict: Verdict) -> str:
    """That a simpler mode may be as good, where too few pages were measured to tell."""
    assert chosen.quality, "what is recommended has a quality"
    for figures in sorted(verdict.eligible, key=lambda figures: figures.mode.changes):
        if figures.quality and figures.mode.changes < chosen.mode.changes:
            gap = difference(chosen.quality, figures.quality)
            if gap[1] <= 0:
                shown = "{:+.3f} [{:.3f}, {:.3f}]".format(*gap)
                return f", but {figures.mode.name} is not significantly worse ({shown}): more pages would tell"
    return ""


def _costs(chosen: Figures, wanted: Wanted) -> str:
    latency = chosen.latency
    how = {"alone": "one page at a time", "simulated": "simulated", "run": "in a real run"}[chosen.how]
    times = f"p50 {1000 * latency.p50:.0f} ms, p95 {1000 * latency.p95:.0f} ms, p99 {1000 * latency.p99:.0f} ms"
    speed = f"{chosen.pages_per_second:.1f} pages a second"
    if wanted.scenario == "server":
        times, speed = f"{times} at {wanted.rate:g} pages a second", f"it could do {speed}"
        how = "a queue simulated from page times under load" if chosen.how == "run" else "simulated"
        if wanted.max_p95_ms:
            most = highest_rate(chosen.seconds, chosen.candidate.workers, wanted.max_p95_ms / 1000)
            speed = f"at most {most:.1f} pages a second within the limit of {wanted.max_p95_ms:g} ms, {speed}"
    hourly = 3600 * chosen.pages_per_second / chosen.candidate.cores
    return (
        f"It takes {times} ({how}), {speed} ({hourly:,.0f} an hour a core), {chosen.memory_mb:.0f} MB of memory, and "
        f"{cost_of_a_million(chosen, wanted):.2f} for a million pages at {wanted.price:g} an hour of a core."
    )


def _beside(chosen: Figures, outcome: Outcome) -> str:
    """The recommended candidate beside a tool that is better, the default, or the next best mode."""
    others = [figures for figures in outcome.figures if figures.mode != chosen.mode and figures.quality]
    tools = [figures for figures in others if figures.mode.is_reference]
    for tool in tools:
        if tool.quality and chosen.quality and difference(tool.quality, chosen.quality)[1] > 0:
            return f"{tool.name} is better on these pages: {_compare(tool, chosen, outcome.wanted)}; consider it."
    own = [figures for figures in others if not figures.mode.is_reference]
    if not own:
        return "No other mode was measured to the end."
    other = max(own, key=lambda figures: figures.quality.mean if figures.quality else 0.0)
    default = next((figures for figures in own if figures.mode.changes == 0), other)
    text = f"Beside it, {default.name} has {_compare(default, chosen, outcome.wanted)}"
    return text + (f", and {tools[0].name} {_compare(tools[0], chosen, outcome.wanted)}." if tools else ".")


def _compare(a: Figures, b: Figures, wanted: Wanted) -> str:
    assert a.quality, "it has a quality"
    assert b.quality, "it has a quality"
    gap = "{:+.3f} [{:.3f}, {:.3f}]".format(*difference(a.quality, b.quality))
    times = (b.pages_per_second / a.pages_per_second) if wanted.aim != "cost" else ratio(a, b, wanted)[0]
    return f"{gap} {a.quality.metric} at {times:.2f} times the {'cost' if wanted.aim == 'cost' else 'time'}"


def candidate_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Each candidate as a mapping for JSON, the recommended one first, then by quality and speed."""
    chosen = outcome.verdict.recommended
    refused: dict[str, list[dict[str, Any]]] = {}
    for refusal in outcome.verdict.refused:
        row = {name: _number(value) for name, value in refusal._asdict().items() if name != "name"}
        refused.setdefault(refusal.name, []).append(row)
    rows = []
    for figures in outcome.figures:
        latency = {f"{name}_ms": _number(1000 * value) for name, value in figures.latency._asdict().items()}
        quality = figures.quality
        rows.append(
            {
                "name": figures.name,
                "mode": figures.mode.name,
                "threads": figures.candidate.threads,
                "workers": figures.candidate.workers,
                "changes": figures.candidate.changes,
                "is_reference": figures.mode.is_reference,
                "is_recommended": chosen is not None and figures.name == chosen.name,
                "is_on_front": figures.name in outcome.verdict.front,
                "is_tied": figures.name in {tie.name for tie in outcome.verdict.ties},
                "quality": quality and _number(quality.mean),
                "quality_interval": quality and [_number(value) for value in quality.interval],
                "recall": quality and _number(quality.recall),
                "agreement": _number(figures.agreement),
                "expected_f1": _number(figures.expected_f1),
                **latency,
                "mean_ms": 1000 * sum(figures.seconds) / len(figures.seconds),
                "pages_per_second": _number(figures.pages_per_second),
                "cost_of_a_million": _number(cost_of_a_million(figures, outcome.wanted)),
                "memory_mb": _number(figures.memory_mb),
                "cold_ms": _number(figures.cold_ms),
                "how": figures.how,
                "errors": figures.errors,
                "refused": refused.get(figures.name, []),
            }
        )
    return sorted(rows, key=lambda r: (not r["is_recommended"], bool(r["refused"]), -(r["quality"] or 0), r["mean_ms"]))


def _number(value: Any) -> Any:
    """A number as JSON takes it: four decimals; None for what is not finite."""
    if not isinstance(value, float):
        return value
    return round(value, 4) if isfinite(value) else None


def to_json(outcome: Outcome) -> dict[str, Any]:
    """A decision -> everything about it, for `json.dumps`."""
    verdict = outcome.verdict
    return {
        "indexlm": __version__,
        "machine": outcome.machine,
        "date": outcome.date,
        "wanted": asdict(outcome.wanted),
        "workload": dict(outcome.workload),
        "metric": next((f.quality.metric for f in outcome.figures if f.quality), PREDICTED + "F1"),
        "recommended": verdict.recommended and verdict.recommended.name,
        "reasons": list(reasons(outcome)),
        "ties": [figures.name for figures in verdict.ties],
        "candidates": candidate_rows(outcome),
        "not_measured": dict(outcome.dropped),
        "notes": list(outcome.notes),
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """What `to_json` returns -> tables: the candidates, and what was refused and why."""
    metric = data["metric"]
    columns = ["", "candidate", metric, "95 %", "recall", "agreement", "expected F1", "p50 ms", "p95 ms", "pages/s"]
    columns += ["MB", "a million", "changes", "figures"]
    rows = []
    for row in data["candidates"]:
        bounds = row["quality_interval"]
        cells = ["→" if row["is_recommended"] else "✗" if row["refused"] else "=" if row["is_tied"] else ""]
        cells += [row["name"] + (" (tool)" if row["is_reference"] else ""), _shown(row["quality"], ".3f")]
        cells += [f"{bounds[0]:.3f}–{bounds[1]:.3f}" if bounds else "–"]
        cells += [_shown(row[name], ".3f") for name in ("recall", "agreement", "expected_f1")]
        cells += [_shown(row[name], ".0f") for name in ("p50_ms", "p95_ms")]
        cells += [_shown(row["pages_per_second"], ".1f"), _shown(row["memory_mb"], ".0f")]
        cells += [_shown(row["cost_of_a_million"], ".2f"), str(row["changes"]), row["how"]]
        rows.append(cells)
    keep = [k for k in range(len(columns)) if k < 4 or any(cells[k] != "–" for cells in rows)]
    title = "→ recommended, = no significant difference, ✗ refused"
    shown = (title, [columns[k] for k in keep], [[cells[k] for k in keep] for cells in rows])
    refused = [[row["name"], refusal["reason"]] for row in data["candidates"] for refusal in row["refused"]]
    refused += [[name, reason] for name, reason in data["not_measured"].items()]
    return [shown, ("Refused, or not measured to the end", ["candidate", "why"], refused)]


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def to_html(data: Mapping[str, Any]) -> str:
    """What `to_json` returns -> one HTML file: the verdict, a plot of quality against cost or time, and the tables."""
    parts = {
        "title": escape(f"IndexLM: {data['recommended'] or 'nothing meets the limits'}"),
        "verdict": "".join(f"<p>{escape(sentence)}</p>" for sentence in data["reasons"]),
        "notes": "".join(f"<li>{escape(note)}</li>" for note in data["notes"]),
        "tables": "".join(
            f"<h2>{escape(title)}</h2>{to_table(columns, rows)}" for title, columns, rows in tables(data) if rows
        ),
        "facts": escape(_facts(data)),
    }
    return fill("eval.choose", "choose.html", parts, data)


def _facts(data: Mapping[str, Any]) -> str:
    wanted = {name: value for name, value in data["wanted"].items() if value not in (None, 0.0)}
    named = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in wanted.items())
    pages = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in data["workload"].items())
    return f"Wanted: {named}. Measured on: {pages}; {data['machine']}; version {data['indexlm']}, {data['date']}."
