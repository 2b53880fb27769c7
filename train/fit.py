"""One training loop for both heads: transformers' Trainer, with resuming, progress, checks and a model card."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from heads.checkpoint import open_tokenizer, vocabulary_digest
from heads.runtimes.varlen import VARLEN
from indexlm.page import IndexLMError
from train.attention import attention, by_pages, compile_layers, precision
from train.data.rows import Packed, Rows, pack
from train.errors import explained
from train.recipe import SMALL, Recipe, read_recipe, write_recipe

if TYPE_CHECKING:
    from transformers import TrainerCallback

_FREE_TO_CHANGE = ("out", "eval_steps", "save_steps", "log_steps", "report_to", "push_to_hub", "device_batch")


def fit(
    recipe: Recipe,
    rows: Rows,
    model: Any,
    tokenizer: Any,
    features: Callable[[dict[str, Any]], dict[str, list[int]]],
    trainer_class: Any,
    arguments_class: Any,
    save: bool = True,
    **more: Any,
) -> Path:
    """Train `model` on the rows, as `features` converts them, and write the checkpoint into the recipe's `out`.

    Training continues from the last checkpoint there, as if it had never stopped. With evaluation rows the checkpoint
    with the least loss on them is kept. Without `save` only the recipe and the log are written. Raises `IndexLMError`
    where memory does not suffice or the loss is not finite.
    """
    import torch
    from transformers import PrinterCallback

    out = Path(recipe.out)
    _write_recipe(recipe, out)
    if rows.left_out:
        print(f"{rows.left_out} rows are left out: they do not fit in {recipe.max_tokens} tokens", file=sys.stderr)
    train, evaluation = (_featured(part, features, recipe) for part in (rows.train, rows.evaluation))
    model.config.indexlm = rows.settings.to_dict()
    if recipe.lora_rank:
        model = _with_lora(model, recipe, rows.settings.head)
    implementation = attention(recipe)
    in_one_row = by_pages(implementation)
    arguments = _arguments(recipe, has_evaluation=bool(len(evaluation)), save=save, counts_tokens=in_one_row)
    if implementation == VARLEN and torch.cuda.is_available():
        compile_layers(model, recipe.checkpointing)
        arguments["activation_checkpointing"] = False  # `compile_layers` sets it up
    trainer = (_counting(trainer_class) if in_one_row else trainer_class)(
        model=model,
        args=arguments_class(**arguments),
        train_dataset=train,
        eval_dataset=evaluation if len(evaluation) else None,
        data_collator=Packed(tokenizer.pad_token_id, rows.settings.causal, recipe.max_tokens if in_one_row else 0),
        processing_class=tokenizer,
        callbacks=[_watch(recipe)],
        **more,
    )
    trainer.remove_callback(PrinterCallback)  # `_watch` prints
    try:
        trainer.train(resume_from_checkpoint=_last_checkpoint(out))
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
            raise _memory_error(recipe) from None
        raise
    if save and trainer.is_world_process_zero():
        _save(recipe, rows, trainer, tokenizer, out)
    return out


def _save(recipe: Recipe, rows: Rows, trainer: Any, tokenizer: Any, out: Path) -> None:
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = trained.merge_and_unload() if recipe.lora_rank else trained
    tokenizer.save_pretrained(out)
    trained.config.indexlm["vocabulary"] = vocabulary_digest(open_tokenizer(out))
    trained.save_pretrained(out)
    if rows.settings.trees:
        shutil.copy(Path(recipe.data).parent / "trees.onnx", out)
    (out / "README.md").write_text(_card(recipe, rows, trainer.state), "utf-8")


def _memory_error(recipe: Recipe) -> IndexLMError:
    return IndexLMError(
        f"a step of {recipe.device_batch} rows of up to {recipe.max_tokens} tokens does not fit in memory: lower "
        "device_batch or max_tokens"
        + ("" if recipe.checkpointing else ", or set checkpointing to true")
        + ("" if recipe.lora_rank else ", or train with lora_rank 16")
    )


def publish(recipe: Recipe) -> str:
    """Send a trained folder to the Hub repository `push_to_hub` (a new one is private) -> its address."""
    from httpx import HTTPError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

    rule = f"the model is in {recipe.out}, but cannot be sent to {recipe.push_to_hub!r}"
    with explained(rule, (HfHubHTTPError, HFValidationError, LocalTokenNotFoundError, HTTPError, OSError)):
        api = HfApi()
        address = api.create_repo(recipe.push_to_hub, private=True, exist_ok=True)
        unsent = ["checkpoint-*", "cache/*", "runs/*"]
        api.upload_folder(repo_id=recipe.push_to_hub, folder_path=recipe.out, ignore_patterns=unsent)
    return str(address)


def _write_recipe(recipe: Recipe, out: Path) -> None:
    """Write the recipe beside the checkpoints. Raises `IndexLMError` where these were trained with another one."""
    path = out / "recipe.yaml"
    if path.exists() and _last_checkpoint(out):
        before, now = asdict(read_recipe(path)), asdict(recipe)
        changed = [key for key in now if now[key] != before[key] and key not in _FREE_TO_CHANGE]
        if changed:
            values = ", ".join(f"{key} {before[key]!r}" for key in changed)
            raise IndexLMError(f"a training continues with the recipe that it began with; {out} has {values}")
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(write_recipe(recipe), "utf-8")


def _featured(part: Any, features: Callable[[dict[str, Any]], dict[str, list[int]]], recipe: Recipe) -> Any:
    """A data set -> the same with the columns of `features` and `seq_lengths`, packed where the recipe says so."""

    def convert(row: dict[str, Any]) -> dict[str, Any]:
        columns = features(row)
        return columns | {"seq_lengths": [len(columns["input_ids"])]}

    if not len(part):
        return part
    # The cache does not see when `features` changes.
    part = part.map(convert, remove_columns=part.column_names, load_from_cache_file=False)
    return pack(part, recipe.max_tokens, recipe.seed) if recipe.packing else part


def _arguments(recipe: Recipe, has_evaluation: bool, save: bool, counts_tokens: bool) -> dict[str, Any]:
    """The Trainer's arguments. `counts_tokens`: tokens are counted by `_counting`."""
    import torch

    # `accelerate launch` starts a process for each device. Without it the Trainer uses all GPUs.
    devices = int(os.environ.get("WORLD_SIZE", 0)) or max(1, torch.cuda.device_count())
    at_once = recipe.device_batch * devices
    if recipe.batch % at_once:
        raise IndexLMError(
            f"batch is a multiple of device_batch times the devices; found {recipe.batch} for "
            f"{recipe.device_batch} times {devices}"
        )
    if has_evaluation and recipe.save_steps % recipe.eval_steps:
        raise IndexLMError(
            "save_steps is a multiple of eval_steps, so that the best checkpoint is kept; "
            f"found {recipe.save_steps} and {recipe.eval_steps}"
        )
    on_gpu = torch.cuda.is_available()
    loaders = min(4, os.cpu_count() or 1) if on_gpu else 0  # so that a GPU does not wait for the rows of the next step
    return {
        "output_dir": recipe.out,
        "use_cpu": not on_gpu,
        "dataloader_num_workers": loaders,
        "dataloader_persistent_workers": on_gpu,
        "accelerator_config": {"non_blocking": on_gpu},
        "num_train_epochs": recipe.epochs,
        "max_steps": recipe.steps or -1,
        "per_device_train_batch_size": recipe.device_batch,
        "per_device_eval_batch_size": recipe.device_batch,
        "gradient_accumulation_steps": recipe.batch // at_once,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": recipe.schedule,
        "warmup_steps": recipe.warmup,
        "weight_decay": recipe.weight_decay,
        "max_grad_norm": recipe.clip,
        "bf16": precision(recipe) == "bf16",
        "fp16": recipe.precision == "fp16",
        "activation_checkpointing": recipe.checkpointing,
        "activation_checkpointing_kwargs": {"use_reentrant": False},
        "logging_steps": recipe.log_steps,
        "logging_nan_inf_filter": False,  # it would hide a loss that is not finite from `_watch`
        "save_strategy": "steps" if save else "no",
        "save_steps": recipe.save_steps,
        "save_total_limit": 2,
        "eval_strategy": "steps" if has_evaluation else "no",
        "eval_steps": recipe.eval_steps,
        "load_best_model_at_end": has_evaluation and save,
        "prediction_loss_only": True,
        "remove_unused_columns": False,  # a classifier's Trainer would drop `seq_lengths`
        "include_num_input_tokens_seen": "no" if counts_tokens else "all",
        "report_to": list(recipe.report_to),
        "seed": recipe.seed,
        "disable_tqdm": True,
    }


