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
            except (ValueError, RecursionError):
                break
            if not isinstance(line, dict) or type(line.get("step")) is not int:
                break
            lines.append(line)
    return lines


def read_json(path: Path) -> Any:
    """A JSON file. Raises UserError with one line where it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {str(error)[:100]}") from error


def read_object(path: Path) -> dict[str, Any]:
    """A JSON file that holds an object. Raises UserError with one line where it is damaged or holds something else."""
    values = read_json(path)
    if not isinstance(values, dict):
        raise UserError(f"{path} is damaged: it holds no object but a {type(values).__name__}")
    return values
