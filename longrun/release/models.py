"""What a path given by a user leads to: released or exported models, or a run and a checkpoint in it; and how models are released."""

import json
import re
import shlex
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import keras
from PIL import Image

from longrun.cli.command import nearest
from longrun.release.half_precision import halve
from longrun.run.checkpoint import KINDS

FORMAT = 1
Config = TypeVar("Config")


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
    since. Raises FileNotFoundError or ValueError with one line; a folder of another project is refused by name.
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
    raise ValueError(f"{path} is no {project} run, checkpoint or released folder")


def save(
    folder: Path | str,
    models: Mapping[str, keras.Model],
    *,
    project: str,
    preset: str,
    step: int,
    config: object,
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
    manifest = {"format": FORMAT, "project": project, "preset": preset, "step": step, "config": asdict(config), "result": outcome}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def drawing(source: Path, target: Path) -> None:
    """Copy a drawing, such as the curves of a run, as a PNG of 64 colours, which takes a third of the room and looks the same."""
    with Image.open(source) as image:
        image.convert("RGB").quantize(64).save(target, "PNG", optimize=True)


def commands(run: Path) -> str:
    """The commands that made a run, a line each, without what belongs to the machine: interpreter, run folder and absolute paths."""
    lines = []
    for line in (run / "commands.txt").read_text().splitlines():
        words = ["python", *shlex.split(line)[1:]]
        if "--run" in words:
            del words[words.index("--run") : words.index("--run") + 2]
        lines.append(shlex.join("FOLDER" if word.startswith("/") else word for word in words))
    return "\n".join(lines)


def config_of(kind: type[Config], values: Mapping[str, Any]) -> Config:
    """A configuration dataclass from a JSON object, lists as tuples. Raises ValueError for fields that it does not have."""
    known = [field.name for field in fields(kind)]
    unknown = [f"{name}{nearest(name, known)}" for name in sorted(set(values) - set(known))]
    if unknown:
        raise ValueError(f"the configuration has unknown fields: {', '.join(unknown)}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def read_json(path: Path) -> Any:
    """A JSON file. Raises ValueError with one line where it is damaged."""
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _read_object(path):
    values = read_json(path)
    if not isinstance(values, dict):
        raise ValueError(f"{path} is damaged: it holds no object but a {type(values).__name__}")
    return values


def _saved(folder, project, files):
    manifest = _read_object(folder / "manifest.json")
    _expect_project(manifest.get("project"), project, folder)
    if manifest.get("format") != FORMAT:
        raise ValueError(f"{folder} has format {manifest.get('format')!r}; this version reads format {FORMAT}")
    for name, kind in (("config", dict), ("preset", str), ("step", int)):
        if not isinstance(manifest.get(name), kind):
            raise ValueError(f"{folder / 'manifest.json'} is damaged: it has no {name}")
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
        raise ValueError(f"{path} cannot be opened: {reason}") from error


def _expect_project(found, project, folder):
    if found != project:
        raise ValueError(f"{folder} is a checkpoint of {found}, not of {project}")
