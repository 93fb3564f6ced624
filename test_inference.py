"""python test_inference.py CHECKPOINT [--json]: what a checkpoint of any project is worth, beside its floor, on held-out cases.

CHECKPOINT is a run folder, a checkpoint inside it, or a folder of released weights. Further flags are those of the project's
`evaluate` command.
"""

import importlib
import sys
from pathlib import Path

from longrun.errors import UserError
from longrun.run.journal import read_json


def project_of(path: Path) -> str:
    """The project that made a checkpoint, from the config.json or manifest.json in its folder or one of the two above."""
    if not path.exists() and not path.with_name(f"{path.name}.index").exists():
        raise FileNotFoundError(f"checkpoint {path} does not exist")
    folder = path if path.is_dir() else path.parent
    for candidate in (folder, folder.parent, folder.parent.parent):
        for name in ("config.json", "manifest.json"):
            if (candidate / name).exists():
                values = read_json(candidate / name)
                values = values if isinstance(values, dict) else {}
                config = values.get("config")
                project = values.get("project") or (config.get("project") if isinstance(config, dict) else None)
                if isinstance(project, str):
                    return project
    raise UserError(f"{path} is no checkpoint: no config.json or manifest.json names its project")


def main(arguments: list[str]) -> int:
    """Find the project and hand over to its evaluation."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        project = project_of(Path(arguments[0]))
    except (OSError, UserError) as error:
        print(f"test_inference: {error}", file=sys.stderr)
        return 2
    # "stegastamp-detector" is a part of stegastamp with an evaluation of its own, `evaluate-detector`.
    project, *part = project.split("-")
    if project not in ("stegastamp", "collatz", "arc", "hrm"):
        print(f"test_inference: {arguments[0]} is a checkpoint of the unknown project {project!r}", file=sys.stderr)
        return 2
    return importlib.import_module(f"{project}.__main__").main(["-".join(["evaluate", *part]), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
