"""Figures of `indexlm scale`; `python -m tests.bench.crawl CRAWL` makes its inputs.

python -m tests.bench.scale overhead CRAWL [--head trees] [--rounds 3]     CPU time a page, against a plain loop
python -m tests.bench.scale workers CRAWL                                  1 and 2 processes, in turns
python -m tests.bench.scale engines CRAWL                                  one process of each engine, in turns
python -m tests.bench.scale memory CRAWL [--times 3]                       resident MiB while the crawl is read so often
python -m tests.bench.scale kills CRAWL --engine ray [--every 20]          three kills at random, then counts rows
python -m tests.bench.scale nodes CRAWL                                    two nodes of Ray, one killed in mid-run
python -m tests.bench.scale templates me/dev.parquet                       pages of one site with the same structure
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from indexlm import Extraction, Extractor
from indexlm.scale.local import run_tasks
from indexlm.scale.records import Columns, read_task
from indexlm.scale.rows import Content
from indexlm.scale.shards import Job, Store
from indexlm.scale.tasks import Cut, Task, plan_tasks
from tests.conftest import ROOT


def cpu_seconds() -> float:
    """CPU time of this process and of those that it has waited for."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def begin(crawl: str, out: str, head: str) -> tuple[Store, Job, list[Task]]:
    """A run of a crawl in an empty folder."""
    job = Job(Extractor(head, threads=1), Content())
    store = Store(out)
    tasks, _ = store.begin(job.options([crawl], Cut()), Cut())
    return store, job, tasks


def run(crawl: str, head: str, workers: int, most: int) -> tuple[int, float, float]:
    """A local run -> its pages, and its CPU and wall seconds without opening the model."""
    with tempfile.TemporaryDirectory() as out:
        store, job, tasks = begin(crawl, out, head)
        entries = run_tasks(store, job, tasks[:most], workers)
        began, cpu = time.perf_counter(), cpu_seconds()
        rows = sum(entry.rows for entry in entries)
        wall = time.perf_counter() - began
        return rows, cpu_seconds() - cpu, wall


def plain_loop(crawl: str, head: str, most: int) -> tuple[int, float, float]:
    """The same pages through `extract_many` in this process -> pages, CPU and wall seconds."""
    tasks = plan_tasks([crawl]).tasks[:most]
    pages = [(row.source, row.url) for task in tasks for row in read_task(task, Columns()) if row and row.source]
    extractor = Extractor(head, threads=1)
    extractor.open()
    began, cpu = time.perf_counter(), cpu_seconds()
    for result in extractor.extract_many(pages):
        if isinstance(result, Extraction):
            result.render("markdown")
    return len(pages), cpu_seconds() - cpu, time.perf_counter() - began


def overhead(crawl: str, head: str, rounds: int, most: int) -> None:
    """In turns, each in a process of its own: the plain loop, and a local run with one worker."""
    for _ in range(rounds):
        for name in ("plain", "scale"):
            command = [sys.executable, "-m", "tests.bench.scale", f"once-{name}", crawl]
            command += ["--head", head, "--most", str(most)]
            subprocess.run(command, check=True, cwd=ROOT)


def once(name: str, crawl: str, head: str, most: int) -> None:
    """One measurement of `overhead`. CPU seconds of a worker that opens its model are left out of both."""
    if name == "plain":
        rows, cpu, wall = plain_loop(crawl, head, most)
    else:
        run(crawl, head, 1, 3)  # imports what each kind of file needs
        _, opening, _ = run(crawl, head, 1, 0)
        rows, cpu, wall = run(crawl, head, 1, most)
        cpu -= opening
    print(f"{name}: {rows} pages, {1000 * cpu / rows:.2f} ms of CPU a page, {rows / wall:.1f} pages/s", flush=True)


