"""The 18 foundational skills: rules of ARC-AGI-1 training tasks, each with a verifier and a seeded generator of fresh pairs.

    SKILLS["85c4e7cd"].solve(grid)                                       the rule itself
    draw_pair("85c4e7cd", seed=0, index=7, split="test", cap=10)              a pair, a function of these arguments alone
    draw_task("85c4e7cd", seed=0, index=7, split="test", demonstrations=2)
    print(check_real_pairs().text())                                     74 of 74 of ARC's own pairs

The rules were written from one-sentence descriptions and hold on all of the tasks' own pairs; no other generator is needed.
"""

from arc.skills.check import SkillCheck, check_generated, check_real_pairs, show
from arc.skills.real import real_inputs, real_pairs
from arc.skills.registry import CATEGORIES, SKILLS, VALIDATION, skill
from arc.skills.sampling import DRAWN, SPLITS, TEST_SHARE, draw_pair, draw_task, drawn_tasks, is_test_input
from arc.skills.skill import DoesNotApply, Skill

__all__ = [
    "CATEGORIES",
    "DRAWN",
    "DoesNotApply",
    "SKILLS",
    "SPLITS",
    "TEST_SHARE",
    "VALIDATION",
    "Skill",
    "SkillCheck",
    "check_generated",
    "check_real_pairs",
    "draw_pair",
    "draw_task",
    "drawn_tasks",
    "is_test_input",
    "real_inputs",
    "real_pairs",
    "show",
    "skill",
]
