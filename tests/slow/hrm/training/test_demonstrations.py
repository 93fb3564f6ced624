"""A training by demonstrations through the command line, judged on tasks of which it was shown nothing."""

import json

from hrm import __main__ as commands
from longrun import read_metrics
from tests.fixtures.hrm import words

SHORT = ["--mode", "eager", "--steps", "2", "--log-every", "2", "--save-every", "2", "--evaluate-every", "2"]


def test_a_run_by_demonstrations_is_judged_on_tasks_it_has_not_seen(tmp_path, capsys, undrawn):
    run = tmp_path / "run"
    assert commands.main(words("demonstrations", run, *SHORT)) == 0
    outcome = json.loads((run / "result.json").read_text())
    assert {"exact_wrong_demonstrations", "unseen_exact_wrong_demonstrations", "unseen_exact_turn_and_recolour"} <= set(outcome["metrics"])
    assert outcome["counts"]["unseen_exact_match"] == 20 and 0 < outcome["floors"]["unseen_cell_accuracy"] < 1
    assert not {"exact_wrong_identifier"} & set(outcome["metrics"])
    assert "unseen_exact" in read_metrics(run / "metrics.jsonl")[-1]
    capsys.readouterr()
    assert commands.main(["evaluate", str(run / "export")]) == 0
    printed = capsys.readouterr().out
    low, high = outcome["intervals"]["unseen_exact_match"]
    assert f"tasks that training showed nothing of: exact match {outcome['metrics']['unseen_exact_match']:.4f} (floor" in printed
    assert f"95 % interval {low:.4f}..{high:.4f})" in printed
    assert commands.main(["submit", str(run), str(tmp_path / "answers.json")]) == 2
    assert "answers mini-arc, not arc" in capsys.readouterr().err
