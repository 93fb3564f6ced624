"""constraints.txt: one version of everything that setup.cfg names, of the kind that setup.cfg asks for."""

import configparser
import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import ROOT

ELSEWHERE = {"modal", "tf2onnx"}
"""What the machine that ran the tests does without."""


def test_every_package_of_setup_has_a_version_that_setup_takes():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines == sorted(lines) and all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", line) for line in lines)
    versions = dict(line.split("==") for line in lines)
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    named = [Requirement(line) for text in texts for line in text.splitlines() if line]
    named = {canonicalize_name(one.name): one for one in named if one.name != setup["metadata"]["name"]}
    assert named.keys() - versions.keys() <= ELSEWHERE, "python shell/write_constraints.py writes them anew"
    assert [f"{name} {versions[name]}" for name, one in named.items() if name in versions and versions[name] not in one.specifier] == []