def _counting(trainer_class: Any) -> Any:
    """A Trainer class -> one that counts the `tokens` of its batches, without padding.

    The Trainer's own count waits for the GPU at every step.
    """
    import torch

    class Counting(trainer_class):  # type: ignore[misc]
        def _prepare_inputs(self, inputs: dict[str, Any]) -> Any:
            batch = dict(inputs)
            tokens = batch.pop("tokens")
            if self.model.training:
                self.state.num_input_tokens_seen += tokens * self.args.world_size
            batch = super()._prepare_inputs(batch)
            if batch["cu_seq_lens_q"].is_cuda:  # one compiled graph for any number of pages
                torch._dynamo.maybe_mark_dynamic(batch["cu_seq_lens_q"], 0)
                torch._dynamo.maybe_mark_dynamic(batch["cu_seq_lens_k"], 0)
            return batch

    return Counting


def _with_lora(model: Any, recipe: Recipe, head: str) -> Any:
    from peft import LoraConfig, get_peft_model

    model.enable_input_require_grads()  # without it, checkpointing has no gradient in the first layer
    return get_peft_model(
        model,
        LoraConfig(
            r=recipe.lora_rank,
            lora_alpha=recipe.lora_alpha,
            lora_dropout=recipe.lora_dropout,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
            task_type="TOKEN_CLS" if head == "classifier" else "CAUSAL_LM",
        ),
    )


