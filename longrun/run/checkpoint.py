"""Checkpoints that are complete, atomic and refuse what does not fit."""

import contextlib
import json
import math
import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path

import tensorflow as tf

from longrun.run.durable import make_folder, sweep, sync, write_atomically
from longrun.run.kept import KINDS, delete, of_kinds, prefixes, tidy
from longrun.run.manifest import compare, describe, manifest_of, read_manifest

ADVICE = " (another --run keeps it, --fresh moves it aside)"
# What TensorFlow raises for files that are cut short, overwritten, gone, or hold something else than the manifest beside them says.
_UNREADABLE = (tf.errors.OpError, OSError, ValueError, IndexError, AssertionError)


class Checkpointer:
    """Saves and restores everything a run needs, under `folder`.

    groups: name -> list of variables, e.g. {"model": model.variables, "optimizer": optimizer.variables, "average": ema.variables}.
        Give `model.variables` whole: the seeds of Dropout layers are in it and in no Keras saver. Build the optimizer first.
    config: what identifies the run, JSON-able. Compared on restore, except for the keys named in `free`. A key that the saved
        configuration lacks is from before that key: it counts as its value in `defaults`, or as fitting. renamed: old key -> key.
    keep_last: how many of the latest checkpoints stay. keep_every: additionally one every so many steps, for ever (0: none).
    best: ("metric", "max" | "min"): keeps the best checkpoint by a metric given to `save`.

    Layout: manifest.json (format, versions, config, variables with path, shape and dtype), last/, every/, best/, and provisional/ for
    what no guard has approved of yet: a run goes on from it, the next approved one replaces it, and where the guards find the run
    sick it is dropped, so that the last good one is the newest. A checkpoint is written into a folder of its own and moved to the
    others, the index last, so a kill at any instant leaves it whole or leaves those before it. Host state (guards, schedules,
    controllers) travels inside the same checkpoint as a JSON string and can never be of another step.
    Raises CheckpointMismatch where the folder holds checkpoints of something else.
    """

    def __init__(
        self,
        folder: Path | str,
        groups: Mapping[str, Iterable],
        config: Mapping[str, object],
        *,
        free: Iterable[str] = (),
        defaults: Mapping[str, object] | None = None,
        renamed: Mapping[str, str] | None = None,
        keep_last: int = 2,
        keep_every: int = 0,
        best: tuple[str, str] | None = None,
    ):
        if best is not None and best[1] not in ("max", "min"):
            raise ValueError(f'best is ("metric", "max" or "min"), not {best!r}')
        self.folder = Path(folder)
        self._groups = {name: list(variables) for name, variables in groups.items()}
        self._keep_every = keep_every
        self._best = best
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._state = tf.Variable("{}", dtype=tf.string, trainable=False)
        manifest = manifest_of(self._groups, config)
        if any(prefixes(self.folder, kind) for kind in KINDS):  # Before the first one there is nothing to fit.
            compare(read_manifest(self.folder), manifest, set(free), self.folder, defaults, renamed, ADVICE)
        make_folder(self.folder)
        sweep(self.folder)
        path, content = self.folder / "manifest.json", json.dumps(manifest, indent=1).encode()
        # What is there already is not written again: a file that is not touched cannot be lost.
        if not path.exists() or path.read_bytes() != content:
            write_atomically(path, content)
        for kind in KINDS:
            tidy(self.folder / kind)
        self._checkpoint = tf.train.Checkpoint(step=self._step, state=self._state, **self._groups)
        _ = self._checkpoint.save_counter  # Made by asking for it, and expected by `restore`; the step numbers the checkpoints.
        self._keep = dict(zip(KINDS, (keep_last, 1, None, 1), strict=True))

    def save(
        self,
        step: int,
        state: Mapping[str, object] | None = None,
        metrics: Mapping[str, float] | None = None,
        *,
        provisional: bool = False,
    ) -> None:
        """Save as of `step` completed steps, with JSON-able host state. Raises OSError with one line; older checkpoints stay.

        metrics: may hold the metric of `best`; a step without it, or where it is not a number, is no candidate.
        provisional: a guard has begun to count (Health.counting), or has not seen the last steps yet.
        """
        self._step.assign(step)
        self._state.assign(json.dumps(state or {}))
        # "last" comes last: a run that is killed in between does these steps again, and the other two with them.
        if self._best and metrics and self._best[0] in metrics:
            self._save_best(step, float(metrics[self._best[0]]))
        if self._keep_every and step % self._keep_every == 0:
            self._write("every", step)
        if provisional:
            self._write("provisional", step)
        else:
            self._write("last", step)
            self.drop_provisional()

    def drop_provisional(self) -> None:
        """Delete what is provisional: it is replaced, or what it holds is sick."""
        for path in of_kinds(self.folder, "provisional"):
            delete(path)

    def restore(self, which: str = "last") -> tuple[int, dict] | None:
        """Restore the newest readable checkpoint of "last", "best" or "every". Returns (step, state), or None if there is none.

        Raises OSError where there are checkpoints and none can be read: to start anew would write over them.
        """
        paths = prefixes(self.folder, which)
        for path in reversed(paths):
            try:
                self._checkpoint.restore(path).assert_consumed()
            except _UNREADABLE as error:
                print(f"checkpoint {path} cannot be read ({_first_line(error)})", file=sys.stderr, flush=True)
                continue
            return int(self._step.numpy()), json.loads(self._state.numpy().decode())
        if paths:
            raise OSError(f"none of the {len(paths)} checkpoints in {self.folder / which} can be read")
        return None

    def path(self, which: str = "last") -> str | None:
        """Path prefix of the newest checkpoint of a kind, or None."""
        return next(reversed(prefixes(self.folder, which)), None)

    def _write(self, kind, step):
        folder, name = self.folder / kind, f"ckpt-{step}"
        beside = folder / f"{name}_temp"
        try:
            make_folder(folder)
            # TensorFlow writes the index where it is to stay, bit by bit: a kill would leave half of one.
            self._checkpoint.write(str(beside / name))
            files = sorted(beside.iterdir())  # "ckpt-5.data-..." before "ckpt-5.index".
            for file in files:
                sync(file)
            for file in files:
                os.replace(file, folder / file.name)
                sync(folder)  # In this order on disk too: an index never points to data that are not there.
            write_atomically(folder / "checkpoint", f'model_checkpoint_path: "{name}"\n')  # For tf.train.latest_checkpoint.
            beside.rmdir()
        except (tf.errors.OpError, OSError) as error:
            tidy(folder)
            raise OSError(f"cannot save a checkpoint in {folder}: {_first_line(error)}") from error
        if self._keep[kind] is not None:
            others = [path for path in of_kinds(self.folder, kind) if path != str(folder / name)]
            for path in others[: len(others) - self._keep[kind] + 1]:
                delete(path)

    def _save_best(self, step, value):
        name, mode = self._best
        if not math.isfinite(value):
            return
        record = self.folder / "best.json"
        before = _best_value(record, name)
        if before is None or (value > before if mode == "max" else value < before):
            self._write("best", step)
            write_atomically(record, json.dumps({"step": step, "metric": name, "value": value}))


