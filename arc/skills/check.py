"""Do the verifiers solve ARC's own pairs, and do generators and verifiers agree? What does a skill look like?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from arc.grids.pictures import pairs_text, save_pairs
from arc.grids.tasks import MAX_SIDE, Pair, as_grid, grid_key, load
from arc.skills.registry import CATEGORIES, SKILLS, VALIDATION, skill
from arc.skills.sampling import draw_pair


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
        return "\n".join([*lines, "* validation task of the original study", *self.failures])


def real_pairs(largest_side: int = MAX_SIDE) -> dict[str, tuple[Pair, ...]]:
    """ARC's own demonstration and test pairs of each skill whose grids have no side above `largest_side` (74 in all, 43 up
    to 10); a skill of which none fits is left out."""
    tasks = load("arc-agi-1-training")
    fitting = {
        skill_id: tuple(p for p in tasks[skill_id].pairs if max(p.input.shape + p.output.shape) <= largest_side) for skill_id in SKILLS
    }
    return {skill_id: pairs for skill_id, pairs in fitting.items() if pairs}


def real_inputs() -> frozenset[bytes]:
    """`grid_key`s of the inputs of all 74 real pairs, to be given to `draw_pair` as `exclude`: simple rules would draw some."""
    return frozenset(grid_key(pair.input) for pairs in real_pairs().values() for pair in pairs)


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
            where = f"{skill_id}: pair {position}"
            try:
                given = as_grid(SKILLS[skill_id].solve(pair.input), f"{where}: the verifier's answer")
                for grid, name in ((pair.input, "input"), (pair.output, "output")):
                    if max(as_grid(grid, f"{where}: {name}").shape) > cap:
                        raise ValueError(f"{where}: {name} is larger than {cap}")
                if not np.array_equal(given, pair.output):
                    raise ValueError(f"{where}: the verifier's answer is not the output")
            except ValueError as error:
                failures.append(str(error) if str(error).startswith(where) else f"{where}: {error}")
            else:
                solved[skill_id] += 1
    return SkillCheck(title, solved, {skill_id: len(pairs) for skill_id, pairs in pairs_of.items()}, tuple(failures))


def show(skill_id: str, count: int = 3, seed: int = 0, cap: int = 10, difficulty: float = 1.0, path: str | Path | None = None) -> str:
    """Text with the rule and `count` generated pairs of a skill; with `path` they are drawn there as a PNG too."""
    entry = skill(skill_id)
    title = f"{entry.id}  {entry.category} {CATEGORIES[entry.category]}: {entry.name}"
    pairs = [draw_pair(skill_id, seed, index, "all", cap, difficulty) for index in range(count)]
    if path is not None:
        save_pairs(pairs, path, title)
    return pairs_text(pairs, f"{title}\n{entry.rule}")
