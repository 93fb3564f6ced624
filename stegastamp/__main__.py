"""python -m stegastamp COMMAND: train, evaluate, encode, decode, detect and what belongs to them; --help lists all."""

import sys

from longrun.cli import command
from longrun.errors import UserError
from stegastamp.presets import DEFAULT, PRESETS


def train(arguments: list[str]) -> int:
    """train [PRESET] [--run NAME] [--fresh] [--flags]: train, or go on with the run of that name."""
    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS, DEFAULT, arguments, program="python -m stegastamp train")
    from stegastamp.training.train import train

    return command.train("stegastamp", preset, config, options, train)


def evaluate(arguments: list[str]) -> int:
    """evaluate CHECKPOINT [--images FOLDER] [--count N] [--json]: scores on held-out photos, each beside its floor.

    With --report OUT.html [--messages M] on the whole photos of --images at their own resolution, as a page and as JSON.
    """

    def run(checkpoint: str, /, *, images: str = "", count: int = 120, report: str = "", messages: int = 8, json: bool = False) -> None:
        from stegastamp.measure.judge import judge, judge_natively

        if report:
            judge_natively(checkpoint, images, report, messages, json)
        else:
            judge(checkpoint, images, count, json)

    command.call(run, arguments, program="python -m stegastamp evaluate")
    return 0


def price(arguments: list[str]) -> int:
    """price CHECKPOINT... --images FOLDER [--accuracy A] [--messages M]: what each model's picture pays where all are read equally well."""

    def run(checkpoints: tuple[str, ...], /, *, images: str, accuracy: float = 0.98, messages: int = 1, json: bool = False) -> None:
        from stegastamp.measure.price import compare

        compare(checkpoints, images, accuracy, messages, json)

    command.call(run, arguments, program="python -m stegastamp price")
    return 0


def train_detector(arguments: list[str]) -> int:
    """train-detector [PRESET] [--run NAME] [--fresh] [--flags]: train the network that finds stamps in photos, or go on with a run."""
    from stegastamp.detector.config import DEFAULT, PRESETS, PROJECT

    options, arguments = command.run_options(arguments)
    preset, config = command.configure(PRESETS, DEFAULT, arguments, program="python -m stegastamp train-detector")
    from stegastamp.detector.training.train import train

    return command.train(PROJECT, preset, config, options, train)


def evaluate_detector(arguments: list[str]) -> int:
    """evaluate-detector CHECKPOINT [--images DIR] [--stamps C] [--count N] [--plain N] [--sheet PNG]: found and read in frames."""

    def run(
        checkpoint: str, /, *, images: str = "", stamps: str = "", count: int = 100, plain: int = 200, json: bool = False,
        sheet: str = "",
    ) -> None:  # fmt: skip
        from stegastamp.detector.measure.evaluate import judge

        judge(checkpoint, images, stamps, count, plain, json, sheet)

    command.call(run, arguments, program="python -m stegastamp evaluate-detector")
    return 0


def encode(arguments: list[str]) -> int:
    """encode IN OUT --message TEXT [--strength S] [--format F] [--verify jpeg50 --margin N]: hide a message in an image, or in many."""

    def run(
        image: str,
        output: str,
        /,
        *,
        message: str,
        checkpoint: str = "",
        strength: float | None = None,
        format: str = "",
        verify: str = "none",
        margin: int = 0,
        quality: int | None = None,
        overwrite: bool = False,
    ) -> int:
        from stegastamp.pictures.files import encode_files

        return encode_files(
            image, output, message, checkpoint=checkpoint, strength=strength, format=format, verify=verify, margin=margin,
            quality=quality, overwrite=overwrite,
        )  # fmt: skip

    return command.call(run, arguments, program="python -m stegastamp encode")


def decode(arguments: list[str]) -> int:
    """decode IMAGE... [--format F] [--json]: read the messages; exit code 1 where there is none."""

    def run(images: tuple[str, ...], /, *, checkpoint: str = "", format: str = "", json: bool = False) -> int:
        from stegastamp.pictures.files import decode_files

        return decode_files(images, checkpoint=checkpoint, format=format, as_json=json)

    return command.call(run, arguments, program="python -m stegastamp decode")


