"""manifest.json: what a checkpoint folder holds, and the refusal, by name, of what does not fit it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from longrun.errors import UserError

FORMAT = 1
ROOM = 160
"""Characters of the differences in a message, but for the first one."""


class CheckpointMismatch(UserError):
    """A checkpoint was made by another model, configuration or project; the message names what differs."""


def manifest_of(groups: Mapping[str, Sequence], config: Mapping[str, object]) -> dict:
    """Format, versions, configuration, and path, shape and dtype of every variable: what a checkpoint of these is to be."""
    return {
        "format": FORMAT,
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "config": json.loads(json.dumps(config)),
        "variables": {name: describe(variables) for name, variables in groups.items()},
    }


def read_manifest(folder: Path | str) -> dict:
    """manifest.json of a checkpoint folder. Raises FileNotFoundError or CheckpointMismatch with one line."""
    path = Path(folder) / "manifest.json"
    if not path.exists():
        raise FileNotFoundError(f"{folder} holds no checkpoint: there is no manifest.json")
    try:
        manifest = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CheckpointMismatch(f"{path} is no manifest: {str(error)[:100]}") from error
    parts = [manifest.get(name) for name in ("config", "variables")] if isinstance(manifest, dict) else []
    if not parts or "format" not in manifest or not all(isinstance(part, dict) for part in parts) or not _are_described(parts[1]):
        raise CheckpointMismatch(f"{path} is no manifest of a checkpoint")
    if manifest["format"] != FORMAT:
        raise CheckpointMismatch(f"{path} has format {_shown(manifest['format'])}; this version reads format {FORMAT}")
    return manifest


def _are_described(groups) -> bool:
    """Whether each group lists path, shape and dtype of its variables."""
    variables = [one for group in groups.values() for one in (group if isinstance(group, list) else [None])]
    return all(isinstance(one, list) and [type(part) for part in one] == [str, list, str] for one in variables)


def describe(variables: Sequence) -> list[list]:
    """Path, shape and dtype of each variable."""
    # A path's last part can carry a process-global counter, so it serves as a name in messages and is not compared.
    paths = [getattr(variable, "path", None) or variable.name for variable in variables]
    return [[path, list(v.shape), str(getattr(v.dtype, "name", v.dtype))] for path, v in zip(paths, variables, strict=True)]


def compare(
    saved: Mapping,
    wanted: Mapping,
    free: Iterable[str],
    folder: Path,
    defaults: Mapping[str, object] | None = None,
    renamed: Mapping[str, str] | None = None,
    advice: str = "",
) -> None:
    """Raise CheckpointMismatch where two manifests differ, naming the first differences; keys of the configuration in `free` may.

    A key that the saved configuration lacks is from before that key: it counts as its value in `defaults`, else as fitting.
    renamed: old key -> key. advice: what can be done about it, for the end of the message.
    """
    differences, defaults = [], json.loads(json.dumps(defaults or {}))
    before_all = {(renamed or {}).get(key, key): value for key, value in saved["config"].items()}
    for key in sorted(set(before_all) | set(wanted["config"]), key=lambda key: (key != "project", key)):
        now = wanted["config"].get(key)
        before = before_all.get(key, defaults.get(key, now))
        if key not in free and before != now:
            differences.append(f"{key[:60]} was {_shown(before)}, is {_shown(now)}")
    for group in sorted(set(saved["variables"]) | set(wanted["variables"])):
        before, now = saved["variables"].get(group) or [], wanted["variables"].get(group) or []
        if len(before) != len(now):
            differences.append(f"{group}: {len(before)} variables in the checkpoint, {len(now)} here")
        different = [(b, n) for b, n in zip(before, now, strict=False) if b[1:] != n[1:]]
        differences += [f"{group} {n[0]}: {_shown(b[1])} {b[2][:20]} in the checkpoint, {n[1]} {n[2]} here" for b, n in different[:3]]
    if differences:
        told = [one for at, one in enumerate(differences[:6]) if not at or len("; ".join(differences[: at + 1])) <= ROOM]
        more = [f"and {len(differences) - len(told)} more"] if len(differences) > len(told) else []
        raise CheckpointMismatch(f"the checkpoint in {folder} does not fit: {'; '.join(told + more)}{advice}")


def _shown(value):
    """A value of a file in a message."""
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}..."
