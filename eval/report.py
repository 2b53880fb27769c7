"""A report's numbers as Markdown, and as one HTML page that needs nothing from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

__all__ = ["to_html", "to_markdown"]

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
_STAGES = ("parse", "encode", "forward", "prefill", "decode", "predict", "assemble")


def to_markdown(report: Mapping[str, Any]) -> str:
    """A report (`eval.score.score`) -> Markdown tables: scores, differences from the best, strata, cost."""
    task, main = report["task"], report["main_metric"]
    columns = _TABLES[task]
    domains = report["systems"][0]["scores"].get("by_domain", {}).get("domains")
    if not domains:
        columns = tuple(column for column in columns if column[1] != "by_domain")
    of_domains = f"; by domain, each of {domains} counts the same, and the interval is over them" if domains else ""
    lines = [
        f"{report['pages']} pages, task {task.upper()}. Brackets: 95 % bootstrap interval by page{of_domains}. "
        + (f"Ceiling (gold blocks): {report['ceiling']:.3f}; " if report["ceiling"] is not None else "")
        + f"floor (all blocks): {report['floor']:.3f}.",
        "",
    ]
    rows = []
    for entry in report["systems"]:
        scores = entry["scores"]
        cells = [_name(entry)]
        for _, key in columns:
            cells.append(_score(scores.get(key), with_interval=key in (main, "by_domain")))
        cost = entry["cost"]
        cells.append(f"{cost['median_ms']:.0f}" if cost else "–")
        cells.append(str(entry["errors"]))
        rows.append(cells)
    lines += _table(["system", *(title for title, _ in columns), "ms a page", "errors"], rows)
    if report["left_out"]:
        lines += ["", *(f"Left out: {name} ({reason})." for name, reason in sorted(report["left_out"].items()))]
    names = [entry["name"] for entry in report["systems"]]
    if len(names) > 1:
        lines += [
            "",
            f"Differences in {main.replace('_', ' ')} (paired by page; no winner where the interval holds 0):",
            "",
        ]
        shown = [pair for pair in report["pairs"] if names[0] in (pair["a"], pair["b"]) or _is_heads(pair)]
        lines += _table(
            ["a", "b", "a − b", "interval", "win / tie / loss", "winner"],
            [
                [
                    pair["a"],
                    pair["b"],
                    f"{pair['difference']:+.3f}",
                    "{:+.3f} to {:+.3f}".format(*pair["interval"]),
                    f"{pair['wins']} / {pair['ties']} / {pair['losses']}",
                    pair[pair["winner"]] if pair["winner"] else "none",
                ]
                for pair in shown
            ],
        )
    for key, title in (("kind", "type"), ("lang", "language"), ("source", "source"), ("length", "length in blocks")):
        values = report["systems"][0]["by"].get(key)
        if values:
            lines += ["", f"Mean {main.replace('_', ' ')} by {title} (pages in brackets):", ""]
            header = ["system", *(f"{value} ({count})" for value, (count, _) in values.items())]
            lines += _table(
                header,
                [[entry["name"], *(f"{entry['by'][key][v][1]:.3f}" for v in values)] for entry in report["systems"]],
            )
    timed = [entry for entry in report["systems"] if entry["cost"]]
    if timed:
        source = "HTML to text" if task == "me" else "parsed page to text"
        stages = [stage for stage in _STAGES if any(stage in entry["cost"]["stages_ms"] for entry in timed)]
        lines += ["", f"Milliseconds a page, {source}, one page at a time ({'; '.join(report['machine'])}):", ""]
        header = ["system", "median", "p95", "mean", *stages, "tokens read", "generated", "peak MB"]
        lines += _table(header, [_cost(entry, stages) for entry in timed])
    writers = [entry for entry in report["systems"] if "answers" in entry]
    if writers:
        lines += ["", "Written answers, one a window (invalid: unreadable, or readable after repairs):", ""]
        lines += _table(
            ["system", "windows", "invalid", "unreadable", "tokens an answer"],
            [
                [
                    entry["name"],
                    str(entry["answers"]["windows"]),
                    *(f"{entry['answers'][key]:.2%}" for key in ("invalid", "unreadable")),
                    f"{entry['answers']['generated']:.1f}",
                ]
                for entry in writers
            ],
        )
    calibrated = [entry for entry in report["systems"] if "calibration" in entry]
    if calibrated:
        lines += ["", "Calibration of block probabilities:", ""]
        lines += _table(
            ["system", "ECE", "Brier", "blocks"],
            [
                [
                    entry["name"],
                    f"{entry['calibration']['ece']:.3f}",
                    f"{entry['calibration']['brier']:.3f}",
                    str(entry["calibration"]["blocks"]),
                ]
                for entry in calibrated
            ],
        )
    return "\n".join(lines) + "\n"


def _is_heads(pair: Mapping[str, Any]) -> bool:
    return {*(re.split("[=@]", pair[side])[0] for side in "ab")} == {"classifier", "decoder"}


def _name(entry: Mapping[str, Any]) -> str:
    version = f" ({entry['version']})" if entry["version"] else ""
    return f"{entry['name']}{version}"


def _score(found: Mapping[str, Any] | None, with_interval: bool) -> str:
    if found is None:
        return "–"
    bounds = found.get("interval")
    return f"{found['mean']:.3f}" + (f" [{bounds[0]:.3f}, {bounds[1]:.3f}]" if with_interval and bounds else "")


def _cost(entry: Mapping[str, Any], stages: Sequence[str]) -> list[str]:
    cost = entry["cost"]
    cells = [entry["name"], *(f"{cost[key]:.1f}" for key in ("median_ms", "p95_ms", "mean_ms"))]
    cells += [f"{cost['stages_ms'][stage]:.1f}" if stage in cost["stages_ms"] else "–" for stage in stages]
    cells += [f"{cost['tokens'][kind]:.0f}" if kind in cost["tokens"] else "–" for kind in ("read", "generated")]
    return [*cells, f"{cost['peak_mb']:.0f}"]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(header), line(["---", *("---:" for _ in header[1:])]), *map(line, rows)]


def to_html(report: Mapping[str, Any], cases: Sequence[Mapping[str, Any]], systems: Mapping[str, Any]) -> str:
    """A report, its cases and the rows of its systems -> one page: tables, plots and a browser of the pages."""
    main = report["main_metric"]
    shown = [entry["name"] for entry in report["systems"] if _has_blocks(systems[entry["name"]])]
    pages = []
    for i, case in enumerate(cases):
        answers = {}
        for name in shown:
            row = systems[name][case["id"]]
            scores = row.get("scores")
            answers[name] = {
                "kept": row.get("indices") or [],
                "scores": [round(score, 2) for score in scores] if scores else None,
                "error": row.get("error") or "",
            }
        pages.append(
            {
                "id": case["id"],
                "title": case["title"] or case["url"],
                "query": case["query"],
                "kind": case["kind"],
                "gold": case["gold"],
                "blocks": [[tag, text[:400]] for tag, text in case["blocks"]],
                "answers": answers,
                "values": {entry["name"]: round(report["values"][entry["name"]][i], 3) for entry in report["systems"]},
            }
        )
    data = {key: report[key] for key in ("task", "pages", "main_metric", "systems", "ceiling", "floor")}
    payload = json.dumps({"report": data, "cases": pages, "shown": shown}, ensure_ascii=False)
    # What a page wrote can end neither the script nor its string.
    payload = payload.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    template: str = files("eval").joinpath("report.html").read_text("utf-8")
    title = f"IndexLM: {report['task'].upper()} on {report['pages']} pages by {main.replace('_', ' ')}"
    parts = {"title": escape(title), "tables": _html_tables(to_markdown(report)), "data": payload}
    return re.sub(r"\{\{(title|tables|data)\}\}", lambda match: parts[match[1]], template)


def _has_blocks(rows: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(row.get("indices") is not None for row in rows.values())


def _html_tables(markdown: str) -> str:
    """The report's own Markdown, which is paragraphs and tables, as HTML."""
    parts: list[str] = []
    rows: list[list[str]] = []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").replace("\\|", "\0").split("|")])
            continue
        if rows:
            head, _, *body = rows
            parts.append("<table><thead>" + _row(head, "th") + "</thead><tbody>")
            parts += [_row(cells, "td") for cells in body]
            parts.append("</tbody></table>")
            rows = []
        if line:
            parts.append(f"<p>{escape(line)}</p>")
    return "\n".join(parts)


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell.replace(chr(0), '|'))}</{tag}>" for cell in cells) + "</tr>"
