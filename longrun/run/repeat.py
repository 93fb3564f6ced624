"""Several trainings, each in a process of its own: what tables over seeds and over presets are made of."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from longrun import fleet
from longrun.errors import UserError
from longrun.run.durable import write_atomically
from longrun.run.journal import read_json, read_metrics
from longrun.run.signals import Signals


@dataclass(frozen=True)
class Training:
    """One training: `python -m PROJECT train PRESET --run FOLDER FLAGS`."""

    preset: str
    folder: Path
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finished:
    """A training that has ended. `result` is its result.json and `seconds` its steps' time; None and 0 where it failed with `exit_code`."""

    training: Training
    exit_code: int
    result: dict[str, Any] | None = None
    seconds: float = 0.0

    @property
    def metrics(self) -> list[dict]:
        """The lines of its metrics.jsonl."""
        return read_metrics(self.training.folder / "metrics.jsonl")


def run_all(project: str, trainings: Sequence[Training], *, workers: int = 1, cluster: str = "") -> Iterator[Finished]:
    """Train all of them and yield each as it ends. Run again, it goes on where it was stopped; what has ended is not repeated.

    workers, cluster: see longrun.fleet.run; with one worker they end in their order. A folder with a training of other flags is not
    taken over: its checkpoints refuse them by name. The output of each is kept in output.log in its folder. A training that is
    interrupted ends it all: KeyboardInterrupt.
    """
    trainings = list(trainings)
    # Another machine's current folder is another one.
    tasks = [(project, replace(training, folder=training.folder.resolve())) for training in trainings]
    for index, finished in fleet.run(_train, tasks, workers=workers, cluster=cluster):
        if finished.exit_code in (130, 143):
            raise KeyboardInterrupt
        yield replace(finished, training=trainings[index])


def _train(task: tuple[str, Training]) -> Finished:
    project, training = task
    training.folder.mkdir(parents=True, exist_ok=True)
    result, ended, words = training.folder / "result.json", training.folder / "ended.json", [training.preset, *training.flags]
    if not (result.exists() and ended.exists() and ended.read_bytes() == json.dumps(words).encode()):
        command = [sys.executable, "-m", project, "train", training.preset, "--run", f"{training.folder}/", *training.flags]
        with open(training.folder / "output.log", "a") as output:
            code = call(command, output)
        if code:
            return Finished(training, code)
        write_atomically(ended, json.dumps(words))
    return Finished(training, 0, read_json(result), _seconds(read_metrics(training.folder / "metrics.jsonl")))


def call(command: Sequence[str], output: IO[str]) -> int:
    """Run a command to its end; its exit code. Where this process is asked to stop, the command is, and it has time to save."""
    with Signals() as signals:
        signals.where = "a training of the table"
        # In a session of its own: Ctrl-C would reach it as well, and a second signal means at once.
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise


def seeds(preset: str, count: int, runs: Path, flags: Sequence[str] = ()) -> list[Training]:
    """The same preset with seeds 0 to count - 1, in runs/PRESET-seed-N. UserError for a flag that is not the user's to choose here."""
    for flag in flags:
        if flag.split("=")[0] in ("--run", "--seed", "--fresh", "--json"):
            raise UserError(f"{flag} is chosen by the table over seeds")
    return [Training(preset, runs / f"{preset}-seed-{seed}", ("--seed", str(seed), *flags)) for seed in range(count)]


def _seconds(lines: list[dict]) -> float:
    """Time of the steps, from the rate of each line."""
    before = [0, *(line["step"] for line in lines)]
    return sum((line["step"] - start) / line["steps_per_second"] for start, line in zip(before, lines, strict=False))