def workers(crawl: str, head: str, rounds: int, most: int) -> None:
    """1 and 2 processes in turns."""
    for _ in range(rounds):
        for count in (1, 2):
            _, opening, _ = run(crawl, head, count, 0)
            rows, cpu, wall = run(crawl, head, count, most)
            each = 1000 * (cpu - opening) / rows
            print(f"{count} workers: {rows} pages, {rows / wall:.1f} pages/s, {each:.2f} ms of CPU a page", flush=True)


def engines(crawl: str, head: str, rounds: int, most: int) -> None:
    """One process by each engine in turns: the time between the begin and the end of the tasks, without any start."""
    import ray

    from indexlm.scale.rays import run_on_ray

    ray.init(num_cpus=1, include_dashboard=False, object_store_memory=200 << 20, log_to_driver=False)
    for name in ("local", "ray") * rounds:
        with tempfile.TemporaryDirectory() as out:
            store, job, tasks = begin(crawl, out, head)
            some = tasks[: most + 1]  # the first one holds imports and the model's first page
            entries = run_on_ray(store, job, some, 1) if name == "ray" else run_tasks(store, job, some, 1)
            taken = sorted(entries)[1:]
            rows, seconds = (sum(values) for values in zip(*((e.rows, e.seconds) for e in taken), strict=True))
            print(f"{name}: {rows} pages, {1000 * seconds / rows:.2f} ms a page", flush=True)
    ray.shutdown()


def resident() -> list[float]:
    """Resident MiB of this process and of its children."""
    numbers = []
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    for pid in [str(os.getpid()), *children]:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                numbers.append(int(line.split()[1]) / 1024)
    return numbers


def memory(crawl: str, head: str, times: int) -> None:
    """A line for each 2,500 pages: those done, and resident MiB of the driver and of what it has started."""
    with tempfile.TemporaryDirectory() as out:
        store, job, tasks = begin(crawl, out, head)
        tasks = [task._replace(number=n) for n, task in enumerate(tasks * times)]
        done = last = 0
        for entry in run_tasks(store, job, tasks, 1):
            done += entry.rows
            if done - last >= 2500:
                last = done
                print(f"{done} pages: {', '.join(f'{mib:.0f}' for mib in resident())} MiB", flush=True)


def processes(begins: bytes) -> list[int]:
    """The processes of Ray's actors."""
    numbers = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if (folder / "cmdline").read_bytes().startswith(begins):
                    numbers.append(int(folder.name))
            except OSError:
                pass
    return numbers


def kills(crawl: str, head: str, engine: str, every: float, times: int) -> None:
    """Runs the command and kills it so often at random, with Ray an actor before; then lets it end, and counts rows."""
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [sys.executable, "cli.py", "scale", crawl, "--out", str(out), "--head", head, "--workers", "2"]
        killed: Counter[str] = Counter()
        began = time.monotonic()
        while True:
            process = subprocess.Popen([*command, "--engine", engine], cwd=ROOT)
            try:
                process.wait(None if killed["drivers"] == times else every * rng.uniform(0.6, 1.4))
            except subprocess.TimeoutExpired:
                if engine == "ray" and (actors := processes(b"ray::MapWorker")):
                    os.kill(rng.choice(actors), signal.SIGKILL)
                    killed["actors"] += 1
                    time.sleep(every / 2)
                process.kill()
                process.wait()
                killed["drivers"] += 1
                shards = len([*out.glob("part-*")])
                print(f"killed after {time.monotonic() - began:.0f} s, with {shards} shards", flush=True)
                continue
            break
        print(f"{engine}: killed {dict(killed)}; exit code {process.returncode}", flush=True)
        count_rows(crawl, out)


def count_rows(crawl: str, out: Path) -> None:
    """Print how many rows are there, are missing, and are there twice."""
    import pyarrow.dataset as ds

    ids = Counter(ds.dataset(out, format="parquet").to_table(columns=["id"])["id"].to_pylist())
    tasks = plan_tasks([crawl]).tasks
    expected = Counter(row.id for task in tasks for row in read_task(task, Columns()) if row is not None)
    lost, extra = expected - ids, ids - expected
    print(f"{sum(expected.values())} records: {lost.total()} rows lost, {extra.total()} doubled or of no record")


