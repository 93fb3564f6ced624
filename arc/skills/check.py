"""Do the verifiers solve ARC's own pairs, and do generators and verifiers agree? What does a skill look like?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from arc.grids.pictures import pairs_text, save_pairs
from arc.grids.tasks import MAX_SIDE, BadTask, as_grid
from arc.skills.real import real_pairs
from arc.skills.registry import CATEGORIES, SKILLS, VALIDATION, skill
from arc.skills.sampling import draw_pair
from arc.skills.skill import DoesNotApply


@dataclass(frozen=True)
class SkillCheck:
    """How many pairs of each skill its verifier solves, and one line for every failure."""

    title: str
    solved: dict[str, int]
    total: dict[str, int]
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether there were pairs and all of them were solved."""
        return not self.failures and sum(self.total.values()) > 0

    def text(self) -> str:
        """A line for each skill, a sum, then the failures."""
        lines = [
            f"{skill_id}  {SKILLS[skill_id].category}  {self.solved[skill_id]:>4} of {count:<4}  {SKILLS[skill_id].name}"
            + (" *" if skill_id in VALIDATION else "")
            for skill_id, count in self.total.items()
        ]
        lines.append(f"{self.title}: {sum(self.solved.values())} of {sum(self.total.values())} solved")
        return "\n".join([*lines, "* validation task of the original run", *self.failures])


def check_real_pairs() -> SkillCheck:
    """Every verifier on the demonstration and test pairs of its own ARC task."""
    return _check("real pairs", real_pairs())


def check_generated(count: int = 20, seed: int = 0, cap: int = MAX_SIDE, difficulty: float = 1.0) -> SkillCheck:
    """Every verifier, and every rule about grids, on `count` generated pairs of each skill."""
    drawn = {skill_id: tuple(draw_pair(skill_id, seed, index, "all", cap, difficulty) for index in range(count)) for skill_id in SKILLS}
    return _check(f"generated pairs, seed {seed}, cap {cap}", drawn, cap)


def _check(title, pairs_of, cap=MAX_SIDE):
    solved, failures = dict.fromkeys(pairs_of, 0), []
    for skill_id, pairs in pairs_of.items():
        for position, pair in enumerate(pairs):
            wrong = _failure(skill_id, pair, cap)
            solved[skill_id] += not wrong
            failures += [f"{skill_id}: pair {position}: {wrong}"] if wrong else []
    return SkillCheck(title, solved, {skill_id: len(pairs) for skill_id, pairs in pairs_of.items()}, tuple(failures))


def _failure(skill_id, pair, cap):
    """What is wrong with a pair or with the verifier's answer to it; "" where nothing is."""
    try:
        given = as_grid(SKILLS[skill_id].solve(pair.input), "the verifier's answer")
        grids = {name: as_grid(grid, name) for name, grid in (("input", pair.input), ("output", pair.output))}
    except (DoesNotApply, BadTask) as error:
        return str(error)
    large = [f"{name} is larger than {cap}" for name, grid in grids.items() if max(grid.shape) > cap]
    return large[0] if large else "" if np.array_equal(given, pair.output) else "the verifier's answer is not the output"


def show(skill_id: str, count: int = 3, seed: int = 0, cap: int = 10, difficulty: float = 1.0, path: str | Path | None = None) -> str:
    """Text with the rule and `count` generated pairs of a skill; with `path` they are drawn there as a PNG too."""
    entry = skill(skill_id)
    title = f"{entry.id}  {entry.category} {CATEGORIES[entry.category]}: {entry.name}"
    pairs = [draw_pair(skill_id, seed, index, "all", cap, difficulty) for index in range(count)]
    if path is not None:
        save_pairs(pairs, path, title)
    return pairs_text(pairs, f"{title}\n{entry.rule}")
