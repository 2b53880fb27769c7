"""Windows packed into one row, and one process that runs the model for others: logits are those of a window alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
import pytest

from indexlm import Extractor, IndexLMError
from tests.conftest import MAIN, golden_html

pytest.importorskip("torch", reason="needs the train extra")

LENGTHS = (40, 7, 300, 64, 1)
WINDOWS = [[(7 * i + n) % 500 for n in range(length)] for i, length in enumerate(LENGTHS)]
PLACES = [[0, length // 2, length - 1] for length in LENGTHS]


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Callable[..., Path]) -> Path:
    return tiny_checkpoint("classifier")


@pytest.fixture(scope="module")
def expected(checkpoint: Path) -> list[Any]:
    """Each window read by itself."""
    from heads.runtimes.torch import load_scorer

    scorer = load_scorer(checkpoint, 1)
    return [scorer([window], [places])[0] for window, places in zip(WINDOWS, PLACES, strict=True)]


def load_packed(checkpoint: Path, threads: int) -> Any:
    from transformers import AutoModelForTokenClassification

    from heads.runtimes.packed import PackedScorer

    return PackedScorer(AutoModelForTokenClassification.from_pretrained(checkpoint).eval())


def load_fragile(checkpoint: Path, threads: int) -> Any:
    """A scorer that fails where any window holds the token 499."""
    scorer = load_packed(checkpoint, threads)

    def score(batch: Any, places: Any) -> Any:
        if any(499 in window for window in batch):
            raise ValueError("a token that it does not know")
        return scorer(batch, places)

    return score


def assert_close(found: list[Any], expected: list[Any]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5, rtol=1e-4)


def test_windows_of_a_row_do_not_see_each_other(checkpoint: Path, expected: list[Any]) -> None:
    assert_close(load_packed(checkpoint, 1)(WINDOWS, PLACES), expected)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_a_row_is_padded_by_windows_that_are_no_longer_than_its_longest(count: int) -> None:
    from heads.runtimes.packed import pack

    windows = (WINDOWS * 8)[:count]
    row, shape = pack(windows)
    lengths, tokens = row.ends.diff().tolist(), sum(map(len, windows))
    assert lengths[:count] == [len(window) for window in windows]
    assert row.ids[0, :tokens].tolist() == [i for window in windows for i in window]
    assert row.positions[0].tolist() == [i for length in lengths for i in range(length)]
    assert sum(lengths) == shape.tokens == row.ids.shape[1]
    assert (len(lengths), max(lengths) <= shape.longest) == (shape.windows, True)


def test_rows_have_few_shapes() -> None:
    from heads.runtimes.packed import pack

    shapes = {pack([[1] * 300] * count)[1] for count in range(1, 55)}
    assert len(shapes) <= 20
    assert (
        max(shape.tokens / (300 * count) for count in range(4, 55) for shape in [pack([[1] * 300] * count)[1]]) < 1.25
    )


@pytest.fixture(scope="module")
def shared(checkpoint: Path) -> Iterator[Any]:
    from heads.runtimes.shared import SharedModel

    model = SharedModel(load_fragile, checkpoint)
    yield model
    model.close()


def test_a_process_answers_several_at_once(shared: Any, expected: list[Any]) -> None:
    from heads.runtimes.shared import SharedScorer

    found: dict[int, list[Any]] = {}

    def ask(n: int) -> None:
        scorer = SharedScorer(shared.address)
        found[n] = [scorer([window], [places])[0] for window, places in zip(WINDOWS, PLACES, strict=True)]

    threads = [Thread(target=ask, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for n in range(3):
        assert_close(found[n], expected)


def test_what_cannot_be_read_costs_nobody_else_his_answer(shared: Any, expected: list[Any]) -> None:
    from heads.runtimes.shared import SharedScorer

    scorer, other = SharedScorer(shared.address), SharedScorer(shared.address)
    with pytest.raises(RuntimeError, match="ValueError: a token that it does not know"):
        scorer([[499]], [[0]])
    assert_close(scorer(WINDOWS, PLACES), expected)
    assert_close(other(WINDOWS, PLACES), expected)


def test_what_waits_is_read_together_as_far_as_it_fits(expected: list[Any]) -> None:
    from heads.runtimes.shared import Request, gather

    requests: SimpleQueue[Any] = SimpleQueue()
    first, second, third = (Request([[1] * n], [[0]], None) for n in (100, 32000, 700))  # type: ignore[arg-type]
    requests.put(second)
    requests.put(third)
    assert gather(first, requests) == ([first, second], third)
    assert gather(third, requests) == ([third], None)
    requests.put(None)
    assert gather(first, requests) == ([first], None)
    assert requests.get() is None  # the end is still to come


def test_a_checkpoint_that_cannot_be_loaded_is_one_sentence(tmp_path: Path) -> None:
    from heads.runtimes.shared import SharedModel
    from heads.runtimes.torch import load_scorer

    with pytest.raises(IndexLMError, match="cannot be loaded as a checkpoint"):
        SharedModel(load_scorer, tmp_path)


def test_a_process_that_ends_ends_the_run(checkpoint: Path) -> None:
    from heads.runtimes.shared import SharedModel, SharedScorer

    model = SharedModel(load_packed, checkpoint)
    scorer = SharedScorer(model.address)

    def results() -> Iterator[int]:
        yield 1
        model._process.kill()
        model._process.join()
        yield 2

    found = model.during(results)  # type: ignore[arg-type]
    assert next(found) == 1
    with pytest.raises(IndexLMError, match="ended with exit code"):
        next(found)
    with pytest.raises(IndexLMError, match="has ended"):
        scorer(WINDOWS, PLACES)


def test_workers_share_a_model_that_a_gpu_runs(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heads.runtimes import torch as runtime

    pages = [golden_html(name) for name in list(MAIN)[:2]]
    alone = Extractor(model=str(checkpoint), alone=True)
    expected = [alone.extract(html).prediction for html in pages]
    monkeypatch.setattr(runtime, "device", lambda: "cuda")  # here alone: the processes run it on the CPU
    found = list(Extractor(model=str(checkpoint), alone=True).extract_many(pages, workers=2))
    assert [one.indices for one in found] == [one.indices for one in expected]  # type: ignore[union-attr]
