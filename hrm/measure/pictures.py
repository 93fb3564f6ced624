"""Pictures of puzzles: the question, the answer after every segment, and the right answer, side by side."""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from hrm.config import DataSettings
from hrm.network.reasoner import Thoughts
from hrm.puzzles.examples import IGNORED, Examples
from hrm.puzzles.sudoku_solver import BOXES
from longrun.run.output import write_output

CELL = 14
"""Side of a cell in pixels, in pictures of a training."""
LARGE = 24
"""The same in pictures of puzzles that somebody wants solved."""
_ARC = ("000000", "1e93ff", "f93c31", "4fcc30", "ffdc00", "999999", "e53aa3", "ff851b", "87d8f1", "921231")
_MAZE = ("404040", "ffffff", "4fcc30", "f93c31", "1e93ff")


def strip(data: DataSettings, examples: Examples, thoughts: Thoughts, row: int) -> np.ndarray:
    """One puzzle as (H, W, 3) uint8: question, answers by segment (a red edge around wrong cells), right answer."""
    return _side_by_side(data, examples, thoughts.answers[:, row], row)


def strips(data: DataSettings, examples: Examples, thoughts: Thoughts, count: int = 5) -> np.ndarray:
    """The first `count` puzzles, (count, H, W, 3) uint8; with five tasks in turn, one of each."""
    return np.stack([strip(data, examples, thoughts, row) for row in range(min(count, len(examples.tokens)))])


def solved(data: DataSettings, examples: Examples, thoughts: Thoughts, count: int) -> np.ndarray:
    """As `strips`, larger, up to the last segment that changes an answer; the right answers only where one is known."""
    shown = range(min(count, len(examples.tokens)))
    answers = thoughts.answers[:, : len(shown)]
    changes = np.flatnonzero((answers[1:] != answers[:-1]).any(axis=(1, 2)))
    last = 1 + int(changes[-1]) if len(changes) else 0
    known = bool((examples.labels[: len(shown)] != IGNORED).any())
    return np.stack([_side_by_side(data, examples, answers[: last + 1, row], row, known, LARGE) for row in shown])


def save(path: Path, pictures: np.ndarray) -> None:
    """Write pictures below one another into a PNG file. Raises OSError."""
    gap = np.full((pictures.shape[0], CELL // 2, *pictures.shape[2:]), 255, np.uint8)
    sheet = np.concatenate([pictures, gap], axis=1).reshape(-1, *pictures.shape[2:])
    write_output(path, cv2.imencode(".png", sheet[..., ::-1])[1].tobytes())


def animate(path: Path, data: DataSettings, examples: Examples, thoughts: Thoughts, count: int, milliseconds: int = 500) -> None:
    """The first `count` puzzles filling from question to answer, as a GIF file; wrong cells have a red edge. Raises OSError."""
    rows = range(min(count, len(examples.tokens)))
    frames = [[_grid(data, examples.tokens[row], None) for row in rows]]
    # A puzzle whose answer has been found stays as it is.
    for step in range(int(thoughts.used[: len(rows)].max()) + 1):
        at = np.minimum(step, thoughts.used)
        frames.append([_grid(data, thoughts.answers[at[row], row], examples.labels[row]) for row in rows])
    images = [Image.fromarray(np.concatenate([np.pad(grid, ((4, 4), (4, 4), (0, 0))) for grid in frame], axis=1)) for frame in frames]
    encoded = io.BytesIO()
    images[0].save(encoded, "GIF", save_all=True, append_images=images[1:], duration=milliseconds, loop=0)
    write_output(path, encoded.getvalue())


def _side_by_side(data, examples, answers, row, known=True, size=CELL):
    labels = examples.labels[row]
    grids = [_grid(data, examples.tokens[row], None, size), *(_grid(data, answer, labels, size) for answer in answers)]
    if known:
        grids.append(_grid(data, np.where(labels == IGNORED, 0, labels), None, size))
    gap = np.full((grids[0].shape[0], size // 2, 3), 255, np.uint8)
    return np.concatenate([part for grid in grids for part in (grid, gap)][:-1], axis=1)


def _grid(data, tokens, labels, size=CELL):
    side = data.side
    picture = np.full((side * size, side * size, 3), 200, np.uint8)
    for index, token in enumerate(tokens):
        top, left = (size * place for place in divmod(index, side))
        cell = picture[top : top + size - 1, left : left + size - 1]
        cell[:] = colour(data, int(token))
        if data.puzzle == "sudoku" and token > 1:
            place = (left + 3 * size // CELL, top + size - 4 * size // CELL)
            cv2.putText(picture, str(token - 1), place, cv2.FONT_HERSHEY_SIMPLEX, 0.35 * size / CELL, (0, 0, 0), 1, cv2.LINE_AA)
        if labels is not None and labels[index] not in (IGNORED, token):
            cv2.rectangle(picture, (left, top), (left + size - 2, top + size - 2), (255, 0, 0), 1)
    if data.puzzle == "sudoku" and side in BOXES:
        height, width = BOXES[side]
        for edge in range(height, side, height):
            picture[size * edge - 1] = 60
        for edge in range(width, side, width):
            picture[:, size * edge - 1] = 60
    return picture


def colour(data: DataSettings, token: int) -> tuple[int, int, int]:
    """Red, green and blue of a cell, 0 to 255."""
    if data.puzzle == "sudoku":
        return (255, 255, 255)
    names, first = (_MAZE, 1) if data.puzzle == "maze" else (_ARC, 2)
    name = names[token - first] if first <= token < first + len(names) else "dddddd"
    return tuple(int(name[i : i + 2], 16) for i in (0, 2, 4))
