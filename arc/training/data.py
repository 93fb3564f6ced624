"""Training batches as functions of (seed, step), drawn by the generators of the skills; and unseen instances for scores."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import tensorflow as tf

from arc.config import Config
from arc.grids.canvas import PAD
from arc.grids.tasks import Task
from arc.network.inputs import arrays
from arc.skills import SKILLS, draw_pair, draw_task, real_inputs

TEST_SEED = 20_000
"""Of the unseen instances; the split, a property of the input, keeps them apart from every training seed."""


def batch(config: Config, seed: int, step: int) -> dict[str, np.ndarray]:
    """The batch of one step: model inputs (see arc.network.model), (batch_size, ...) int32. Skills take turns; no real ARC input is drawn.

    With hidden_answers also "given": the answers as the decoder is shown them, (batch_size, cells) int32, some of them empty canvases.
    """
    schedule = config.data.schedule_of_skills
    # 2 even without a focus, which then leaves the samples of the other skills as they are.
    copies = max(2, *(schedule.count(skill_id) for skill_id in schedule))
    tasks, hidden = [], []
    for row in range(config.data.batch_size):
        turn, position = divmod(step * config.data.batch_size + row, len(schedule))
        # Where a focus stands in the schedule again, it draws from other indices.
        index = copies * turn + schedule[:position].count(schedule[position])
        tasks.append(_draw(config, schedule[position], seed, index, "train"))
        # A skill's samples are hidden in even measure, and those of a batch too.
        hidden.append((turn + position) * config.data.hidden_answers % 1 < config.data.hidden_answers)
    found = arrays(config.network, tasks)
    if config.data.hidden_answers:
        found["given"] = np.where(np.asarray(hidden)[:, None], np.int32(PAD), found["answer"])
    return found


def unseen(config: Config, count: int, skills: Sequence[str] = ()) -> dict[str, list[Task]]:
    """`count` test instances of each skill (all, unless named), with demonstrations where the configuration has them; skill -> tasks."""
    return {skill_id: [_draw(config, skill_id, TEST_SEED, index, "test") for index in range(count)] for skill_id in skills or SKILLS}


def batches(config: Config, seed: int, start: int) -> Iterator[dict[str, tf.Tensor]]:
    """The batches of steps `start` to steps - 1 as tensors, drawn while the step before them runs."""
    shapes = {name: array.shape for name, array in batch(config, seed, start).items()}

    def draw(step):
        values = batch(config, seed, int(step))
        return [values[name] for name in shapes]

    def of_step(step):
        values = tf.numpy_function(draw, [step], [tf.int32] * len(shapes), stateful=False)
        return {name: tf.ensure_shape(value, shapes[name]) for name, value in zip(shapes, values, strict=True)}

    return iter(tf.data.Dataset.range(start, config.run.steps).map(of_step, num_parallel_calls=1).prefetch(4))


@cache
def _never_drawn():
    return real_inputs()


def _draw(config, skill_id, seed, index, split):
    options = {"split": split, "cap": config.network.side, "difficulty": config.data.difficulty, "exclude": _never_drawn()}
    if config.network.context_pairs:
        return draw_task(skill_id, seed, index, config.network.context_pairs, **options)
    return Task(skill_id, (), (draw_pair(skill_id, seed, index, **options),))
