"""What a path given by a user leads to: released or exported models, or a run and a checkpoint in it; and how models are saved."""

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras

from longrun.config import Settings, flatten
from longrun.errors import UserError
from longrun.release.half_precision import halve
from longrun.run.durable import write_atomically
from longrun.run.journal import read_json
from longrun.run.kept import KINDS

FORMAT = 1


class Found(NamedTuple):
    """Where a model comes from. Either `models` holds what was saved, or a checkpoint is to be restored from `checkpoints`."""

    config: dict[str, Any]
    preset: str
    step: int
    """Of saved models; a checkpoint knows its own."""
    models: tuple[keras.Model, ...] = ()
    checkpoints: Path | None = None
    kind: str = "last"
    number: int | None = None
    """Of the checkpoint that the path names, or None for the newest of its kind."""


def find(path: Path | str, project: str, files: Sequence[str]) -> Found:
    """What `path` leads to: a folder with the model `files`, a run folder (its last checkpoint, or its export), or a checkpoint in one.

    A checkpoint may be given as its prefix, RUN/checkpoints/every/ckpt-10000. A run comes before its export, for it may have gone on
    since. Raises FileNotFoundError or UserError with one line; a folder of another project is refused by name.
    """
    path = Path(path)
    if not path.exists() and not path.with_name(f"{path.name}.index").exists():
        raise FileNotFoundError(f"checkpoint {path} does not exist")
    folder = (path if path.is_dir() else path.parent).absolute()
    if (folder / files[0]).exists():
        return _saved(folder, project, files)
    for run in (folder, folder.parent, folder.parent.parent):
        if (run / "config.json").exists() and (run / "checkpoints").is_dir():
            return _run(run, project, path.absolute().relative_to(run))
    if (folder / "export" / files[0]).exists():
        return _saved(folder / "export", project, files)
    for name in ("config.json", "manifest.json"):
        if (folder / name).exists():
            values = _read_object(folder / name)
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
    for name, model in models.items():
        model.save(folder / name)
        if half:
            halve(folder / name)
    manifest = {"format": FORMAT, "project": project, "preset": preset, "step": step, "config": flatten(config), "result": outcome}
    write_atomically(folder / "manifest.json", json.dumps(manifest, indent=1) + "\n")


def _read_object(path):
    values = read_json(path)
    if not isinstance(values, dict):
        raise UserError(f"{path} is damaged: it holds no object but a {type(values).__name__}")
    return values


def _saved(folder, project, files):
    manifest = _read_object(folder / "manifest.json")
    _expect_project(manifest.get("project"), project, folder)
    if manifest.get("format") != FORMAT:
        raise UserError(f"{folder} has format {manifest.get('format')!r}; this version reads format {FORMAT}")
    for name, kind in (("config", dict), ("preset", str), ("step", int)):
        if not isinstance(manifest.get(name), kind):
            raise UserError(f"{folder / 'manifest.json'} is damaged: it has no {name}")
    models = tuple(_load_model(folder / name) for name in files)
    return Found(manifest["config"], manifest["preset"], manifest["step"], models)


def _run(folder, project, inner):
    values = _read_object(folder / "config.json")
    _expect_project(values.pop("project", None), project, folder)
    preset = values.pop("preset", "custom")
    kind = next((part for part in inner.parts if part in KINDS), "last")
    number = re.fullmatch(r"ckpt-(\d+)(\..*)?", inner.name)
    return Found(values, preset, 0, checkpoints=folder / "checkpoints", kind=kind, number=int(number[1]) if number else None)


def _load_model(path):
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{path} cannot be opened: {reason}") from error


def _expect_project(found, project, folder):
    if found != project:
        raise UserError(f"{folder} is a checkpoint of {found}, not of {project}")
