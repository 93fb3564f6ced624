import json

from collatz import __main__ as commands
from collatz.bounds import frontier
from collatz.functions import lyapunov
from collatz.measure import evaluate
from longrun import changed


def test_a_run_is_judged_released_and_judged_again(trained, tmp_path, capsys):
    released = tmp_path / "released"
    assert commands.main(["release", str(trained), str(released)]) == 0
    capsys.readouterr()
    outcomes = []
    for checkpoint in (trained, trained / "checkpoints" / "last", released):
        assert commands.main(["evaluate", str(checkpoint), "--json"]) == 0
        outcomes.append(json.loads(capsys.readouterr().out))
    assert outcomes[0] == outcomes[1] == outcomes[2] == json.loads((trained / "result.json").read_text())
    assert outcomes[0]["project"] == "collatz" and outcomes[0]["step"] == 100
    names = {"violations", "violations_unleaked", "pass", "weighted_pass", "growth_pass", "growth_weighted_pass"}
    assert names <= set(outcomes[0]["metrics"]) and names <= set(outcomes[0]["floors"]) and names <= set(outcomes[0]["skill"])
    assert outcomes[0]["counts"]["violations"] == 429 and outcomes[0]["counts"]["violations_unleaked"] == 158
    text = (released / "EVALUATION.md").read_text()
    assert "| clock |" in text and "Lower bounds for any V" in text
    numbers, measured = outcomes[0]["metrics"], outcomes[0]["measured"]
    assert set(measured) == {"quick", "clock", "window maximum"} and measured["clock"].keys() < outcomes[0]["bounds"].keys()
    assert measured["quick"][frontier.VIOLATIONS] == numbers["large_number_violations"] < 0.1
    assert numbers["violations_leaked"] == numbers["violations"] - numbers["violations_unleaked"]
    assert numbers["margin_percentile_5"] <= numbers["margin_median"]
    assert outcomes[0]["closed_forms"]["clock"]["violations"] == outcomes[0]["floors"]["violations"]
    assert 0 < numbers["steps_in_endgame"] < 429 and 0 < numbers["rows_in_endgame"] < 300
    assert f"The endgame's table answers {numbers['steps_in_endgame']} of 429 test steps" in text
    assert f"Without it: {numbers['violations_without_endgame']} violations" in text
    assert text.startswith("# collatz quick, epoch 100: ") and "Trained by" in text


def test_who_only_reads_leaves_no_file_behind(trained, small_set, tmp_path, monkeypatch, capsys):
    text = small_set.read_text()
    monkeypatch.setattr(evaluate, "evaluation_text", lambda: text)
    monkeypatch.setattr(lyapunov, "load", lambda path, load=lyapunov.load: without_set(load(path)))
    monkeypatch.chdir(tmp_path)
    assert commands.main(["evaluate", str(trained), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((trained / "result.json").read_text())
    assert list(tmp_path.iterdir()) == []


def without_set(value):
    """A V that was trained without --eval-csv."""
    value.config = changed(value.config, eval_csv="")
    return value
