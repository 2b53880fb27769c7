"""Disks that fail, and files that an interrupted copy left: one clear sentence, whichever library met them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli import app
from indexlm import Extractor, IndexLMError
from indexlm.commands import usage
from indexlm.models import shipped
from tests.conftest import PAGES


def read_only() -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), "out/model.onnx")


def full_under_a_library() -> None:
    try:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise RuntimeError("the data set cannot be made") from error


def full_in_a_copy() -> None:
    raise shutil.Error([("a", "b", "[Errno 28] No space left on device: 'a' -> 'b'")])


def not_a_folder() -> None:
    Path(__file__, "x").mkdir()


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (read_only, "an output can be written; out/model.onnx cannot: Read-only file system"),
        (full_under_a_library, "an output can be written; this one cannot: No space left on device"),
        (full_in_a_copy, "an output can be written; this one cannot: No space left on device"),
        (not_a_folder, f"a file can be read and written; {__file__}/x cannot: Not a directory"),
    ],
)
def test_a_disk_that_fails_ends_a_command_in_one_line(
    job: Callable[[], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, usage():
        job()
    assert (ended.value.exit_code, capsys.readouterr().err) == (1, f"error: {message}\n")


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="ours"), usage():
        raise RuntimeError("ours")


@pytest.mark.parametrize("command", ["eval predict --data DATA --extractor trees --out", "train blend MODEL MODEL"])
def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, command: str) -> None:
    pytest.importorskip("torch", reason="needs the train extra")
    (tmp_path / "file").write_text("x")
    (tmp_path / "q.jsonl").write_text('{"html": "<p>One.</p>", "must_have": ["One"], "must_not_have": []}\n')
    words = command.replace("DATA", str(tmp_path / "q.jsonl")).replace("MODEL", str(shipped("classifier"))).split()
    more = ["--share", "0.5"] if "blend" in words else []
    result = CliRunner().invoke(app, [*words, str(tmp_path / "file" / "x"), *more])
    assert (result.exit_code, result.stderr.count("error: ")) == (1, 1), result.output
    assert "Not a directory" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("size", [0, 5, 1000, -100])
def test_weights_that_are_cut_off_are_one_clear_error(
    tmp_path: Path, tiny_pair: dict[str, tuple[Path, Path]], size: int
) -> None:
    source, broken = tiny_pair["classifier"][0], tmp_path / "broken"
    shutil.copytree(source, broken)
    data = (broken / "model.safetensors").read_bytes()
    (broken / "model.safetensors").write_bytes(data[:size])
    message = "a file of weights is whole; .*model.safetensors has [0-9]+ bytes (of|without)"
    with pytest.raises(IndexLMError, match=message):
        Extractor(model=str(broken)).extract(b"<p>One.</p>")
    for command in (
        ["extract", str(PAGES / "news.html"), "--model", str(broken)],
        ["export", str(broken), str(tmp_path / "out")],
        ["train", "blend", str(broken), str(broken), str(tmp_path / "out"), "--share", "0.5"],
    ):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2, result.output
        assert result.stderr.splitlines()[-1].startswith("error: a file of weights is whole; ")


def test_a_checkpoint_without_trees_has_no_head_of_trees(tmp_path: Path) -> None:
    with pytest.raises(IndexLMError, match=r"a head of trees is a checkpoint's trees\.onnx; .* has none"):
        Extractor("trees", model=str(tmp_path)).extract(b"<p>One.</p>")
