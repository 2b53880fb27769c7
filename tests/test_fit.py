"""Fine-tuning by a recipe: rows as inference reads them, packing, resuming, LoRA, and what is said of mistakes."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from heads import open_head
from heads.encoding import encode
from indexlm import IndexLMError
from indexlm.intervals import format_intervals, to_intervals
from indexlm.prompt import PROMPT_FORMAT, render
from tests.conftest import golden_indices, golden_page
from train import classifier, decoder, fit
from train.attention import attention
from train.calibrate import calibrate_rows
from train.data.rows import Packed, tokenize
from train.recipe import Recipe

pa = pytest.importorskip("pyarrow", reason="needs the train extra")

STATED = {"prompt_format": PROMPT_FORMAT, "profile": "structural", "block_units": 8, "query_units": 24}
NAMES = ("listing", "code", "chinese", "rtl")  # short pages, so that a step is fast
MAX_TOKENS = 700
TRAIN: dict[str, Callable[[Recipe], Path]] = {
    "classifier": classifier.train_classifier,
    "decoder": decoder.train_decoder,
}


def built_row(name: str, copy: int = 0, query: str = "", query_last: bool = False) -> dict[str, Any]:
    """A golden page as `data build` writes it."""
    page = golden_page(name, query)
    gold = golden_indices(name)[:1] if query else golden_indices(name)
    units = STATED["query_units"] if query else STATED["block_units"]
    prompt = render(page, "structural", units, query_last=query_last)  # type: ignore[arg-type]
    answer = format_intervals(to_intervals(gold))
    contents = {"system": prompt.system, "user": prompt.user(), "assistant": answer}
    return {
        "id": f"{name}{copy}{query}",
        "task": "qe" if query else "me",
        "url": f"https://{name}{copy}.example/",
        "title": f"{name}{copy}",
        "messages": [{"role": role, "content": content} for role, content in contents.items()],
        "gold": list(gold),
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pyarrow import parquet

    rows = [built_row(name, copy, query) for copy in range(5) for name in NAMES for query in ("", "what is it?")]
    path = tmp_path_factory.mktemp("built") / "train.parquet"
    table = pa.Table.from_pylist(rows).replace_schema_metadata({"indexlm": json.dumps(STATED)})
    parquet.write_table(table, path)
    return path


@pytest.fixture(scope="module")
def start(tiny_checkpoint: Callable[..., Path]) -> Path:
    """A checkpoint to begin with, as it may have been downloaded: it says nothing of IndexLM."""
    folder = tiny_checkpoint("decoder")
    config = json.loads((folder / "config.json").read_text())
    config.pop("indexlm", None)
    (folder / "config.json").write_text(json.dumps(config))
    for name in ("tokenizer_config.json",):
        stated = json.loads((folder / name).read_text()) | {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
        (folder / name).write_text(json.dumps(stated))
    return folder


@pytest.fixture
def recipe(data: Path, start: Path, tmp_path: Path) -> Recipe:
    return Recipe(
        model=str(start),
        data=str(data),
        out=str(tmp_path / "out"),
        held_out=0.2,
        max_tokens=MAX_TOKENS,
        steps=6,
        batch=2,
        device_batch=1,
        learning_rate=3e-3,
        precision="fp32",
        checkpointing=False,
        eval_steps=3,
        save_steps=3,
        log_steps=1,
    )


def losses(out: Path) -> list[float]:
    newest = max(out.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    return [e["loss"] for e in json.loads((newest / "trainer_state.json").read_text())["log_history"] if "loss" in e]


def load(folder: Path) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), pad_token="<|endoftext|>")


@pytest.mark.parametrize("query_last", [False, True])
@pytest.mark.parametrize("query", ["", "what is it?"])
@pytest.mark.parametrize("name", ["news", "chinese"])
def test_rows_are_tokenized_as_inference_reads_the_page(name: str, query: str, query_last: bool, start: Path) -> None:
    head = open_head(start)
    page = golden_page(name, query)
    settings = replace(
        head.settings,
        profile="structural",
        block_units=8,
        query_units=24,
        window_tokens=4000,
        assistant_prefix="<think>",
    )
    (window,) = encode(page, head.tokenizer, replace(settings, query_last=query_last))
    made = tokenize(built_row(name, query=query, query_last=query_last), load(start), "<think>")
    assert made["ids"] == window.ids
    assert (made["markers"], made["lasts"]) == (window.markers, window.lasts)
    assert [i for i, kept in enumerate(made["gold"], 1) if kept] == built_row(name, query=query)["gold"]


def test_rows_are_tokenized_as_qwens_tokenizer_reads_the_page(qwen_tokenizer: Any, start: Path) -> None:
    """Its newlines belong to the line before them."""
    from transformers import PreTrainedTokenizerFast

    settings = replace(open_head(start).settings, profile="structural", block_units=8, window_tokens=4000)
    (window,) = encode(golden_page("news"), qwen_tokenizer, settings)
    made = tokenize(
        built_row("news"), PreTrainedTokenizerFast(tokenizer_object=qwen_tokenizer), settings.assistant_prefix
    )
    assert (made["ids"], made["markers"], made["lasts"]) == (window.ids, window.markers, window.lasts)


def packed_rows(tokenizer: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Two pages, and one row that holds both."""
    pages: list[dict[str, Any]] = []
    for name in ("code", "rtl"):
        page = classifier.features(tokenize(built_row(name), tokenizer, ""), "marker")
        pages.append(page | {"seq_lengths": [len(page["input_ids"])]})
    return pages, {name: pages[0][name] + pages[1][name] for name in ("input_ids", "labels", "seq_lengths")}


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_a_packed_page_reads_the_same_whatever_its_neighbours(
    head: str, tiny_checkpoint: Callable[..., Path], start: Path
) -> None:
    """And the row is padded, so that padding is seen by none either."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForTokenClassification

    auto = AutoModelForTokenClassification if head == "classifier" else AutoModelForCausalLM
    model = auto.from_pretrained(tiny_checkpoint(head), attn_implementation="sdpa").eval()
    pages, both = packed_rows(load(start))
    longer = {"input_ids": both["input_ids"] + [5] * 40, "labels": both["labels"] + [-100] * 40}
    longer["seq_lengths"] = [len(longer["input_ids"])]
    collate = Packed(0, causal=head == "decoder")
    with torch.no_grad():
        alone = [model(**collate([page])).logits[0] for page in pages]
        batch = collate([both, longer])
        together = model(**batch).logits[0]
        batch.pop("attention_mask")
        batch["position_ids"] = torch.arange(batch["input_ids"].shape[1]).expand(2, -1)
        careless = model(**batch).logits[0]
    cut = len(pages[0]["input_ids"])
    end = cut + len(pages[1]["input_ids"])
    for found, expected in ((together[:cut], alone[0]), (together[cut:end], alone[1])):
        torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)
    assert (careless[cut:end] - alone[1]).abs().max() > 1e-2  # what packing without care would do


def test_attention_by_pages_is_given_one_row_with_the_lengths_of_its_pages(start: Path) -> None:
    """Padding, to an eighth of the step's room, is pages of its own, none longer than the longest that is told of."""
    _, both = packed_rows(load(start))
    lengths, tokens = both["seq_lengths"] * 2, 2 * len(both["input_ids"])
    batch = Packed(7, causal=False, row_tokens=2000)([both, both])
    padded = batch["input_ids"].shape[1]
    assert (padded % 500, padded - tokens < 500) == (0, True)
    assert batch["input_ids"][0].tolist() == both["input_ids"] * 2 + [7] * (padded - tokens)
    assert batch["labels"][0].tolist() == both["labels"] * 2 + [-100] * (padded - tokens)
    assert batch["tokens"] == tokens
    found = batch["cu_seq_lens_q"].diff().tolist()
    assert found[:4] == lengths
    assert sum(found) == padded
    assert max(found) <= batch["max_length_q"]
    assert batch["position_ids"][0].tolist() == [i for length in found for i in range(length)]
    assert "attention_mask" not in batch


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_attention_by_pages_reads_a_packed_page_as_if_it_stood_alone(
    head: str, tiny_checkpoint: Callable[..., Path], start: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForTokenClassification

    auto = AutoModelForTokenClassification if head == "classifier" else AutoModelForCausalLM
    pages, both = packed_rows(load(start))
    with torch.no_grad():
        model = auto.from_pretrained(tiny_checkpoint(head), attn_implementation="sdpa").eval()
        alone = [model(**Packed(0, causal=head == "decoder")([page])).logits[0] for page in pages]
        model.set_attn_implementation(attention(Recipe(attention="varlen")))
        batch = Packed(0, causal=head == "decoder", row_tokens=1500)([both, *pages])
        batch.pop("tokens")
        together = model(**batch, use_cache=False).logits[0]
    for begin, expected in zip(batch["cu_seq_lens_q"].tolist(), alone * 2, strict=False):
        torch.testing.assert_close(together[begin : begin + len(expected)], expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("head", TRAIN)
def test_attention_by_pages_trains_as_a_mask_does(recipe: Recipe, head: str, tmp_path: Path) -> None:
    """Step by step, with evaluation; and the tokens that are counted are those of pages."""
    start = tmp_path / "start"  # as it is, but for dropout, whose chance depends on the shape
    shutil.copytree(recipe.model, start)
    config = json.loads((start / "config.json").read_text()) | {"classifier_dropout": 0.0}
    (start / "config.json").write_text(json.dumps(config))
    recipe = replace(recipe, model=str(start), packing=False, checkpointing=True, steps=3)
    found = {}
    for kind in ("sdpa", "varlen"):
        out = TRAIN[head](replace(recipe, attention=kind, out=str(tmp_path / kind)))
        lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        found[kind] = [(line["step"], line["loss"], line["tokens"]) for line in lines if "loss" in line]
        assert any("eval_loss" in line for line in lines)
    assert found["varlen"] == [pytest.approx(line, rel=1e-4) for line in found["sdpa"]]


def test_checkpoints_keep_what_attention_and_its_products_give() -> None:
    import torch
    from torch.utils.checkpoint import CheckpointPolicy

    from train.attention import _checkpoint_contexts

    policy, product = _checkpoint_contexts(mlp_width=24).args[0], torch.ops.aten.mm.default
    tokens, narrow, wide = torch.ones(5, 8), torch.ones(8, 16), torch.ones(8, 24)
    assert policy(None, product, tokens, narrow) is CheckpointPolicy.MUST_SAVE
    assert policy(None, product, tokens, wide) is CheckpointPolicy.PREFER_RECOMPUTE
    assert policy(None, product, torch.ones(5, 24), wide.T) is CheckpointPolicy.PREFER_RECOMPUTE
    assert policy(None, torch.ops.aten.mul.Tensor, tokens, tokens) is CheckpointPolicy.PREFER_RECOMPUTE


def test_packing_splits_no_page(recipe: Recipe, start: Path) -> None:
    from train.data.rows import load_rows, pack

    rows = load_rows(recipe, load(start), "classifier")
    pages = sorted(map(tuple, rows.train["ids"]))
    packed = pack(
        rows.train.map(lambda row: classifier.features(row, "marker"), load_from_cache_file=False), MAX_TOKENS, seed=1
    )
    found = []
    for row in packed:
        assert len(row["input_ids"]) <= MAX_TOKENS
        ends = [sum(row["seq_lengths"][:i]) for i in range(len(row["seq_lengths"]) + 1)]
        found += [tuple(row["input_ids"][a:b]) for a, b in pairwise(ends)]
    assert sorted(found) == pages
    assert len(packed) < len(pages)


@pytest.mark.parametrize("head", TRAIN)
def test_training_knows_where_the_pages_of_a_packed_row_end(
    recipe: Recipe, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its way through the Trainer no row loses the lengths of its pages."""
    seen: list[list[int]] = []
    collate = Packed.__call__

    def watched(self: Packed, rows: Any) -> dict[str, Any]:
        for row in rows:
            assert sum(row["seq_lengths"]) == len(row["input_ids"])
            seen.append(row["seq_lengths"])
        return collate(self, rows)

    monkeypatch.setattr(Packed, "__call__", watched)
    TRAIN[head](replace(recipe, steps=2, held_out=0.0))
    assert any(len(lengths) > 1 for lengths in seen)


@pytest.mark.parametrize("head", TRAIN)
def test_a_recipe_makes_a_checkpoint_that_opens_and_answers(recipe: Recipe, head: str) -> None:
    """With packing, evaluation and, for the classifier, calibration; the loss falls."""
    recipe = replace(recipe, steps=16, eval_steps=8, save_steps=8)
    out = TRAIN[head](recipe)
    found = losses(out)
    assert sum(found[-4:]) < sum(found[:4])
    if head == "classifier":
        made = calibrate_rows(out, recipe)
        assert made.keys() == {"me", "qe"}
        assert open_head(out).settings.calibration["me"] == made["me"]["calibration"]
    opened = open_head(out)
    assert (opened.settings.head, opened.settings.profile, opened.settings.window_tokens) == (
        head,
        "structural",
        MAX_TOKENS,
    )
    assert len(opened([golden_page("news")])[0].indices) >= 0
    card = (out / "README.md").read_text()
    assert f"# IndexLM {head}" in card
    assert "best eval loss" in card


@pytest.mark.parametrize("head", TRAIN)
def test_killed_at_any_step_training_goes_on_as_if_it_never_stopped(head: str, recipe: Recipe, tmp_path: Path) -> None:
    step = random.randint(3, 5)
    whole = TRAIN[head](replace(recipe, out=str(tmp_path / "whole"), held_out=0.0))
    stopped = replace(recipe, out=str(tmp_path / "stopped"), held_out=0.0)
    with pytest.MonkeyPatch.context() as patch:
        from transformers import TrainerCallback

        class Stop(TrainerCallback):  # type: ignore[misc]
            def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
                if state.global_step == step:
                    raise KeyboardInterrupt

        patch.setattr(fit, "_watch", lambda recipe: Stop())
        with pytest.raises(KeyboardInterrupt):
            TRAIN[head](stopped)
    resumed = TRAIN[head](stopped)
    assert losses(resumed) == pytest.approx(losses(whole), rel=1e-3), f"killed at step {step}"
    assert len(losses(resumed)) == 6


def test_lora_trains_adapters_and_leaves_a_whole_checkpoint(recipe: Recipe, start: Path) -> None:
    from safetensors.torch import load_file

    out = classifier.train_classifier(replace(recipe, lora_rank=4, checkpointing=True))
    before, after = (load_file(folder / "model.safetensors") for folder in (start, out))
    assert not any("lora" in name for name in after)
    changed = {name for name in before if name in after and not before[name].equal(after[name])}
    assert "model.layers.0.mlp.up_proj.weight" in changed
    assert "model.embed_tokens.weight" not in changed
    assert open_head(out).settings.head == "classifier"


def test_a_loss_that_is_no_number_ends_the_training_with_a_sentence(recipe: Recipe) -> None:
    with pytest.raises(IndexLMError, match=r"is a finite number; at step \d+ it is .*lower learning_rate"):
        classifier.train_classifier(replace(recipe, learning_rate=1e30, clip=1e30, held_out=0.0))


def test_out_of_memory_ends_the_training_with_what_to_change(recipe: Recipe) -> None:
    import torch
    from transformers import Trainer

    with pytest.MonkeyPatch.context() as patch:

        def full(*_: Any, **__: Any) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory")

        patch.setattr(Trainer, "training_step", full)
        with pytest.raises(IndexLMError, match=r"rows of up to 700 tokens .* checkpointing to true, or .* lora_rank"):
            classifier.train_classifier(recipe)


def test_a_folder_that_was_begun_with_another_recipe_is_refused(recipe: Recipe) -> None:
    classifier.train_classifier(replace(recipe, steps=3, held_out=0.0))
    with pytest.raises(IndexLMError, match=r"learning_rate 0\.003"):
        classifier.train_classifier(replace(recipe, steps=3, held_out=0.0, learning_rate=1e-4))


def test_rows_that_are_too_long_are_left_out_and_counted(recipe: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    from pyarrow import parquet

    from train.data.rows import load_rows

    recipe = replace(recipe, max_tokens=400)
    rows = load_rows(recipe, load(Path(recipe.model)), "classifier")
    assert 0 < rows.left_out < parquet.read_metadata(recipe.data).num_rows
    classifier.train_classifier(replace(recipe, steps=1, held_out=0.0))
    assert f"{rows.left_out} rows are left out: they do not fit in 400 tokens" in capsys.readouterr().err


def test_a_kept_block_can_count_more() -> None:
    from types import SimpleNamespace

    import torch

    logits = torch.tensor([[[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]]])
    labels = torch.tensor([[1, 1, -100]])
    once, twice = (classifier._loss(SimpleNamespace(logits=logits), labels, kept_weight=w) for w in (1.0, 2.0))
    assert float(twice) == pytest.approx(2 * float(once))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": "no/where/at/all"}, "a Hub id; 'no/where/at/all' cannot be loaded"),
        ({"data": "nothing.parquet"}, "nothing.parquet cannot be read as Parquet"),
        ({"max_tokens": 70}, "at most 70 tokens"),
        ({"save_steps": 4}, "found 4 and 3"),
        ({"model": "small"}, "train prepare"),
    ],
)
def test_mistakes_in_a_recipe_are_told(recipe: Recipe, change: dict[str, Any], told: str) -> None:
    with pytest.raises(IndexLMError) as caught:
        classifier.train_classifier(replace(recipe, **change))
    assert told in str(caught.value)


def test_a_file_of_another_make_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(pa.table({"text": ["a"]}), tmp_path / "other.parquet")
    with pytest.raises(IndexLMError, match="`data build` or `train prepare` wrote"):
        classifier.train_classifier(replace(recipe, data=str(tmp_path / "other.parquet")))


def test_what_cannot_be_published_stays_here(recipe: Recipe) -> None:
    with pytest.raises(IndexLMError, match=r"cannot be sent to 'not a name'"):
        fit.publish(replace(recipe, push_to_hub="not a name"))
