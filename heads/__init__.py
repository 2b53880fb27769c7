"""The predictors: classifier, decoder and trees, and how a checkpoint is opened."""

from heads.checkpoint import RUNTIMES, Head, Runtime, open_head
from heads.classifier import ClassifierHead
from heads.decoder import DecoderHead
from heads.settings import HEADS, Settings

__all__ = [
    "HEADS",
    "RUNTIMES",
    "ClassifierHead",
    "DecoderHead",
    "Head",
    "Runtime",
    "Settings",
    "open_head",
]
