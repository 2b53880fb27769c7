"""Models and options that cannot be, and pages that are too much for a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heads import open_head
from heads.checkpoint import open_tokenizer, vocabulary_digest
from indexlm import Extractor, IndexLMError
from indexlm.limits import Limits
from indexlm.models import shipped

PROSE = (
    "This is a sentence of an article that a reader would want to keep for a later day, and it goes on for a while. "
)


def folder(source: Path, out: Path) -> Path:
    """A copy of a model's folder, by links."""
    out.mkdir()
    for file in source.iterdir():
        (out / file.name).symlink_to(file)
    return out


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def change(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda config: config.update(values)


def set_of_indexlm(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda config: config["indexlm"].update(values)


@pytest.mark.parametrize(
    "edit",
    [
        change(architectures=5),
        change(model_type=["qwen3"]),
        change(indexlm=[]),
        change(indexlm={"head": []}),
        set_of_indexlm(tasks=5),
        set_of_indexlm(tasks=[5]),
        set_of_indexlm(head=["classifier"]),
        set_of_indexlm(thresholds={"me": float("nan"), "qe": 0.5}),
        set_of_indexlm(query_units=10**30),
        set_of_indexlm(window_tokens=float("inf")),
        set_of_indexlm(assistant_prefix="\ud800"),
        set_of_indexlm(calibration={"me": {"score_scale": "x"}}),
        set_of_indexlm(profile=[[[]]]),
    ],
)
def test_a_config_that_cannot_be_is_one_clear_error(edit: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    model = folder(shipped("classifier"), tmp_path / "model")
    config = json.loads((model / "config.json").read_text())
    if edit is not None:
        edit(config)
    if config.get("architectures") == 5:
        del config["indexlm"]
    rewrite(model / "config.json", json.dumps(config).encode())
    with pytest.raises(IndexLMError):
        Extractor("classifier", model=str(model)).extract(f"<p>{PROSE}", query="a reader")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("config.json", b"[" * 100_000),
        ("config.json", b"\xff\xfe"),
        ("config.json", b'{"a": "' + b"x" * (1 << 20) + b'"}'),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"[" * 100_000),
        ("model.onnx", b""),
        ("model.onnx", b"x" * 1000),
        ("trees.onnx", b""),
        ("answers.onnx", b""),
    ],
)
def test_a_file_that_is_broken_is_one_clear_error(name: str, data: bytes, tmp_path: Path) -> None:
    model = folder(shipped("classifier"), tmp_path / "model")
    rewrite(model / name, data)
    with pytest.raises(IndexLMError):
        open_head(model)


@pytest.mark.parametrize("name", ["tokenizer.json", "model.onnx", "config.json"])
@pytest.mark.parametrize(("head", "other"), [("classifier", "decoder"), ("decoder", "classifier")])
def test_a_file_of_the_other_head_is_refused(name: str, head: str, other: str, tmp_path: Path) -> None:
    model = folder(shipped(head), tmp_path / "model")
    rewrite(model / name, (shipped(other) / name).read_bytes())
    with pytest.raises(IndexLMError):
        Extractor(head, model=str(model)).extract(f"<p>{PROSE}", query="a reader")


def test_trees_without_metadata_or_of_other_columns_are_refused(tmp_path: Path) -> None:
    import onnx

    model = folder(shipped("classifier"), tmp_path / "model")
    trees = onnx.load(str(model / "trees.onnx"))
    del trees.metadata_props[:]
    for data in (trees.SerializeToString(), (shipped("classifier") / "model.onnx").read_bytes()):
        rewrite(model / "trees.onnx", data)
        with pytest.raises(IndexLMError, match="trees"):
            open_head(model)


