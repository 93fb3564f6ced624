"""metrics.jsonl read again; needs no TensorFlow."""

import json
from pathlib import Path


def read_metrics(path: Path | str) -> list[dict]:
    """The lines of a metrics.jsonl; a last line cut short by a kill is left out."""
    path = Path(path)
    lines = []
    if path.exists():
        for text in path.read_text().splitlines():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                break
    return lines
