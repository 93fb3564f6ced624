"""python -m stegastamp COMMAND: train, evaluate, encode, decode, detect and what belongs to them; --help lists all."""

import sys

from longrun.cli.main import main as command_line
from longrun.cli.seeds import Seeds
from longrun.cli.training import Training

COMMANDS = {
    "train": Training("stegastamp.presets"),
    "evaluate": "stegastamp.measure.judge:judge",
    "encode": "stegastamp.pictures.encoding:encode",
    "decode": "stegastamp.pictures.decoding:decode",
    "detect": "stegastamp.detector.detect:detect",
    "key": "stegastamp.message.new_key:make",
    "export": "stegastamp.network.export:export",
    "false-accepts": "stegastamp.measure.false_accepts:judge_unmarked",
    "price": "stegastamp.measure.price:compare",
    "web": "stegastamp.web.site:web",
    "gain": "stegastamp.measure.gain:gain",
    "seeds": Seeds("stegastamp.presets", "stegastamp.training.seeds:table"),
    "release": "stegastamp.training.release:release",
    "train-detector": Training(
        "stegastamp.detector.config", "Train the network that finds stamps in photos, or go on with the run of that name."
    ),
    "evaluate-films": "stegastamp.films.judge:judge",
    "evaluate-detector": "stegastamp.detector.measure.judge:judge",
    "release-detector": "stegastamp.detector.measure.release:release",
    "lpips": "stegastamp.network.backbones:lpips",
    "export-detector": "stegastamp.detector.export:export",
    "bench": "stegastamp.measure.bench:bench",
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of `python -m stegastamp`, of the console script and of test_inference.py."""
    return command_line("stegastamp", COMMANDS, arguments)


if __name__ == "__main__":
    sys.exit(main())
