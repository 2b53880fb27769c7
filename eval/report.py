"""A report as Markdown, and as one HTML page without outside resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from eval.extractors import STAGES, parse_name
from eval.html_page import fill, to_table
from eval.predict import CaseRow, Row
from eval.score import Report, Rows

_TABLES = {
    "me": (
        ("word F1", "word_f1"),
        ("by domain", "by_domain"),
        ("precision", "word_precision"),
        ("recall", "word_recall"),
        ("shingle F1", "shingle_f1"),
        ("ROUGE-L", "rouge_l"),
        ("block F1", "block_f1"),
        ("snippet F1", "snippet_f1"),
        ("must-have", "must_have"),
        ("must-not kept", "must_not_have_kept"),
    ),
    "qe": (
        ("block F1", "block_f1"),
        ("precision", "block_precision"),
        ("recall", "block_recall"),
        ("exact", "exact"),
        ("NA accuracy", "na_right"),
        ("MRR", "mrr"),
        ("AP", "average_precision"),
        ("micro F1", "micro_block_f1"),
    ),
}
_GROUPS = (
    *(("kind", "type"), ("lang", "language"), ("source", "source"), ("length", "length in blocks")),
    *(("answers", "number of gold blocks"), ("overlap", "share of the question's terms in gold blocks")),
)


class _Section(NamedTuple):
    """A paragraph, and a table below it where there are columns."""

    text: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def to_markdown(report: Report) -> str:
    """A report (`eval.score.score`) -> Markdown tables: scores, differences from the best, groups of pages, cost."""
    lines: list[str] = []
    for text, columns, rows in _sections(report):
        lines += [text, ""]
        if rows:
            table = (columns, ["---", *("---:" for _ in columns[1:])], *rows)
            lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in table]
            lines.append("")
    return "\n".join(lines)


def _sections(report: Report) -> list[_Section]:
    """The parts of a report that have something to show."""
    sections = [
        _scores(report),
        _Section("\n".join(f"Left out: {name} ({reason})." for name, reason in sorted(report["left_out"].items()))),
        _pairs(report),
        *(_by_group(report, key, title) for key, title in _GROUPS),
        _cost(report),
        _answers(report),
        _calibration(report),
    ]
    return [section for section in sections if (section.rows if section.columns else section.text)]


def _scores(report: Report) -> _Section:
    domains = int(report["systems"][0]["scores"].get("by_domain", {}).get("domains", 0))  # 0: no mean over them
    by_domain = f"; by domain, each of {domains} counts the same, and the interval is over them" if domains else ""
    ceiling = f"Ceiling (gold blocks): {report['ceiling']:.3f}; " if report["ceiling"] is not None else ""
    summary = (
        f"{report['pages']} pages, task {report['task'].upper()}. "
        f"Brackets: 95 % bootstrap interval by page{by_domain}. {ceiling}floor (all blocks): {report['floor']:.3f}."
    )
    columns = [column for column in _TABLES[report["task"]] if column[1] != "by_domain" or domains]
    rows = []
    for entry in report["systems"]:
        version = f" ({entry['version']})" if entry["version"] else ""
        cells = [f"{entry['name']}{version}"]
        for _, key in columns:
            cells.append(_score(entry["scores"].get(key), with_interval=key in (report["main_metric"], "by_domain")))
        cells.append(f"{entry['cost']['median_ms']:.0f}" if entry["cost"] else "–")
        rows.append([*cells, str(entry["errors"])])
    return _Section(summary, ["system", *(title for title, _ in columns), "ms a page", "errors"], rows)


def _score(score: Mapping[str, Any] | None, with_interval: bool) -> str:
    if score is None:
        return "–"
    bounds = score.get("interval")
    return f"{score['mean']:.3f}" + (f" [{bounds[0]:.3f}, {bounds[1]:.3f}]" if with_interval and bounds else "")


def _pairs(report: Report) -> _Section:
    """The best system against all others, and the classifier against the decoder."""
    best = report["systems"][0]["name"]
    rows = []
    for pair in report["pairs"]:
        a, b = pair["a"], pair["b"]
        if best in (a, b) or {parse_name(a).kind, parse_name(b).kind} == {"classifier", "decoder"}:
            bounds = "{:+.3f} to {:+.3f}".format(*pair["interval"])
            counts = f"{pair['wins']} / {pair['ties']} / {pair['losses']}"
            winner = pair[pair["winner"]] if pair["winner"] else "none"
            rows.append([a, b, f"{pair['difference']:+.3f}", bounds, counts, winner])
    title = f"Differences in {_main_title(report)} (paired by page; no winner where the interval contains 0):"
    return _Section(title, ["a", "b", "a − b", "interval", "win / tie / loss", "winner"], rows)


def _by_group(report: Report, key: str, title: str) -> _Section:
    values = report["systems"][0]["by"].get(key, {})
    header = ["system", *(f"{value} ({count})" for value, (count, _) in values.items())]
    rows = [[entry["name"], *(f"{entry['by'][key][v][1]:.3f}" for v in values)] for entry in report["systems"]]
    return _Section(f"Mean {_main_title(report)} by {title} (pages in brackets):", header, rows if values else ())


def _main_title(report: Report) -> str:
    return report["main_metric"].replace("_", " ")


def _cost(report: Report) -> _Section:
    timed = [entry for entry in report["systems"] if entry["cost"]]
    stages = [stage for stage in STAGES if any(stage in entry["cost"]["stages_ms"] for entry in timed)]
    rows = []
    for entry in timed:
        cost = entry["cost"]
        cells = [entry["name"], *(f"{ms:.1f}" for ms in (cost["median_ms"], cost["p95_ms"], cost["mean_ms"]))]
        cells += [f"{cost['stages_ms'][stage]:.1f}" if stage in cost["stages_ms"] else "–" for stage in stages]
        cells += [f"{cost['tokens'][kind]:.0f}" if kind in cost["tokens"] else "–" for kind in ("read", "generated")]
        rows.append([*cells, f"{cost['peak_mb']:.0f}"])
    source = "HTML to text" if report["task"] == "me" else "parsed page to text"
    title = f"Milliseconds a page, {source}, one page at a time ({'; '.join(report['machine'])}):"
    header = ["system", "median", "p95", "mean", *stages, "tokens read", "generated", "peak MB"]
    return _Section(title, header, rows)


def _answers(report: Report) -> _Section:
    rows = []
    for entry in report["systems"]:
        if answers := entry.get("answers"):
            shares = (f"{answers[key]:.2%}" for key in ("invalid", "unreadable"))
            rows.append([entry["name"], str(answers["windows"]), *shares, f"{answers['generated']:.1f}"])
    title = "Written answers, one a window (invalid: unreadable, or readable after repairs):"
    header = ["system", "windows", "invalid", "unreadable", "tokens an answer"]
    return _Section(title, header, rows)


def _calibration(report: Report) -> _Section:
    rows = [
        [entry["name"], f"{numbers['ece']:.3f}", f"{numbers['brier']:.3f}", str(numbers["blocks"])]
        for entry in report["systems"]
        if (numbers := entry.get("calibration"))
    ]
    return _Section("Calibration of block probabilities:", ["system", "ECE", "Brier", "blocks"], rows)


def to_html(report: Report, cases: Sequence[CaseRow], systems: Mapping[str, Rows]) -> str:
    """A report, its cases and the rows of its systems -> one page: tables, plots and a browser of the pages."""
    names = [entry["name"] for entry in report["systems"]]
    names = [name for name in names if any(row.get("indices") is not None for row in systems[name].values())]
    pages = [
        {
            "id": case["id"],
            "title": case["title"] or case["url"],
            "query": case["query"],
            "kind": case["kind"],
            "gold": case["gold"],
            "blocks": [[tag, text[:400]] for tag, text in case["blocks"]],
            "answers": {name: _browser_answer(systems[name][case["id"]]) for name in names},
            "values": {name: round(values[i], 3) for name, values in report["values"].items()},
        }
        for i, case in enumerate(cases)
    ]
    data = {key: report[key] for key in ("task", "pages", "main_metric", "systems", "ceiling", "floor")}
    title = f"IndexLM: {report['task'].upper()} on {report['pages']} pages by {_main_title(report)}"
    parts = {"title": escape(title), "tables": _to_html(_sections(report))}
    return fill("eval", "report.html", parts, {"report": data, "cases": pages, "chosen": names})


def _browser_answer(row: Row) -> dict[str, Any]:
    return {
        "kept": row.get("indices") or [],
        "scores": [round(score, 2) for score in row.get("scores") or []] or None,
        "error": row.get("error") or "",
    }


def _to_html(sections: Sequence[_Section]) -> str:
    parts: list[str] = []
    for text, columns, rows in sections:
        parts += [f"<p>{escape(line)}</p>" for line in text.splitlines()]
        if rows:
            parts.append(to_table(columns, rows))
    return "\n".join(parts)
