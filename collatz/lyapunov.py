"""A trained Lyapunov function: raw features in, V out, and where it comes from."""

import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from collatz.config import Config
from collatz.model import build_model, value_model
from longrun import restore_variables
from longrun.checkpoint import KINDS

FORMAT = 1
FILE = "lyapunov.keras"
CHUNK = 8192


class Lyapunov:
    """V as a function of features (B, 6 + lookahead) float32 -> (B,) float32; follows the weights of `value`.

    value: a model of model.value_model. config: it was trained with. preset, step: where it comes from.
    """

    def __init__(self, value: keras.Model, config: Config, preset: str = "custom", step: int = 0):
        self.value, self.config, self.preset, self.step = value, config, preset, step
        signature = [tf.TensorSpec((None, 6 + config.lookahead), tf.float32)]
        self._run = tf.function(lambda features: value(features), input_signature=signature)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        parts = [self._run(features[first : first + CHUNK]).numpy() for first in range(0, len(features), CHUNK)]
        return np.concatenate(parts)

    def save(self, folder: Path | str, outcome: dict) -> None:
        """Write lyapunov.keras, which `keras.saving.load_model` opens by itself, and manifest.json."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.value.save(folder / FILE)
        manifest = {"format": FORMAT, "project": "collatz", "preset": self.preset, "step": self.step}
        manifest |= {"config": {name: getattr(self.config, name) for name in Config.__dataclass_fields__}, "result": outcome}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def load(path: Path | str) -> Lyapunov:
    """From a released folder, a run folder (its last checkpoint), or a checkpoint in one.

    Raises FileNotFoundError, OSError or ValueError with one line; a folder of another project is refused by name.
    """
    path = Path(path)
    if not path.exists() and not path.with_name(f"{path.name}.index").exists():
        raise FileNotFoundError(f"checkpoint {path} does not exist")
    folder = (path if path.is_dir() else path.parent).absolute()
    if (folder / FILE).exists():
        return _load_release(folder)
    for run in (folder, folder.parent, folder.parent.parent):
        if (run / "config.json").exists() and (run / "checkpoints").is_dir():
            return _load_run(run, path.absolute().relative_to(run))
    raise ValueError(f"{path} is no collatz run, checkpoint or released folder")


def load_weights(model: keras.Model, config: Config) -> None:
    """Take over the weights of the run `config.load_checkpoint`; ValueError where its network is another one."""
    source = load(config.load_checkpoint)
    for name in ("recipe", "lookahead", "widths", "levels"):
        if getattr(source.config, name) != getattr(config, name) and (name != "levels" or config.recipe == "levels"):
            before, now = getattr(source.config, name), getattr(config, name)
            raise ValueError(f"load_checkpoint {config.load_checkpoint} has {name} {before}, this run has {now}")
    for target, weight in zip(value_model(model).weights, source.value.weights, strict=True):
        target.assign(weight)


def _load_release(folder):
    manifest = _read_json(folder / "manifest.json")
    _expect_project(manifest.get("project"), folder)
    if manifest.get("format") != FORMAT:
        raise ValueError(f"{folder} has format {manifest.get('format')!r}; this version reads format {FORMAT}")
    try:
        value = keras.saving.load_model(folder / FILE, compile=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f"{folder / FILE} cannot be opened: {reason}") from error
    return Lyapunov(value, _config(manifest["config"]), manifest["preset"], manifest["step"])


def _load_run(folder, inner):
    values = _read_json(folder / "config.json")
    _expect_project(values.pop("project", None), folder)
    preset = values.pop("preset", "custom")
    config = _config(values)
    model = build_model(config)
    kind = next((part for part in inner.parts if part in KINDS), "last")
    number = re.fullmatch(r"ckpt-(\d+)(\..*)?", inner.name)
    step = restore_variables(folder / "checkpoints", {"model": model.variables}, kind, int(number[1]) if number else None)
    return Lyapunov(value_model(model), config, preset, step)


def _config(values):
    unknown = [name for name in values if name not in Config.__dataclass_fields__]
    if unknown:
        raise ValueError(f"the configuration has unknown fields: {', '.join(unknown)}")
    return Config(**values)


def _read_json(path):
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _expect_project(project, folder):
    if project != "collatz":
        raise ValueError(f"{folder} is a checkpoint of {project}, not of collatz")
