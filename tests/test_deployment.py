"""A deployment's file: written, read, refused, and taken by the commands."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from indexlm import Extractor, IndexLMError, __version__
from indexlm.deployment import Deployment, deployed, read_deployment, weights_hash
from indexlm.models import shipped
from tests.conftest import PAGES

NEWS = str(PAGES / "news.html")


def write(folder: Path, **fields: Any) -> Path:
    path = folder / "deployment.yaml"
    Deployment(**fields).write(path)
    return path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_a_deployment_is_read_as_it_was_written(tmp_path: Path) -> None:
    deployment = Deployment(
        "classifier",
        options={"alone": True, "threads": 1, "max_windows": 4},
        sha256=weights_hash("classifier"),
        workers=2,
        scenario="offline",
        limits={"min_f1": 0.8},
        figures={"word F1": 0.9, "pages a second": 31.5},
        date="2026-11-27",
    )
    deployment.write(tmp_path / "d.yaml")
    again = read_deployment(tmp_path / "d.yaml")
    assert again == deployment
    assert again.warnings() == ()
    assert Extractor(**again.extractor_options()) == Extractor(alone=True, threads=1, max_windows=4)


def test_the_hash_is_that_of_the_weights_that_run(tmp_path: Path) -> None:
    from hashlib import sha256

    of_classifier = ("model.onnx", "answers.onnx", "trees.onnx")
    for head, files in (("classifier", of_classifier), ("trees", ("trees.onnx",))):
        content = b"".join((shipped("classifier") / file).read_bytes() for file in files)
        assert weights_hash(head) == sha256(content).hexdigest()
    assert weights_hash("decoder", "nobody/nothing") == ""
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert weights_hash("classifier", str(tmp_path)) == sha256(b"weights").hexdigest()
    (tmp_path / "answers.onnx").write_bytes(b"other trees")
    assert weights_hash("classifier", str(tmp_path)) == sha256(b"weightsother trees").hexdigest()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"indexlm": "0.1.0"}, f"version 0.1.0; this is {__version__}"),
        ({"machine": "a toaster"}, "another machine (a toaster)"),
        ({"sha256": "0" * 64}, "hash 000000000000"),
    ],
)
def test_another_version_machine_or_checkpoint_warns_and_runs(tmp_path: Path, fields: Any, words: str) -> None:
    result = run("extract", NEWS, "--deployment", str(write(tmp_path, head="trees", **fields)))
    assert result.exit_code == 0
    assert words in result.stderr
    assert result.stderr.startswith("warning: deployment: ")


def test_the_commands_take_head_options_and_workers_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, head="trees", workers=2, options={"threads": 1})
    result = run("extract", NEWS, str(PAGES / "docs.html"), "--jsonl", "--deployment", str(path))
    assert [row["head"] for row in objects(result.stdout)] == ["trees", "trees"]
    assert result.stderr == ""


def test_options_that_are_named_win(tmp_path: Path) -> None:
    path = write(tmp_path, head="classifier", options={"beta": 2.0, "alone": True, "threads": 1}, workers=3)
    options = {"head": "classifier", "model": "", "threads": 0, "threshold": None, "beta": 1.0, "workers": 1}
    taken = deployed(path, options, set())
    assert (taken["beta"], taken["alone"], taken["threads"], taken["workers"]) == (2.0, True, 1, 3)
    assert deployed(path, options | {"workers": 5}, {"workers"})["workers"] == 5
    by_threshold = deployed(path, options | {"threshold": 0.5}, {"threshold"})
    assert (by_threshold["threshold"], by_threshold["beta"], by_threshold["alone"]) == (0.5, 1.0, True)
    decoder = deployed(path, options | {"head": "decoder"}, {"head"})
    assert (decoder["head"], decoder["beta"], decoder.get("alone"), decoder["workers"]) == ("decoder", 1.0, None, 3)
    result = run("extract", NEWS, "--jsonl", "--head", "trees", "--deployment", str(path))
    assert [row["head"] for row in objects(result.stdout)] == ["trees"]


def test_what_is_favoured_wins_over_the_files_beta(tmp_path: Path) -> None:
    path = write(tmp_path, head="trees", options={"beta": 4.0})
    plain, favoured, many = (
        len(objects(run("extract", NEWS, "--jsonl", "--head", "trees", *more).stdout)[0]["markdown"])
        for more in ((), ("--deployment", str(path), "--favour", "precision"), ("--deployment", str(path)))
    )
    assert favoured <= plain < many


def test_scale_takes_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, head="trees", workers=1)
    out = tmp_path / "rows"
    result = run("scale", NEWS, "--out", str(out), "--jsonl", "--deployment", str(path))
    assert result.exit_code == 0, result.output
    (row,) = objects("".join(shard.read_text("utf-8") for shard in out.glob("*.jsonl")))
    assert row["decided_by"] == "trees"


def test_a_model_that_is_named_leaves_the_runtime_of_the_files_model(tmp_path: Path) -> None:
    path = write(tmp_path, head="classifier", model=str(tmp_path / "gone"), runtime="torch")
    other = str(shipped("classifier"))
    taken = deployed(path, {"head": "classifier", "model": other, "workers": 1}, {"model"})
    assert taken["model"] == other
    assert "runtime" not in taken


def test_a_model_beside_the_file_is_named_by_its_relative_path(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert read_deployment(write(tmp_path, model="mine")).model == str(tmp_path / "mine")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("head: [", "is YAML"),
        ("\x00", "is YAML"),
        ("[" * 1000, "is YAML"),
        ("", "a mapping with a head"),
        ("- head", "a mapping with a head"),
        ("heads: trees", "a mapping with a head"),
        ("head: trees\nhead_count: 2\n1: 3", "keys that no deployment has: 1, head_count"),
        ("head: trees\noptions: {speed: 3}", "options that `Extractor` has not: speed"),
        ("head: trees\noptions: {head: decoder}", "options that `Extractor` has not: head"),
        ("head: trees\noptions: [1]", "options in"),
        ("head: trees\noptions: {threads: [1]}", "options in"),
        ("head: trees\noptions: {threads: -1}", "threads are from 0"),
        ("head: trees\nworkers: many", "workers in"),
        ("head: trees\nworkers: 0", "workers in"),
        ("head: forest", "a head is"),
        ("head: 3", "head in"),
        ("head: classifier\nmodel: null", "model in"),
        ("head: classifier\nruntime: steam", "a runtime is"),
        ("head: classifier\nmodel: /nowhere/at/all", "names '/nowhere/at/all', which is not"),
        ("head: decoder\noptions: {threshold: 0.5}", "a threshold applies"),
        ("head: trees\nfigures: {a: &a [x], b: *a}", "figures in"),
        ("head: !!python/object/apply:os.system [ls]", "is YAML"),
        ("head: trees\n#" + "x" * 70_000, "at most 65536 bytes"),
    ],
)
def test_a_bad_file_is_one_clear_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")
    for command in (("extract", NEWS), ("serve",)):
        result = run(*command, "--deployment", str(path))
        assert result.exit_code == 2
        assert words in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert result.stderr.startswith("error: ")


def test_a_file_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        result = run("extract", NEWS, "--deployment", str(path))
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_the_service_serves_the_head_of_the_file(tmp_path: Path) -> None:
    from indexlm.serving.commands import _deployed

    path = write(tmp_path, head="classifier", options={"alone": True}, workers=3)
    three = ("classifier", "decoder", "trees")
    assert _deployed(path, three, 2, set()) == (("classifier",), {}, 3, {"alone": True, "runtime": None})
    assert _deployed(path, ("trees",), 2, {"head", "workers"})[:3] == (("trees",), {}, 2)
    heads, _, workers, options = _deployed(path, ("classifier", "trees"), 2, {"head"})
    assert (heads, workers, options) == (("classifier", "trees"), 3, {"threads": 0})


def test_options_of_a_deployment_reach_the_processes_of_the_service() -> None:
    from indexlm.inputs.document import Source
    from indexlm.serving.work import ExtractTask, Options, open_work

    work = open_work(("classifier",), {}, 1 << 20, 20.0, {"threshold": 1.0, "threads": 0})
    reply = work(ExtractTask(Source((PAGES / "news.html").read_bytes()), "", ("",), Options()))
    assert json.loads(reply.body)["intervals"] == []  # no block reaches a probability of 1


def test_deployments_compare_by_their_fields() -> None:
    assert replace(Deployment(), workers=2) != Deployment()
    with pytest.raises(IndexLMError, match="a deployment is a file"):
        read_deployment(Path("nowhere.yaml"))
