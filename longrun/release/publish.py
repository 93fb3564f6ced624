"""A finished run's models copied to where released weights live, with all that says what they are worth."""

import contextlib
import io
import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from longrun.errors import UserError
from longrun.run.output import check_folder


def publish(
    run: Path | str,
    folder: Path | str,
    *,
    title: str,
    save: Callable[[Path, Mapping], object],
    shows: Mapping[str, Callable[[], object]],
    pictures: Mapping[str, str] | None = None,
) -> None:
    """Copy a finished run to a folder of released weights: models, manifest, curves and EVALUATION.md.

    save(target, outcome): writes the models and their manifest, with the run's result. shows: command -> what prints the same here;
    EVALUATION.md holds what it printed, of the copied files. pictures: caption -> name of a picture; one that lies in the run and not in
    the target is copied. Raises UserError for an unfinished run.
    """
    source, target = Path(run), Path(folder)
    if not (source / "result.json").exists():
        raise UserError(f"{source} is no finished run: it has no result.json")
    check_folder(target)
    target.mkdir(parents=True, exist_ok=True)
    save(target, json.loads((source / "result.json").read_text()))
    pictures = {**(pictures or {}), "curves of the training": "curves.png"}
    for name in pictures.values():
        if not (target / name).exists() or (source / name).exists():
            drawing(source / name, target / name)
    parts = [f"# {title}", f"Trained by\n\n```\n{commands(source)}\n```"]
    for command, work in shows.items():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            work()
        parts.append(f"`{command}` prints:\n\n{printed.getvalue().strip()}")
    parts += [f"{caption}:\n\n![{caption}]({name})" for caption, name in pictures.items()]
    (target / "EVALUATION.md").write_text("\n\n".join(parts) + "\n")
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    print(f"released to {target}, {size:.1f} MB")


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
