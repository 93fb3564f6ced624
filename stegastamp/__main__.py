"""python -m stegastamp COMMAND: train, evaluate, encode, decode, detect, bench, lpips, release, seeds, and those of the detector."""

import sys

from longrun import command
from stegastamp.presets import DEFAULT, PRESETS


def train(arguments: list[str]) -> int:
    """train [PRESET] [--run NAME] [--fresh] [--flags]: train, or go on with the run of that name."""
    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS, DEFAULT, arguments, program="python -m stegastamp train")
    from stegastamp.train import train

    return command.train("stegastamp", preset, config, options, train)


def evaluate(arguments: list[str]) -> int:
    """evaluate CHECKPOINT [--images FOLDER] [--count N] [--json]: scores on held-out photos, each beside its floor."""

    def run(checkpoint: str, /, *, images: str = "", count: int = 120, json: bool = False) -> None:
        from stegastamp.judge import judge

        judge(checkpoint, images, count, json)

    command.call(run, arguments, program="python -m stegastamp evaluate")
    return 0


def train_detector(arguments: list[str]) -> int:
    """train-detector [PRESET] [--run NAME] [--fresh] [--flags]: train the network that finds stamps in photos, or go on with a run."""
    from stegastamp.detector.config import DEFAULT, PRESETS, PROJECT

    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS, DEFAULT, arguments, program="python -m stegastamp train-detector")
    from stegastamp.detector.train import train

    return command.train(PROJECT, preset, config, options, train)


def evaluate_detector(arguments: list[str]) -> int:
    """evaluate-detector CHECKPOINT [--images DIR] [--stamps C] [--count N] [--plain N] [--sheet PNG]: found and read in frames."""

    def run(
        checkpoint: str, /, *, images: str = "", stamps: str = "", count: int = 100, plain: int = 200, json: bool = False,
        sheet: str = "",
    ) -> None:  # fmt: skip
        from stegastamp.detector.evaluate import judge

        judge(checkpoint, images, stamps, count, plain, json, sheet)

    command.call(run, arguments, program="python -m stegastamp evaluate-detector")
    return 0


def encode(arguments: list[str]) -> int:
    """encode IMAGE OUTPUT --message TEXT [--checkpoint C] [--strength S]: hide a text of up to 7 bytes."""

    def run(
        image: str, output: str, /, *, message: str, checkpoint: str = "", strength: float | None = None, overwrite: bool = False
    ) -> None:
        from stegastamp.files import encode_file

        encode_file(image, output, message, checkpoint, strength, overwrite)

    command.call(run, arguments, program="python -m stegastamp encode")
    return 0


def decode(arguments: list[str]) -> int:
    """decode IMAGE [--checkpoint C]: read the text; exit code 1 where there is none."""

    def run(image: str, /, *, checkpoint: str = "", json: bool = False) -> int:
        from stegastamp.files import decode_file

        return decode_file(image, checkpoint, json)

    return command.call(run, arguments, program="python -m stegastamp decode")


def detect(arguments: list[str]) -> int:
    """detect PHOTO|FILM|CAMERA [--annotated OUT] [--json]: find and read the stamps in it; exit code 1 where there is none."""

    def run(
        source: str, /, *, annotated: str = "", checkpoint: str = "", detector: str = "", frames: int = 0, json: bool = False,
        overwrite: bool = False,
    ) -> int:  # fmt: skip
        from stegastamp.detector.detect import detect_file

        return detect_file(source, checkpoint, detector, annotated, json, overwrite, frames)

    return command.call(run, arguments, program="python -m stegastamp detect")


def bench(arguments: list[str]) -> int:
    """bench [PRESET] [--steps N] [--batch-size B] [--peer COMMAND]: milliseconds a step and its parts, memory, ratios of one run."""

    def run(preset: str = DEFAULT, /, *, steps: int = 10, peer: str = "", batch_size: int = 0) -> None:
        from stegastamp.bench import bench

        bench(preset, steps, peer, batch_size)

    command.call(run, arguments, program="python -m stegastamp bench")
    return 0


def lpips(arguments: list[str]) -> int:
    """lpips [--net alex] [--source FOLDER]: fetch and convert the official LPIPS weights."""

    def run(*, net: str = "alex", source: str = "") -> None:
        from stegastamp.lpips_weights import main_fetch

        print(f"the weights are in {main_fetch(net, source or None)}")

    command.call(run, arguments, program="python -m stegastamp lpips")
    return 0


def release(arguments: list[str]) -> int:
    """release RUN FOLDER: copy a finished run's models, manifest and evaluation to where released weights live."""

    def run(run: str, folder: str, /) -> None:
        from stegastamp.release import release

        release(run, folder)

    command.call(run, arguments, program="python -m stegastamp release")
    return 0


def release_detector(arguments: list[str]) -> int:
    """release-detector RUN FOLDER [--stamps C]: the same for a detector, in half precision."""

    def run(run: str, folder: str, /, *, stamps: str = "", count: int = 100, plain: int = 200) -> None:
        from stegastamp.detector.release import release

        release(run, folder, stamps, count, plain)

    command.call(run, arguments, program="python -m stegastamp release-detector")
    return 0


def seeds(arguments: list[str]) -> int:
    """seeds PRESET COUNT [--flags of train]: the same training from several seeds, as a table."""
    from stegastamp.release import seed_table

    if len(arguments) < 2 or not arguments[1].isdigit():
        raise command.BadInput("usage: seeds PRESET COUNT [--flags of train]")
    seed_table(arguments[0], int(arguments[1]), arguments[2:])
    return 0


COMMANDS = {
    "train": train,
    "train-detector": train_detector,
    "evaluate": evaluate,
    "evaluate-detector": evaluate_detector,
    "encode": encode,
    "decode": decode,
    "detect": detect,
    "bench": bench,
    "lpips": lpips,
    "release": release,
    "release-detector": release_detector,
    "seeds": seeds,
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m stegastamp`, of the console script and of test_inference.py."""
    return command.main("stegastamp", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
