"""All skills by id, in alphabetical order, as the original run sorted and split them."""

import difflib

from arc.skills import geometric, lines, objects, topological
from arc.skills.skill import Skill
from longrun.errors import UserError

SKILLS: dict[str, Skill] = {
    entry.id: entry
    for entry in sorted((*geometric.SKILLS, *topological.SKILLS, *lines.SKILLS, *objects.SKILLS), key=lambda entry: entry.id)
}

# The original run trained on the first 14 of the sorted ids and validated on the last four.
VALIDATION = tuple(SKILLS)[-4:]

CATEGORIES = {
    "S1": "geometry, direct",
    "S2": "geometry, composed",
    "S3": "topology",
    "C1": "recolouring",
    "C2": "template matching",
    "K1": "scaling",
    "L1": "set operations",
    "A1": "iteration",
    "A2": "packing",
}


def skill(skill_id: str) -> Skill:
    """The skill of this id; UserError that names the nearest ones."""
    if skill_id not in SKILLS:
        near = difflib.get_close_matches(skill_id, SKILLS, n=3, cutoff=0.3) or list(SKILLS)
        raise UserError(f"no skill {skill_id!r}; the nearest: {', '.join(near)}")
    return SKILLS[skill_id]
