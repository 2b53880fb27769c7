"""Where a search tells how far it is."""

from __future__ import annotations

import sys
from time import monotonic


class Progress:
    """Where the search tells how far it is; this one shows it to nobody."""

    def begin(self, description: str, steps: int) -> None:
        """So many steps come next."""

    def advance(self) -> None:
        """One of them is done."""


class Bar(Progress):
    """A progress bar on standard error, where that is a terminal: the step, and the most time that is left."""

    def __init__(self, deadline: float) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Rich

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
        )
        console = Console(stderr=True)
        self.deadline = deadline
        self.rich = Rich(*columns, console=console, transient=True, disable=not sys.stderr.isatty())
        self.task = self.rich.add_task("", total=1, left="")

    def __enter__(self) -> Bar:
        self.rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rich.stop()

    def begin(self, description: str, steps: int) -> None:
        self.rich.reset(self.task, description=description, total=steps, left=self._left())

    def advance(self) -> None:
        self.rich.advance(self.task)
        self.rich.update(self.task, left=self._left())

    def _left(self) -> str:
        seconds = max(0, round(self.deadline - monotonic()))
        return f"at most {seconds // 60}:{seconds % 60:02d} left"
