"""What a run writes down: metrics.jsonl (the truth) and TensorBoard; its progress is shown from the same numbers."""

import contextlib
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from longrun.run.durable import sync, write_atomically
from longrun.run.journal import read_metrics
from longrun.run.progress import ProgressLine


class Metrics:
    """Collects step results as tensors and reads them only when a line is due, so that no step waits for the host.

    folder: of the run. start: steps already done; lines of later steps, left by a killed process, are dropped, and TensorBoard's
    scalars are written anew from metrics.jsonl, so its curves have no overlapping ends.
    shown: names printed in the progress line. floors: metric -> what it is beside; a second line in its curve.
    A context manager, or call `close`: a terminal with a progress bar in it is to be left in order.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        start: int,
        total: int,
        shown: tuple[str, ...] = (),
        quiet: bool = False,
        floors: Mapping[str, float] | None = None,
    ):
        self.folder = Path(folder)
        self._floors = dict(floors or {})
        self._path = self.folder / "metrics.jsonl"
        self._pending: list[tuple[int, dict]] = []
        self._events = self.folder / "events"
        # Folders of their own: TensorBoard follows only the newest file of a folder.
        self._pictures = tf.summary.create_file_writer(str(self._events / "pictures"))
        self._begin(start)
        self._progress = None if quiet else ProgressLine(start, total, shown)
        self._closed = False

    def go_back(self, step: int) -> None:
        """After a rollback: forget everything later than `step`."""
        for writer in self._curves:
            writer.close()
        self._begin(step)
        if self._progress is not None:
            self._progress.begin(step)

    def _begin(self, start):
        self._pending.clear()
        # TensorBoard draws what two folders call by one name into one plot: a curve, and its floor.
        names = ("scalars", "floors") if self._floors else ("scalars",)
        for name in names:
            shutil.rmtree(self._events / name, ignore_errors=True)
        self._curves = [tf.summary.create_file_writer(str(self._events / name)) for name in names]
        kept = [line for line in read_metrics(self._path) if line["step"] <= start]
        write_atomically(self._path, "".join(json.dumps(line) + "\n" for line in kept))
        for line in kept:
            self._write_scalars(line)
        self._last = (time.perf_counter(), start)

    def add(self, step: int, results: Mapping[str, tf.Tensor]) -> None:
        """Keep the results of one step (tensors, not read yet). `step` counts completed steps, this one included."""
        self._pending.append((step, dict(results)))
        if self._progress is not None:
            self._progress.advance(step)

    def latest(self, name: str) -> float:
        """Read one value of the last step added, before it is flushed; waits for it."""
        return float(self._pending[-1][1][name])

    def flush(
        self,
        step: int,
        extra: Mapping[str, float] | None = None,
        derive: Callable[[dict[str, float]], Mapping[str, float]] | None = None,
    ) -> dict[str, float]:
        """Mean of each quantity since the last flush, joined with `extra` (scheduled values, evaluations), written everywhere.

        derive: further quantities from all of these, e.g. a loss above its floor.
        Returns what was written. A quantity that was not finite in some step is not finite in the mean, and "nonfinite_step" names
        the first such step.
        """
        values: dict[str, float] = {}
        for name in dict.fromkeys(name for _, results in self._pending for name in results):
            series = np.array([float(results[name]) for _, results in self._pending if name in results])
            values[name] = float(series.mean())
            if not np.isfinite(series).all():
                steps = [done for done, results in self._pending if name in results]
                first = steps[int(np.flatnonzero(~np.isfinite(series))[0])]
                values["nonfinite_step"] = min(values.get("nonfinite_step", math.inf), first)
        self._pending.clear()
        now = time.perf_counter()
        seconds, steps = now - self._last[0], step - self._last[1]
        values |= {name: float(value) for name, value in (extra or {}).items()}
        if derive is not None:
            values |= derive(values)
        if steps > 0:
            values["steps_per_second"] = steps / max(seconds, 1e-9)
            self._last = (now, step)
        line = {"step": step, **values}
        try:
            with open(self._path, "a") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise type(error)(f"cannot write {self._path}: {error.strerror}") from error
        self._write_scalars(line)
        if self._progress is not None:
            self._progress.show(step, values)
        return values

    def images(self, step: int, name: str, images) -> None:
        """Pictures for TensorBoard, (N, H, W, 1 or 3) in [0, 1]."""
        with self._writing(self._pictures):
            tf.summary.image(name, tf.clip_by_value(tf.cast(images, tf.float32), 0, 1), step=step, max_outputs=8)

    def histogram(self, step: int, name: str, values) -> None:
        """A histogram for TensorBoard."""
        with self._writing(self._pictures):
            tf.summary.histogram(name, values, step=step)

    def text(self, step: int, name: str, markdown: str) -> None:
        """A note for TensorBoard."""
        with self._writing(self._pictures):
            tf.summary.text(name, markdown, step=step)

    def sync(self) -> None:
        """Force everything to disk. Call before a checkpoint is saved, so that no line or picture up to it can be missing."""
        self._each_writer("flush")
        sync(self._path)
        # The scalars are written anew from these lines when a run goes on.
        for path in (*(self._events / "pictures").iterdir(), self._events / "pictures", self._events, self.folder):
            sync(path)

    def state(self) -> list:
        """What has been added since the last flush, to be saved when a run is interrupted between two lines."""
        return [[step, {name: float(value) for name, value in results.items()}] for step, results in self._pending]

    def load(self, state: list) -> None:
        """Take over a saved state, so that the next line is the one of the run without the interruption."""
        self._pending = [(step, results) for step, results in state]

    def close(self) -> None:
        """End the progress bar and the writers."""
        if self._closed:
            return
        self._closed = True
        if self._progress is not None:
            self._progress.close()
        self._each_writer("flush")
        self._each_writer("close")

    def __enter__(self) -> "Metrics":
        return self

    def __exit__(self, kind, *_) -> None:
        # A full disk is not to hide the error that brought us here.
        with contextlib.suppress(*(() if kind is None else (OSError,))):
            self.close()

    def _each_writer(self, action):
        with self._named():
            for writer in (*self._curves, self._pictures):
                getattr(writer, action)()

    def _write_scalars(self, line):
        values = {name: value for name, value in line.items() if name != "step"}
        floors = {name: floor for name, floor in self._floors.items() if name in values}
        for writer, numbers in zip(self._curves, (values, floors), strict=False):
            with self._writing(writer):
                for name, value in numbers.items():
                    tf.summary.scalar(name, value, step=line["step"])

    @contextlib.contextmanager
    def _writing(self, writer) -> Iterator[None]:
        with self._named(), writer.as_default():
            yield

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """What TensorFlow says of a full disk, as the OSError that it is."""
        try:
            yield
        except tf.errors.OpError as error:
            raise OSError(f"cannot write {self._events}: {error.message}") from error
