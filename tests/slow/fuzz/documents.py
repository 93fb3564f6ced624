"""What runs and releases say of themselves in JSON: read again by what needs no network."""

import json
from pathlib import Path
from random import Random

from arc.grids.tasks import parse_task
from longrun.config import flatten

NAMES = ("one", "two")


def prepare() -> None:
    """TensorFlow is imported, which takes its time."""
    from longrun.release import models  # noqa: F401


def make(folder: Path) -> None:
    """A run's configuration and metrics, and the ledger of answered tasks."""
    from hrm.config import Config

    place = folder / "run"
    (place / "checkpoints").mkdir(parents=True)
    (place / "config.json").write_text(json.dumps({"project": "hrm", "preset": "mini", **flatten(Config())}))
    (place / "identifiers.json").write_text(json.dumps([f"task {number}" for number in range(4)]))
    lines = [{"step": step, "loss": 1 / step, "score": float("nan"), "steps_per_second": 3.0} for step in range(1, 9)]
    (place / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    _make_ledger(folder / "solve")


def read(folder: Path, chance: Random) -> None:
    """Read what is there."""
    from hrm.config import Config
    from hrm.network.reasoner import read_identifiers
    from longrun.config import config_of
    from longrun.release import models
    from longrun.run.journal import read_metrics

    if (folder / "config.json").exists() and (folder / "checkpoints").is_dir():
        found = models.find(folder, "hrm", ("reasoner.keras",))
        config_of(Config, found.config, found.place)
        read_identifiers(folder)
        read_metrics(folder / "metrics.jsonl")
    elif any(folder.iterdir()):
        _read_ledger(folder)


def _tasks():
    from arc.grids.tasks import TaskSet

    pair = {"input": [[1, 2]], "output": [[2, 1]]}
    return TaskSet("two tasks", {name: parse_task({"train": [pair, pair], "test": [pair]}, name, "here") for name in NAMES})


def _config():
    from arc.solving.solve import SolveConfig

    return SolveConfig()


def _make_ledger(folder):
    from arc.solving.ledger import Ledger

    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"project": "arc", "preset": "solve", **flatten(_config())}))
    ledger = Ledger(folder, _config(), _tasks(), {})
    for name in NAMES:
        after = [[[[[1]], [[2, 3]]]]] * 4
        ledger.add({"task": name, "after": after, "steps": 1, "cpu_seconds": 1.0, "refused": ""})


def _read_ledger(folder):
    from arc.solving.ledger import Ledger

    _ = Ledger(folder, _config(), _tasks(), {}).lines
