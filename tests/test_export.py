"""Export of checkpoints to ONNX: every precision opens and is near the checkpoint, and one that is not is refused."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heads import Settings, open_head
from indexlm import IndexLMError, read_page
from indexlm.models import shipped
from tests.conftest import PAGES, golden_page, needs
from tests.test_cli import fails, run
from train.backbone import PUBLISHED
from train.export import roofline
from train.export.parity import MAX_DRIFT, compare, sample
from train.export.to_onnx import export, place

needs("train", "onnx")
pytestmark = pytest.mark.usefixtures("traced_once")

Pair = dict[str, tuple[Path, Path]]
NEWS = str(PAGES / "news.html")


@pytest.mark.parametrize(
    ("head", "precision", "max_inline"),
    [("classifier", "int8", 1000), ("classifier", "int4", 10**6), ("decoder", "int4", 10**6)],
)
def test_a_quantized_model_is_near_its_checkpoint(
    tiny_pair: Pair, head: str, precision: Any, max_inline: int, tmp_path: Path
) -> None:
    """And smaller than one that is not quantized. Weights over the limit lie beside the model, and are found there."""
    checkpoint, full = tiny_pair[head]
    export(checkpoint, tmp_path, precision, max_inline)
    parity = compare(checkpoint, tmp_path, sample([NEWS], ("me", "qe")), threads=1)
    assert 1e-4 < parity.mean < MAX_DRIFT[precision]
    assert parity.mean < parity.largest
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sum(size for name, size in sizes.items() if "onnx" in name) < 0.7 * (full / "model.onnx").stat().st_size
    beside = {"model.onnx.data"} if max_inline == 1000 else set()
    assert sizes.keys() == {path.name for path in full.iterdir()} | beside
    if beside:
        assert sizes["model.onnx.data"] > 50_000


def test_the_tokenizer_is_the_checkpoints_and_smaller(tiny_pair: Pair) -> None:
    from tokenizers import Tokenizer

    checkpoint, exported = (folder / "tokenizer.json" for folder in tiny_pair["decoder"])
    assert Tokenizer.from_file(str(exported)).to_str() == Tokenizer.from_file(str(checkpoint)).to_str()
    assert exported.stat().st_size < 0.6 * checkpoint.stat().st_size


def test_a_tokenizer_that_cannot_be_read_is_named(tiny_checkpoint: Callable[..., Path], tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint("decoder")
    (checkpoint / "tokenizer.json").write_text("{")
    assert "cannot be read as a tokenizer" in fails("export", str(checkpoint), str(tmp_path / "out"))


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_without_quantization_nothing_differs_but_rounding(tiny_pair: Pair, head: str) -> None:
    parity = compare(*tiny_pair[head], sample([], ("me", "qe")), threads=1)
    assert (parity.pages, parity.identical) == (16, 16)
    assert parity.mean <= parity.largest < MAX_DRIFT["fp32"]
    assert parity.logits > 100


def test_a_page_read_once_for_many_queries_is_compared_as_it_is_read(
    tiny_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    """Calls go on from caches that other calls have continued before; the replay does the same."""
    checkpoint = tiny_checkpoint("decoder", query_last=True)
    export(checkpoint, tmp_path, "fp32")
    pages = [golden_page("docs", query) for query in ("what is it?", "who wrote it?", "what is it?")]
    parity = compare(checkpoint, tmp_path, pages, threads=1)
    assert parity.identical == 3
    assert parity.largest < MAX_DRIFT["fp32"]


def test_openvino_runs_an_exported_classifier(tiny_pair: Pair, tmp_path: Path) -> None:
    """Compared and timed by the command; in bfloat16, where the processor has it."""
    pytest.importorskip("openvino", reason="needs the openvino extra")
    head = open_head(tiny_pair["classifier"][1], "openvino", threads=1)
    expected = open_head(tiny_pair["classifier"][1], "onnx", threads=1)
    page = golden_page("docs")
    assert head([page])[0].scores == pytest.approx(expected([page])[0].scores, abs=0.05)
    out, report = tmp_path / "out", tmp_path / "report.json"
    options = (
        "--runtime",
        "openvino",
        "--precision",
        "fp32",
        "--speed",
        "48",
        "--threads",
        "1",
        "--report",
        str(report),
    )
    run("export", str(tiny_pair["classifier"][0]), str(out), *options)
    written = json.loads(report.read_text())
    assert (written["runtime"], written["passed"]) == ("openvino", True)
    assert written["speed"]["seconds"] > 0
    with pytest.raises(IndexLMError, match="is a decoder"):
        open_head(tiny_pair["decoder"][1], "openvino")


def test_what_openvino_cannot_run_is_not_exported_for_it(
    tiny_checkpoint: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, options = tmp_path / "out", ("--runtime", "openvino", "--precision", "fp32")
    decoder, causal = tiny_checkpoint("decoder"), tiny_checkpoint("classifier", causal=True, readout="last")
    assert "is a decoder" in fails("export", str(decoder), str(out), *options)
    assert "is causal" in fails("export", str(causal), str(out), *options)
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert "pip install openvino" in fails("export", str(tiny_checkpoint("classifier")), str(out), *options)
    assert not list(tmp_path.iterdir())


def test_a_comparison_finds_another_models_answers(tiny_pair: Pair, tiny_checkpoint: Callable[..., Path]) -> None:
    """With other weights logits differ, and so do indices."""
    import torch
    from transformers import AutoModelForTokenClassification

    other = tiny_checkpoint("classifier")
    model = AutoModelForTokenClassification.from_pretrained(other)
    with torch.no_grad():
        model.score.bias += torch.tensor([-1.0, 3.0])
    model.save_pretrained(other)
    parity = compare(other, tiny_pair["classifier"][1], sample([NEWS], ("me",)), threads=1)
    assert parity.mean == pytest.approx(2.0, abs=1e-3)
    assert parity.largest == pytest.approx(3.0, abs=1e-3)
    assert parity.identical == 0


def test_a_model_without_a_data_file_deletes_that_of_an_earlier_one(tmp_path: Path) -> None:
    """Other files stay."""
    exported, out = tmp_path / "exported", tmp_path / "out"
    exported.mkdir()
    out.mkdir()
    (exported / "model.onnx").write_text("new")
    for name in ("model.onnx", "model.onnx.data", "notes.txt"):
        (out / name).write_text("old")
    place(exported, out)
    assert {path.name: path.read_text() for path in out.iterdir()} == {"model.onnx": "new", "notes.txt": "old"}
    assert not exported.exists()


def test_a_checkpoint_without_settings_of_ours_is_exported(
    tiny_checkpoint: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a plain fine-tune of a published backbone, in bf16; its architecture says which head it is."""
    import torch
    from transformers import AutoModelForCausalLM

    published, out, report = tmp_path / "published", tmp_path / "out", tmp_path / "report.json"
    source = tiny_checkpoint("decoder")
    AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16).save_pretrained(published)
    shutil.copy(source / "tokenizer.json", published)
    config = json.loads((published / "config.json").read_text())
    del config["indexlm"]
    (published / "config.json").write_text(json.dumps(config))
    peaks = roofline.peaks
    monkeypatch.setattr(roofline, "peaks", lambda threads: peaks(threads, size=32))
    arguments = ("export", str(published), str(out), "--precision", "int8", "--sample", NEWS)
    output = run(*arguments, "--speed", "48", "--threads", "1", "--report", str(report))
    assert Settings.read_from(out) == Settings.read_from(published)
    assert Settings.read_from(out).head == "decoder"
    assert not any(path.suffix in (".bin", ".pt", ".pkl") for path in out.iterdir())
    written = json.loads(report.read_text())
    assert (written["precision"], written["pages"], written["passed"]) == ("int8", 2, True)
    assert written["bytes"] == (out / "model.onnx").stat().st_size
    assert 1e-4 < written["mean"] < MAX_DRIFT["int8"]
    speed = written["speed"]
    assert speed["ratio"] == pytest.approx(speed["seconds"] / (speed["linear"] + speed["attention"]))
    assert f"48 tokens: {speed['seconds']:.3f} s" in output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "published", "report.json"]


