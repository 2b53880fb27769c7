"""`extract`: a page in, its content out. The one place in this package that opens a head."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

from indexlm import assemble
from indexlm.intervals import Interval, to_intervals
from indexlm.page import IndexLMError, Page, Prediction
from indexlm.segment import read_page

if TYPE_CHECKING:
    from heads import ClassifierHead, DecoderHead

__all__ = ["Extraction", "extract", "predict"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """A page and the blocks kept of it, in every form."""

    page: Page
    prediction: Prediction

    @property
    def indices(self) -> tuple[int, ...]:
        """The kept blocks, 1-based and ascending."""
        return self.prediction.indices

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The same as intervals, both ends inclusive."""
        return to_intervals(self.prediction.indices)

    @property
    def markdown(self) -> str:
        """The kept blocks as Markdown, without images (`indexlm.assemble.to_markdown` keeps them)."""
        return assemble.to_markdown(self.page, self.indices)

    @property
    def html(self) -> str:
        """The kept blocks as clean HTML."""
        return assemble.to_html(self.page, self.indices)

    @property
    def text(self) -> str:
        """The kept blocks as plain text."""
        return assemble.to_text(self.page, self.indices)

    def json(self) -> dict[str, Any]:
        """Everything, as an object that `json.dumps` takes."""
        return assemble.to_json(self.page, self.prediction)


def extract(
    html: bytes | str,
    *,
    query: str = "",
    url: str = "",
    head: str = "classifier",
    model: str = "",
    threshold: float | None = None,
    threads: int = 0,
) -> Extraction:
    """HTML -> its main content, or with a `query` the blocks that answer it (none, if none does).

    `model` is a checkpoint directory or Hugging Face id in place of the model shipped for `head`. The
    model is loaded once and kept. Raises `IndexLMError` for a bad option, never for the page's content.
    """
    began = perf_counter()
    page = read_page(html, url=url, query=query)
    parsed = perf_counter() - began
    prediction = predict(page, load(head, model, threads), threshold)
    return Extraction(page, replace(prediction, seconds={"parse": parsed} | prediction.seconds))


@lru_cache(maxsize=4)
def load(head: str, model: str = "", threads: int = 0) -> ClassifierHead | DecoderHead:
    """The shipped head of a name, or the checkpoint `model`; a checkpoint of the other head is an error."""
    from heads import HEADS, open_head, shipped

    if head not in HEADS:
        raise IndexLMError(f"a head is {' or '.join(HEADS)}; found {head!r}")
    opened = open_head(model or shipped(head), threads=threads)
    if opened.settings.head != head:
        raise IndexLMError(f"{model} is a checkpoint of the {opened.settings.head} head; --head asks for the {head}")
    return opened


def predict(page: Page, head: ClassifierHead | DecoderHead, threshold: float | None = None) -> Prediction:
    """One page through an open head; checks that the checkpoint knows the page's task and has a threshold to set."""
    task = "qe" if page.query else "me"
    if task not in head.settings.tasks:
        raise IndexLMError(f"a query needs a model trained for QE; this one knows {', '.join(head.settings.tasks)}")
    if threshold is None:
        return head([page])[0]
    if not 0 <= threshold <= 1:
        raise IndexLMError(f"a threshold is a probability from 0 to 1; found {threshold:g}")
    if head.settings.head != "classifier":
        raise IndexLMError("a threshold applies to the classifier's probabilities; the decoder has none")
    return head([page], threshold)[0]  # type: ignore[call-arg]
