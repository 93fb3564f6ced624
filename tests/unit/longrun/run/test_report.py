"""The result of a run and its progress log, in the shapes that everything else reads."""

import json
import signal

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from longrun import (
    Finding,
    Interrupted,
    Report,
    RetraceError,
    Unhealthy,
    binomial_score,
    draw_curves,
    result,
    result_table,
)

SCORE = binomial_score(90, 100, 0.5)


def test_a_result_names_every_number_and_its_floor():
    outcome = result("stegastamp", "tiny", 300, {"bit_accuracy": SCORE, "psnr": 31.25})
    assert json.loads(json.dumps(outcome)) == {
        "project": "stegastamp",
        "preset": "tiny",
        "step": 300,
        "metrics": {"bit_accuracy": 0.9, "psnr": 31.25},
        "floors": {"bit_accuracy": 0.5},
        "skill": {"bit_accuracy": 0.8},
        "intervals": {"bit_accuracy": [SCORE.low, SCORE.high]},
        "counts": {"bit_accuracy": 100},
        "n": 100,
    }


def test_the_number_of_cases_is_one_number():
    few = binomial_score(3, 10, 0.5)
    assert result("p", "tiny", 1, {"few": few, "bit_accuracy": SCORE})["n"] == 100
    assert result("p", "tiny", 1, {"few": few, "bit_accuracy": SCORE}, cases=20)["n"] == 20
    assert result("p", "tiny", 1, {"psnr": 31.25})["n"] == 0


def test_the_table_shows_the_score_beside_its_floor():
    lines = result_table(result("p", "tiny", 1, {"bit_accuracy": SCORE, "psnr": 31.25})).splitlines()
    assert lines == [
        "| metric | score | floor | skill | 95 % interval | n |",
        "|---|---|---|---|---|---|",
        "| bit_accuracy | 0.9000 | 0.5000 | +0.8000 | 0.8256..0.9448 | 100 |",
        "| psnr | 31.25 | - | - | - | - |",
    ]


def test_the_table_of_an_older_result_can_still_be_made():
    outcome = result("p", "tiny", 1, {"bit_accuracy": SCORE})
    older = outcome | {"n": outcome["counts"]}
    del older["counts"]
    assert result_table(older) == result_table(outcome)


def write(folder, *, columns=("loss",), floors=None, findings=(), notes=(), pictures=None, **options) -> str:
    """REPORT.md of a run folder, as text."""
    Report(columns, floors or {}, notes, pictures or {}).write(folder, "A run", findings, **options)
    return (folder / "REPORT.md").read_text()


