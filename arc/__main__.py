"""python -m arc COMMAND: train, evaluate, skills, audit, factorial, smoke, submit, solve, score, contamination, report, bench, release."""

import argparse
import sys
from dataclasses import replace

from arc.presets import DEFAULT, ORIGINAL, PRESETS
from longrun.cli import command


def train(arguments: list[str]) -> int:
    """train [PRESET] [--run NAME] [--fresh] [--flags]: train, or go on with the run of that name."""
    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS | ORIGINAL, DEFAULT, arguments, program="python -m arc train")
    if preset in ORIGINAL:
        from arc.original.train import train

        # The page's own folders.
        options = replace(options, run=options.run or f"checkpoints/{preset}")
    else:
        from arc.training.train import train

    return command.train("arc", preset, config, options, train)


def evaluate(arguments: list[str]) -> int:
    """evaluate CHECKPOINT [--count N] [--real] [--json]: free answers on unseen instances, or on ARC's own pairs, beside floors."""

    def run(checkpoint: str, /, *, count: int = 48, real: bool = False, json: bool = False) -> None:
        from arc.measure.judge import judge

        judge(checkpoint, count, real, json)

    command.call(run, arguments, program="python -m arc evaluate")
    return 0


def skills(arguments: list[str]) -> int:
    """skills [--check] [--show ID] [--export FILE [--only IDS] [--demonstrations N]] [--count N] [--seed S] [--cap C] [--output PNG]."""

    def run(
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
        from arc import skills
        from arc.grids import tasks

        if export:
            chosen = [word.strip() for word in only.split(",")] if only else list(skills.SKILLS)
            drawn = skills.drawn_tasks(chosen, count, demonstrations, seed, cap)
            tasks.save(export, drawn)
            print(f"{len(drawn)} tasks in {export}")
            return 0
        if show:
            print(skills.show(show, count, seed, cap, path=output or None))
            return 0
        if not check:
            print("\n".join(f"{entry.id}  {entry.category}  {entry.name}: {entry.rule}" for entry in skills.SKILLS.values()))
            return 0
        checks = (skills.check_real_pairs(), skills.check_generated(seed=seed))
        print("\n\n".join(one.text() for one in checks))
        return 0 if all(one.passed for one in checks) else 1

    return command.call(run, arguments, program="python -m arc skills")


def audit(arguments: list[str]) -> int:
    """audit [CHECKPOINT or FILE.keras] [--side N] [--json]: what a model sees that it must not; without one, legacy and fixed."""

    def run(checkpoint: str = "", /, *, side: int = 10, json: bool = False) -> int:
        from arc.audit.table import audit

        return audit(checkpoint, side, json)

    return command.call(run, arguments, program="python -m arc audit")


def factorial(arguments: list[str]) -> int:
    """factorial [--folder DIR] [--seeds N] [--flags]: positions x colours x context, all cells and seeds, both questions."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--folder", default="checkpoints/arc/factorial")
    parser.add_argument("--seeds", type=int, default=3)
    options, rest = parser.parse_known_args(arguments)
    _, config = command.configure({"plain": PRESETS["plain"]}, "plain", rest, program="python -m arc factorial")
    from arc.measure.factorial import factorial

    factorial(options.folder, config, options.seeds)
    return 0


def smoke(arguments: list[str]) -> int:
    """smoke [--variant V] [--steps N] [--side S] [--pairs P]: all three models for one epoch; losses, gradients, memory."""

    def run(*, variant: str = "fixed", steps: int = 0, side: int = 10, pairs: int = 66, batch_size: int = 16) -> int:
        from arc.training.smoke import smoke

        return smoke(variant, steps, side, pairs, batch_size)

    return command.call(run, arguments, program="python -m arc smoke")


def submit(arguments: list[str]) -> int:
    """submit CHECKPOINT TASKS [--output FILE] [--skip-bad]: two attempts at every test input, as submission.json."""

    def run(checkpoint: str, tasks: str, /, *, output: str = "submission.json", skip_bad: bool = False) -> None:
        from arc.grids.tasks import load
        from arc.network import answerer
        from arc.solving import submission

        chosen = load(tasks, skip_bad, answers=False)
        found, skipped = submission.answer(answerer.load(checkpoint), chosen)
        submission.write(output, found)
        print(f"{len(found)} tasks in {output}")
        if chosen.skipped:
            print(chosen.skipped_text())
        if all(pair.output is not None for task in chosen for pair in task.test):
            print(submission.summary(submission.score(found, chosen), skipped))

    command.call(run, arguments, program="python -m arc submit")
    return 0


def solve(arguments: list[str]) -> int:
    """solve TASKS [--tasks N] [--steps N] [--seconds-per-task S] [--checkpoint C] [--run NAME] [--output FILE]: test-time training."""
    options, arguments = command.run_options(arguments)

    def run(
        tasks_at: str,
        /,
        *,
        tasks: int = 0,
        steps: int = 1280,
        seconds_per_task: float = 0.0,
        checkpoint: str = "",
        practice: str = "",
        practice_steps: int = 500,
        drop_shared: bool = False,
        seed: int = 0,
        output: str = "submission.json",
        skip_bad: bool = False,
    ) -> int:
        from arc.solving.solve import SolveConfig, solve

        config = SolveConfig(
            tasks=tasks_at,
            count=tasks,
            seed=seed,
            steps=steps,
            seconds_per_task=seconds_per_task,
            checkpoint=checkpoint,
            practice=practice,
            practice_steps=practice_steps,
            drop_shared=drop_shared,
        )

        def train(config, folder, _):
            return solve(config, folder, output, skip_bad)

        return command.train("arc", "solve", config, options, train)

    return command.call(run, arguments, program="python -m arc solve")


def score(arguments: list[str]) -> int:
    """score SUBMISSION TASKS [--skip-bad]: exact match within two attempts of a submission.json, beside copying."""

    def run(file: str, tasks: str, /, *, skip_bad: bool = False) -> None:
        from arc.grids.tasks import load
        from arc.solving import submission

        chosen = load(tasks, skip_bad)
        found = submission.read(file, chosen)
        print(submission.summary(submission.score(found, chosen)))
        print(submission.against_copying(found, chosen))
        if chosen.skipped:
            print(chosen.skipped_text())

    command.call(run, arguments, program="python -m arc score")
    return 0


def contamination(arguments: list[str]) -> int:
    """contamination FIRST SECOND [--skip-bad]: what two sets of tasks share: ids, tasks, pairs, inputs, pairs up to symmetry."""

    def run(first: str, second: str, /, *, skip_bad: bool = False) -> None:
        from arc.grids.contamination import contamination as compare
        from arc.grids.tasks import load

        sets = [load(name, skip_bad) for name in (first, second)]
        print(compare(*sets).text())
        print("\n".join(text for one in sets if (text := one.skipped_text())))

    command.call(run, arguments, program="python -m arc contamination")
    return 0


def report(arguments: list[str]) -> int:
    """report RUN [--count N] [--output FILE]: one HTML page with answers, differences and confidence at every kept checkpoint."""

    def run(run: str, /, *, count: int = 2, output: str = "") -> None:
        from arc.measure import html

        print(html.report(run, count, output))

    command.call(run, arguments, program="python -m arc report")
    return 0


def bench(arguments: list[str]) -> int:
    """bench [PRESET] [--steps N] [--side S] [--batch-size B] [--jit-compile] [--peer COMMAND]: data path and step, as ratios."""

    def run(
        preset: str = DEFAULT, /, *, steps: int = 10, side: int = 0, batch_size: int = 0, jit_compile: bool = False, peer: str = ""
    ) -> None:
        from arc.measure.bench import bench

        bench(preset, steps, side, batch_size, jit_compile, peer)

    command.call(run, arguments, program="python -m arc bench")
    return 0


def release(arguments: list[str]) -> int:
    """release RUN FOLDER: copy a finished run's model, manifest and evaluation to where released weights live."""

    def run(run: str, folder: str, /) -> None:
        from arc.training.release import release

        release(run, folder)

    command.call(run, arguments, program="python -m arc release")
    return 0


COMMANDS = {
    "train": train,
    "evaluate": evaluate,
    "skills": skills,
    "audit": audit,
    "factorial": factorial,
    "smoke": smoke,
    "submit": submit,
    "solve": solve,
    "score": score,
    "contamination": contamination,
    "report": report,
    "bench": bench,
    "release": release,
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m arc`, of the console script and of test_inference.py."""
    return command.main("arc", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