def test_a_model_that_drifts_is_not_put_in_place(tiny_pair: Pair, tmp_path: Path) -> None:
    """The exit code is 1, the sentence has the limit and the value found, and the files of before stay."""
    out, report = tmp_path / "out", tmp_path / "report.json"
    out.mkdir()
    (out / "model.onnx").write_text("the one before")
    arguments = ("export", str(tiny_pair["classifier"][0]), str(out), "--precision", "int8", "--sample", NEWS)
    line = fails_with_bars(*arguments, "--max-drift", "1e-9", "--report", str(report))
    written = json.loads(report.read_text())
    assert f"{written['mean']:.2g} on average" in line
    assert "1e-09" in line
    assert str(tmp_path / "out.drifted") in line
    assert not written["passed"]
    assert (out / "model.onnx").read_text() == "the one before"
    assert open_head(tmp_path / "out.drifted").settings.head == "classifier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.drifted", "report.json"]


def fails_with_bars(*arguments: str) -> str:
    """The last line on standard error of what must fail: transformers writes progress bars before it."""
    from typer.testing import CliRunner

    from cli import app

    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 1, result.output
    return result.stderr.splitlines()[-1]


def test_peaks_of_all_precisions_are_measured() -> None:
    import torch

    before = torch.get_num_threads()
    rates = roofline.peaks(threads=1, size=64)
    assert rates.keys() - {"bf16"} == {"fp32", "int8", "attention"}
    assert ("bf16" in rates) == torch.ops.mkldnn._is_mkldnn_bf16_supported()
    assert all(0 < rate < 1e6 for rate in rates.values())
    assert torch.get_num_threads() == before


