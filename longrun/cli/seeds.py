"""`seeds PRESET COUNT [--flags of train]`: the same training from several seeds, as a table that shows whether one of them was luck."""

from collections.abc import Sequence
from dataclasses import dataclass

from longrun.cli.flags import REQUIRED, Flag, words_of
from longrun.cli.signature import load
from longrun.cli.training import Training, preset_of, run_folder
from longrun.config import flatten
from longrun.errors import UserError

COUNT = Flag("count", int, REQUIRED, "Seeds 0 to COUNT - 1.", positional=True)
WORKERS = Flag("workers", int, 1, "Trainings at a time, on this machine.")
CLUSTER = Flag("cluster", str, "", "Address of a Dask scheduler whose workers train instead, e.g. tcp://127.0.0.1:8786.")


@dataclass(frozen=True)
class Seeds:
    """The command that trains a preset from seeds 0 to COUNT - 1, each in a process of its own, in checkpoints/PROJECT/PRESET-seed-N.

    presets: as in `Training`. table: "module:function", called with the preset's name and the trainings as they end (an iterator of
        longrun.run.repeat.Finished); prints the rows and returns the exit code.
    sentence: what `python -m PROJECT --help` says of it.
    """

    presets: str
    table: str
    sentence: str = "Train a preset from several seeds, as a table; run again, it goes on where it was stopped."

    def __call__(self, arguments: Sequence[str], program: str) -> int | None:
        """Train, and print a row for each seed. What differs from the preset is given to every training."""
        asks_for_help = any(word in arguments for word in ("-h", "--help"))
        if not asks_for_help and (len(arguments) < 2 or not arguments[1].isdecimal() or int(arguments[1]) < 1):
            raise UserError("usage: seeds PRESET COUNT [--flags of train]")
        preset, config, options = Training(self.presets, self.sentence).read(arguments, program, (COUNT, WORKERS, CLUSTER))
        flags = words_of(flatten(config), flatten(preset_of(load(f"{self.presets}:PRESETS"), preset)))
        from longrun.run import repeat

        trainings = repeat.seeds(preset, options["count"], run_folder(config, preset).parent, flags)
        package = config.TRAINED_BY.partition(".")[0]
        return load(self.table)(preset, repeat.run_all(package, trainings, workers=options["workers"], cluster=options["cluster"]))
