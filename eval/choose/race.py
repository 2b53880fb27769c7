"""Which modes can still win after a sample of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eval.choose.candidates import DEFAULT, Mode
from eval.choose.figures import Wanted
from eval.choose.quality import Quality, difference

_MARGIN = 1.5  # by which a mode must be slower, or a limit be broken: these times are not taken in turns


class Runner(NamedTuple):
    """A mode after a sample: its quality so far, mean seconds of a page, and the peak memory of its process."""

    mode: Mode
    quality: Quality | None
    mean_seconds: float
    peak_mb: float


def hopeless(runner: Runner, runners: Sequence[Runner], wanted: Wanted) -> str:
    """Why a mode can win no more, whatever more pages say; empty where it may. Tools run to the end.

    It cannot where it clearly breaks a limit, and where another one is clearly faster and not worse. The default stays
    unless it breaks a limit: others are compared with it.
    """
    mode, quality, seconds, peak = runner
    if mode.is_reference:
        return ""
    if wanted.max_memory_mb is not None and peak > wanted.max_memory_mb:
        return f"memory: {peak:.0f} MB, the most is {wanted.max_memory_mb:g} MB"
    if quality and wanted.min_f1 is not None and quality.interval[1] < wanted.min_f1:
        return f"{quality.metric}: {quality.mean:.3f}, the least is {wanted.min_f1:.3f}"
    if wanted.max_p95_ms is not None and 1000 * seconds > _MARGIN * wanted.max_p95_ms:
        return f"p95: a page takes {1000 * seconds:.0f} ms on average, the most is {wanted.max_p95_ms:g} ms"
    if quality is None or mode.name == DEFAULT:
        return ""
    for other in runners:
        if other.mode.is_reference or other.mode == mode or other.quality is None:
            continue
        if difference(other.quality, quality)[1] >= 0 and other.mean_seconds * _MARGIN < seconds:
            return f"{other.mode.name} is as good and faster on the first {len(quality.values)} pages"
    return ""