def test_operations_are_counted_by_hand() -> None:
    """One layer of all tokens and one that is read at three places; causal attention is a triangle."""
    config = {
        "hidden_size": 8,
        "head_dim": 4,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 16,
    }
    qo, kv, mlp = 2 * 8 * 16, 2 * 8 * 8, 3 * 8 * 16
    linear, attention = roofline.flops(config, tokens=10, places=3, causal=False)
    assert linear == 2 * (10 * (qo + kv + mlp) + 10 * kv + 3 * (qo + mlp))
    assert attention == 2 * 4 * 4 * 2 * (10 * 10 + 3 * 10)
    assert roofline.flops(config, tokens=10, places=1, causal=True)[1] == 2 * 4 * 4 * 2 * (55 + 10)


def test_the_embedding_in_8_bits_is_near_for_every_row(tiny_checkpoint: Callable[..., Path]) -> None:
    """Rows of very different size are each scaled by their own."""
    import torch
    from transformers import AutoModelForTokenClassification

    from train.export.modules import ExportClassifier

    model = AutoModelForTokenClassification.from_pretrained(tiny_checkpoint("classifier"))
    with torch.no_grad():
        model.model.embed_tokens.weight[7] *= 1000
        model.model.embed_tokens.weight[8] = 0
        rows = model.model.embed_tokens.weight[:20].clone()
        embedded = ExportClassifier(model, small_embedding=True).embed(torch.arange(20)[None])[0]
    limit = rows.abs().amax(dim=1, keepdim=True) / 254
    assert bool(((embedded - rows).abs() <= limit * 1.01).all())
    assert embedded[8].abs().max() == 0


