"""The command `choose`."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from typer import Option

from indexlm.commands import EXIT_SOME_FAILED, check_writable, print_tables, usage
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from eval.choose.figures import Wanted
    from eval.choose.inputs import Workload
    from eval.choose.report import Outcome

_PAGES_HELP = (
    "Files, folders, addresses, a .txt list of addresses, .parquet or .jsonl with `html` (and `gold_text`), a WARC, or "
    "a data set's folder with me/ and qe/."
)
_SCENARIO_HELP = (
    "single (one page at a time), server (pages arrive at random, --rate a second), offline (all at once) or "
    "many-queries (all questions of a page at once)."
)
_GOLD_HELP = "References: a folder of .txt files by the names of pages, or rows with `id` and `gold_text`."
_QUERIES_HELP = (
    "Questions: one a line, or a page's name, a tab and a question; or .jsonl with `query`, `page`, `answers`."
)
_CANDIDATE_HELP = (
    "NAME=CHECKPOINT[@RUNTIME], a checkpoint of your own. Repeat it. Without references it is not recommended."
)
_LOSS_HELP = "For the aims speed and cost: the most F1 below the best mode."
_CPU_HELP = (
    "Time pages by the CPU seconds of one thread, for a machine that is busy with other work: figures are then "
    "those of an idle one, and nothing is run for real."
)
_SHIPPED_HELP = "Answer at once from the measurements that ship; PAGES only say which types of pages there are."

_BUSY = 1.5  # processes for each core: more are not only ours

Pages = Annotated[list[str] | None, typer.Argument(metavar="PAGES...", help=_PAGES_HELP)]
Queries = Annotated[Path | None, Option(help=_QUERIES_HELP)]
Gold = Annotated[Path | None, Option(help=_GOLD_HELP)]
Scenario = Annotated[str, Option(help=_SCENARIO_HELP)]
Rate = Annotated[float, Option(min=0, help="Pages a second, for the scenario server.")]
Aim = Annotated[str, Option(help="quality, speed or cost.")]
P95 = Annotated[float | None, Option("--max-p95-ms", min=0, help="The most milliseconds of 95 % of the pages.")]
Memory = Annotated[float | None, Option("--max-memory-mb", min=0, help="The most memory of all processes together.")]
F1 = Annotated[float | None, Option("--min-f1", min=0, max=1, help="The least mean F1.")]
Recall = Annotated[float | None, Option("--min-recall", min=0, max=1, help="The least mean recall.")]
Cores = Annotated[int, Option(min=0, help="The most cores; 0: all that are here.")]
Cold = Annotated[float | None, Option("--cold-start-ms", min=0, help="The most milliseconds of a whole process.")]
Price = Annotated[float, Option("--price-per-core-hour", min=0, help="In any currency.")]
Loss = Annotated[float, Option("--max-loss", min=0, max=1, help=_LOSS_HELP)]
Own = Annotated[list[str] | None, Option("--candidate", help=_CANDIDATE_HELP)]
Budget = Annotated[float, Option(min=0.1, help="Minutes; a search that needs more stops with what it has.")]
Out = Annotated[Path, Option(help="A folder for all measurements and results; a run goes on where it stopped.")]
Limit = Annotated[int, Option(min=0, help="At most this many pages, evenly spread; 0 for all.")]
Task = Annotated[str, Option(help="Of a data set's folder: me (main content) or qe (questions).")]
FromShipped = Annotated[bool, Option("--from-shipped", help=_SHIPPED_HELP)]
CpuTime = Annotated[bool, Option("--cpu-time", help=_CPU_HELP)]
Peers = Annotated[bool, Option("--tools/--no-tools", help="Whether today's tools are measured for comparison.")]


def choose(
    pages: Pages = None,
    scenario: Scenario = "single",
    aim: Aim = "quality",
    queries: Queries = None,
    gold: Gold = None,
    rate: Rate = 0.0,
    max_p95_ms: P95 = None,
    max_memory_mb: Memory = None,
    min_f1: F1 = None,
    min_recall: Recall = None,
    cores: Cores = 0,
    cold_start_ms: Cold = None,
    price_per_core_hour: Price = 0.04,
    max_loss: Loss = 0.02,
    candidate: Own = None,
    tools: Peers = True,
    budget: Budget = 3.0,
    out: Out = Path("choose"),
    limit: Limit = 200,
    task: Task = "me",
    split: str = "dev",
    cpu_time: CpuTime = False,
    from_shipped: FromShipped = False,
) -> None:
    """Measure every mode on your pages and this machine, and say which to deploy and why.

    Writes choose.html, choose.json and deployment.yaml, which `extract` and `serve` take with --deployment. The exit
    code is 1 where nothing meets the limits.

    Examples: `choose saved/ --aim speed --min-f1 0.9 --gold texts/`;
    `choose saved/ --queries questions.txt --scenario server --rate 5 --max-p95-ms 200`.
    """
    limits = (max_p95_ms, max_memory_mb, min_f1, min_recall, cold_start_ms)
    with usage():
        wanted = _wanted(scenario, aim, rate, cores, limits, max_loss, price_per_core_hour)
        check_writable(out / "choose.json")
        workload = _workload(pages or [], task, split, queries, gold, limit, from_shipped)
        if workload is not None and min_recall is not None and not workload.with_gold:
            raise IndexLMError("a least recall is checked against references; these pages have none (--gold)")
        if from_shipped or workload is None:
            outcome = _from_shipped(workload, wanted, task)
        else:
            outcome = _measured(workload, wanted, candidate or [], tools, 60 * budget, out, cpu_time)
        is_met = _write(outcome, out)
    if not is_met:
        raise typer.Exit(EXIT_SOME_FAILED)


def _wanted(
    scenario: str,
    aim: str,
    rate: float,
    cores: int,
    limits: tuple[float | None, ...],
    max_loss: float,
    price: float,
) -> Wanted:
    """Options -> what is wanted. Raises `IndexLMError` for an option that cannot be."""
    from eval.choose.figures import Aim, Scenario, Wanted
    from eval.choose.measure import cores_here

    for name, value, values in (("a scenario", scenario, get_args(Scenario)), ("an aim", aim, get_args(Aim))):
        if value not in values:
            raise IndexLMError(f"{name} is {', '.join(values)}; found {value!r}")
    if (scenario == "server") != (rate > 0):
        raise IndexLMError(f"the scenario server has a --rate above 0, others have none; found {scenario} and {rate:g}")
    if cores > cores_here():
        raise IndexLMError(f"at most the cores that are here can be used, {cores_here()}; found {cores}")
    names = ("max_p95_ms", "max_memory_mb", "min_f1", "min_recall", "cold_start_ms")
    options: dict[str, Any] = {"scenario": scenario, "aim": aim, "rate": rate, "cores": cores or cores_here()}
    options |= dict(zip(names, limits, strict=True))
    return Wanted(**options, max_loss=max_loss, price=price)


def _workload(
    pages: list[str],
    task: str,
    split: str,
    queries: Path | None,
    gold: Path | None,
    limit: int,
    is_optional: bool,
) -> Workload | None:
    from eval.choose.inputs import read_workload

    if task not in ("me", "qe"):
        raise IndexLMError(f"a task is me or qe; found {task!r}")
    if not pages and is_optional:
        return None
    if not pages:
        raise IndexLMError("a choice is made on pages: name files, folders or addresses (or --from-shipped)")
    return read_workload(pages, task=task, split=split, queries=queries, gold=gold, limit=limit)


def _mix(workload: Workload | None) -> dict[str, float] | None:
    """The page types of a workload of main content."""
    from eval.choose.page_types import mix_of

    if workload is None or workload.task != "me":
        return None
    return mix_of(case.read() for case in workload.cases)


def _measured(
    workload: Workload, wanted: Wanted, own: list[str], with_tools: bool, budget: float, out: Path, is_cpu: bool
) -> Outcome:
    """A workload -> what was measured of it, and the decision."""
    from eval.choose.candidates import own_mode, reference_modes, shipped_modes
    from eval.choose.measure import Store, cores_here
    from eval.choose.progress import Bar
    from eval.choose.report import Outcome, describe_workload
    from eval.choose.search import Search
    from indexlm.machine import machine

    deadline = monotonic() + budget
    modes = shipped_modes(workload.task) + [own_mode(text, workload.task) for text in own]
    if with_tools and wanted.scenario != "many-queries":
        modes += reference_modes(workload.task)
    store = Store(out, workload)
    mix = _mix(workload)
    with Bar(deadline) as bar:
        search = Search(store, wanted, cores_here(), deadline, budget, bar, mix, is_cpu=is_cpu)
        figures, verdict = search.run(modes)
    notes, about = [*workload.notes, *search.notes], describe_workload(workload, mix)
    if is_cpu:
        notes.append(
            "times are CPU seconds of one thread, as on an idle machine; nothing was run for real (--cpu-time)"
        )
    elif (load := _load()) > _BUSY * cores_here():
        notes.append(
            f"other work keeps the machine busy (a load of {load:.0f} on {cores_here()} cores): see --cpu-time"
        )
    return Outcome(
        wanted, figures, verdict, search.dropped, notes, about, machine(), datetime.now(UTC).date().isoformat()
    )


def _from_shipped(workload: Workload | None, wanted: Wanted, task: str) -> Outcome:
    from eval.choose.report import Outcome, describe_workload
    from eval.choose.shipped import measurements, shipped_figures
    from eval.choose.verdict import decide

    data = measurements()
    mix = _mix(workload)
    task = workload.task if workload else task
    figures = shipped_figures(task, mix, wanted)
    about = describe_workload(workload, mix) if workload else {"task": task}
    note = f"nothing was measured here: the figures are those of version {data['indexlm']}, {data['date']}"
    notes = [*(workload.notes if workload else ()), note]
    return Outcome(wanted, figures, decide(figures, wanted), {}, notes, about, data["machine"], data["date"])


def _write(outcome: Outcome, out: Path) -> bool:
    """Write and print an outcome -> whether something is recommended."""
    from eval.choose.measure import to_deployment
    from eval.choose.report import candidate_rows, tables, to_html, to_json

    out.mkdir(parents=True, exist_ok=True)
    data = to_json(outcome)
    (out / "choose.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8", errors="replace")
    (out / "choose.html").write_text(to_html(data), "utf-8", errors="replace")
    print_tables(tables(data), width=200)
    for note in data["notes"]:
        typer.echo(f"note: {note}", err=True)
    typer.echo(" ".join(data["reasons"]))
    deployment, chosen = out / "deployment.yaml", outcome.verdict.recommended
    if chosen is None:
        deployment.unlink(missing_ok=True)
        return False
    limits = {name: value for name, value in data["wanted"].items() if value is not None and name != "scenario"}
    (row,) = [row for row in candidate_rows(outcome) if row["is_recommended"]]
    figures = {
        name: value for name, value in row.items() if isinstance(value, int | float) and name != "is_recommended"
    }
    about = {"machine": outcome.machine, "date": outcome.date, "scenario": outcome.wanted.scenario}
    to_deployment(chosen.candidate, limits=limits, figures={data["metric"]: row["quality"]} | figures, **about).write(
        deployment
    )
    typer.echo(f"{deployment}: extract, serve --deployment {deployment}", err=True)
    return True


def _load() -> float:
    """The mean number of processes that want a core, of the last minute; 0 where the system does not say."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return 0.0
