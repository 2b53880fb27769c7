"""Settings and checkpoints: what is opened, and what is refused in one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from heads import DecoderHead, Settings, open_head
from heads.runtimes.onnx import open_session
from indexlm import IndexLMError
from indexlm.models import shipped
from tests.models import Pair


def test_a_published_checkpoint_is_told_by_its_architecture() -> None:
    """Without settings of ours: the paper's prompt."""
    settings = Settings.from_config({"model_type": "qwen3", "architectures": ["Qwen3ForTokenClassification"]}, "x")
    assert (settings.head, settings.profile, settings.window_tokens) == ("classifier", "plain", 4096)
    with pytest.raises(IndexLMError, match="BertModel"):
        Settings.from_config({"model_type": "qwen3", "architectures": ["BertModel"]}, "x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"head": "oracle"}, "'oracle'"),
        ({"profile": "fancy"}, "'fancy'"),
        ({"wings": 2}, "wings"),
        ({"readout": "middle"}, "'middle'"),
        ({"overlap": -3}, "-3"),
        ({"window_tokens": "1024"}, "'1024'"),
        ({"thresholds": {"me": 0.5}}, "thresholds"),
        ({"thresholds": {"me": 0.5, "qe": 7}}, "thresholds"),
        ({"tasks": []}, "tasks"),
        ({"calibration": {"me": [1.5]}}, "score_scale, tree_scale, shift, min_best_score, beta"),
        ({"head": "decoder", "calibration": {"me": {"shift": 1.0}}}, "the numbers end_penalty"),
        ({"calibration": {"me": "x"}}, "calibration"),
        ({"skip_model_min_f1": 0}, "skip_model_min_f1"),
        ({"skip_window_max_f1_loss": 1}, "skip_window_max_f1_loss"),
        ({"query_last": True}, "query before the blocks"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any], message: str) -> None:
    config = {"model_type": "qwen3", "indexlm": Settings("classifier").to_dict() | change}
    with pytest.raises(IndexLMError, match=message):
        Settings.from_config(config, "x")


def test_settings_survive_json() -> None:
    settings = Settings("decoder", readout="last", thresholds={"me": 0.1, "qe": 0.2}, tasks=("me",))
    assert (
        Settings.from_config(json.loads(json.dumps({"model_type": "qwen3", "indexlm": settings.to_dict()})), "x")
        == settings
    )


@pytest.mark.parametrize(
    ("missing", "message"), [("config.json", "holds a config.json"), ("tokenizer.json", "holds a tokenizer.json")]
)
def test_a_directory_that_is_no_checkpoint_is_refused(
    tiny_pair: Pair, tmp_path: Path, missing: str, message: str
) -> None:
    shutil.copytree(tiny_pair["classifier"][1], tmp_path / "m")
    (tmp_path / "m" / missing).unlink()
    with pytest.raises(IndexLMError, match=message):
        open_head(tmp_path / "m")


