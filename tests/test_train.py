"""Training of the shipped models, from rows to an exported model, on a few pages."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from eval.examples import Example, me_examples
from eval.rows import read_rows
from heads import Settings, open_head
from heads.checkpoint import open_tokenizer, vocabulary_digest
from heads.settings import CALIBRATION_KEYS
from indexlm import IndexLMError
from indexlm.models import shipped
from indexlm.prompt import PROMPT_FORMAT
from tests.conftest import MAIN, ROOT, golden_html, golden_indices, golden_page
from tests.test_examples import row
from train import backbone, classifier, decoder, tokenizer
from train.blend import blend
from train.calibrate import Calibration, calibrate
from train.data import facts, prepare
from train.data.prepare import augment, is_held_out, prepare_windows, window_settings
from train.data.sources import is_free
from train.export.to_onnx import export
from train.recipe import Recipe, read_recipe
from train.trees import train_trees

pa = pytest.importorskip("pyarrow", reason="needs the train extra")


def page_row(name: str, copy: int) -> dict[str, Any]:
    page = golden_page(name)
    return {
        "id": f"{name}{copy}",
        "source": "ours",
        "license": "CC0-1.0",
        "url": f"https://{name}{copy}.example/",
        "lang": "en",
        "page_type": "article",
        "html": golden_html(name).decode("gb18030" if name == "chinese" else "utf-8"),
        "gold_text": "\n".join(page.blocks[i - 1].text for i in golden_indices(name)),
    }


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in the documented layout, with pages and questions of our own."""
    from pyarrow import parquet

    folder = tmp_path_factory.mktemp("data")
    for kind, table in (
        ("me", [page_row(name, copy) for copy in range(6) for name in MAIN]),
        ("qe", [row(i) for i in range(25)]),
    ):
        (folder / kind).mkdir()
        parquet.write_table(pa.Table.from_pylist(table), folder / kind / "train.parquet")
    return folder


@pytest.fixture(scope="module")
def prepared(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepare, "train_trees", partial(train_trees, iterations=40))
        patch.setattr(tokenizer, "REPEATS", 100)
        counts = prepare_windows(rows, run, window_settings(), vocabulary=2048, epochs=2, articles=10, seed=1)
    assert counts["me windows"] > 0
    assert counts["qe windows"] > 0
    return run


