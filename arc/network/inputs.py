"""Tasks in the form that a model reads."""

from collections.abc import Sequence

import numpy as np

from arc.config import NetworkSettings
from arc.grids.canvas import context_canvas, to_canvas
from arc.grids.tasks import Task
from arc.skills.registry import SKILLS
from longrun.errors import UserError

NUMBERS = {skill_id: number for number, skill_id in enumerate(SKILLS, 1)}
"""The number under which a model with task_ids knows a skill; 0 says nothing."""


class TooFewDemonstrations(UserError):
    """A task has fewer demonstrations than a model needs beside its query."""


def arrays(settings: NetworkSettings, tasks: Sequence[Task], known: bool = True) -> dict[str, np.ndarray]:
    """Model inputs of the first test pair of each task, (B, ...) int32. Answers that are withheld are empty canvases.

    known: tell the network the skills where it has task_ids; a task that is no skill is number 0.
    Raises DoesNotFit where a grid is larger than the canvas, TooFewDemonstrations where the model needs more than a task has.
    """
    pairs = [task.test[0] for task in tasks]
    side = settings.side
    empty = np.zeros((0, 0), np.int8)
    found = {
        "query": [to_canvas(pair.input, side, f"task {task.id}: input") for task, pair in zip(tasks, pairs, strict=True)],
        "answer": [
            to_canvas(empty if pair.output is None else pair.output, side, f"task {task.id}: output")
            for task, pair in zip(tasks, pairs, strict=True)
        ],
    }
    if settings.task_ids:
        found["task"] = [NUMBERS.get(task.id, 0) if known else 0 for task in tasks]
    if settings.context_pairs:
        for task in tasks:
            if len(task.train) < settings.context_pairs:
                raise TooFewDemonstrations(f"task {task.id}: {len(task.train)} demonstrations, the model needs {settings.context_pairs}")
        found["context"] = [context_canvas(task.train[: settings.context_pairs], side, f"task {task.id}: demonstration") for task in tasks]
    return {name: np.asarray(values, np.int32) for name, values in found.items()}
