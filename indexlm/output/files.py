"""Where a command's results go: standard output, one file, or a folder with a file for each input."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, TextIO

from indexlm.page import IndexLMError

SUFFIXES = {
    "markdown": ".md",
    "html": ".html",
    "text": ".txt",
    "json": ".json",
    "intervals": ".txt",
    "chunks": ".jsonl",
}
"""The names of files end so, by format."""


class OutputError(IndexLMError):
    """An output that cannot be written."""


class Results:
    """Writes one result after the other.

    `places` are the inputs' relative paths without suffix, for a folder; see `indexlm.sources.find_inputs`.
    A file is opened when its content is there: a page that fails leaves what was there before. Raises `OutputError` for
    an output that cannot be written, or that is an input too.
    """

    def __init__(
        self, output: Path | None, paths: Sequence[str], places: Sequence[PurePath], format: str, jsonl: bool
    ) -> None:
        self.format = format
        self.jsonl = jsonl
        self.output = output
        self._is_first = True
        self._file: TextIO | None = None
        self._targets: dict[str, Path] | None = None  # in a folder, the file of each input
        if output is None:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")
            return
        to_folder = not jsonl and (len(paths) > 1 or output.is_dir())
        if to_folder:
            self._targets = dict(zip(paths, _file_names(output, places, SUFFIXES[format]), strict=True))
        targets = [output] if self._targets is None else list(self._targets.values())
        try:
            for folder in {target.parent for target in targets} | ({output} if to_folder else set()):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(output, error) from None
        inputs = {Path(path).resolve() for path in paths if not path.startswith(("http://", "https://", "-"))}
        for target in targets:
            if target.resolve() in inputs:
                raise OutputError(f"an output is no input; {target} is both")

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                if kind is None:  # else the error is already on its way
                    raise _unwritable(self.output, error) from None

    def write(self, path: str, entry: dict[str, Any], content: str) -> None:
        """Write what was made of an input: with `jsonl` its `entry`, else its `content`."""
        if self.jsonl:
            self._print(json.dumps(entry, ensure_ascii=False))
        elif self._targets is not None:
            try:
                self._targets[path].write_text(content + "\n", "utf-8", errors="backslashreplace")
            except OSError as error:
                raise _unwritable(self._targets[path], error) from None
        else:
            self._print(content if self._is_first or self.format == "chunks" else "\n" + content)
        self._is_first = False

    def write_failure(self, entry: dict[str, Any], error: str) -> None:
        """With `jsonl`, write the entry of an input that failed; else nothing."""
        if self.jsonl:
            empty: str | list[str] = [] if self.format == "chunks" else ""
            content = {} if self.format in ("json", "intervals") else {self.format: empty}
            self._print(json.dumps(entry | {"indices": [], "intervals": [], "error": error} | content))

    def _print(self, text: str) -> None:
        if self.output is None:
            print(text, flush=True)
            return
        try:
            if self._file is None:
                self._file = self.output.open("w", encoding="utf-8", errors="backslashreplace")
            print(text, file=self._file, flush=True)
        except OSError as error:
            raise _unwritable(self.output, error) from None


def _unwritable(target: Path | None, error: OSError) -> OutputError:
    return OutputError(f"an output can be written; {target} cannot: {error.strerror}")


def _file_names(folder: Path, places: Sequence[PurePath], suffix: str) -> Iterator[Path]:
    """A file for each input: at its place below the folder, and numbered where two names are the same."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for place in places:
        name, key = place, str(place).lower()
        n = counts.get(key, 1)
        while str(name).lower() in taken:
            n += 1
            name = place.with_name(f"{place.name}-{n}")
        counts[key] = n
        taken.add(str(name).lower())
        yield folder / name.with_name(name.name + suffix)
