"""One task as a question: everything that its answer depends on, so that any process can answer it.

A learner has `rounds` and learn(task, budget) -> after each round, the votes so far on each test input. It is handed tasks whose answers
have been taken out.
"""

import functools
import math
import time
from typing import NamedTuple

from arc.grids.canvas import DoesNotFit
from arc.grids.tasks import Pair, Task, TaskSet, load
from arc.network.inputs import TooFewDemonstrations
from arc.solving.fitting import Budget, CellLearner
from arc.solving.frames import NoFrame
from arc.solving.settings import AnswerSettings
from arc.solving.voting import attempts
from longrun.step import device

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Of the budget, after which the attempts are written down."""


class Question(NamedTuple):
    """A task, and how to answer it."""

    settings: AnswerSettings
    task: Task
    left_out: tuple[str, ...] = ()
    """Tasks of the practice that are not trained on."""
    made_from: tuple[tuple[str, str], ...] = ()
    """Fingerprints of the checkpoint and the practice: a process that has learnt from others learns anew."""


def answer(question: Question) -> dict:
    """A line of answers.jsonl: attempts at each test input after each of SHARES, steps, CPU seconds, and why if it was not trained."""
    task, settings = question.task, question.settings
    learner = learner_of(settings, question.left_out, question.made_from)
    # Not even by mistake can a learner look at an answer.
    blind = Task(task.id, task.train, tuple(Pair(pair.input, None) for pair in task.test))
    begun = time.process_time()
    budget = Budget(settings.steps, settings.seconds_per_task, learner.rounds)
    after, refused = [], ""
    try:
        marks = [math.ceil(share * learner.rounds) for share in SHARES]
        for number, votes in enumerate(learner.learn(blind, budget), 1):
            if number in marks:
                after.append([attempts(cast, pair.input) for cast, pair in zip(votes, task.test, strict=True)])
    except (NoFrame, DoesNotFit, TooFewDemonstrations) as error:
        refused = str(error)
        after = [[(pair.input, pair.input) for pair in task.test]] * len(SHARES)
    except Exception as error:
        error.add_note(f"while task {task.id} was answered")
        raise
    listed = [[[grid.tolist() for grid in two] for two in each] for each in after]
    return {"task": task.id, "after": listed, "steps": budget.done, "cpu_seconds": time.process_time() - begun, "refused": refused}


@functools.lru_cache(maxsize=1)
def learner_of(settings: AnswerSettings, left_out: tuple[str, ...], made_from: tuple[tuple[str, str], ...]):
    """The learner of this process, made for its first question and kept for those like it."""
    device.configure(seed=settings.seed)
    if not settings.checkpoint:
        return CellLearner(settings.seed)
    from arc.network.answerer import load as load_answerer
    from arc.solving.fine_tuning import CheckpointLearner

    learner = CheckpointLearner(load_answerer(settings.checkpoint), settings.seed)
    if settings.practice:
        learner.practise(list(without(load(settings.practice), left_out)), settings.practice_steps)
    return learner


def without(tasks: TaskSet, left_out: tuple[str, ...]) -> TaskSet:
    """A set of tasks without some of them."""
    return TaskSet(tasks.name, {task_id: task for task_id, task in tasks.tasks.items() if task_id not in left_out}, tasks.skipped)
