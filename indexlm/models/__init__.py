"""The models that come with the package, one directory a head, and what the directory of any model holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

from indexlm.page import IndexLMError

__all__ = ["check_trees", "check_weights", "shipped"]

_HEADS = ("classifier", "decoder")


def shipped(head: str) -> Path:
    """`classifier` or `decoder` -> the directory of the checkpoint that comes with the package."""
    if head not in _HEADS:
        raise IndexLMError(f"a head is {' or '.join(_HEADS)}; found {head!r}")
    return Path(__file__).parent / head


def check_trees(folder: Path) -> Path:
    """A checkpoint -> the file of its trees. Raises `IndexLMError` where it has none."""
    path = folder / "trees.onnx"
    if not path.is_file():
        raise IndexLMError(f"a head of trees is a checkpoint's trees.onnx; {folder} has none")
    return path


def check_weights(folder: Path) -> None:
    """Raise `IndexLMError` where a file of weights is cut off, as an interrupted copy leaves it.

    A file of safetensors begins with the length of a header in JSON, which says where each tensor ends.
    """
    for path in sorted(folder.glob("*.safetensors")):
        try:
            size = os.path.getsize(path)
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                header = json.loads(file.read(length)) if 0 < length < size else {}
            ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
            whole = 8 + length + max(ends)
        except OSError as error:
            raise IndexLMError(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise IndexLMError(f"a file of weights is whole; {path} has {size} bytes without a whole header") from None
        if size != whole:
            raise IndexLMError(f"a file of weights is whole; {path} has {size} bytes of {whole}")
