"""Pictures of answers: input, target and answer as pixels for TensorBoard, and as a PNG for reports."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from arc.grids.canvas import PAD, to_canvas
from arc.grids.pictures import PALETTE, save_pairs
from arc.grids.tasks import Pair, Task
from arc.measure.evaluate import Evaluation
from arc.network.answerer import Answerer

EMPTY = "#FFFFFF"
SCALE = 8
"""Pixels a cell."""


def canvas_images(answerer: Answerer, tasks: Mapping[str, Sequence[Task]], count: int = 8) -> np.ndarray:
    """Input, target and freely generated answer side by side for the first instance of the first skills, (count, H, W, 3) in [0, 1]."""
    chosen = [instances[0] for instances in tasks.values()][:count]
    side = answerer.config.network.side
    rows = []
    for task, answer in zip(chosen, answerer.answers(chosen), strict=True):
        grids = (task.test[0].input, task.test[0].output, answer.attempts[0])
        rows.append(np.hstack([_pixels(to_canvas(grid, side).reshape(side, side)) for grid in grids]))
    return np.stack(rows)


def save_answers(found: Evaluation, path: Path | str, wrong_of_each: int = 1) -> Path:
    """PNG with input, target and answer of the first wrong answers of each task, or of a right one where none is wrong."""
    pairs = []
    for task_id, answers in found.answers.items():
        order = np.argsort(found.values[task_id]["exact"], kind="stable")
        for index in order[:wrong_of_each]:
            pair = found.pairs[task_id][index]
            pairs += [pair, Pair(pair.output, np.where(answers[index].attempts[0] == PAD, 0, answers[index].attempts[0]))]
    return save_pairs(pairs[:16], path, "input and target; target and answer")


def _pixels(canvas):
    colours = np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in (*PALETTE, EMPTY)]) / 255
    return np.kron(colours[canvas].transpose(2, 0, 1), np.ones((SCALE, SCALE))).transpose(1, 2, 0)
