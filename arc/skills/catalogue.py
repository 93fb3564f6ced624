"""The skills for people: listed, shown, checked, and drawn as tasks into a file."""

from arc.grids import tasks
from arc.skills.check import check_generated, check_real_pairs
from arc.skills.check import show as shown
from arc.skills.registry import SKILLS
from arc.skills.sampling import drawn_tasks
from longrun.run.output import check_output


def catalogue(
    *,
    check: bool = False,
    show: str = "",
    export: str = "",
    only: str = "",
    demonstrations: int = 3,
    count: int = 3,
    seed: int = 0,
    cap: int = 10,
    output: str = "",
) -> int:
    """List the 18 skills, show or check them, or draw tasks of them into a file. Exit code 1 where a check fails.

    check: Try every verifier on ARC's own pairs and on generated ones.
    show: Id of a skill, of which pairs are shown as text.
    export: A file for tasks drawn from the test half of chosen skills, as `solve` and `score` read it.
    only: Ids of the skills to export, separated by commas; empty: all.
    demonstrations: Demonstrations of each exported task.
    count: Pairs to show, or tasks of each skill to export.
    seed: Of what is drawn.
    cap: Largest side of a grid that is shown or exported.
    output: A PNG to draw the shown pairs into.

    Example:
        python -m arc skills --show 85c4e7cd
        python -m arc skills --export tasks.json --only 85c4e7cd,a9f96cdd --count 5
    """
    for path in filter(None, (export, output)):
        check_output(path)
    if export:
        chosen = [word.strip() for word in only.split(",")] if only else list(SKILLS)
        drawn = drawn_tasks(chosen, count, demonstrations, seed, cap)
        tasks.save(export, drawn)
        print(f"{len(drawn)} tasks in {export}")
        return 0
    if show:
        print(shown(show, count, seed, cap, path=output or None))
        return 0
    if not check:
        print("\n".join(f"{entry.id}  {entry.category}  {entry.name}: {entry.rule}" for entry in SKILLS.values()))
        return 0
    checks = (check_real_pairs(), check_generated(seed=seed))
    print("\n\n".join(one.text() for one in checks))
    return 0 if all(one.passed for one in checks) else 1
