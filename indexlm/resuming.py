"""What a run that goes on shares with the one before: the options, which are kept beside its results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexlm.output.files import OutputError
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.extractor import Extractor

_NOT_OF_RESULTS = ("threads", "runtime")  # options of an extractor that change no result
_NAME = ".indexlm.json"


def options_of(extractor: Extractor, **others: Any) -> dict[str, Any]:
    """The options that shape a result, as JSON can hold them: an extractor's, `others` and the version."""
    from indexlm import __version__

    own = [field.name for field in fields(extractor) if field.init and field.name not in _NOT_OF_RESULTS]
    options = {name: getattr(extractor, name) for name in own} | others | {"indexlm": __version__}
    plain: dict[str, Any] = json.loads(json.dumps(options))
    return plain


def check_options(options: Mapping[str, Any], earlier: Mapping[str, Any], another: str) -> None:
    """Raise `IndexLMError` where a run was begun with other options; `another` is the option that names its output."""
    for name in [*options, *earlier]:
        if options.get(name) != earlier.get(name):
            was, now = (json.dumps(which.get(name), ensure_ascii=False) for which in (earlier, options))
            raise IndexLMError(
                f"a run goes on with the options it began with: {name} was {was[:200]}, and is {now[:200]}; "
                f"another {another} begins another run"
            )


def check_run(output: Path, options: Mapping[str, Any]) -> None:
    """`check_options` for the run whose results are in a folder or a file; without kept options all is right."""
    path = _kept_at(output)
    try:
        earlier = dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError) as error:
        raise IndexLMError(f"a run goes on with the options it began with; {path} cannot be read: {error}") from None
    check_options(options, earlier, "--output")


def keep_options(output: Path, options: Mapping[str, Any]) -> None:
    """Keep the options of a run for `check_run`, unless its output is a device or a pipe."""
    if not output.exists() or output.is_dir() or output.is_file():
        path, text = _kept_at(output), json.dumps(options, ensure_ascii=False) + "\n"
        try:
            path.write_text(text, "utf-8", errors="backslashreplace")
        except OSError as error:
            raise OutputError(f"an output can be written; {path} cannot: {error.strerror}") from None


def _kept_at(output: Path) -> Path:
    return output / _NAME if output.is_dir() else output.with_name(f".{output.name}{_NAME}")