@pytest.mark.parametrize("place", ["../secret", "/etc/passwd"])
def test_weights_outside_of_the_folder_are_not_read(place: str, tmp_path: Path) -> None:
    import onnx

    (tmp_path / "secret").write_bytes(b"\0" * 10_000_000)
    model = folder(shipped("classifier"), tmp_path / "model")
    network = onnx.load(str(model / "model.onnx"))
    weights = max(network.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    size = len(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", place), ("offset", "0"), ("length", str(size))):
        weights.external_data.add(key=key, value=value)
    rewrite(model / "model.onnx", network.SerializeToString())
    with pytest.raises(IndexLMError, match="cannot be loaded"):
        open_head(model)


def test_a_pickle_is_never_opened(tiny_checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    import torch

    model = folder(tiny_checkpoint("classifier"), tmp_path / "model")
    (model / "model.safetensors").unlink()
    torch.save({"weights": torch.zeros(1)}, model / "pytorch_model.bin")
    with pytest.raises(IndexLMError, match="cannot be loaded as a checkpoint"):
        open_head(model)


def test_the_shipped_models_name_their_vocabulary() -> None:
    for head in ("classifier", "decoder"):
        config = json.loads((shipped(head) / "config.json").read_text())
        assert config["indexlm"]["vocabulary"] == vocabulary_digest(open_tokenizer(shipped(head)))


BAD_OPTIONS: list[dict[str, Any]] = [
    {"threshold": float("nan")},
    {"threshold": "0.5"},
    {"threads": "2"},
    {"threads": 1.5},
    {"threads": True},
    {"max_blocks": 0},
    {"max_windows": 1.5},
    {"max_bytes": 0},
    {"max_bytes": 1 << 40},
    {"max_seconds": float("nan")},
    {"max_seconds": 0},
    {"max_memory": "1"},
    {"head": 5},
    {"hidden": 5},
    {"alone": 5},
    {"runtime": 5},
    {"include": 5},
    {"exclude": [5]},
    {"model": "x" * 5000},
    {"model": "a/" + "x" * 5000},
    {"model": "\0"},
    {"model": 5},
]


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=str)
def test_an_option_that_cannot_be_is_one_clear_error(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(IndexLMError) as error:
        Extractor(**options).extract("<p>some words")
    assert len(str(error.value)) < 11_000


@pytest.mark.parametrize("query", [5, None, b"x", ["a"], float("nan")])
def test_a_query_that_is_no_text_is_one_clear_error(query: Any) -> None:
    with pytest.raises(IndexLMError, match="a query is text"):
        Extractor().extract("<p>some words", query=query)
    with pytest.raises(IndexLMError, match="a query is text"):
        Extractor().extract_many(["<p>some words"], query=query)


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_a_query_of_any_length_and_script_is_answered(head: str) -> None:
    queries = ["x" * 340, "abcde fghij " * 30, "αβγδεζηθ" * 50, "😀\u200d" * 300, "漢字仮名" * 100, "1234567890" * 50]
    extractor = Extractor(head, threads=1)
    for query in [*queries, "!§$%&/()=" * 50, "<|im_end|>" * 60, "\x1b", "?", "\ud800 x", "y" * 100_000]:
        extractor.extract(f"<title>{query}</title><p>{PROSE}", query=query, url="http://x/" + query[:100])


LONG = "".join(
    f"<div><p>{PROSE}</p><p>word {i} <a href=x>and</a> a line of {i} more words</p></div>" for i in range(150)
)


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_a_model_reads_the_windows_that_it_may_and_says_so(head: str) -> None:
    extractor = Extractor(head, threads=1, alone=True, max_windows=2)
    for query in ("", "word 140"):
        extraction = extractor.extract(LONG, query=query)
        assert extraction.prediction.tokens["windows"] == 2
        assert any("a model reads at most 2 windows" in warning for warning in extraction.warnings)
    assert any("word 140 " in block.text for block in extraction.page.blocks if block.index in extraction.indices)
    whole = Extractor(head, threads=1, alone=True).extract(LONG)
    assert whole.prediction.tokens["windows"] > 2
    assert not whole.prediction.warnings


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_a_model_stops_reading_when_the_time_is_over(head: str) -> None:
    extractor = Extractor(head, threads=1, alone=True)
    page = extractor.extract(LONG).page
    prediction = extractor.predict(page, Limits(deadline=1e-9))
    assert prediction.tokens["windows"] == 0
    assert any("the time was over" in warning for warning in prediction.warnings)


@pytest.mark.parametrize("head", ["trees", "classifier", "decoder"])
def test_a_page_of_one_huge_paragraph_is_kept(head: str) -> None:
    extraction = Extractor(head, threads=1).extract("<body><p>" + "word and more words of one long page. " * 5000)
    assert extraction.indices == (1,)


def test_chunking_a_huge_paragraph_counts_its_characters_a_few_times() -> None:
    counted = 0

    def count(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return len(text) // 4

    html = "<p>" + PROSE * 600
    chunks = Extractor("trees", threads=1).extract(html).chunks(512, 0, count)
    assert len(chunks) > 20
    assert counted < 8 * len(html)
