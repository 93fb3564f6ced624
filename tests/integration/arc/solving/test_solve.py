import json
import os
import signal

import numpy as np
import pytest

from arc import __main__ as commands
from arc.grids.tasks import TaskSet, load
from arc.solving import ledger, question
from arc.solving.frames import NoFrame
from arc.solving.settings import AnswerSettings
from arc.solving.solve import choose, leave_out
from arc.solving.voting import Vote
from longrun import fleet

GRIDS = {"copy": [[1, 2]], "add": [[1, 2], [3, 4]], "odd": [[5]]}


class Adder:
    """A learner that needs four rounds to see that one is to be added; it cannot take the task "odd"."""

    rounds = 8
    asked: list[str] = []
    stop_at = ""

    def __init__(self, *_):
        pass

    def learn(self, task, budget):
        if task.id == "odd":
            raise NoFrame("task odd: too odd")
        assert all(pair.output is None for pair in task.test)
        self.asked.append(task.id)
        if task.id == self.stop_at:
            os.kill(os.getpid(), signal.SIGTERM)
        for number in range(self.rounds):
            list(budget.round(number))
            sure = Vote(task.test[0].input + 1, 0.5)
            yield [[Vote(task.test[0].input[:1], 0.9), *[sure] * (number >= 3)]]


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """Three tasks in a file: one to copy, one to add to, and one that is too odd."""
    monkeypatch.setattr(question, "CellLearner", Adder)
    question.learner_of.cache_clear()
    monkeypatch.setattr(Adder, "asked", [])
    listed = {}
    for name, rows in GRIDS.items():
        output = (np.array(rows) + (name == "add")).tolist()
        listed[name] = {part: [{"input": rows, "output": output}] for part in ("train", "test")}
    (tmp_path / "tasks.json").write_text(json.dumps(listed))
    return tmp_path / "tasks.json"


def command(tasks, *flags):
    return [
        "solve",
        str(tasks),
        "--search",
        "0",
        "--run",
        f"{tasks.parent}/run/",
        "--output",
        str(tasks.parent / "submission.json"),
        *flags,
    ]


def test_tasks_are_answered_scored_and_written_beside_the_floor(tasks, capsys):
    assert commands.main(command(tasks, "--steps", "16", "--json")) == 0
    outcome = json.loads(capsys.readouterr().out)
    # Copying solves two tasks of three, the learner "copy" with its first attempt and "add" from the fourth round on.
    assert outcome["floors"]["pass_2"] == pytest.approx(2 / 3) and outcome["counts"]["pass_2"] == 3
    found = {name: round(value, 4) for name, value in outcome["metrics"].items() if name.startswith("pass")}
    late = {"pass_1": 0.6667, "pass_2": 1.0, "pass_1_after_0.5": 0.6667, "pass_2_after_0.5": 1.0}
    early = {f"pass_{count}_after_{share}": 0.6667 for count in (1, 2) for share in (0.125, 0.25)}
    assert found == late | early
    assert outcome["metrics"]["steps"] == 32 and outcome["metrics"]["untrained_tasks"] == 1
    text = (tasks.parent / "run" / "REPORT.md").read_text()
    assert "| 0.25 | 0.6667 | 0.6667 |" in text and "task odd: too odd" in text and "| solved | 3 |" in text
    assert commands.main(["score", str(tasks.parent / "submission.json"), str(tasks)]) == 0
    assert "within two attempts 1.0000" in capsys.readouterr().out


