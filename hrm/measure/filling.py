"""A board that fills, segment by segment and look by look: as text for a terminal, and as a page of its own for a browser."""

import html
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hrm.config import DataSettings
from hrm.measure import pictures
from hrm.network.reasoner import Thoughts
from hrm.puzzles.examples import IGNORED, Examples
from longrun.run.output import write_output

PAGE = Path(__file__).with_name("board_page.html")


class Stage(NamedTuple):
    """A board of N cells at one moment."""

    name: str
    """"question", "segment 2" or "look 3"."""
    tokens: np.ndarray
    """(N,) int32: the question, or an answer."""
    changed: np.ndarray
    """(N,) bool: cells that were other at the stage before."""
    wrong: np.ndarray
    """(N,) bool: cells of an answer that differ from the known one."""


def stages(examples: Examples, thoughts: Thoughts, row: int, segments: int) -> list[Stage]:
    """A puzzle from its question to the answer that counts. segments: how many of the answers are of the first look."""
    question, labels = examples.tokens[row], examples.labels[row]
    before, found = question, [Stage("question", question, np.zeros(len(question), bool), np.zeros(len(question), bool))]
    for number, answer in enumerate(thoughts.answers[: thoughts.used[row] + 1, row], 1):
        name = f"segment {number}" if number <= segments else f"look {number - segments + 1}"
        found.append(Stage(name, answer, answer != before, (labels != IGNORED) & (labels != answer)))
        before = answer
    return found


def as_text(found: list[Stage], text: str, side: int) -> str:
    """What changes, stage by stage. text: the characters of a board, one for each of the stages, N characters each, without gaps."""
    size, parts = side * side, []
    for number, stage in enumerate(found):
        cells = text[number * size : (number + 1) * size]
        shown = "".join(f"[{cell}]" if stage.changed[place] else f" {cell} " for place, cell in enumerate(cells))
        rows = [shown[first : first + 3 * side].rstrip() for first in range(0, 3 * size, 3 * side)]
        parts.append("\n".join([f"{stage.name}: {stage.changed.sum()} cells change", *rows]))
    return "\n\n".join(parts)


def write_page(path: Path, data: DataSettings, names: list[str], boards: list[list[Stage]]) -> None:
    """Boards in one HTML file with a slider over their stages, which needs nothing but a browser. Raises OSError."""
    cells = [[_drawn(data, stage, board[0].tokens) for stage in board] for board in boards]
    found = [{"name": name, "stages": stages} for name, stages in zip(names, cells, strict=True)]
    text = PAGE.read_text("utf-8").replace("SIDE", str(data.side)).replace("TITLE", html.escape(", ".join(names[:1])))
    write_output(path, text.replace("BOARDS", json.dumps(found)).encode())


def _drawn(data, stage, question):
    colours = ["#{:02x}{:02x}{:02x}".format(*pictures.colour(data, int(token))) for token in stage.tokens]
    digits = [str(token - 1) if data.puzzle == "sudoku" and token > 1 else "" for token in stage.tokens]
    given = (stage.tokens == question) if data.puzzle == "sudoku" else np.zeros(len(question), bool)
    flags = stage.changed + 2 * stage.wrong + 4 * given.astype(int)
    return {"name": stage.name, "colours": colours, "digits": digits, "flags": flags.tolist()}
