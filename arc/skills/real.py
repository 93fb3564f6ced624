"""ARC's own pairs of the 18 skills: what verifiers and models are tried on, and what no generator may draw."""

from arc.grids.tasks import MAX_SIDE, Pair, grid_key, load
from arc.skills.registry import SKILLS


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