def test_what_is_answered_is_not_asked_again(tasks, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(
            ledger, "write_atomically", lambda path, text: (_ for _ in ()).throw(MemoryError) if '"add"' in text else path.write_text(text)
        )
        commands.main(command(tasks))
    assert Adder.asked == ["copy", "add"]
    assert commands.main(command(tasks)) == 0
    assert Adder.asked == ["copy", "add", "add"]
    lines = [json.loads(line) for line in (tasks.parent / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [(line["step"], line["pass_2"]) for line in lines] == [(1, 1.0), (2, 1.0), (3, 1.0)]


def test_a_folder_goes_on_only_with_what_it_was_begun_with(tasks, capsys):
    assert commands.main(command(tasks)) == 0
    assert commands.main(command(tasks, "--seed", "1")) == 2
    assert "seed was 0, is 1" in capsys.readouterr().err


def test_a_file_of_tasks_that_was_replaced_is_refused_by_name(tasks, capsys):
    assert commands.main(command(tasks)) == 0
    listed = json.loads(tasks.read_text())
    listed["add"]["test"][0]["input"] = [[7, 7]]
    tasks.write_text(json.dumps(listed))
    (tasks.parent / "submission.json").unlink()
    assert commands.main(command(tasks)) == 2
    error = capsys.readouterr().err
    assert "holds answers to task add as it was before" in error and "another --run keeps them, --fresh moves them aside" in error
    assert not (tasks.parent / "submission.json").exists()
    assert commands.main(command(tasks, "--fresh")) == 0
    assert json.loads((tasks.parent / "submission.json").read_text())["add"][0]["attempt_2"] == [[8, 8]]


def test_answers_that_come_in_another_order_are_the_same(tasks, monkeypatch):
    assert commands.main(command(tasks)) == 0
    first = (tasks.parent / "submission.json").read_bytes()

    def backwards(function, questions, **_):
        yield from ((index, function(questions[index])) for index in reversed(range(len(questions))))

    monkeypatch.setattr(fleet, "run", backwards)
    assert commands.main(command(tasks, "--run", f"{tasks.parent}/other/", "--workers", "2")) == 0
    assert (tasks.parent / "submission.json").read_bytes() == first
    lines = [[json.loads(line) for line in (tasks.parent / run / "answers.jsonl").read_text().splitlines()] for run in ("run", "other")]
    assert [{**line, "cpu_seconds": 0} for line in lines[0]] == [{**line, "cpu_seconds": 0} for line in lines[1]]


def test_a_signal_keeps_what_is_answered_and_says_so(tasks, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(Adder, "stop_at", "add")
        assert commands.main(command(tasks)) == 143
    expected = f"stopped by SIGTERM at 1 of 3 tasks, whose answers are saved in {tasks.parent}/run; the same command goes on"
    assert expected in capsys.readouterr().err and expected in (tasks.parent / "run" / "REPORT.md").read_text()
    assert commands.main(command(tasks)) == 0
    assert "going on after 1 of 3 tasks" in capsys.readouterr().out and Adder.asked == ["copy", "add", "add"]


def test_withheld_answers_are_answered_and_not_scored(tasks, capsys):
    listed = json.loads(tasks.read_text())
    del listed["add"]["test"][0]["output"]
    tasks.write_text(json.dumps(listed))
    assert commands.main(command(tasks, "--json")) == 0
    assert set(json.loads(capsys.readouterr().out)["metrics"]) == {"cpu_seconds", "steps", "answered_by_search", "untrained_tasks"}
    assert json.loads((tasks.parent / "submission.json").read_text())["add"][0]["attempt_1"] == [[1, 2]]


def test_tasks_are_drawn_by_the_seed(tasks):
    chosen = load("arc-agi-1-training")
    first, again, other = (choose(chosen, 5, seed) for seed in (0, 0, 1))
    assert list(first.tasks) == list(again.tasks) != list(other.tasks) and len(first) == 5
    assert choose(chosen, 0, 0) is chosen
    with pytest.raises(ValueError, match="401 tasks asked for, it has 400"):
        choose(chosen, 401, 0)


def test_practice_on_what_is_scored_is_refused(tasks, capsys):
    line = ["solve", "arc-agi-1-evaluation", "--checkpoint", "c", "--practice", "arc-agi-2-training", "--run", f"{tasks.parent}/run/"]
    assert commands.main(line) == 2
    error = capsys.readouterr().err
    assert "refusing to train on arc-agi-2-training and score on arc-agi-1-evaluation: 376 of 400" in error and len(error.splitlines()) == 1
    assert not (tasks.parent / "run").exists()


def test_or_left_out(capsys):
    scored = load("arc-agi-1-evaluation")
    few = TaskSet("few", {task_id: load("arc-agi-1-training")[task_id] for task_id in ("40853293", "a5313dff")})
    with pytest.raises(ValueError, match="1 of 400 scored tasks"):
        leave_out(few, scored, drop=False)
    assert leave_out(few, scored, drop=True) == ("40853293",)
    assert "40853293: shares a pair" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": -1}, "steps must be at least 0"),
        ({"steps": 0, "search": 0}, "leave nothing that answers"),
        ({"seed": -1}, "seed must be"),
        ({"practice": "x"}, "name the checkpoint"),
    ],
)
def test_a_bad_configuration_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        AnswerSettings("x", **fields)


def test_the_search_answers_and_the_report_says_so(tasks, capsys):
    """It is sure of what is copied; that one is added is a table that no other demonstration confirms."""
    assert commands.main(command(tasks, "--search", "60")) == 0
    assert "first attempt by the search: 3 tasks" in capsys.readouterr().out and Adder.asked == ["add"]
    lines = [json.loads(line) for line in (tasks.parent / "run" / "answers.jsonl").read_text().splitlines()]
    assert [line["by"][0][0] for line in lines] == ["search"] * 3 and lines[0]["rule"] == "the input"


def test_a_folder_from_before_the_search_goes_on_without_it_only(tasks, capsys):
    assert commands.main(command(tasks)) == 0
    place = tasks.parent / "run" / "config.json"
    place.write_text(json.dumps({name: value for name, value in json.loads(place.read_text()).items() if name != "search"}))
    assert commands.main(command(tasks, "--search", "50")) == 2
    assert "search was 0, is 50" in capsys.readouterr().err
    assert commands.main(command(tasks)) == 0


def test_a_real_task_is_solved(tmp_path, capsys):
    """A crop, which the frame alone holds, so that few steps are enough."""
    task = load("arc-agi-1-training")["fcb5c309"]
    (tmp_path / "tasks.json").write_text(json.dumps({task.id: task.to_json()}))
    line = [
        "solve",
        str(tmp_path / "tasks.json"),
        "--search",
        "0",
        "--steps",
        "80",
        "--run",
        f"{tmp_path}/run/",
        "--output",
        str(tmp_path / "out.json"),
    ]
    assert commands.main([*line, "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["metrics"]["pass_2"] == 1.0 and outcome["metrics"]["steps"] == 80