def test_without_pages_a_sample_is_synthetic_and_always_the_same() -> None:
    pages = sample([], ("me", "qe"))
    assert len(pages) == 16
    assert pages == sample([], ("me", "qe"))
    for me, qe in zip(pages[::2], pages[1::2], strict=True):
        assert len(me.blocks) >= 15
        assert (me.query, qe.query) == ("", qe.title)
        assert {"h1", "p", "li"} <= {block.tag for block in me.blocks}


def test_a_sample_is_asked_what_the_checkpoint_answers() -> None:
    assert [page.query for page in sample([NEWS], ("me",))] == [""]
    (page,) = sample([NEWS], ("qe",))
    assert page.query == read_page(Path(NEWS).read_bytes()).title


def test_an_empty_sample_is_no_sample(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<html></html>")
    with pytest.raises(IndexLMError, match=r"at least one block; .*empty\.html has none"):
        sample([str(tmp_path / "empty.html")], ("me",))


def test_logits_that_are_no_numbers_are_no_agreement(tiny_pair: Pair, tiny_checkpoint: Callable[..., Path]) -> None:
    import torch
    from transformers import AutoModelForTokenClassification

    other = tiny_checkpoint("classifier")
    model = AutoModelForTokenClassification.from_pretrained(other)
    with torch.no_grad():
        model.score.bias += np.nan
    model.save_pretrained(other)
    assert compare(other, tiny_pair["classifier"][1], sample([NEWS], ("me",)), threads=1).mean == np.inf


def test_a_wrong_option_is_refused_before_anything_is_done(tiny_pair: Pair, tmp_path: Path) -> None:
    checkpoint, out = str(tiny_pair["classifier"][0]), str(tmp_path / "out")
    assert "'fp8'" in fails("export", checkpoint, out, "--precision", "fp8")
    assert "'tensorrt'" in fails("export", checkpoint, out, "--runtime", "tensorrt")
    assert "config.json" in fails("export", str(tmp_path), out)
    assert "does-not-exist" in fails("export", checkpoint, out, "--sample", str(tmp_path / "does-not-exist"))
    assert not any(tmp_path.iterdir())
    with pytest.raises(IndexLMError, match="'fp8'"):
        export(tmp_path, tmp_path, "fp8")  # type: ignore[arg-type]


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_random_weights_of_a_published_size_open_in_both_runtimes(
    head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the settings of the shipped head; a folder that exists is not overwritten."""
    assert PUBLISHED["qwen3-0.6b"]["num_hidden_layers"] == 28
    tiny = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 4}
    tiny |= {"num_key_value_heads": 2, "head_dim": 16, "vocab_size": 8192}
    monkeypatch.setitem(PUBLISHED, "qwen3-0.6b", PUBLISHED["qwen3-0.6b"] | tiny)
    arguments = ("train", "random-checkpoint", head, "qwen3-0.6b", "--out", str(tmp_path / "out"))
    assert run(*arguments).split() == [str(tmp_path / "out")]
    for runtime in ("onnx", "torch"):
        opened = open_head(tmp_path / "out", runtime, 1)  # type: ignore[arg-type]
        assert opened.settings == Settings.read_from(shipped(head))
        assert opened([golden_page("news")])[0].error == ""
    assert "exists" in fails(*arguments)
    assert "qwen3-1.7b" in fails("train", "random-checkpoint", head, "qwen3-9b", "--out", str(tmp_path / "other"))


def test_an_architecture_that_export_does_not_write_is_refused(tiny_checkpoint: Callable[..., Path]) -> None:
    """Rather than exported with other numbers."""
    from transformers import AutoModelForTokenClassification

    from train.export.modules import ExportClassifier

    model = AutoModelForTokenClassification.from_pretrained(tiny_checkpoint("classifier"))
    for name, value in (("attention_bias", True), ("hidden_act", "relu"), ("model_type", "llama")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(model.config, name, value)
            with pytest.raises(IndexLMError, match=name):
                ExportClassifier(model)
    ExportClassifier(model)
