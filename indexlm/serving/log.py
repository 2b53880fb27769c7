"""Lines of the service's log, each a JSON object: whatever a client sent stands in it escaped, if at all."""

from __future__ import annotations

import json
import logging
from typing import Any

LOGGER = logging.getLogger("indexlm.serving")


def log(event: str, **fields: Any) -> None:
    """Write one line."""
    LOGGER.info(json.dumps({"event": event, **fields}))
