"""Writes constraints.txt: the versions in this environment of all that setup.cfg leads to. To be run after the tests have passed in it.

python shell/write_constraints.py
"""

import configparser
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# The versions that the tests last passed with, of all that setup.cfg leads to (Python 3.11, Linux, CPU). Nothing has to have them;
# PIP_CONSTRAINT=$PWD/constraints.txt ./train.sh installs them, where each is to be had for the machine.
# Written by python shell/write_constraints.py
"""
BUILDS = ("setuptools", "wheel")
"""What builds packages, and is no part of any."""


def versions() -> dict[str, str]:
    """Package -> version of what is named in setup.cfg, and of what that needs; what is not installed here is left out."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    todo = [Requirement(line) for text in texts for line in text.splitlines() if line and not line.startswith(setup["metadata"]["name"])]
    found, seen = {}, set()
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        if (name, *sorted(one.extras)) in seen:
            continue
        seen.add((name, *sorted(one.extras)))
        try:
            package = metadata.distribution(one.name)
        except metadata.PackageNotFoundError:
            continue
        found[name] = package.version.partition("+")[0]
        needs = [Requirement(line) for line in package.requires or ()]
        todo += [
            each for each in needs if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *one.extras))
        ]
    return {name: version for name, version in found.items() if name not in BUILDS}


if __name__ == "__main__":
    lines = sorted(f"{name}=={version}\n" for name, version in versions().items())
    (ROOT / "constraints.txt").write_text(HEAD + "".join(lines), encoding="utf-8")
    print(f"{len(lines)} versions in constraints.txt")