def test_a_broken_config_or_model_is_refused(tiny_pair: Pair, tmp_path: Path) -> None:
    shutil.copytree(tiny_pair["classifier"][1], tmp_path / "m")
    (tmp_path / "m" / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(IndexLMError, match="cannot be loaded"):
        open_head(tmp_path / "m")
    shutil.copy(tiny_pair["decoder"][1] / "model.onnx", tmp_path / "m")
    with pytest.raises(IndexLMError, match="found input_ids, past"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "model.onnx").unlink()
    with pytest.raises(IndexLMError, match="cannot be loaded as a checkpoint"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "tokenizer.json").write_text("{")
    with pytest.raises(IndexLMError, match="cannot be read as a tokenizer"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text('{"model_type": "qwen3", "indexlm": []}')
    with pytest.raises(IndexLMError, match="found list"):
        open_head(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text("{")
    with pytest.raises(IndexLMError, match="cannot be read as JSON"):
        open_head(tmp_path / "m")


def test_a_name_that_is_neither_directory_nor_hub_id_is_refused() -> None:
    with pytest.raises(IndexLMError, match="is a directory or a Hugging Face id"):
        open_head("./nowhere")
    with pytest.raises(IndexLMError, match="is a directory or a Hugging Face id"):
        open_head("x" * 5000)


def test_a_hub_id_that_cannot_be_had_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(IndexLMError, match="cannot be had from the Hugging Face Hub"):
        open_head("nobody/no-such-model")


def test_a_hub_id_is_opened_from_the_cache(tiny_pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub's own loading code, on a cache laid out as the Hub's client lays it out."""
    repo = tmp_path / "models--someone--tiny"
    shutil.copytree(tiny_pair["decoder"][1], repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert isinstance(open_head("someone/tiny"), DecoderHead)


@pytest.mark.parametrize(
    ("asked", "threads", "found"), [("3", 0, 3), ("2,1", 0, 2), ("3", 1, 1), ("many", 0, 0), ("", 0, 0)]
)
def test_without_a_number_of_threads_the_environment_gives_it(
    asked: str, threads: int, found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As torch takes it."""
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    session = open_session(shipped("classifier") / "trees.onnx", threads)
    assert session.get_session_options().intra_op_num_threads == found


def test_an_unknown_runtime_is_refused(tiny_pair: Pair) -> None:
    with pytest.raises(IndexLMError, match="'jax'"):
        open_head(tiny_pair["decoder"][1], runtime="jax")  # type: ignore[arg-type]
    with pytest.raises(IndexLMError, match=r"needs a model\.onnx"):
        open_head(tiny_pair["decoder"][0], runtime="onnx")


SETTINGS_OF_0_8 = {
    "head": "classifier",
    "profile": "structural",
    "block_units": 8,
    "query_units": 32,
    "window_tokens": 384,
    "overlap": 2,
    "read": "last",
    "causal": False,
    "tasks": ["me", "qe"],
    "thresholds": {"me": 0.5, "qe": 0.5},
    "opening": "",
    "trees": True,
    "enough": 0.9,
    "unread": 0.02,
    "query_last": False,
    "calibration": {"me": [0.3, 0.5, -0.3, 0.0]},
}


def test_a_checkpoint_of_0_8_opens_under_todays_names() -> None:
    """0.8 wrote no prompt format, rendered format 1, and had a number above 1 for never."""
    settings = Settings.from_config({"model_type": "qwen3", "indexlm": SETTINGS_OF_0_8}, "x")
    assert (settings.prompt_format, settings.readout, settings.skip_model_min_f1) == (1, "last", 0.9)
    assert settings.skip_window_max_f1_loss == 0.02
    assert settings.calibration == {
        "me": {"score_scale": 0.3, "tree_scale": 0.5, "shift": -0.3, "min_best_score": 0.0, "beta": 1.0}
    }
    never = Settings.from_config({"model_type": "qwen3", "indexlm": SETTINGS_OF_0_8 | {"enough": 2.0}}, "x")
    assert never.skip_model_min_f1 is None
    with pytest.raises(IndexLMError, match="score_scale, tree_scale, shift, min_best_score, beta"):
        Settings.from_config({"model_type": "qwen3", "indexlm": SETTINGS_OF_0_8 | {"calibration": {"me": [1.0]}}}, "x")


def test_another_prompt_format_is_refused() -> None:
    config = {"model_type": "qwen3", "indexlm": Settings("classifier").to_dict() | {"prompt_format": 99}}
    with pytest.raises(IndexLMError, match="renders prompt format 1; x was trained on format 99"):
        Settings.from_config(config, "x")


def test_a_model_that_is_no_qwen3_is_refused() -> None:
    for config in ({"model_type": "bert"}, {}, {"model_type": 5, "indexlm": Settings("decoder").to_dict()}):
        with pytest.raises(IndexLMError, match="a checkpoint is a Qwen3"):
            Settings.from_config(config, "x")
