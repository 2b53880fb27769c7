"""Lines of the service's log, each a JSON object: whatever a client sent stands in it escaped, if at all."""

from __future__ import annotations

import json
import logging
from typing import IO, Any

_LOGGER = logging.getLogger("indexlm.serving")


def log(event: str, **fields: Any) -> None:
    """Write one line."""
    _LOGGER.info("%s", json.dumps({"event": event, **fields}))


def write_log(file: IO[str]) -> None:
    """Write lines to a file, and what uvicorn says of itself from warnings on."""
    handler = logging.StreamHandler(file)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for logger, level in ((_LOGGER, logging.INFO), (logging.getLogger("uvicorn"), logging.WARNING)):
        logger.setLevel(level)
        logger.addHandler(handler)
        logger.propagate = False
