"""Where a command's results go: standard output, one file, or a folder with a file for each input.

A file is written beside its place under another name, and takes its place when it is whole: what was there before stays
until then, whether the command is killed or the disk is full.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections import Counter
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
_OF_FILES = frozenset(SUFFIXES.values())
_PART = ".part"  # behind the name of a file that is not whole


class OutputError(IndexLMError):
    """An output that cannot be written."""


class Results:
    """Writes one result after the other: `write` or `write_failure` for each input, in order.

    `places` are the inputs' relative paths without suffix, for a folder; see `indexlm.sources.find_inputs`. With
    `resumes`, `todo` are the numbers (from 0) of the inputs without a result of an earlier run, and only these are
    written, and those that share a place; without it, of all. `failed_before` are the failures among the others.
    Inputs of which one was a folder (`in_folder`) go to a folder, however few. Raises `OutputError` for an output that
    cannot be written, or that is an input too.
    """

    def __init__(
        self,
        output: Path | None,
        paths: Sequence[str],
        places: Sequence[PurePath],
        format: str,
        jsonl: bool,
        resumes: bool = False,
        *,
        in_folder: bool = False,
    ) -> None:
        self.format = format
        self.jsonl = jsonl
        self.output = output
        self.todo = list(range(len(paths)))
        self.failed_before = 0
        self._is_first = True
        self._file: TextIO | None = None
        self._targets: Iterator[Path] | None = None  # in a folder, the file of each input
        to_folder = output is not None and not jsonl and (in_folder or len(paths) > 1 or output.is_dir())
        if resumes and not (jsonl and output is not None) and not to_folder:
            raise OutputError("a run is resumed in a folder, or in the file of --jsonl; --output names neither")
        if to_folder and output is not None and output.suffix in _OF_FILES and not output.is_dir():
            raise OutputError(
                f"several inputs go to a folder, or to one file with --jsonl; {output} is named as a file"
            )
        if output is None:
            _check_standard_output()
            return
        targets = list(_file_names(output, places, SUFFIXES[format])) if to_folder else [output]
        _make_folders({target.parent for target in targets} | ({output} if to_folder else set()), output)
        inputs = {Path(path).resolve() for path in paths if not path.startswith(("http://", "https://", "-"))}
        for target in targets:
            if target.resolve() in inputs:
                raise OutputError(f"an output is no input; {target} is both")
        if to_folder:
            shared = Counter(str(place).lower() for place in places)  # which of these got a name depends on all inputs
            is_done = [
                target.is_file() and shared[str(p).lower()] == 1 for target, p in zip(targets, places, strict=True)
            ]
            self.todo = [i for i in self.todo if not (resumes and is_done[i])]
            self._targets = iter([targets[i] for i in self.todo])
        elif resumes:
            self.todo = self.todo[self._resume(paths) :]

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        if self._file is None or self.output is None:
            return
        try:
            self._file.close()
            if kind is None and _is_replaceable(self.output):
                os.replace(_part_of(self.output), self.output.resolve())
        except OSError as error:
            if kind is None:  # else the error is already on its way
                raise _unwritable(self.output, error) from None

    def write(self, entry: dict[str, Any], content: str) -> None:
        """Write what was made of the next input: with `jsonl` its `entry`, else its `content`."""
        if self.jsonl:
            self._print(json.dumps(entry, ensure_ascii=False))
        elif self._targets is not None:
            _write_whole(next(self._targets), content + "\n")
        elif content or self.format != "chunks":  # no chunk is no line
            self._print(content if self._is_first or self.format == "chunks" else "\n" + content)
        self._is_first = False

    def write_failure(self, entry: dict[str, Any], error: str) -> None:
        """With `jsonl`, write the entry of the next input, which failed; else pass it over."""
        if self.jsonl:
            empty: str | list[str] = [] if self.format == "chunks" else ""
            content = {} if self.format in ("json", "intervals") else {self.format: empty}
            self._print(json.dumps(entry | {"indices": [], "intervals": [], "error": error} | content))
        elif self._targets is not None:
            next(self._targets)

    def _print(self, text: str) -> None:
        if self.output is None:
            print_out(text)
            return
        try:
            if self._file is None:
                place = _part_of(self.output) if _is_replaceable(self.output) else self.output
                self._file = place.open("w", encoding="utf-8", errors="backslashreplace")
            print(text, file=self._file, flush=True)
        except OSError as error:
            raise _unwritable(self.output, error) from None

    def _resume(self, paths: Sequence[str]) -> int:
        """Open what an earlier run has left of the output -> how many of the inputs have a result in it."""
        assert self.output is not None
        part = _part_of(self.output)
        source = part if part.is_file() else self.output
        try:
            lines = source.read_bytes().splitlines(keepends=True) if source.is_file() else []
            whole = [line for line in lines if line.endswith(b"\n")]
            entries = [json.loads(line) for line in whole]
            done = [str(entry["input"]) for entry in entries]
            self.failed_before = sum(bool(entry.get("error")) and not entry.get("decided_by") for entry in entries)
            text = b"".join(whole).decode("utf-8")
            if done != [*paths[: len(done)]]:
                raise OutputError(f"a run is resumed with the same inputs; {source} holds the results of others")
            self._file = part.open("w", encoding="utf-8", errors="backslashreplace")
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise _unwritable(self.output, error) from None
        except OutputError:
            raise
        except (ValueError, KeyError, TypeError, RecursionError):
            raise OutputError(f"a run is resumed from the lines of --jsonl; {source} holds others") from None
        return len(done)


def print_out(text: str) -> None:
    """Print a text to standard output. Raises `OutputError` where that is closed or full."""
    try:
        print(text, flush=True)
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):  # so that Python does not fail again at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _unwritable(None, error) from None


def _check_standard_output() -> None:
    if sys.stdout is None:
        raise OutputError("an output can be written; standard output is closed")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _make_folders(folders: set[Path], output: Path) -> None:
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(output, error) from None


def _is_replaceable(target: Path) -> bool:
    """Whether a file can take the place of this: not so of a pipe or a device."""
    return target.is_file() or not target.exists()


def _part_of(target: Path) -> Path:
    target = target.resolve()
    return target.with_name(target.name + _PART)


def _write_whole(target: Path, text: str) -> None:
    try:
        if not _is_replaceable(target):
            target.write_text(text, "utf-8", errors="backslashreplace")
            return
        part = _part_of(target)
        try:
            part.write_text(text, "utf-8", errors="backslashreplace")
            os.replace(part, target.resolve())
        except OSError:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(target, error) from None


def _unwritable(target: Path | None, error: OSError) -> OutputError:
    return OutputError(f"an output can be written; {target or 'standard output'} cannot: {error.strerror}")


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