def _last_checkpoint(folder: Path) -> str | None:
    """The newest complete checkpoint in a training's folder; None without one."""
    from transformers.trainer_utils import get_last_checkpoint

    return get_last_checkpoint(str(folder)) if folder.is_dir() else None


def _watch(recipe: Recipe) -> TrainerCallback:
    """A callback that shows the progress, and ends a training whose loss is not finite.

    Each log is also a line of `log.jsonl`: step, losses, and since this start the tokens, seconds and peak GPU memory.
    """
    import torch
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn
    from transformers import TrainerCallback

    console = Console(stderr=True)

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            self.began, self.at_start = perf_counter(), (state.global_step, state.num_input_tokens_seen)
            columns = [*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn()]
            is_hidden = not (console.is_terminal and state.is_world_process_zero)
            self.bar = Progress(*columns, console=console, disable=is_hidden)
            self.task = self.bar.add_task("training", total=state.max_steps, completed=state.global_step)
            self.bar.start()

        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            self.bar.update(self.task, completed=state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **more: Any) -> None:
            seconds = perf_counter() - self.began
            values = {name: logs[name] for name in ("loss", "eval_loss", "grad_norm", "learning_rate") if name in logs}
            for name, value in values.items():
                if not math.isfinite(value):
                    self.bar.stop()
                    raise _value_error(name, value, state.global_step, recipe)
            losses = [f"{name} {value:.4f}" for name, value in values.items() if name.endswith("loss")]
            if not losses or not seconds or not state.is_world_process_zero:
                return
            steps = state.global_step - self.at_start[0]
            tokens = state.num_input_tokens_seen - self.at_start[1]
            peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
            line = {"step": state.global_step} | values | {"tokens": tokens, "seconds": seconds, "peak_bytes": peak}
            with (Path(recipe.out) / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            text = f"{', '.join(losses)}, {tokens / seconds:,.0f} tokens/s"
            self.bar.update(self.task, description=text)
            if not console.is_terminal and steps:
                left = (state.max_steps - state.global_step) * seconds / steps
                print(f"step {state.global_step}/{state.max_steps}: {text}, {left:,.0f} s left", file=sys.stderr)

        def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            self.bar.stop()

    return Watch()


def _value_error(name: str, value: float, step: int, recipe: Recipe) -> IndexLMError:
    return IndexLMError(
        f"{name} is a finite number; at step {step} it is {value}: lower learning_rate (found {recipe.learning_rate:g})"
        + (", or set precision to bf16" if recipe.precision == "fp16" else "")
        + f"; the checkpoints before it are in {recipe.out}"
    )


def _card(recipe: Recipe, rows: Rows, state: Any) -> str:
    """The model card: data, steps, losses, settings and recipe."""
    head = rows.settings.head
    base = recipe.model if recipe.model != SMALL and not Path(recipe.model).exists() else ""
    losses = {name: log[name] for log in state.log_history for name in ("loss", "eval_loss") if name in log}
    front = {
        "library_name": "transformers",
        "pipeline_tag": "token-classification" if head == "classifier" else "text-generation",
        "tags": ["indexlm", "web-content-extraction", head],
    } | ({"base_model": base} if base else {})
    import yaml

    tasks = {"me": "the main content (ME)", "qe": "those that answer a query (QE)"}
    kinds = " and ".join(tasks[task] for task in rows.settings.tasks)
    return (
        f"---\n{yaml.safe_dump(front, sort_keys=False)}---\n\n# IndexLM {head}\n\n"
        f"Predicts which numbered blocks of a web page to keep: {kinds}.\n"
        f"Trained with IndexLM's `train {head}` from `{recipe.model}` on {len(rows.train):,} pages or windows, "
        f"{state.global_step:,} steps, {state.num_input_tokens_seen:,} tokens.\n\n"
        + "".join(f"- last {name.replace('_', ' ')}: {value:.4f}\n" for name, value in losses.items())
        + (f"- best eval loss: {state.best_metric:.4f}\n" if state.best_metric is not None else "")
        + "\n```python\nfrom indexlm import extract\n\n"
        f'extract(html, head="{head}", model="{recipe.push_to_hub or recipe.out}").markdown\n```\n\n'
        f"The settings of its prompt:\n\n```json\n{json.dumps(rows.settings.to_dict(), indent=1)}\n```\n\n"
        f"The recipe:\n\n```yaml\n{write_recipe(recipe)}```\n"
    )
