"""What a run wrote, read again; needs no TensorFlow."""

import json
from pathlib import Path
from typing import Any

from longrun.errors import UserError


def read_metrics(path: Path | str) -> list[dict]:
    """The lines of a metrics.jsonl, up to the first that is none: a kill cuts the last one short, a power cut leaves anything there."""
    path = Path(path)
    lines = []
    if path.exists():
        for text in path.read_text(errors="replace").split("\n"):
            try:
                line = json.loads(text)
            except ValueError:
                break
            if not isinstance(line, dict) or "step" not in line:
                break
            lines.append(line)
    return lines


def read_json(path: Path) -> Any:
    """A JSON file. Raises UserError with one line where it is damaged."""
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}") from error
