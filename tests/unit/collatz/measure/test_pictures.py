from collatz.measure.analyze import _plateau
from collatz.measure.pictures import draw_rate, halvings

LINES = [
    {"step": 100 * index, "learning_rate": rate, "loss": 1.0 / index, "violations": 0.1}
    for index, rate in enumerate([1, 1, 0.5, 0.5, 0.25], 1)
]


def test_halvings_are_the_lines_with_a_lower_rate():
    assert halvings(LINES) == [300, 500]
    assert halvings(LINES[:2]) == halvings([]) == []


def test_the_plateau_in_numbers():
    found = _plateau(LINES)
    assert (found["first_rate"], found["last_rate"], found["steps"]) == (1, 0.25, 500)
    first, last = found["halvings"]
    assert (first["step"], first["rate"], last["step"]) == (300, 0.5, 500)
    assert first["loss_before"] == (1 / 1 + 1 / 2) / 2 and first["loss_after"] == (1 / 4 + 1 / 5) / 2
    assert first["violations_before"] == 0.1
    assert last["loss_after"] is None


def test_rate_and_loss_are_drawn(tmp_path):
    assert draw_rate(LINES, tmp_path / "rate.png").stat().st_size > 1000