@pytest.fixture
def run_folder(tmp_path):
    (tmp_path / "config.json").write_text('{"project": "p", "steps": 100}')
    (tmp_path / "versions.json").write_text('{"tensorflow": "2.21.0", "devices": "CPU, 2 cores"}')
    lines = [
        {"step": step, "loss": 1 / step, "rare": 0.5} if step % 50 == 0 else {"step": step, "loss": 1 / step} for step in range(1, 101)
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def test_a_report_holds_everything(run_folder):
    (run_folder / "result.json").write_text(json.dumps(result("p", "tiny", 100, {"bit_accuracy": SCORE})))
    (run_folder / "samples.png").touch()
    text = write(
        run_folder,
        columns=("loss", "rare", "absent"),
        floors={"loss": 0.1},
        findings=[Finding("spike", 7, "norm", 12.0, 10.0, "norm jumped")],
        notes=["It learnt."],
        pictures={"samples": "samples.png", "not there yet": "later.png"},
    )
    assert text.startswith("# A run\n\nIt learnt.\n\n## Result\n\n| metric | score | floor |")
    for part in (
        "| bit_accuracy | 0.9000 | 0.5000 | +0.8000 |",
        "## Health\n\n| guard | step |",
        "| spike | 7 | norm | 12 | 10 | norm jumped |",
        "## Progress\n\n| step | loss | rare |\n|---|---|---|",
        "![curves](curves.png)",
        "**samples**\n\n![samples](samples.png)",
        '"steps": 100',
        "Made with tensorflow 2.21.0, devices CPU, 2 cores.",
    ):
        assert part in text
    assert "absent" not in text and "later.png" not in text


def test_a_report_says_what_ended_the_run(run_folder):
    found = Finding("spike", 7, "norm", 12.0, 10.0, "norm jumped")
    end = RetraceError("train_step would retrace", traces=2, limit=1)
    text = write(run_folder, findings=[found], end=end)
    assert text.startswith("# A run\n\nEnded before its last step: train_step would retrace.\n\n## Health\n")
    assert "| spike | 7 | norm | 12 | 10 | norm jumped |\n| retrace | - | traces | 2 | 1 | train_step would retrace |\n" in text
    # What a guard found is said once, and a signal finds nothing.
    text = write(run_folder, findings=[found], end=Unhealthy([found]))
    assert text.count("| spike |") == 1
    text = write(run_folder, end=Interrupted(signal.SIGTERM, 7))
    assert "Ended before its last step: stopped by SIGTERM at step 7; the same command goes on from there.\n" in text
    assert "## Health" not in text


def test_after_a_signal_nothing_is_drawn(run_folder):
    for end, drawn in ((Interrupted(signal.SIGTERM, 7), False), (Unhealthy([]), True)):
        write(run_folder, end=end)
        assert (run_folder / "curves.png").exists() is drawn


def test_a_report_on_the_way_draws_nothing(run_folder):
    text = write(run_folder, draw=False)
    assert "| 100 | 0.01 |" in text and "curves.png" not in text and not (run_folder / "curves.png").exists()
    # Curves that an earlier one has drawn are shown, as they were.
    (run_folder / "curves.png").write_bytes(b"drawn")
    assert "![curves](curves.png)" in write(run_folder, draw=False)
    assert (run_folder / "curves.png").read_bytes() == b"drawn"


def test_the_progress_table_is_thinned_but_keeps_both_ends(run_folder):
    rows = [line.split("|") for line in write(run_folder, columns=("loss", "rare")).splitlines()]
    rows = [[cell.strip() for cell in row[1:-1]] for row in rows if len(row) == 5 and row[1].strip().isdigit()]
    assert len(rows) == 24
    assert rows[0] == ["1", "1", ""]
    assert rows[-1] == ["100", "0.01", "0.5"]


def test_a_run_that_was_stopped_at_once_has_a_report(run_folder):
    (run_folder / "metrics.jsonl").unlink()
    text = write(run_folder)
    assert "## Progress" not in text
    assert "## Result" not in text
    assert not (run_folder / "curves.png").exists()


def test_curves_stop_at_numbers_that_are_not_finite(tmp_path):
    lines = [{"step": 1, "loss": 1.0}, {"step": 2, "loss": float("nan")}, {"step": 3, "loss": float("inf")}]
    draw_curves(tmp_path / "curves.png", lines, ("loss", "never"), {"loss": 0.5})
    height, width, _ = pyplot.imread(tmp_path / "curves.png").shape
    assert (width, height) == (462, 308)  # One plot of 4.2 x 2.8 inches at 110 dots an inch.
    assert pyplot.get_fignums() == []


def test_every_curve_has_a_plot_with_its_floor(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    lines = [{"step": step, "a": step, "b": 2, "c": 3, "d": 4} for step in (1, 2)]
    draw_curves(tmp_path / "curves.png", lines, ("a", "b", "c", "d"), {"b": 0.25})
    monkeypatch.undo()
    (figure,) = drawn
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["a", "b", "c", "d", "", ""]
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [1, 2])
    assert [len(axis.lines) for axis in figure.axes] == [1, 2, 1, 1, 0, 0]
    assert list(figure.axes[1].lines[1].get_ydata()) == [0.25, 0.25]
    pyplot.close(figure)


def test_a_verdict_is_asked_for_when_the_run_is_done_or_sick_and_said_aloud_when_sick(run_folder, capsys):
    asked = Report(("loss",), verdict=lambda: "It reads its input.")
    for end, in_report, aloud in (
        (None, True, ""),
        (Unhealthy([]), True, "It reads its input.\n"),
        (Interrupted(signal.SIGTERM, 7), False, ""),
    ):
        asked.write(run_folder, "A run", end=end)
        assert ("It reads its input." in (run_folder / "REPORT.md").read_text(), capsys.readouterr().out) == (in_report, aloud)
    asked.write(run_folder, "A run", draw=False)
    assert "It reads its input." not in (run_folder / "REPORT.md").read_text()
