"""One preset from several seeds, as a table: whether one of them was luck."""

from collections.abc import Iterator

from longrun.run.repeat import Finished


def seed_table(preset: str, trainings: Iterator[Finished]) -> int:
    """Print a row for each training as it ends, and below them the lowest and the highest exact match.

    Returns the exit code: 0, or that of the last training where every one failed.
    """
    print("| preset | seed | minutes | exact | floor | 95 % interval | cell accuracy | G | segments used |\n|" + "---|" * 9, flush=True)
    found, code = [], 0
    for done in trainings:
        seed = done.training.flags[1]
        if done.result is None:
            print(f"| {preset} | {seed} | failed with exit code {done.exit_code}, see {done.training.folder} |", flush=True)
            code = done.exit_code
            continue
        values = done.result["metrics"]
        name = "exact_match" if "exact_match" in values else "pass_1"  # Of the original run: the first of its two attempts.
        low, high = done.result["intervals"][name]
        used = f"{values['segments_used']:.2f}" if "segments_used" in values else "-"
        found.append(values[name])
        print(
            f"| {preset} | {seed} | {done.seconds / 60:.1f} | {values[name]:.4f} | {done.result['floors'][name]:.4f} "
            f"| {low:.4f}..{high:.4f} | {values['cell_accuracy']:.4f} | {values['input_sensitivity']:.4f} | {used} |",
            flush=True,
        )
    if not found:
        return code
    print(f"\nexact from {min(found):.4f} to {max(found):.4f} over {len(found)} seeds")
    return 0
