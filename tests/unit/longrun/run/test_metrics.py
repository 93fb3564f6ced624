"""metrics.jsonl and TensorBoard: means, non-finite steps, resuming, going back."""

import json
import math

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from longrun import Metrics, read_metrics


def add_steps(metrics, first, last, interval=2):
    """Results of steps first..last, loss = step, a line every `interval` steps."""
    for step in range(first, last + 1):
        metrics.add(step, {"loss": tf.constant(float(step))})
        if step % interval == 0:
            metrics.flush(step)


def events(folder, kind):
    accumulator = EventAccumulator(str(folder / "events" / kind), size_guidance={"tensors": 0})
    accumulator.Reload()
    return accumulator


def scalars(folder, name):
    return [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events(folder, "scalars").Tensors(name)]


def test_a_line_holds_the_means_since_the_last_one(tmp_path):
    with Metrics(tmp_path, start=0, total=4, quiet=True) as metrics:
        metrics.add(1, {"loss": tf.constant(1.0), "rare": tf.constant(5.0)})
        metrics.add(2, {"loss": tf.constant(4.0)})
        values = metrics.flush(2, {"strength": 0.5}, lambda values: {"double": 2 * values["loss"]})
        metrics.add(3, {"loss": tf.constant(7.0)})
        metrics.flush(3)
    speed = values.pop("steps_per_second")
    assert speed > 0
    assert values == {"loss": 2.5, "rare": 5.0, "strength": 0.5, "double": 5.0}
    first, second = read_metrics(tmp_path / "metrics.jsonl")
    assert first == {"step": 2, "loss": 2.5, "rare": 5.0, "strength": 0.5, "double": 5.0, "steps_per_second": speed}
    assert (second["step"], second["loss"]) == (3, 7.0)


def test_the_first_step_that_was_not_finite_is_named(tmp_path):
    with Metrics(tmp_path, start=0, total=4, quiet=True) as metrics:
        for step, (loss, norm) in enumerate([(1.0, 1.0), (2.0, math.inf), (math.nan, 1.0), (4.0, 1.0)], 1):
            metrics.add(step, {"loss": tf.constant(loss), "norm": tf.constant(norm)})
        values = metrics.flush(4)
    assert values["nonfinite_step"] == 2
    assert math.isnan(values["loss"])
    assert math.isinf(values["norm"])
    (line,) = read_metrics(tmp_path / "metrics.jsonl")
    assert math.isnan(line["loss"])


def test_no_result_is_read_before_a_line_is_due(tmp_path):
    class Waiting:
        read = 0

        def __float__(self):
            Waiting.read += 1
            return 1.0

    with Metrics(tmp_path, start=0, total=4, quiet=True) as metrics:
        for step in (1, 2, 3):
            metrics.add(step, {"loss": Waiting()})
        assert Waiting.read == 0
        assert metrics.latest("loss") == 1.0
        assert Waiting.read == 1
        metrics.flush(3)
        assert Waiting.read == 4


