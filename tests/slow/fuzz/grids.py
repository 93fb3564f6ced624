"""ARC tasks, Kaggle's files and submissions."""

import json
from pathlib import Path
from random import Random

import numpy as np

from arc.grids import tasks
from arc.solving import submission
from hrm.puzzles import asked


def prepare() -> None:
    """Nothing: this module's imports are all."""


def make(folder: Path) -> None:
    """One task, many, Kaggle's folder, lists of pairs, JSON lines; beside each a submission."""
    chance = np.random.default_rng(3)
    many = {f"{number:08x}": _task(chance, 1 + number % 2) for number in range(4)}
    for name, files in {
        "one": {"task.json": next(iter(many.values()))},
        "many": {"tasks.json": many},
        "kaggle": {
            "arc-agi_test_challenges.json": {name: _without_answers(task) for name, task in many.items()},
            "arc-agi_test_solutions.json": {name: [pair["output"] for pair in task["test"]] for name, task in many.items()},
        },
        "pairs": {"00000001.json": many["00000001"]["train"] * 2},
        "folder": {f"{name}.json": task for name, task in many.items()},
        "lines": {"tasks.jsonl": [{"id": name, **task} for name, task in many.items()]},
    }.items():
        (folder / name).mkdir()
        for file, content in files.items():
            lines = "\n".join(map(json.dumps, content)) if file.endswith(".jsonl") else json.dumps(content)
            (folder / name / file).write_text(lines)
        attempt = {"attempt_1": [[1]], "attempt_2": None}
        answers = {name: [attempt] * len(task["test"]) for name, task in many.items()}
        (folder / name / "submission.json").write_text(json.dumps(answers))


def read(folder: Path, chance: Random) -> None:
    """Load the tasks, as a folder or by one of its files, with or without answers; read the submission for them."""
    files = sorted(path for path in folder.iterdir() if path.name != "submission.json")
    source = chance.choice([folder, *files])
    if chance.random() < 0.3:
        asked.read(str(source))
        return
    solutions = next((str(path) for path in files if "solutions" in path.name and chance.random() < 0.5), "")
    found = tasks.load(source, skip_bad=chance.random() < 0.3, answers=chance.random() < 0.3, solutions=solutions)
    if (folder / "submission.json").exists():
        read_answers = submission.read(folder / "submission.json", found)
        if all(map(tasks.is_answered, found)):
            submission.summary(submission.score(read_answers, found))


def _task(chance, tests):
    pairs = [
        {"input": chance.integers(0, 10, size).tolist(), "output": chance.integers(0, 10, size).tolist()}
        for size in chance.integers(1, 6, (3 + tests, 2))
    ]
    return {"train": pairs[:3], "test": pairs[3:]}


def _without_answers(task):
    return {"train": task["train"], "test": [{"input": pair["input"]} for pair in task["test"]]}
