"""The same training from several seeds, as a table that shows whether one of them was luck."""

from collections.abc import Iterable

from longrun.run.repeat import Finished


def table(preset: str, finished: Iterable[Finished]) -> None:
    """Print a row for each training as it ends. "> .9 at" is the first line of metrics with a training bit accuracy above .9."""
    print("| seed | > .9 at step | PNG | JPEG 75 | PSNR dB | colour difference | seconds |\n|---|---|---|---|---|---|---|", flush=True)
    reached, count = 0, 0
    for done in finished:
        count += 1
        seed = done.training.folder.name.rpartition("-")[2]
        if done.result is None:
            print(f"| {seed} | failed with exit code {done.exit_code} | | | | | |", flush=True)
            continue
        first = next((line["step"] for line in done.metrics if line.get("bit_accuracy", 0.0) > 0.9), None)
        reached += first is not None
        m = done.result["metrics"]
        print(
            f"| {seed} | {first or 'never'} | {m['bit_accuracy_png']:.4f} | {m['bit_accuracy_jpeg75']:.4f} "
            f"| {m['psnr']:.1f} | {m['colour_difference']:.2f} | {done.seconds:.0f} |",
            flush=True,
        )
    print(f"\n{reached} of {count} seeds of {preset} above .9")
