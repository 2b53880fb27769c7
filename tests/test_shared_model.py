"""Windows packed into one row, and one process that runs the model for others: logits are those of a window alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
import pytest

from heads.checkpoint import load_shared
from heads.generation import Answer, Leaning
from heads.runtimes.shared import Request, SharedModel, SharedScorer, gather, score_together
from heads.writing import ContinuousWriter, Job
from indexlm import Extraction, Extractor, IndexLMError
from indexlm.intervals import Parsed
from tests.conftest import MAIN, golden_html, needs
from tests.sums import load_sums

needs("train", "torch")

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


def load_packed(checkpoint: Path) -> Any:
    from transformers import AutoModelForTokenClassification

    from heads.runtimes.packed import PackedScorer

    return PackedScorer(AutoModelForTokenClassification.from_pretrained(checkpoint).eval())


SUMS = [np.array([[len(window), sum(window)]] * 3, np.float32) for window in WINDOWS]


def assert_close(found: list[Any], expected: list[Any]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5, rtol=1e-4)


def test_windows_of_a_row_do_not_see_each_other(checkpoint: Path, expected: list[Any]) -> None:
    assert_close(load_packed(checkpoint)(WINDOWS, PLACES), expected)


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
def shared() -> Iterator[str]:
    """The address of `load_sums`."""
    model = SharedModel(load_sums)
    used = model.during(lambda: (model.address for _ in range(1)))
    yield next(used)
    used.close()


def test_a_process_answers_several_at_once(shared: str) -> None:
    found: dict[int, list[Any]] = {}

    def ask(n: int) -> None:
        scorer = SharedScorer(shared)
        found[n] = [scorer([window], [places])[0] for window, places in zip(WINDOWS, PLACES, strict=True)]

    threads = [Thread(target=ask, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for n in range(3):
        assert_close(found[n], SUMS)


def test_what_cannot_be_read_costs_nobody_else_his_answer(shared: str) -> None:
    scorer, other = SharedScorer(shared), SharedScorer(shared)
    with pytest.raises(RuntimeError, match="ValueError: a token that it does not know"):
        scorer([[499]], [[0]])
    assert_close(scorer(WINDOWS, PLACES), SUMS)
    assert_close(other(WINDOWS, PLACES), SUMS)


def test_of_requests_read_together_those_are_answered_that_can_be() -> None:
    answers: dict[str, Any] = {}

    class Answered(Request):
        def answer(self, answer: Any) -> None:
            answers[self.connection] = answer  # type: ignore[index]

    requests = [Answered(WINDOWS, PLACES, "good"), Answered([[499]], [[0]], "bad")]  # type: ignore[arg-type]
    score_together(load_sums(), requests)
    assert_close(answers["good"], SUMS)
    assert isinstance(answers["bad"], RuntimeError)


def test_what_waits_is_read_together_as_far_as_it_fits() -> None:
    requests: SimpleQueue[Any] = SimpleQueue()
    here, gone = Pipe()
    gone.close()
    first, second, third = (Request([[1] * n], [[0]], here) for n in (100, 32000, 700))
    requests.put(Request([[1]], [[0]], gone))  # who asked has ended
    requests.put(second)
    requests.put(third)
    assert gather(first, requests) == ([first, second], third)
    assert gather(third, requests) == ([third], None)
    requests.put(None)
    assert gather(first, requests) == ([first], None)
    assert requests.get() is None  # the end is still to come


def test_a_model_that_cannot_be_loaded_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    model = SharedModel(partial(load_shared, tmp_path, False))
    with pytest.raises(IndexLMError, match=r"config\.json"):
        model.during(lambda: (i for i in range(3)))


def test_a_run_that_is_closed_before_its_first_result_ends_the_process() -> None:
    model = SharedModel(load_sums)
    model.during(lambda: (i for i in range(3))).close()
    assert not model._process.is_alive()


def test_a_process_that_ends_ends_the_run() -> None:
    model = SharedModel(load_sums)
    found = model.during(lambda: (i for i in range(3)))
    scorer = SharedScorer(model.address)
    assert next(found) == 0
    model._process.kill()
    model._process.join()
    with pytest.raises(IndexLMError, match="ended with exit code -9"):
        next(found)
    with pytest.raises(IndexLMError, match="has ended"):
        scorer(WINDOWS, PLACES)


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_workers_share_a_model_that_a_gpu_runs(
    head: str, tiny_checkpoint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from heads.runtimes import torch as runtime

    pages = [golden_html(name) for name in list(MAIN)[:3]]
    extractor = Extractor(head, model=str(tiny_checkpoint(head)), alone=True)
    expected = [extractor.extract(html).prediction for html in pages]
    monkeypatch.setattr(runtime, "reads_packed", lambda: True)  # here alone: the process runs it on the CPU
    found = [one.prediction for one in extractor.extract_many(pages, workers=2) if isinstance(one, Extraction)]
    assert [one.indices for one in found] == [one.indices for one in expected]
    assert [one.tokens for one in found] == [one.tokens for one in expected]


SEQUENCES = [[(5 * i + n) % 400 for n in range(length)] for i, length in enumerate((30, 3, 120, 64, 9, 17))]


def test_rows_are_read_and_continued_as_if_each_stood_alone(tiny_checkpoint: Callable[..., Path]) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from heads.runtimes.row_cache import RowModel

    checkpoint = tiny_checkpoint("decoder")
    alone = AutoModelForCausalLM.from_pretrained(checkpoint).eval()

    def after(ids: list[int]) -> Any:
        with torch.inference_mode():
            return alone(input_ids=torch.tensor([ids])).logits[0, -1].numpy()

    model = RowModel(AutoModelForCausalLM.from_pretrained(checkpoint).eval(), slots=130)
    first = model.read(SEQUENCES[:3], [4, 0, 2]).copy()
    assert_close(list(first), [after(ids) for ids in SEQUENCES[:3]])
    assert_close(list(model.step([7, 8], [2, 4])), [after([*SEQUENCES[2], 7]), after([*SEQUENCES[0], 8])])
    assert_close(list(model.read(SEQUENCES[3:], [2, 5, 0])), [after(ids) for ids in SEQUENCES[3:]])  # two rows anew
    steps = model.step([1, 2, 3], [0, 2, 4]).copy()
    assert_close(list(steps), [after([*SEQUENCES[5], 1]), after([*SEQUENCES[3], 2]), after([*SEQUENCES[0], 8, 3])])
    assert (model.room(0), model.room(4)) == (130 - 1 - 18, 130 - 1 - 32)


class Echo:
    """Rows that say after each token which they have read in all: a logit of 1 at the last one."""

    rows, slots = 3, 12

    def __init__(self) -> None:
        self.held: dict[int, list[int]] = {}
        self.calls: list[int] = []

    def read(self, sequences: Any, rows: Any) -> Any:
        assert sum(map(len, sequences)) <= 10 or len(sequences) == 1
        self.held |= {row: list(ids) for row, ids in zip(rows, sequences, strict=True)}
        return np.eye(100, dtype=np.float32)[[ids[-1] for ids in sequences]]

    def step(self, tokens: Any, rows: Any) -> Any:
        self.calls.append(len(rows))
        for row, token in zip(rows, tokens, strict=True):
            self.held[row].append(token)
        return np.eye(100, dtype=np.float32)[list(tokens)]

    def room(self, row: int) -> int:
        return self.slots - 1 - len(self.held[row])


def count_up(logits: Any, lines: int, leaning: Any) -> Any:
    """Writes the `lines` numbers that follow the last token, two at a time; fails after the token 66."""
    last, count = int(logits.argmax()), 0
    while count < lines:
        if last == 66:
            raise ValueError("after 66 comes nothing")
        logits = yield [last + 1, last + 2]
        last, count = int(logits.argmax()), count + 2
    return Answer(Parsed(((1, last),)), count)


@pytest.mark.parametrize("windows", [1, 3, 4, 11])
def test_each_window_has_its_answer_whatever_is_written_beside_it(windows: int) -> None:
    model = Echo()
    writer = ContinuousWriter(model, count_up, most_tokens=10)
    jobs = [Job([i + 1] * (1 + i % 4), 1 + i % 5, Leaning(0.0, 0.0), None) for i in range(windows)]
    writer.add(jobs)
    done = []
    while writer.is_busy:
        done += writer.advance()
    assert sorted(map(id, done)) == sorted(map(id, jobs))
    for i, job in enumerate(jobs):
        written = 2 * -(-(1 + i % 5) // 2)
        assert job.answer == Answer(Parsed(((1, i + 1 + written),)), written)
    assert windows < 3 or max(model.calls) == 3  # all rows at work


def test_an_answer_that_outgrows_its_row_ends_with_an_error_and_costs_no_other() -> None:
    writer = ContinuousWriter(Echo(), count_up, most_tokens=10)
    jobs = [Job([1], 50, Leaning(0.0, 0.0), None), Job([2], 2, Leaning(0.0, 0.0), None)]
    writer.add(jobs)
    while writer.is_busy:
        writer.advance()
    assert jobs[0].answer is not None
    assert "at most 11 tokens" in jobs[0].answer.parsed.error
    assert jobs[1].answer == Answer(Parsed(((1, 4),)), 2)
    with pytest.raises(IndexLMError, match="at most 11 tokens; found 11"):
        writer.add([Job([1] * 11, 1, Leaning(0.0, 0.0), None)])


def test_jobs_that_nobody_waits_for_leave_their_rows_to_others() -> None:
    writer = ContinuousWriter(Echo(), count_up, most_tokens=10)
    left, kept = ([Job([i], 9, Leaning(0.0, 0.0), owner) for i in range(4)] for owner in ("left", "kept"))
    writer.add([*left, *kept])
    writer.advance()
    writer.drop(lambda job: bool(job.owner == "left"))
    done = []
    while writer.is_busy:
        done += writer.advance()
    assert set(map(id, done)) == set(map(id, kept))


def test_jobs_are_given_up_together_where_a_call_fails() -> None:
    writer = ContinuousWriter(Echo(), count_up, most_tokens=10)
    jobs = [Job([i], 9, Leaning(0.0, 0.0), None) for i in (1, 64, 3, 4)]
    writer.add(jobs)
    with pytest.raises(ValueError, match="after 66"):
        [writer.advance() for _ in range(20)]
    assert set(map(id, writer.drop_all())) == set(map(id, jobs))
    assert not writer.is_busy
    writer.add([again := Job([5], 2, Leaning(0.0, 0.0), None)])
    while writer.is_busy:
        writer.advance()
    assert again.answer == Answer(Parsed(((1, 7),)), 2)


def test_windows_that_could_not_be_read_are_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = ContinuousWriter(model := Echo(), count_up, most_tokens=10)
    monkeypatch.setattr(model, "read", lambda sequences, rows: 1 // 0)
    writer.add([job := Job([5], 2, Leaning(0.0, 0.0), None)])
    with pytest.raises(ZeroDivisionError):
        writer.advance()
    assert writer.drop_all() == [job]
