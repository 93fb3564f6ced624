"""`python -m longrun zoo`: every kind of the zoo, sick and healthy, from several seeds, as a table beside what others would say."""

import itertools
import json as json_format
import tempfile
from collections.abc import Sequence
from pathlib import Path

from longrun import fleet
from longrun.errors import UserError
from longrun.run.durable import write_atomically
from longrun.run.journal import read_json
from longrun.words import nearest
from longrun.zoo.kinds import BY_NAME, KINDS, PRESETS


def zoo(
    *,
    seeds: int = 5,
    first: int = 0,
    only: tuple[str, ...] = (),
    healthy: bool = False,
    presets: bool = False,
    workers: int = 1,
    cluster: str = "",
    run: str = "",
    json: bool = False,
) -> None:
    """Train every kind of sick training and its healthy twin, and print what the guards found beside other tools' rules.

    Run again with the same folder, it goes on with what is missing. ZOO.md and zoo.json in the folder hold the table.

    seeds: Seeds of each kind, sick and healthy.
    first: The first seed; two tables with other seeds share no run.
    only: Names of the kinds to train; empty: all of the zoo's own.
    healthy: Train the healthy twins only, to count false alarms.
    presets: Train the projects' own presets as well, small, where an original run's fault is a switch: a minute or two each.
    workers: Trainings at a time, on this machine.
    cluster: Address of a Dask scheduler whose workers train instead, e.g. tcp://127.0.0.1:8786.
    run: Folder of the records; empty: checkpoints/zoo.
    json: Print one JSON object instead of the table.

    Example:
        python -m longrun zoo --seeds 5 --workers 2
    """
    if seeds < 1:
        raise UserError(f"seeds must be at least 1, not {seeds}")
    if not 0 <= first <= 10**6:
        raise UserError(f"first is between 0 and 1000000, not {first}")
    for name in only:
        if name not in BY_NAME:
            raise UserError(f"unknown kind {name!r}{nearest(name, list(BY_NAME))}; kinds: {', '.join(BY_NAME)}")
    folder = Path(run or "checkpoints/zoo")
    names = only or tuple(kind.name for kind in (*KINDS, *(PRESETS if presets else ())))
    states = (False,) if healthy else (True, False)
    wanted = [(name, sick, seed) for name in names for sick in states for seed in range(first, first + seeds)]
    records = _records(folder, wanted, workers, cluster, quiet=json)
    from longrun.zoo.tally import markdown, summary

    found = summary(records)
    found["cost"] = measured_cost()
    page = f"{markdown(found)}\n{found['cost']['said']}"
    write_atomically(folder / "zoo.json", json_format.dumps(found, indent=1))
    write_atomically(folder / "ZOO.md", page + "\n")
    print(json_format.dumps(found) if json else page)


def _records(folder, wanted, workers, cluster, quiet):
    """The record of each wanted run, those of an earlier call first; what is missing is trained and written down as it comes."""
    kept = {task: read_json(_place(folder, task)) for task in wanted if _place(folder, task).exists()}
    missing = [task for task in wanted if task not in kept]
    # All seeds of a kind by one worker, which compiles once, and twins of one training after one another, which share that.
    groups = [list(group) for _, group in itertools.groupby(missing, key=lambda task: task[:2])]
    groups.sort(key=lambda group: (BY_NAME[group[0][0]].task, BY_NAME[group[0][0]].setup, group[0][1]))
    (folder / "records").mkdir(parents=True, exist_ok=True)
    for index, records in fleet.run(trained, groups, workers=workers, cluster=cluster):
        for task, record in zip(groups[index], records, strict=True):
            kept[task] = record
            write_atomically(_place(folder, task), json_format.dumps(record))
            if not quiet:
                said = "; ".join(f"{guard} at step {step}" for guard, step, _ in record["findings"][:1]) or "nothing found"
                print(f"{len(kept)}/{len(wanted)} {record['kind']}, {_word(record['sick'])}, seed {record['seed']}: {said}", flush=True)
    return [kept[task] for task in wanted]


def trained(tasks: Sequence[tuple[str, bool, int]]) -> list[dict]:
    """Each (kind, sick, seed) -> the record of that training, made in a folder that is gone afterwards."""
    from longrun.zoo import originals, training

    records = []
    for name, sick, seed in tasks:
        train = originals.train if name in originals.ORIGINALS else training.train
        with tempfile.TemporaryDirectory(prefix="zoo-") as folder:
            records.append(train(BY_NAME[name], sick, seed, Path(folder) / "run"))
    return records


def measured_cost() -> dict:
    """What all guards together cost, of the step time, measured here and now; "said" is the sentence."""
    from longrun.zoo.cost import measure

    cost = measure()
    return {**vars(cost), "share": cost.share, "said": str(cost)}


def _place(folder, task):
    name, sick, seed = task
    return folder / "records" / f"{name.replace(' ', '-').replace(chr(39), '')}-{_word(sick)}-{seed}.json"


def _word(sick):
    return "sick" if sick else "healthy"