def false_accepts(arguments: list[str]) -> int:
    """false-accepts CHECKPOINT --images FOLDER [--count N] [--json]: how often photos without a stamp pass for a message."""

    def run(checkpoint: str, /, *, images: str, count: int = 20_000, json: bool = False) -> None:
        from stegastamp.measure.false_accepts import judge_unmarked

        judge_unmarked(checkpoint, images, count, json)

    command.call(run, arguments, program="python -m stegastamp false-accepts")
    return 0


def export(arguments: list[str]) -> int:
    """export CHECKPOINT FOLDER [--images FOLDER] [--count N]: SavedModel and ONNX, compared with Keras; exit code 1 where a bit differs."""

    def run(checkpoint: str, folder: str, /, *, images: str = "", count: int = 100) -> int:
        from stegastamp.network.export import export

        return export(checkpoint, folder, images, count)

    return command.call(run, arguments, program="python -m stegastamp export")


def gain(arguments: list[str]) -> int:
    """gain [CHECKPOINT] [--images FOLDER] [--unmarked N]: what soft decision reads more than hard decision, and false accepts."""

    def run(checkpoint: str = "", /, *, images: str = "", trials: int = 300, count: int = 120, unmarked: int = 0) -> None:
        from stegastamp.measure import gain
        from stegastamp.pictures import codec
        from stegastamp.pictures.photos import folder_photos, training_and_held_out

        used = codec.load(checkpoint)
        config = used.stamper.config
        _, held_out = training_and_held_out(config.images, config.held_out, config.size)
        gain.report(used, folder_photos(images, config.size) if images else held_out, trials, count, unmarked)

    command.call(run, arguments, program="python -m stegastamp gain")
    return 0


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
    """bench [PRESET] [--steps N] [--batch-size B] [--peer COMMAND]: milliseconds a step and its parts, memory, ratios of one run.

    bench --pictures [--checkpoint C]: seconds to encode and decode a photo of 12 megapixels.
    """

    def run(
        preset: str = DEFAULT, /, *, steps: int = 10, peer: str = "", batch_size: int = 0, pictures: bool = False, checkpoint: str = ""
    ) -> None:
        from stegastamp.measure.bench import bench, bench_pictures

        if pictures:
            bench_pictures(checkpoint)
        else:
            bench(preset, steps, peer, batch_size)

    command.call(run, arguments, program="python -m stegastamp bench")
    return 0


def lpips(arguments: list[str]) -> int:
    """lpips [--net alex] [--source FOLDER]: fetch and convert the official LPIPS weights."""

    def run(*, net: str = "alex", source: str = "") -> None:
        from stegastamp.network.backbones import main_fetch

        print(f"the weights are in {main_fetch(net, source or None)}")

    command.call(run, arguments, program="python -m stegastamp lpips")
    return 0


def release(arguments: list[str]) -> int:
    """release RUN FOLDER [--strength S]: copy a finished run's models, manifest and evaluation to where released weights live."""

    def run(run: str, folder: str, /, *, strength: float = 0.0) -> None:
        from stegastamp.training.release import release

        release(run, folder, strength)

    command.call(run, arguments, program="python -m stegastamp release")
    return 0


def release_detector(arguments: list[str]) -> int:
    """release-detector RUN FOLDER [--stamps C]: the same for a detector, in half precision."""

    def run(run: str, folder: str, /, *, stamps: str = "", count: int = 100, plain: int = 200) -> None:
        from stegastamp.detector.measure.release import release

        release(run, folder, stamps, count, plain)

    command.call(run, arguments, program="python -m stegastamp release-detector")
    return 0


def seeds(arguments: list[str]) -> int:
    """seeds PRESET COUNT [--flags of train]: the same training from several seeds, as a table."""
    from stegastamp.training.seeds import seed_table

    if len(arguments) < 2 or not arguments[1].isdigit():
        raise UserError("usage: seeds PRESET COUNT [--flags of train]")
    seed_table(arguments[0], int(arguments[1]), arguments[2:])
    return 0


COMMANDS = {
    "train": train,
    "evaluate": evaluate,
    "encode": encode,
    "decode": decode,
    "detect": detect,
    "export": export,
    "false-accepts": false_accepts,
    "price": price,
    "gain": gain,
    "seeds": seeds,
    "release": release,
    "train-detector": train_detector,
    "evaluate-detector": evaluate_detector,
    "release-detector": release_detector,
    "lpips": lpips,
    "bench": bench,
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m stegastamp`, of the console script and of test_inference.py."""
    return command.main("stegastamp", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
