"""python -m arc COMMAND: train, evaluate, skills, audit, release."""

import sys
from dataclasses import replace

from arc.presets import DEFAULT, ORIGINAL, PRESETS
from longrun import command


def train(arguments: list[str]) -> int:
    """train [PRESET] [--run NAME] [--fresh] [--flags]: train, or go on with the run of that name."""
    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS | ORIGINAL, DEFAULT, arguments, program="python -m arc train")
    if preset in ORIGINAL:
        from arc.original import train

        # The page's own folders.
        options = replace(options, run=options.run or f"checkpoints/{preset}")
    else:
        from arc.train import train

    return command.train("arc", preset, config, options, train)


def evaluate(arguments: list[str]) -> int:
    """evaluate CHECKPOINT [--count N] [--real] [--json]: free answers on unseen instances, or on ARC's own pairs, beside floors."""

    def run(checkpoint: str, /, *, count: int = 48, real: bool = False, json: bool = False) -> None:
        from arc.judge import judge

        judge(checkpoint, count, real, json)

    command.call(run, arguments, program="python -m arc evaluate")
    return 0


def skills(arguments: list[str]) -> int:
    """skills [--check] [--show ID] [--count N] [--seed S] [--cap C] [--output PNG]: check the verifiers, or draw pairs of one skill."""

    def run(*, check: bool = False, show: str = "", count: int = 3, seed: int = 0, cap: int = 10, output: str = "") -> int:
        from arc import skills

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
        from arc.audit import audit

        return audit(checkpoint, side, json)

    return command.call(run, arguments, program="python -m arc audit")


def release(arguments: list[str]) -> int:
    """release RUN FOLDER: copy a finished run's model, manifest and evaluation to where released weights live."""

    def run(run: str, folder: str, /) -> None:
        from arc.release import release

        release(run, folder)

    command.call(run, arguments, program="python -m arc release")
    return 0


COMMANDS = {"train": train, "evaluate": evaluate, "skills": skills, "audit": audit, "release": release}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m arc`, of the console script and of test_inference.py."""
    return command.main("arc", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
