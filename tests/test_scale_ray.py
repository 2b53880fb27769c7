"""Runs on Ray: the same rows as on one machine, whatever actors die."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexlm import Extractor
from indexlm.output.files import OutputError
from indexlm.scale.local import run_tasks
from indexlm.scale.rays import Writer, run_on_ray
from indexlm.scale.rows import Content
from indexlm.scale.shards import Entry, Job, Store
from indexlm.scale.tasks import Cut, Task
from tests.conftest import needs
from tests.crawls import read_shards, rows, warc_of_pages, write_lines, write_parquet

needs("scale", "ray")
pytestmark = pytest.mark.filterwarnings("ignore")

JOB = Job(Extractor("trees"), Content(("markdown", "chunks"), title=True))


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Ray on two CPUs."""
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=200 << 20, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[dict[str, Any]]]:
    """The files of ten tasks, and the rows that this machine makes of them."""
    folder = tmp_path_factory.mktemp("in")
    for i in range(8):
        write_lines(folder / f"{i}.jsonl", rows(6 * i, 6))
    (folder / "8.warc.gz").write_bytes(warc_of_pages(48, 6)[:-40])
    write_parquet(folder / "9.parquet", [*rows(54, 5), {"html": None, "url": "nothing"}])
    out = tmp_path_factory.mktemp("local")
    store, tasks = begin(out, [str(folder)])
    assert [entry.task for entry in run_tasks(store, JOB, tasks, 1)] == [*range(10)]
    return [str(folder)], read_shards(out)


def begin(out: Path, inputs: list[str]) -> tuple[Store, list[Task]]:
    store = Store(str(out))
    tasks, _ = store.begin(JOB.options(inputs, Cut()), Cut())
    return store, tasks


def actors() -> list[int]:
    """The processes of the actors that write shards, of this process's cluster alone."""
    numbers = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "cmdline").read_bytes().startswith(b"ray::MapWorker"):
                raylet = parent(int(folder.name))
                numbers += [int(folder.name)] if parent(raylet) == os.getpid() else []
        except OSError:
            pass
    return numbers


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.usefixtures("cluster")
def test_both_engines_make_the_same_rows(tmp_path: Path, crawl: tuple[list[str], list[dict[str, Any]]]) -> None:
    inputs, expected = crawl
    store, tasks = begin(tmp_path, inputs)
    entries = sorted(run_on_ray(store, JOB, tasks, 2))
    assert [entry.task for entry in entries] == [*range(10)]
    assert sum(entry.errors for entry in entries) == 2
    assert read_shards(tmp_path) == expected
    assert len({row["id"] for row in expected}) == len(expected) == 60


@pytest.mark.usefixtures("cluster")
@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")
def test_an_actor_that_is_killed_costs_no_row(tmp_path: Path, crawl: tuple[list[str], list[dict[str, Any]]]) -> None:
    inputs, expected = crawl
    store, tasks = begin(tmp_path, inputs)
    list(run_tasks(store, JOB, tasks[5:7], 1))  # one engine goes on with what the other has begun
    store, tasks = begin(tmp_path, inputs)
    assert store.finished() == {5, 6}
    entries = run_on_ray(store, JOB, [task for task in tasks if task.number not in (5, 6)], 1)
    first = next(entries)
    (pid,) = actors()
    os.kill(pid, signal.SIGKILL)
    assert sorted(entry.task for entry in [first, *entries]) == [0, 1, 2, 3, 4, 7, 8, 9]
    assert read_shards(tmp_path) == expected


def test_a_task_whose_actor_always_dies_is_given_up(
    tmp_path: Path, crawl: tuple[list[str], list[dict[str, Any]]]
) -> None:
    store, tasks = begin(tmp_path, crawl[0])
    for _ in range(5):
        store.note_try("run", 3)  # as actors that died have left it
    writer = Writer(store, JOB, "run")
    entries = [Entry(*json.loads(writer({"task": [json.dumps(task)]})["entry"][0])) for task in tasks[2:5]]
    assert [entry.rows for entry in entries] == [6, 0, 6]
    assert "a task is tried 5 times; the process of task 3" in entries[1].fault
    writer.entries.close()


@pytest.mark.usefixtures("cluster")
def test_an_output_that_cannot_be_written_ends_the_run(
    tmp_path: Path, crawl: tuple[list[str], list[dict[str, Any]]]
) -> None:
    store, tasks = begin(tmp_path, crawl[0])
    store.clear()
    (tmp_path / "_temporary").write_text("in the way")
    with pytest.raises(OutputError, match="an output can be written"):
        list(run_on_ray(store, JOB, tasks[:2], 1))
    (tmp_path / "_temporary").unlink()
