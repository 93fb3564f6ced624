"""Test-time training of a trained model: on a task's demonstrations, each in turn the query of the others, augmented; and its votes."""

import random
from collections.abc import Iterator, Sequence

import numpy as np

from arc.grids.augmentation import Augmentation, random_augmentation
from arc.grids.canvas import DoesNotFit
from arc.grids.symmetries import SYMMETRIES
from arc.grids.tasks import Task
from arc.network.answerer import Answerer
from arc.network.inputs import TooFewDemonstrations, arrays
from arc.solving.fitting import Budget
from arc.solving.voting import Vote
from arc.training.steps import build
from longrun.config import changed
from longrun.errors import UserError

ROUNDS = 8
VIEWS = 16
"""In which a test is answered: each symmetry with two permutations of the colours."""
BATCH = 16
LEARNING_RATE = 5e-4


class CheckpointLearner:
    """Goes on training an answerer's model, for each task from the weights it came with. seed: see arc.solving.fitting.CellLearner.

    Models without demonstrations in their input are fitted to the pairs alone.
    """

    rounds = ROUNDS

    def __init__(self, answerer: Answerer, seed: int = 0):
        self.seed = seed
        self.config = changed(answerer.config, batch_size=BATCH, jit_compile=False)
        self._parts = build(self.config)
        self._answerer = Answerer(self._parts.model, self.config, answerer.preset, answerer.step)
        for variable, value in zip(self._parts.model.variables, answerer.model.variables, strict=True):
            variable.assign(value)
        self._start = {name: [np.array(variable) for variable in variables] for name, variables in self._parts.groups.items()}

    def practise(self, tasks: Sequence[Task], steps: int) -> None:
        """Train on whole tasks of another set, tests included, and let every task start from there. UserError if none fits the canvas."""
        fitting = [task for task in tasks if self._fits(task)]
        if not fitting:
            raise UserError(f"none of {len(tasks)} tasks fits the model's canvas of {self.config.network.side}x{self.config.network.side}")
        pairs = [Task(task.id, task.pairs, task.test) for task in fitting]
        for step in range(steps):
            self._step(pairs, f"practice-{step}", step / steps)
        self._start["model"] = [np.array(variable) for variable in self._parts.model.variables]

    def learn(self, task: Task, budget: Budget) -> Iterator[list[list[Vote]]]:
        """After each round the votes of that round on each test input. DoesNotFit or TooFewDemonstrations
        where the model cannot take the task."""
        self._check(task)
        for name, variables in self._parts.groups.items():
            for variable, value in zip(variables, self._start[name], strict=True):
                variable.assign(value)
        for number in range(ROUNDS):
            for step, spent in budget.round(number):
                self._step([task], f"{number}-{step}", (number + spent) / ROUNDS)
            yield [self._votes(task, pair) for pair in task.test]

    def _step(self, tasks, name, spent):
        batch = arrays(self.config.network, lessons(tasks, self.config.network.context_pairs, f"{self.seed}-{name}", BATCH), known=False)
        # No warm-up, but AdamW's first steps are of full size whatever the gradient.
        rate = LEARNING_RATE * min(1.0, 20 * spent + 0.1)
        self._parts.step(batch, {"learning_rate": rate, "cost_share": 0.0, "pad_weight": self.config.learning.pad_weight})

    def _votes(self, task, pair):
        """A vote for each view; an answer with holes in it is none."""
        views = [_view(index, f"{self.seed}-{task.id}-{index}") for index in range(VIEWS)]
        asked = [view.apply_task(Task(task.id, _context(task.train, self.config.network.context_pairs), (pair,))) for view in views]
        answers = self._answerer.answers(asked, known=False)
        votes = []
        for view, given in zip(views, answers, strict=True):
            grid = given.attempts[0]
            if (grid < 10).all():
                sure = given.confidence[: grid.shape[0], : grid.shape[1]]
                votes.append(Vote(view.invert(grid), float(sure.mean())))
        return votes

    def _check(self, task):
        pairs = [Task(task.id, _context(task.train, self.config.network.context_pairs), (pair,)) for pair in task.pairs]
        arrays(self.config.network, pairs, known=False)

    def _fits(self, task):
        try:
            self._check(task)
        except (DoesNotFit, TooFewDemonstrations):
            return False
        return True


def lessons(tasks: Sequence[Task], context_pairs: int, name: str, count: int) -> list[Task]:
    """`count` augmented tasks whose query is one demonstration and whose demonstrations are others of the same task, drawn by the name."""
    drawn = []
    for index in range(count):
        generator = random.Random(f"{name}-{index}")
        task = tasks[generator.randrange(len(tasks))]
        query, *others = generator.sample(task.train, len(task.train))
        lesson = Task(task.id, _context(others, context_pairs), (query,))
        drawn.append(random_augmentation(generator).apply_task(lesson))
    return drawn


def _context(pairs, count):
    """`count` of the pairs, over again if there are fewer; TooFewDemonstrations if there are none at all."""
    if count and not pairs:
        raise TooFewDemonstrations("a task of a single demonstration leaves none to show beside it")
    return tuple(pairs[index % len(pairs)] for index in range(count))


def _view(index, name):
    colours = random_augmentation(random.Random(name)).colours
    return Augmentation(index % SYMMETRIES, colours)
