from collatz.analyze import _plateau
from collatz.pictures import draw_rate, halvings

LINES = [
    {"step": 100 * index, "learning_rate": rate, "loss": 1.0 / index, "violations": 0.1}
    for index, rate in enumerate([1, 1, 0.5, 0.5, 0.25], 1)
]


def test_halvings_are_the_lines_with_a_lower_rate():
    assert halvings(LINES) == [300, 500]
    assert halvings(LINES[:2]) == halvings([]) == []


def test_the_plateau_in_numbers():
    assert _plateau(LINES) == {"first_rate": 1, "last_rate": 0.25, "halvings": [300, 500], "steps": 500}


def test_rate_and_loss_are_drawn(tmp_path):
    assert draw_rate(LINES, tmp_path / "rate.png").stat().st_size > 1000
