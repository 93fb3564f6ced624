"""What is printed of a checkpoint."""

import json

from longrun import binomial_score, result
from longrun.measure.judge import show, verdict

OUTCOME = result("toy", "quick", 7, {"bit_accuracy": binomial_score(90, 100, 0.5), "guess": binomial_score(51, 100, 0.5), "psnr": 31.25})


def test_a_heading_a_table_and_paragraphs(capsys):
    show(OUTCOME, False, "A toy on 100 bits", "It reads.", "It guesses.")
    heading, table, *paragraphs = capsys.readouterr().out.split("\n\n")
    assert (heading, paragraphs) == ("A toy on 100 bits", ["It reads.", "It guesses.\n"])
    assert "| bit_accuracy | 0.9000 | 0.5000 | +0.8000 | 0.8256..0.9448 | 100 |" in table and "| psnr | 31.25 |" in table


def test_another_table_may_stand_for_the_whole(capsys):
    show(OUTCOME, False, "A toy", table=result("toy", "quick", 7, {"psnr": 31.25}))
    assert "bit_accuracy" not in capsys.readouterr().out


def test_json_is_one_object_and_nothing_else(capsys):
    show(OUTCOME, True, "A toy", "It reads.")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(OUTCOME))


def test_a_verdict_is_for_the_whole_interval():
    known = verdict(OUTCOME, "bit_accuracy", "it reads", "it guesses")
    assert known == "bit accuracy 0.9000 (floor 0.5000, 95 % interval 0.8256..0.9448): it reads"
    assert verdict(OUTCOME, "guess", "it reads", "it guesses", "the rest").startswith("the rest 0.5100 (floor 0.5000, ")
    assert verdict(OUTCOME, "guess", "it reads", "it guesses").endswith(": it guesses")
