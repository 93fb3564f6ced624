"""What a path given by a user leads to: released or exported models, or a run and a checkpoint in it; and how models are saved."""

from __future__ import annotations

import json
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from longrun.config import Settings, flatten
from longrun.errors import UserError
from longrun.extras import required
from longrun.run.durable import write_atomically
from longrun.run.journal import read_object
from longrun.run.kept import KINDS

if TYPE_CHECKING:
    import keras

    from longrun.release.portable import Network

FORMAT = 1
# Damaged files make Keras, h5py and zipfile raise nearly anything.
_DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_DAMAGED += (struct.error, zipfile.BadZipFile, zlib.error)
Runtime = Literal["", "keras", "onnx"]
"""What computes a saved model: Keras on TensorFlow, or onnxruntime; "": onnxruntime where the folder has ONNX files, else Keras."""


class Found(NamedTuple):
    """Where a model comes from. Either `models` holds what was saved, or a checkpoint is to be restored from `checkpoints`."""

    config: dict[str, Any]
    preset: str
    step: int
    """Of saved models; a checkpoint knows its own."""
    models: tuple[keras.Model | Network, ...] = ()
    checkpoints: Path | None = None
    kind: str = "last"
    number: int | None = None
    """Of the checkpoint that the path names, or None for the newest of its kind."""
    place: Path | None = None
    """The file that the configuration is from."""


def find(path: Path | str, project: str, files: Sequence[str], runtime: Runtime = "keras") -> Found:
    """What `path` leads to: a folder with the model `files`, a run folder (its last checkpoint, or its export), or a checkpoint in one.

    A checkpoint may be given as its prefix, RUN/checkpoints/every/ckpt-10000. A run comes before its export, for it may have gone on
    since. runtime: what computes saved models; a checkpoint is always restored into Keras. Raises FileNotFoundError or UserError with
    one line; a folder of another project is refused by name.
    """
    if runtime not in get_args(Runtime):
        raise UserError(f"runtime is keras or onnx, not {runtime!r}")
    path = Path(path)
    if not path.exists() and not path.with_name(f"{path.name}.index").exists():
        raise FileNotFoundError(f"checkpoint {path} does not exist")
    folder = (path if path.is_dir() else path.parent).absolute()
    if _holds(folder, files):
        return _saved(folder, project, files, runtime)
    for run in (folder, folder.parent, folder.parent.parent):
        if (run / "config.json").exists() and (run / "checkpoints").is_dir():
            if runtime == "onnx":
                raise UserError(f"{path} is a run, which Keras restores; its export is at {run / 'export'}")
            return _run(run, project, path.absolute().relative_to(run))
    if _holds(folder / "export", files):
        return _saved(folder / "export", project, files, runtime)
    for name in ("config.json", "manifest.json"):
        if (folder / name).exists():
            values = read_object(folder / name)
            config = values.get("config")
            within = config.get("project") if isinstance(config, dict) else None
            _expect_project(values.get("project") or within or "another project", project, path)
    raise UserError(f"{path} is no {project} run, checkpoint or released folder")


def save(
    folder: Path | str,
    models: Mapping[str, keras.Model],
    *,
    project: str,
    preset: str,
    step: int,
    config: Settings,
    outcome: Mapping,
    half: bool = False,
) -> None:
    """Write models (file name -> model), which `keras.saving.load_model` opens by itself, and manifest.json into a folder.

    half: with weights rounded to half precision, for what is released.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    from longrun.release import half_precision

    for stale in onnx_files(folder, list(models)) or []:  # Of other weights.
        stale.unlink()
    for name, model in models.items():
        model.save(folder / name)
        if half:
            half_precision.halve(folder / name)
    manifest = {"format": FORMAT, "project": project, "preset": preset, "step": step, "config": flatten(config), "result": outcome}
    write_atomically(folder / "manifest.json", json.dumps(manifest, indent=1) + "\n")


def take_over(weights: Sequence[keras.Variable], others: Sequence[keras.Variable]) -> list[str]:
    """Give weights the values of another model's wherever names and shapes agree; returns the names of those that have none."""
    known, left = {weight.path: weight for weight in others}, []
    for weight in weights:
        found = known.get(weight.path)
        if found is None or found.shape != weight.shape:
            left.append(weight.path)
        else:
            weight.assign(found)
    return left


def onnx_files(folder: Path, names: Sequence[str]) -> list[Path] | None:
    """The ONNX files of a folder for models of these names (`encoder.keras`), or None where one is missing."""
    every = [[folder / f"{Path(name).stem}{suffix}" for suffix in (".onnx", ".onnx.gz")] for name in names]
    found = [next((path for path in paths if path.is_file()), None) for paths in every]
    return None if None in found else found


def _holds(folder, files):
    return (folder / files[0]).exists() or onnx_files(folder, files) is not None


def _saved(folder, project, files, runtime):
    manifest = read_object(folder / "manifest.json")
    _expect_project(manifest.get("project"), project, folder)
    if manifest.get("format") != FORMAT:
        raise UserError(f"{folder} has format {str(manifest.get('format'))[:40]}; this version reads format {FORMAT}")
    for name, kind in (("config", dict), ("preset", str), ("step", int)):
        if not isinstance(manifest.get(name), kind):
            raise UserError(f"{folder / 'manifest.json'} is damaged: it has no {name}")
    models = _opened(folder, files, runtime)
    return Found(manifest["config"], manifest["preset"], manifest["step"], models, place=folder / "manifest.json")


def _run(folder, project, inner):
    values = read_object(folder / "config.json")
    _expect_project(values.pop("project", None), project, folder)
    preset = values.pop("preset", "custom")
    kind = next((part for part in inner.parts if part in KINDS), "last")
    number = re.fullmatch(r"ckpt-(\d+)(\..*)?", inner.name)
    number = int(number[1]) if number else None
    return Found(values, preset, 0, (), folder / "checkpoints", kind, number, folder / "config.json")


def _opened(folder, files, runtime):
    beside = None if runtime == "keras" else onnx_files(folder, files)
    if beside is None and runtime == "onnx":
        raise UserError(f"{folder} has no ONNX files of {' and '.join(files)}; export writes them")
    if beside is None:
        return tuple(_load_model(folder / name) for name in files)
    from longrun.release.portable import Network

    return tuple(Network(path) for path in beside)


def _load_model(path):
    keras = required("keras")
    try:
        with warnings.catch_warnings(action="ignore"):  # Of what it then refuses.
            return keras.saving.load_model(path, compile=False)
    except _DAMAGED as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{path} cannot be opened: {reason[:150]}") from error


def _expect_project(found, project, folder):
    if found != project:
        raise UserError(f"{folder} is a checkpoint of {str(found)[:40]}, not of {project}")
