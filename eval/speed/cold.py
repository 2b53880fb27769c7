"""Cold starts: the time and the peak memory of whole processes that extract one page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TypedDict

from eval.extractors import parse_name
from indexlm.page import IndexLMError

CLI = Path(__file__).resolve().parents[2] / "cli.py"
"""The command line: of the checkout, or of the installed package."""

_PRINT_PEAK = """
import atexit, re, resource, runpy, sys
def print_peak():
    try:
        peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(peak, file=sys.stderr)
atexit.register(print_peak)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class ColdStart(TypedDict):
    """A system, the threads of its model, the peak memory of its process, and `data`: the seconds of every run."""

    extractor: str
    threads: int
    peak_bytes: int
    data: list[float]


def extract_command(name: str, threads: int) -> tuple[str, ...]:
    """A system's name -> the arguments of a Python process that extracts a page as the system does.

    Empty where no command does so: the command `extract` chooses the runtime itself, and always has a grammar.
    """
    kind, checkpoint, runtime = parse_name(name)
    if kind not in ("classifier", "decoder") or runtime not in (None, "onnx"):
        return ()
    model = ("--model", checkpoint) if checkpoint else ()
    return (str(CLI), "extract", "--head", kind, *model, "--threads", str(threads))


def cold_starts(commands: Mapping[str, Sequence[str]], page: Path, threads: int, runs: int) -> list[ColdStart]:
    """By name the arguments of a Python process, to which `page` is added -> its seconds and its peak memory.

    Processes take turns, `runs` times; names with an empty command are left out. A run before these warms the disk's
    cache and measures the memory. Raises `IndexLMError` where a process fails.
    """
    arguments = {name: [*command, str(page)] for name, command in commands.items() if command}
    starts: list[ColdStart] = []
    for name, command in arguments.items():
        starts.append({"extractor": name, "threads": threads, "peak_bytes": peak_bytes(command), "data": []})
    for _ in range(runs):
        for start in starts:
            began = perf_counter()
            _run([sys.executable, *arguments[start["extractor"]]])
            start["data"].append(perf_counter() - began)
    return starts


def peak_bytes(command: Sequence[str]) -> int:
    """The arguments of a Python process -> its peak memory. Raises `IndexLMError` where it fails."""
    return int(_run([sys.executable, "-c", _PRINT_PEAK, *command]).split()[-1])


def _run(command: Sequence[str]) -> str:
    """Run a command to its end -> its standard error."""
    result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.strip() and not line.isdigit()]  # not the peak
        raise IndexLMError(f"a cold start ends with exit code 0; found {result.returncode} ({''.join(lines[-1:])})")
    return result.stderr