def _best_value(record, name):
    """The value in best.json. None where there is none, where it is of another metric, which is no rival, and where it is damaged."""
    if not record.exists():
        return None
    try:
        best = json.loads(record.read_text())
    except ValueError as error:
        best = error
    value = best.get("value") if isinstance(best, dict) else None
    if not isinstance(value, int | float):
        reason = _first_line(best) if isinstance(best, ValueError) else "it holds no value"
        print(f"{record} is damaged ({reason}): the next evaluation counts as the best", file=sys.stderr, flush=True)
        return None
    return value if best.get("metric") == name else None


def restore_variables(folder: Path | str, groups: Mapping[str, Iterable], which: str = "last", number: int | None = None) -> int:
    """Read some groups of a checkpoint, e.g. {"model": ...} for an evaluation, and nothing else. Returns its step.

    The newest of the kind `which`, or the one saved at step `number`.
    Raises FileNotFoundError where there is no checkpoint, CheckpointMismatch where the variables are not those of the manifest,
    OSError where the checkpoint is damaged.
    """
    folder = Path(folder)
    groups = {name: list(variables) for name, variables in groups.items()}
    manifest = read_manifest(folder)
    described = {name: describe(variables) for name, variables in groups.items()}
    saved = {name: manifest["variables"].get(name) for name in groups}
    compare({**manifest, "variables": saved}, {**manifest, "variables": described}, set(), folder)
    paths = [path for path in prefixes(folder, which) if number is None or path.endswith(f"-{number}")]
    if not paths:
        raise FileNotFoundError(f"no checkpoint{'' if number is None else f' of step {number}'} in {folder / which}")
    path = paths[-1]
    step = tf.Variable(0, dtype=tf.int64, trainable=False)
    try:
        # Expected to be a part: where it does not match, TensorFlow would say so a second time.
        status = tf.train.Checkpoint(step=step, **groups).restore(path).expect_partial()
        status.assert_existing_objects_matched()
    except _UNREADABLE as error:
        with _silent_tensorflow():
            traceback.clear_frames(error.__traceback__)
        raise OSError(f"checkpoint {path} cannot be read: {_first_line(error)}") from error
    return int(step.numpy())


@contextlib.contextmanager
def _silent_tensorflow():
    """While objects go that a failed restore has left: TensorFlow warns of each of their values."""
    log = tf.get_logger()
    level = log.level
    log.setLevel("ERROR")
    try:
        yield
    finally:
        log.setLevel(level)


def _first_line(error):
    text = re.sub(r"\{\{.*?\}\}\s*", "", str(error)).strip()  # TensorFlow names the node of its graph first,
    text = re.sub(r"/\S*/", "", text)  # and whole paths again and again.
    return text.splitlines()[0][:150] if text else type(error).__name__