def test_resuming_drops_later_lines_and_leaves_no_double_points(tmp_path):
    with Metrics(tmp_path, start=0, total=20, quiet=True) as metrics:
        add_steps(metrics, 1, 10)
    # The process was killed after step 10; its last checkpoint is of step 6.
    with Metrics(tmp_path, start=6, total=20, quiet=True) as metrics:
        assert [line["step"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [2, 4, 6]
        add_steps(metrics, 7, 12)
    expected = [(step, step - 0.5) for step in (2, 4, 6, 8, 10, 12)]
    assert [(line["step"], line["loss"]) for line in read_metrics(tmp_path / "metrics.jsonl")] == expected
    assert scalars(tmp_path, "loss") == expected


def test_a_line_cut_short_by_a_kill_is_dropped(tmp_path):
    with Metrics(tmp_path, start=0, total=20, quiet=True) as metrics:
        add_steps(metrics, 1, 4)
    path = tmp_path / "metrics.jsonl"
    path.write_text(path.read_text()[:-9])
    assert [line["step"] for line in read_metrics(path)] == [2]
    with Metrics(tmp_path, start=4, total=20, quiet=True) as metrics:
        add_steps(metrics, 5, 6)
    assert [line["step"] for line in read_metrics(path)] == [2, 6]
    for last in ('{"step": "8"}', '{"step": true, "loss": "x"}', '{"step": 8, "loss": 9223372036854775808}', "[" * 100_000):
        path.write_text('{"step": 2, "loss": NaN}\n' + last + "\n")
        assert [line["step"] for line in read_metrics(path)] == [2]


def test_an_interruption_between_two_lines_leaves_no_trace(tmp_path):
    with Metrics(tmp_path, start=0, total=20, quiet=True) as metrics:
        add_steps(metrics, 1, 5, interval=4)
        state = json.loads(json.dumps(metrics.state()))
    assert state == [[5, {"loss": 5.0}]]
    with Metrics(tmp_path, start=5, total=20, quiet=True) as metrics:
        metrics.load(state)
        add_steps(metrics, 6, 8, interval=4)
        assert metrics.state() == []
    assert [(line["step"], line["loss"]) for line in read_metrics(tmp_path / "metrics.jsonl")] == [(4, 2.5), (8, 6.5)]


def test_going_back_forgets_what_came_later(tmp_path):
    with Metrics(tmp_path, start=0, total=20, quiet=True) as metrics:
        add_steps(metrics, 1, 9)
        metrics.go_back(4)
        assert metrics.state() == []
        add_steps(metrics, 5, 6)
    assert [line["step"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [2, 4, 6]
    assert [step for step, _ in scalars(tmp_path, "loss")] == [2, 4, 6]


def test_pictures_histograms_and_texts_can_be_read_back(tmp_path):
    with Metrics(tmp_path, start=0, total=4, quiet=True) as metrics:
        metrics.images(1, "stamped", np.full((2, 4, 6, 3), 2.0))
        metrics.histogram(2, "weights", tf.constant([1.0, 2.0, 3.0]))
        metrics.text(3, "note", "**learnt**")
    read = events(tmp_path, "pictures")
    assert set(read.Tags()["tensors"]) == {"stamped", "weights", "note"}
    width, height, first, *_ = tf.make_ndarray(read.Tensors("stamped")[0].tensor_proto)
    assert (width, height) == (b"6", b"4")
    assert tf.reduce_min(tf.io.decode_png(first)) == 255  # Clipped to 1.
    assert tf.make_ndarray(read.Tensors("weights")[0].tensor_proto)[:, 2].sum() == 3
    assert tf.make_ndarray(read.Tensors("note")[0].tensor_proto).item() == b"**learnt**"


def test_a_live_reader_sees_scalars_after_pictures(tmp_path):
    with Metrics(tmp_path, start=0, total=9, quiet=True) as metrics:
        add_steps(metrics, 1, 2)
        metrics.images(2, "stamped", np.zeros((1, 4, 4, 1)))
        metrics.sync()
        scalar_reader, picture_reader = events(tmp_path, "scalars"), events(tmp_path, "pictures")
        add_steps(metrics, 3, 4)
        metrics.images(4, "stamped", np.zeros((1, 4, 4, 1)))
        metrics.sync()
        scalar_reader.Reload()
        picture_reader.Reload()
    assert [event.step for event in scalar_reader.Tensors("loss")] == [2, 4]
    assert [event.step for event in picture_reader.Tensors("stamped")] == [2, 4]


def test_quiet_prints_nothing(tmp_path, capsys):
    with Metrics(tmp_path, start=0, total=4, quiet=True) as metrics:
        add_steps(metrics, 1, 4)
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with Metrics(tmp_path, start=0, total=4, quiet=True) as metrics:
        (tmp_path / "metrics.jsonl").unlink()
        (tmp_path / "metrics.jsonl").mkdir()
        with pytest.raises(IsADirectoryError, match=f"^cannot write {tmp_path}/metrics.jsonl: Is a directory$"):
            metrics.flush(1, {"loss": 1.0})


def test_a_run_without_metrics_has_no_lines(tmp_path):
    assert read_metrics(tmp_path / "metrics.jsonl") == []


def test_a_floor_is_a_second_line_in_its_curve(tmp_path):
    with Metrics(tmp_path, start=0, total=4, quiet=True, floors={"loss": 0.7, "absent": 0.1}) as metrics:
        add_steps(metrics, 1, 4)
    lines = events(tmp_path, "floors")
    assert [event.step for event in lines.Tensors("loss")] == [2, 4]
    assert {float(tf.make_ndarray(event.tensor_proto)) for event in lines.Tensors("loss")} == {np.float32(0.7)}
    assert lines.Tags()["tensors"] == ["loss"]


def test_a_floor_is_drawn_anew_where_a_run_goes_on(tmp_path):
    with Metrics(tmp_path, start=0, total=6, quiet=True, floors={"loss": 0.7}) as metrics:
        add_steps(metrics, 1, 6)
    with Metrics(tmp_path, start=2, total=6, quiet=True, floors={"loss": 0.7}) as metrics:
        add_steps(metrics, 3, 4)
    assert [event.step for event in events(tmp_path, "floors").Tensors("loss")] == [2, 4]
