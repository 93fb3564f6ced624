"""Tables over seeds: what each training is asked for, and what is not done twice."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from longrun import UserError
from longrun.run import repeat
from longrun.run.signals import Interrupted


@pytest.fixture
def trainer(monkeypatch):
    """Stands in for `python -m PROJECT train`: seed 1 fails, the others leave a result. Returns the commands it was asked to run."""
    asked = []

    def train(arguments, output):
        asked.append(arguments)
        output.write("trained\n")
        seed = int(arguments[arguments.index("--seed") + 1])
        if seed == 1:
            return 3
        folder = arguments[arguments.index("--run") + 1]
        with open(f"{folder}metrics.jsonl", "w") as metrics:
            metrics.write('{"step": 10, "steps_per_second": 5}\n{"step": 30, "steps_per_second": 10}\n')
        with open(f"{folder}result.json", "w") as result:
            json.dump({"metrics": {"seed": seed}}, result)
        return 0

    monkeypatch.setattr(repeat, "call", train)
    return asked


def test_each_seed_is_trained_once_and_a_failure_is_tried_again(trainer, tmp_path):
    trainings = repeat.seeds("quick", 3, tmp_path, ["--steps", "30"])
    first = list(repeat.run_all("project", trainings))
    assert [(done.exit_code, done.result) for done in first] == [(0, {"metrics": {"seed": 0}}), (3, None), (0, {"metrics": {"seed": 2}})]
    assert [done.seconds for done in first] == [4, 0, 4]
    assert first[0].metrics[-1]["step"] == 30
    assert trainer[0][1:] == ["-m", "project", "train", "quick", "--run", f"{tmp_path}/quick-seed-0/", "--seed", "0", "--steps", "30"]
    assert (tmp_path / "quick-seed-1" / "output.log").read_text() == "trained\n"
    again = list(repeat.run_all("project", trainings))
    assert [words[words.index("--seed") + 1] for words in trainer] == ["0", "1", "2", "1"]
    assert [done.result for done in again] == [done.result for done in first]


def test_other_flags_are_trained_again(trainer, tmp_path):
    for steps in ("30", "40"):
        list(repeat.run_all("project", repeat.seeds("quick", 1, tmp_path, ["--steps", steps])))
    assert len(trainer) == 2


def test_what_was_written_down_of_an_end_may_be_damaged(trainer, tmp_path):
    trainings = repeat.seeds("quick", 1, tmp_path)
    list(repeat.run_all("project", trainings))
    (trainings[0].folder / "ended.json").write_bytes(b"\xff")
    assert [done.exit_code for done in repeat.run_all("project", trainings)] == [0]
    assert len(trainer) == 2
    (trainings[0].folder / "result.json").write_text("")
    with pytest.raises(UserError, match="^/.*/quick-seed-0/result.json is damaged: "):
        list(repeat.run_all("project", trainings))


def test_a_training_keeps_the_folder_that_it_was_given(trainer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trainings = repeat.seeds("quick", 1, Path("runs"))
    assert [done.training for done in repeat.run_all("project", trainings)] == trainings
    assert trainer[0][6] == f"{tmp_path}/runs/quick-seed-0/"


def test_an_interrupted_training_ends_the_table(monkeypatch, tmp_path):
    monkeypatch.setattr(repeat, "call", lambda arguments, output: 143)
    with pytest.raises(KeyboardInterrupt):
        list(repeat.run_all("project", repeat.seeds("quick", 2, tmp_path)))


def test_whoever_is_asked_to_stop_asks_the_training_first(tmp_path):
    script = "import os, signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit(143))); "
    script += f"os.kill({os.getpid()}, signal.SIGTERM); time.sleep(60)"
    with open(tmp_path / "output.log", "w") as output, pytest.raises(Interrupted):
        repeat.call([sys.executable, "-c", script], output)
    assert (tmp_path / "output.log").read_text() == "saved\n"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("flag", ["--run", "--seed=3", "--fresh", "--json"])
def test_what_the_table_chooses_is_refused(flag, tmp_path):
    with pytest.raises(ValueError, match="is chosen by the table"):
        repeat.seeds("quick", 2, tmp_path, [flag])
