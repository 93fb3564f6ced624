import json

import numpy as np
import pytest

from arc import __main__ as commands
from arc.grids.canvas import to_canvas
from arc.grids.tasks import load
from arc.skills import is_test_input
from arc.solving import submission

GOOD = {"train": [{"input": [[1]], "output": [[2]]}], "test": [{"input": [[3, 0]], "output": [[4, 0]]}]}


class Adder:
    """Its second attempt adds one to the first cell; grids above 10 are too large for it."""

    def answers(self, tasks):
        found = []
        for task in tasks:
            to_canvas(task.test[0].input, 10, f"task {task.id}: input")
            second = task.test[0].input.copy()
            second[0, 0] += 1
            found.append(type("Answer", (), {"attempts": (np.array([[10, 1]], np.int8), second)}))
        return found


@pytest.fixture
def tasks(tmp_path):
    large = {**GOOD, "test": [{"input": [[0] * 11], "output": [[0] * 11]}]}
    (tmp_path / "tasks.json").write_text(json.dumps({"small": GOOD, "large": large}))
    return load(tmp_path / "tasks.json")


def test_answers_are_written_read_and_scored(tasks, tmp_path):
    found, skipped = submission.answer(Adder(), tasks)
    assert len(skipped) == 1 and "task large: input: 1x11 does not fit" in skipped[0]
    submission.write(tmp_path / "submission.json", found)
    assert json.loads((tmp_path / "submission.json").read_text())["small"] == [{"attempt_1": [[0, 1]], "attempt_2": [[4, 0]]}]
    again = submission.read(tmp_path / "submission.json", tasks)
    scored, floor = submission.score(again, tasks)
    assert (scored.value, floor.value, scored.tasks) == (1.0, 0.5, 2)  # "large" is solved by copying.
    assert "1 tasks were answered by their input" in submission.summary((scored, floor), skipped)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "not JSON"),
        ("<html>", "it is an HTML page"),
        ('{"' + "x" * 5000 + '": [], "small": [{"attempt_1": null, "attempt_2": null}]}', "task x{60} is not in"),
        ("[]", "no submission"),
        ("{}", "task small: missing"),
        ('{"small": 3}', "task small: no list"),
        ('{"small": []}', "task small: 0 answers for 1 test inputs"),
        ('{"small": [{"attempt_1": [[1]]}]}', r"task small\[0\]: no attempt_2"),
        ('{"small": [{"attempt_1": [[1]], "attempt_2": [[1], [1, 2]]}]}', r"task small\[0\].attempt_2: ragged"),
        ('{"small": [{"attempt_1": [[1]], "attempt_2": [[12]]}]}', "colour 12 at row 0, column 0"),
    ],
)
def test_a_bad_submission_is_refused_by_place(content, message, tmp_path):
    (tmp_path / "tasks.json").write_text(json.dumps({"small": GOOD}))
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        submission.read(tmp_path / "bad.json", load(tmp_path / "tasks.json"))


def test_the_command_ends_with_one_line(tmp_path, capsys):
    (tmp_path / "tasks.json").write_text(json.dumps({"small": GOOD, "bad": {**GOOD, "test": []}}))
    (tmp_path / "submission.json").write_text(json.dumps({"small": [{"attempt_1": [[4, 0]], "attempt_2": [[0]]}]}))
    arguments = ["score", str(tmp_path / "submission.json"), str(tmp_path / "tasks.json")]
    assert commands.main(arguments) == 2
    error = capsys.readouterr().err
    assert "task bad: 'test' has no pair" in error and len(error.splitlines()) == 1
    assert commands.main([*arguments, "--skip-bad"]) == 0
    output = capsys.readouterr().out
    assert "1.0000" in output and "skipped 1, kept 1" in output


def test_drawn_tasks_are_written_and_scored_by_skill_beside_copying(tmp_path, capsys):
    file = tmp_path / "tasks.json"
    assert commands.main(["skills", "--export", str(file), "--only", "a9f96cdd, dbc1a6ce", "--count", "4", "--demonstrations", "2"]) == 0
    assert f"8 tasks in {file}" in capsys.readouterr().out
    drawn = load(file)
    assert list(drawn.tasks)[::4] == ["a9f96cdd-0", "dbc1a6ce-0"] and all(len(task.train) == 2 for task in drawn)
    assert all(is_test_input(task.test[0].input) and not any(is_test_input(pair.input) for pair in task.train) for task in drawn)
    # Of the first skill all are solved, of the second none.
    right = {task.id: [(task.test[0].output if task.id < "b" else task.test[0].input,) * 2] for task in drawn}
    submission.write(tmp_path / "submission.json", right)
    assert commands.main(["score", str(tmp_path / "submission.json"), str(file)]) == 0
    printed = capsys.readouterr().out
    assert "solved alone 4, by copying alone 0: p = 0.062 (sign test over 8 test inputs)" in printed
    assert "| 1.0000 | 0.0000 | 4 |" in printed
    assert "| 0.0000 | 0.0000 | 4 |" in printed


def test_an_unknown_skill_or_no_task_is_not_drawn(tmp_path, capsys):
    assert commands.main(["skills", "--export", str(tmp_path / "tasks.json"), "--only", "a9f96cd"]) == 2
    assert "a9f96cdd" in capsys.readouterr().err
    assert commands.main(["skills", "--export", str(tmp_path / "tasks.json"), "--count", "0"]) == 2
    assert "0 tasks of each skill: at least one is to be drawn" in capsys.readouterr().err
    assert not (tmp_path / "tasks.json").exists()


def test_kaggles_files_are_scored_and_null_attempts_are_wrong(tmp_path, capsys):
    withheld = {**GOOD, "test": [{"input": [[3, 0]]}]}
    (tmp_path / "my_challenges.json").write_text(json.dumps({"a": withheld, "b": withheld}))
    (tmp_path / "answers.json").write_text(json.dumps({"a": [[[4, 0]]], "b": [[[4, 0]]]}))
    found = {"a": [{"attempt_1": None, "attempt_2": [[4, 0]]}], "b": [{"attempt_1": [], "attempt_2": None}]}
    (tmp_path / "submission.json").write_text(json.dumps(found))
    arguments = ["score", str(tmp_path / "submission.json"), str(tmp_path / "my_challenges.json")]
    assert commands.main(arguments) == 2
    assert "task a: the answer is withheld, nothing can be scored" in capsys.readouterr().err
    assert commands.main([*arguments, "--solutions", str(tmp_path / "answers.json")]) == 0
    printed = capsys.readouterr().out
    assert "exact match within two attempts 0.5000" in printed and "3 attempts are null and count as wrong" in printed
    (tmp_path / "answers.json").rename(tmp_path / "my_solutions.json")
    assert commands.main(arguments) == 0
    assert "0.5000" in capsys.readouterr().out
    (tmp_path / "submission.json").write_text(json.dumps({**found, "b": [None]}))
    assert commands.main(arguments) == 0


def test_a_place_where_nothing_can_be_written_is_refused_before_any_work(tmp_path, capsys):
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps({"a": GOOD}))
    assert commands.main(["solve", str(file), "--output", str(tmp_path / "none" / "s.json"), "--run", f"{tmp_path}/run"]) == 2
    assert "cannot write" in (error := capsys.readouterr().err) and len(error.splitlines()) == 1
    assert commands.main(["solve", str(file), "--output", str(tmp_path), "--run", f"{tmp_path}/run"]) == 2
    assert "it is a folder" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
