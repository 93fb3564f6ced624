"""Verdicts and floors for TensorBoard: text, and lines in the charts of the curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import tensorflow as tf

from longrun.examination.verdict import Verdict, table


def write_verdicts(folder: Path | str, verdicts: Sequence[Verdict]) -> None:
    """The table as text, and each floor as a line beside the value of its check, in runs "doctor" and "floors" below the folder."""
    write_text(folder, "doctor", table(verdicts))
    for kind in ("value", "floor"):
        numbers = {each.check: getattr(each, kind) for each in verdicts}
        write_lines(Path(folder) / ("floors" if kind == "floor" else "doctor"), {n: v for n, v in numbers.items() if v is not None}, (0, 1))


def write_text(folder: Path | str, name: str, markdown: str) -> None:
    """A note in the run "doctor" below the folder."""
    writer = tf.summary.create_file_writer(str(Path(folder) / "doctor"))
    with writer.as_default():
        tf.summary.text(name, markdown, step=0)
    writer.close()


def write_lines(folder: Path | str, values: Mapping[str, float], steps: Sequence[int]) -> None:
    """Level lines: TensorBoard draws curves of one name, of several runs, in one chart."""
    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        for name, value in values.items():
            for step in steps:
                tf.summary.scalar(name, value, step=step)
    writer.close()
