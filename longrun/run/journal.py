"""What a run wrote, read again; needs no TensorFlow."""

import json
from pathlib import Path
from typing import Any

from longrun.errors import UserError


def read_metrics(path: Path | str) -> list[dict]:
    """The lines of a metrics.jsonl, up to the first that is none: a kill cuts the last one short, a power cut leaves anything there.

    A line is an object of numbers, with a step that is a whole one.
    """
    path = Path(path)
    lines = []
    if path.exists():
        for text in path.read_text(errors="replace").split("\n"):
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                break
            if not (isinstance(line, dict) and type(line.get("step")) is int and all(map(_is_number, line.values()))):
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


def _is_number(value):
    """Whole numbers below 2^63, which is all that TensorBoard takes; others need not be finite."""
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63)