def nodes(crawl: str, head: str) -> None:
    """Two nodes with a CPU each; the second is killed when some tasks are done."""
    import ray
    from ray.cluster_utils import Cluster

    from indexlm.scale.rays import run_on_ray

    small = {"num_cpus": 1, "object_store_memory": 100 << 20}
    cluster = Cluster(initialize_head=True, head_node_args=small | {"include_dashboard": False})
    second = cluster.add_node(**small)
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        with tempfile.TemporaryDirectory() as out:
            store, job, tasks = begin(crawl, out, head)
            began = time.monotonic()
            for n, _ in enumerate(run_on_ray(store, job, tasks, 2), 1):
                if n == len(tasks) // 3:
                    cluster.remove_node(second, allow_graceful=False)
                    print(
                        f"{n} of {len(tasks)} tasks in {time.monotonic() - began:.0f} s; a node is killed", flush=True
                    )
            print(f"{n} tasks in {time.monotonic() - began:.0f} s", flush=True)
            count_rows(crawl, Path(out))
    finally:
        ray.shutdown()
        cluster.shutdown()


def templates(data: str) -> None:
    """How many pages share the structure of an earlier page of their site, by three keys."""
    import pyarrow.parquet as pq

    batches = pq.ParquetFile(data).iter_batches(32, columns=["html", "url"])
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    repeated: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    for row in (row for batch in batches for row in batch.to_pylist()):
        host = urlsplit(row["url"] or "").hostname or ""
        if not host:
            continue
        hosts[host] += 1
        for name, key in structures(row["html"]):
            repeated[name] += (host, key) in seen[name]
            seen[name].add((host, key))
    pages = hosts.total()
    print(
        f"{pages} pages with an address, {len(hosts)} hosts, {pages - len(hosts)} pages that follow another of theirs"
    )
    for name, count in repeated.items():
        print(f"{name}: {count} pages ({count / pages:.1%} of all) have the structure of an earlier page of their host")


def structures(html: str) -> Iterator[tuple[str, str]]:
    """A page -> keys of its structure: its sequence of elements, its set of paths, and its paths to depth 6."""
    from lxml import etree

    from indexlm.html.parse import parse

    root = parse(html)
    paths: list[str] = []
    for element in root.iter(etree.Element) if root is not None else ():
        names = [*[item.tag for item in element.iterancestors()][::-1], element.tag]
        label = re.sub(r"\d+", "", " ".join(sorted((element.get("class") or "").split())))
        paths.append("/".join(map(str, names)) + "." + label)
    yield "sequence of elements and classes", _digest(paths)
    yield "set of paths and classes", _digest(sorted({*paths}))
    yield "set of paths to depth 6", _digest(sorted({path for path in paths if path.count("/") < 6}))


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what")
    parser.add_argument("crawl")
    parser.add_argument("--head", default="trees")
    parser.add_argument("--engine", default="local")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=8, help="files of the crawl that are read")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--every", type=float, default=20.0)
    options = parser.parse_args()
    os.environ.update(RAY_worker_niceness="0")  # as the other engine, which matters on a machine that does more
    crawl, head = options.crawl, options.head
    actions = {
        "overhead": lambda: overhead(crawl, head, options.rounds, options.most),
        "once-plain": lambda: once("plain", crawl, head, options.most),
        "once-scale": lambda: once("scale", crawl, head, options.most),
        "workers": lambda: workers(crawl, head, options.rounds, options.most),
        "engines": lambda: engines(crawl, head, options.rounds, options.most),
        "memory": lambda: memory(crawl, head, options.times),
        "kills": lambda: kills(crawl, head, options.engine, options.every, options.times),
        "nodes": lambda: nodes(crawl, head),
        "templates": lambda: templates(crawl),
    }
    if options.what not in actions:
        parser.error(f"what is {', '.join(actions)}; found {options.what!r}")
    actions[options.what]()


if __name__ == "__main__":
    main()
