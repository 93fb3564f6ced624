"""What a run's checkpoints and the command that resumes it must agree on."""

from dataclasses import asdict, replace

from hrm.config import ADDED, Config
from longrun.run.manifest import identity


def test_a_run_from_before_a_field_agrees_with_its_default_alone():
    before = {name: value for name, value in asdict(Config()).items() if name not in ADDED}
    assert identity(Config(), ADDED) == before
    assert identity(replace(Config(), conditioning="none"), ADDED) == before | {"conditioning": "none"}
    assert identity(replace(Config(), unseen=("fill",)), ADDED) == before | {"unseen": ("fill",)}