SMALL = backbone.SIZE | {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backbone of two narrow layers."""
    monkeypatch.setattr(backbone, "SIZE", SMALL)


def losses(out: Path) -> list[float]:
    newest = max(out.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    return [e["loss"] for e in json.loads((newest / "trainer_state.json").read_text())["log_history"] if "loss" in e]


TRAIN: dict[str, Callable[[Recipe], Path]] = {
    "classifier": classifier.train_classifier,
    "decoder": decoder.train_decoder,
}


def small_recipe(run: Path, head: str, **changes: Any) -> Recipe:
    """The recipe train/recipes/small-HEAD.yaml, for a few steps of two windows from scratch."""
    recipe = read_recipe(ROOT / "train" / "recipes" / f"small-{head}.yaml")
    few = {"model": "small", "batch": 2, "device_batch": 2, "log_steps": 1, "precision": "fp32"}
    return replace(recipe, **({"data": str(run / "windows.parquet"), "out": str(run / head)} | few | changes))


class Trained(NamedTuple):
    """A model trained and calibrated on a few pages, and its export."""

    head: str
    precision: Any
    checkpoint: Path
    results: dict[str, Any]
    exported: Path


@pytest.fixture(scope="module", params=[("classifier", "fp32"), ("decoder", "int8")], ids="-".join)
def trained(request: Any, rows: Path, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    head, precision = request.param
    out = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backbone, "SIZE", SMALL)
        changes = {"steps": 18, "learning_rate": 1e-2, "out": str(out / "run")}
        checkpoint = TRAIN[head](small_recipe(prepared, head, **changes))
        TRAIN[head](small_recipe(prepared, head, **changes | {"learning_rate": 0.0, "out": str(out / "untrained")}))
    results = calibrate(checkpoint, rows)
    export(checkpoint, out / "exported", precision)
    return Trained(head, precision, checkpoint, results, out / "exported")


def test_rows_to_a_model_that_runs_without_torch(trained: Trained) -> None:
    """Train, calibrate, export, open, predict; the loss falls and the checkpoint states its head and prompt format."""
    by_step, untrained = losses(trained.checkpoint), losses(trained.checkpoint.parent / "untrained")
    assert len(by_step) == 18
    assert by_step[0] == pytest.approx(untrained[0])
    assert sum(by_step[-6:]) < sum(untrained[-6:])  # of the same windows
    settings = open_head(trained.checkpoint).settings
    for task, result in trained.results.items():
        assert settings.calibration[task] == result["calibration"]
        assert tuple(result["calibration"]) == CALIBRATION_KEYS[settings.head]
        if trained.head == "classifier":
            assert result["error_after"] < 0.5
    assert trained.results.keys() == {"me", "qe"}
    assert settings.prompt_format == PROMPT_FORMAT
    assert settings.vocabulary == vocabulary_digest(open_tokenizer(trained.exported))
    assert settings.skip_model_min_f1 == 0.9
    assert settings.skip_window_max_f1_loss == {"classifier": 0.06, "decoder": 0.02}[trained.head]
    opened = open_head(trained.exported)
    assert opened.settings == settings
    assert len(opened([golden_page("news")])) == 1


@pytest.mark.usefixtures("small")
def test_training_goes_on_from_an_export_alone(trained: Trained, prepared: Path, tmp_path: Path) -> None:
    """Shipped models hold no checkpoint: their weights come back from the export, in 8 bits as they stand there."""
    from safetensors.torch import load_file

    exported = shutil.copytree(trained.exported, tmp_path / "exported")
    changes = {"learning_rate": 0.0, "steps": 1, "model": str(exported), "out": str(tmp_path / "two")}
    out = TRAIN[trained.head](small_recipe(prepared, trained.head, **changes))
    one, two = (load_file(path / "model.safetensors") for path in (trained.checkpoint, out))
    assert one.keys() == two.keys()
    for name, weight in one.items():
        room = 1e-6 if trained.precision == "fp32" else float(weight.abs().max()) / 60
        assert (two[name] - weight).abs().max() <= room, name
    shutil.copy(exported / "trees.onnx", exported / "model.onnx")
    with pytest.raises(IndexLMError, match="fp32 or int8 export"):
        TRAIN[trained.head](small_recipe(prepared, trained.head, **changes | {"out": str(tmp_path / "three")}))


def test_a_blend_holds_the_mean_of_the_weights_before_and_after(trained: Trained, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = "model.safetensors"
    later = shutil.copytree(trained.checkpoint, tmp_path / "later")
    before = load_file(trained.checkpoint / file)
    save_file({name: weight + 1 for name, weight in before.items()}, later / file, {"format": "pt"})
    (later / "checkpoint-5").mkdir()
    blend(trained.checkpoint, later, tmp_path / "blend", 0.25)
    after = load_file(tmp_path / "blend" / file)
    assert after.keys() == before.keys()
    assert all((after[name] - weight - 0.25).abs().max() < 1e-5 for name, weight in before.items())
    assert not (tmp_path / "blend" / "checkpoint-5").exists()
    assert open_head(tmp_path / "blend", runtime="torch").settings == open_head(later, runtime="torch").settings
    with pytest.raises(IndexLMError, match="a new folder"):
        blend(trained.checkpoint, later, tmp_path / "blend", 0.25)
    with pytest.raises(IndexLMError, match=r"from 0 to 1; found 1\.5"):
        blend(trained.checkpoint, later, tmp_path / "more", 1.5)
    with pytest.raises(IndexLMError, match="has no config"):
        blend(trained.checkpoint, tmp_path / "none", tmp_path / "more", 0.5)
    with pytest.raises(IndexLMError, match="one tokenizer"):
        blend(shipped(trained.head), later, tmp_path / "more", 0.5)
    (later / "tokenizer.json").unlink()
    with pytest.raises(IndexLMError, match=r"one configuration; .* differ in model\."):
        blend(shipped(trained.head), later, tmp_path / "more", 0.5)


@pytest.mark.usefixtures("small")
def test_decoder_starts_from_a_classifiers_backbone(prepared: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    start = classifier.train_classifier(small_recipe(prepared, "classifier", out=str(tmp_path / "one"), steps=1))
    changes = {"model": str(start), "learning_rate": 0.0, "steps": 1, "out": str(tmp_path / "two")}
    out = decoder.train_decoder(small_recipe(prepared, "decoder", **changes))
    one, two = (load_file(path / "model.safetensors") for path in (start, out))
    assert (one["model.layers.1.mlp.up_proj.weight"] == two["model.layers.1.mlp.up_proj.weight"]).all()
    config = json.loads((out / "config.json").read_text())
    assert config["architectures"] == ["Qwen3ForCausalLM"]
    assert config["indexlm"]["head"] == "decoder"
    assert config["is_causal"] is True


@pytest.mark.usefixtures("small")
def test_both_heads_start_from_a_language_model_of_the_windows(prepared: Path, tmp_path: Path) -> None:
    """Its loss is over all tokens of the windows, and its backbone is what a head begins with."""
    from safetensors.torch import load_file

    changes = {"steps": 12, "learning_rate": 1e-2, "out": str(tmp_path / "one")}
    start = decoder.train_decoder(small_recipe(prepared, "language-model", **changes))
    by_step = losses(start)
    assert by_step[0] == pytest.approx(math.log(2048), rel=0.1)  # every token of the vocabulary is as likely
    assert sum(by_step[-3:]) < sum(by_step[:3]) - 1
    one = load_file(start / "model.safetensors")
    for head, train in TRAIN.items():
        changes = {"model": str(start), "learning_rate": 0.0, "steps": 1, "out": str(tmp_path / head)}
        out = train(small_recipe(prepared, head, **changes))
        two = load_file(out / "model.safetensors")
        assert all((two[name] == weight).all() for name, weight in one.items() if name.startswith("model."))
        assert open_head(out).settings.head == head


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("recipe", ["language-model", "decoder"])
def test_a_step_in_parts_has_the_loss_of_a_step_at_once(prepared: Path, recipe: str, tmp_path: Path) -> None:
    """A mean over each part, so that it is near and not the same; not as often as large as there are parts."""
    at_once, in_parts = (
        losses(
            decoder.train_decoder(small_recipe(prepared, recipe, steps=1, device_batch=n, out=str(tmp_path / str(n))))
        )
        for n in (2, 1)
    )
    assert in_parts == pytest.approx(at_once, rel=0.05)


@pytest.mark.usefixtures("small")
def test_a_small_decoder_is_as_deep_and_as_wide_as_asked(prepared: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    out = decoder.train_decoder(small_recipe(prepared, "decoder", steps=1, more_layers=1, width=64, out=str(tmp_path)))
    weights = load_file(out / "model.safetensors")
    assert {name.split(".")[2] for name in weights if name.startswith("model.layers.")} == {"0", "1", "2"}
    assert weights["model.layers.2.mlp.up_proj.weight"].shape == (128, 64)


def test_features_label_markers_answers_and_nothing_else(tiny_tokenizer: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tiny_tokenizer / "tokenizer.json"), eos_token="<|im_end|>")
    window = {"ids": list(range(20)), "markers": [4, 9, 14], "lasts": [7, 12, 17], "gold": [False, True, True]}
    labels = classifier.features(window, "marker")["labels"]
    assert {i: label for i, label in enumerate(labels) if label != -100} == {4: 0, 9: 1, 14: 1}
    labels = classifier.features(window, "last")["labels"]
    assert {i: label for i, label in enumerate(labels) if label != -100} == {7: 0, 12: 1, 17: 1}
    answered = decoder.features(window, tokenizer)
    assert tokenizer.decode(answered["input_ids"][20:]) == "[[2,3]]<|im_end|>"
    assert answered["labels"] == [-100] * 20 + answered["input_ids"][20:]
    auxiliary = decoder.features(window, tokenizer, auxiliary_targets=True)["labels"]
    assert [auxiliary[i] for i in (10, 15, 18)] == [tokenizer.encode(text)[0] for text in ("NA", "2", "3")]
    assert sum(label != -100 for label in auxiliary[:20]) == 3
    whole = decoder.features(window, tokenizer, completion_only=False)
    assert whole == {"input_ids": answered["input_ids"], "labels": [-100, *answered["input_ids"][1:]]}
    fixed = decoder.features(window | {"fixed": [True, None, False]}, tokenizer)
    assert tokenizer.decode(fixed["input_ids"][20:]) == "[[1,2]]<|im_end|>"


def test_other_renderings_can_be_prepared(
    rows: Path, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain prompts show no tree scores and no figures, and the file states that."""
    from pyarrow import parquet
    from tokenizers import Tokenizer

    shutil.copytree(prepared / "folds", tmp_path / "folds")
    shutil.copy(prepared / "trees.onnx", tmp_path)
    settings = window_settings("plain", window_tokens=512)
    monkeypatch.setattr(tokenizer, "REPEATS", 100)
    prepare_windows(rows, tmp_path, settings, vocabulary=2048, epochs=1, articles=4, seed=1)
    windows = parquet.read_table(tmp_path / "windows.parquet")
    metadata = json.loads(windows.schema.metadata[b"indexlm"])
    assert (metadata["profile"], metadata["window_tokens"], metadata["trees"]) == ("plain", 512, False)
    assert (metadata["prompt_format"], metadata["skip_model_min_f1"]) == (PROMPT_FORMAT, None)
    prompt = Tokenizer.from_file(str(tmp_path / "tokenizer.json")).decode(windows["ids"][0].as_py())
    assert "\n[1] <" in prompt
    with pytest.raises(IndexLMError, match="found 'round'"):
        window_settings("round")  # type: ignore[arg-type]


def test_augmented_examples_keep_their_gold_blocks() -> None:
    example = Example(golden_page("news"), golden_indices("news"))
    gold = {example.page.blocks[i - 1].text for i in example.gold}
    shorter = 0
    for seed in range(40):
        other = augment(example, random.Random(seed))
        texts = {block.text for block in other.page.blocks}
        assert {other.page.blocks[i - 1].text for i in other.gold} == gold & texts
        assert [block.index for block in other.page.blocks] == list(range(1, len(other.page.blocks) + 1))
        shorter += len(other.page.blocks) < len(example.page.blocks)
    assert shorter > 10


def test_pages_of_facts_hold_the_answer_or_nothing_like_it() -> None:
    """On a page without an answer the name in the question is nowhere."""
    prose = ["A paragraph of other text."]
    examples = list(facts.fact_examples(prose, 300, seed=3))
    assert examples == list(facts.fact_examples(prose, 300, seed=3))
    assert examples != list(facts.fact_examples(prose, 300, seed=4))
    assert len(examples) > 290
    assert 0.15 < sum(not example.gold for example in examples) / len(examples) < 0.35
    tags = {example.page.blocks[i - 1].tag for example in examples for i in example.gold}
    assert tags == {"tr", "li", "p", "dt", "dd"}
    for example in examples:
        assert example.page.query
        assert len(example.page.blocks) < 60
        assert len(example.gold) <= 3
        if example.page.query.startswith("Who won the"):
            name = example.page.query.removeprefix("Who won the ").rstrip("?")
            holders = [b.index for b in example.page.blocks if b.text.startswith(name)]
            assert holders == list(example.gold[:1])


def test_a_tokenizer_that_is_there_is_kept(rows: Path, prepared: Path, tmp_path: Path) -> None:
    """So windows can be cut for a model that is to be trained on."""
    shutil.copytree(prepared / "folds", tmp_path / "folds")
    for name in ("trees.onnx", "tokenizer.json"):
        shutil.copy(prepared / name, tmp_path)
    prepare_windows(rows, tmp_path, window_settings(), vocabulary=4096, epochs=1, articles=4, seed=2)
    assert (tmp_path / "tokenizer.json").read_bytes() == (prepared / "tokenizer.json").read_bytes()


@pytest.mark.parametrize("files", [("tokenizer.json",), ("tokenizer.json", "tokenizer_config.json")])
def test_a_models_tokenizer_cuts_text_as_its_file_says(files: tuple[str, ...], tmp_path: Path) -> None:
    for name in ("config.json", *files):
        shutil.copy(shipped("classifier") / name, tmp_path)
    loaded = backbone.load_tokenizer(Recipe(model=str(tmp_path)))
    text = "[12] <p> Version 3.2 isn't here: 1945 p1d2 Ärger\n[13]"
    assert loaded.encode(text) == open_tokenizer(shipped("classifier")).encode(text, add_special_tokens=False).ids


@pytest.mark.usefixtures("small")
def test_windows_of_another_tokenizer_are_refused(prepared: Path, tiny_tokenizer: Path, tmp_path: Path) -> None:
    start = classifier.train_classifier(small_recipe(prepared, "classifier", out=str(tmp_path / "one"), steps=1))
    shutil.copy(prepared / "windows.parquet", tmp_path)
    shutil.copy(tiny_tokenizer / "tokenizer.json", tmp_path)
    with pytest.raises(IndexLMError, match="tokenizer"):
        decoder.train_decoder(
            small_recipe(prepared, "decoder", model=str(start), data=str(tmp_path / "windows.parquet"))
        )


def test_only_free_licences_train_the_shipped_models() -> None:
    free = ["CC-BY-4.0", "CC-BY-SA-3.0", "CC0-1.0", "Apache-2.0", "MIT"]
    assert all(map(is_free, free))
    assert not any(map(is_free, (None, "", "AGPL-3.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0")))


@pytest.mark.parametrize(("stated", "message"), [(None, "states no prompt format"), (7, "in prompt format 7")])
def test_windows_of_another_prompt_format_are_refused(
    prepared: Path, stated: int | None, message: str, tmp_path: Path
) -> None:
    from pyarrow import parquet

    table = parquet.read_table(prepared / "windows.parquet")
    metadata = json.loads(table.schema.metadata[b"indexlm"]) | {"prompt_format": stated}
    metadata = {name: value for name, value in metadata.items() if value is not None}
    parquet.write_table(table.replace_schema_metadata({"indexlm": json.dumps(metadata)}), tmp_path / "windows.parquet")
    shutil.copy(prepared / "tokenizer.json", tmp_path)
    with pytest.raises(IndexLMError, match=f"{message}; this version renders {PROMPT_FORMAT}: build it again"):
        classifier.train_classifier(small_recipe(tmp_path, "classifier"))


def test_one_domain_in_twenty_is_held_out() -> None:
    """All pages of a registrable domain are, or none."""
    domains = [f"site{i}.example" for i in range(2000)]
    held_out = {name for name in domains if is_held_out({"url": f"https://{name}/a", "id": "1"})}
    assert 50 < len(held_out) < 150
    assert held_out == {name for name in domains if is_held_out({"url": f"http://www.{name}/b", "id": "2"})}


def test_a_run_that_was_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexLMError, match="train prepare"):
        classifier.train_classifier(small_recipe(tmp_path, "classifier"))


