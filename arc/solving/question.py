"""One task as a question: everything that its answer depends on, so that any process can answer it.

A learner has `rounds` and learn(task, budget) -> after each round, the votes so far on each test input. It is handed tasks whose answers
have been taken out, and so is the search.
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
from arc.solving.joining import joined
from arc.solving.search.answering import answers, is_sure
from arc.solving.settings import AnswerSettings
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
    """A line of answers.jsonl: attempts at each test input after each of SHARES, who gave the last ones and by which rule, and the costs.

    Where the search is sure, or no steps are to be taken, nothing is trained. `refused` says why a task was answered by its input.
    """
    task, settings = question.task, question.settings
    learner = learner_of(settings, question.left_out, question.made_from) if settings.steps else None
    # Not even by mistake can a learner look at an answer.
    blind = Task(task.id, task.train, tuple(Pair(pair.input, None) for pair in task.test))
    begun = time.process_time()
    budget = Budget(settings.steps, settings.seconds_per_task, learner.rounds if learner else 1)
    after, refused = [], ""
    try:
        found = answers(blind, settings.search) if settings.search else []
        if learner is not None and not is_sure(found):
            after, refused = _after_shares(learner, blind, budget, found)
    except Exception as error:
        error.add_note(f"while task {task.id} was answered")
        raise
    if not after:
        after = [_attempts(found, [[]] * len(task.test), task)] * len(SHARES)
        refused = refused or "" if found else refused or f"task {task.id}: no rule of the search fits its demonstrations"
    listed = [[[grid.tolist() for _, grid in two] for two in each] for each in after]
    line = {"task": task.id, "after": listed, "steps": budget.done, "cpu_seconds": time.process_time() - begun, "refused": refused}
    return line | {"by": [[who for who, _ in two] for two in after[-1]], "rule": found[0].rule if found else ""}


def _after_shares(learner, task, budget, found):
    """(attempts after each of SHARES, ""), or (nothing, why) where the learner cannot take the task."""
    marks = [math.ceil(share * learner.rounds) for share in SHARES]
    after = []
    try:
        for number, votes in enumerate(learner.learn(task, budget), 1):
            if number in marks:
                after.append(_attempts(found, votes, task))
    except (NoFrame, DoesNotFit, TooFewDemonstrations) as error:
        return [], "" if found else str(error)
    return after, ""


def _attempts(found, votes, task):
    return [joined(found, place, cast, pair.input) for place, (cast, pair) in enumerate(zip(votes, task.test, strict=True))]


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