def test_calibration_scores_what_a_classifier_keeps(tiny_checkpoint: Callable[..., Path], rows: Path) -> None:
    """On pages that the trees decide it scores what they keep. (These have learnt the opposite of all labels.)"""
    checkpoint = tiny_checkpoint("classifier", trees=True)
    examples = list(me_examples(read_rows(rows / "me" / "train.parquet")))
    every = [{*range(1, len(example.page.blocks) + 1)} for example in examples]
    wrong = [replace(e, gold=tuple(sorted(all_ - set(e.gold)))) for e, all_ in zip(examples, every, strict=True)]
    train_trees(wrong, checkpoint, seed=0, iterations=20)

    def result(skip_model_min_f1: float | None) -> Calibration:
        path = checkpoint / "config.json"
        config = json.loads(path.read_text())
        config["indexlm"]["skip_model_min_f1"] = skip_model_min_f1
        path.write_text(json.dumps(config))
        results = calibrate(checkpoint, rows)
        assert Settings.read_from(checkpoint).skip_model_min_f1 == skip_model_min_f1
        return results["me"]

    by_model, by_trees = result(None), result(0.01)
    assert by_trees["score"] < by_model["score"]
    for error in ("error_before", "error_after"):
        assert by_trees[error] == by_model[error]  # type: ignore[literal-required]


def test_calibration_needs_held_out_rows(tiny_checkpoint: Callable[..., Path], rows: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    for kind in ("me", "qe"):
        (tmp_path / kind).mkdir()
        table = parquet.read_table(rows / kind / "train.parquet").to_pylist()
        others = [row for row in table if not is_held_out(row)]
        parquet.write_table(pa.Table.from_pylist(others), tmp_path / kind / "train.parquet")
    with pytest.raises(IndexLMError, match="held-out"):
        calibrate(tiny_checkpoint("classifier"), tmp_path)
