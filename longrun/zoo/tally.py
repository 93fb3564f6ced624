"""The table of the zoo from its records: what was found, when, and by whom."""

import statistics
from collections.abc import Mapping, Sequence

from scipy.stats import binomtest

from longrun.zoo.kinds import BY_NAME, WARM, Kind
from longrun.zoo.rules import RULES, loss_stayed

Record = Mapping
EXACT = "interval (Clopper-Pearson)"


def named_rightly(record: Record) -> bool:
    """Whether the first verdict of a sick run is the cause, and came before half of the training's steps were over since its onset."""
    kind = BY_NAME[record["kind"]]
    if not record["findings"]:
        return False
    guard, step, _ = record["findings"][0]
    return guard == kind.verdict and kind.onset < step <= kind.last


def exact_interval(successes: int, count: int) -> tuple[float, float]:
    """95 % interval of a binomial proportion that covers it at least as often (Clopper and Pearson 1934), whatever the proportion."""
    found = binomtest(successes, count).proportion_ci(0.95, "exact")
    return float(found.low), float(found.high)


def summary(records: Sequence[Record]) -> dict:
    """All numbers of the table: per kind, in total, per peer, and the time that guards take."""
    rows = [_row(kind, records) for kind in BY_NAME.values() if any(record["kind"] == kind.name for record in records)]
    sick, healthy = [record for record in records if record["sick"]], [record for record in records if not record["sick"]]
    right, alarms = sum(map(named_rightly, sick)), sum(bool(record["findings"]) for record in healthy)
    original = [record for record in sick if BY_NAME[record["kind"]].original]
    seconds = {name: sum(record["seconds"][name] for record in records) for name in ("steps", "guards", "all")}
    return {
        "rows": rows,
        "sick": len(sick),
        "right": right,
        "right_interval": exact_interval(right, len(sick)) if sick else None,
        "original": len(original),
        "original_right": sum(map(named_rightly, original)),
        "healthy": len(healthy),
        "false_alarms": alarms,
        "false_alarm_interval": exact_interval(alarms, len(healthy)) if healthy else None,
        "alarms": [[record["kind"], record["seed"], *record["findings"][0]] for record in healthy if record["findings"]],
        "missed": [_missed(record) for record in sick if not named_rightly(record)],
        "peers": {name: _peer(rule, sick, healthy) for name, rule in RULES.items()},
        "seconds": seconds,
        "timed_steps": sum(map(_timed_steps, records)),
    }


def markdown(found: Mapping) -> str:
    """The summary as a page of Markdown."""
    peers = "".join(f" {name} |" for name in RULES)
    lines = [
        f"| kind | task | original run | found by | named rightly | steps to it | false alarms | processor seconds |{peers}",
        "|---" * (8 + len(RULES)) + "|",
    ]
    for row in found["rows"]:
        stops = "".join(f" {_parts(peer, 'sick')}, {_parts(peer, 'healthy')} |" for peer in row["peers"].values())
        steps = "-" if row["steps"] is None else f"{row['steps']:.0f}"
        lines.append(
            f"| {row['kind']}: {row['says']} | {row['task']} | {row['original'] or '-'} | {row['found_by']} "
            f"| {row['right']}/{row['sick']} | {steps} | {row['false_alarms']}/{row['healthy']} | {row['seconds']:.1f} |{stops}"
        )
    return "\n".join([*lines, "", *_totals(found)])


def _totals(found):
    lines = []
    if found["sick"]:
        low, high = found["right_interval"]
        lines.append(
            f"Sick runs whose first verdict is the cause, before half of the steps: {found['right']} of {found['sick']}, "
            f"95 % {EXACT} {low:.3f} to {high:.3f}; of the kinds of the original runs {found['original_right']} of {found['original']}."
        )
    if found["healthy"]:
        low, high = found["false_alarm_interval"]
        lines.append(f"False alarms: {found['false_alarms']} of {found['healthy']} healthy runs, 95 % {EXACT} {low:.4f} to {high:.4f}.")
    lines += [f"Missed: {kind}, seed {seed}: {said}." for kind, seed, said in found["missed"]]
    lines += [f"False alarm: {kind}, seed {seed}: {guard} at step {step}: {cause}." for kind, seed, guard, step, cause in found["alarms"]]
    lines += [
        f"{name}: ends {peer['sick']} of {peer['of_sick']} sick runs in time and {peer['healthy']} of {peer['of_healthy']} healthy ones."
        for name, peer in found["peers"].items()
    ]
    most = max(found["rows"], key=lambda row: row["seconds"])
    lines.append(f"No training took more than {most['seconds']:.1f} s of processor time ({most['kind']}), its compilation included.")
    share = found["seconds"]["guards"] / max(found["seconds"]["steps"], 1e-9)
    milliseconds = 1000 * found["seconds"]["steps"] / max(found["timed_steps"], 1)
    lines.append(f"On these steps of {milliseconds:.1f} ms the guards outside the step take {share:.1%} of the steps' time.")
    return [f"{line}  " for line in lines]


def _timed_steps(record):
    processes = 2 if "resume" in BY_NAME[record["kind"]].setup else 1
    return len(record["curves"]["loss"]) - processes * WARM if record["seconds"]["steps"] else 0


def _row(kind: Kind, records):
    mine = [record for record in records if record["kind"] == kind.name]
    sick, healthy = [record for record in mine if record["sick"]], [record for record in mine if not record["sick"]]
    right = [record for record in sick if named_rightly(record)]
    verdicts = [record["findings"][0][0] if record["findings"] else "nothing" for record in sick]
    return {
        "kind": kind.name,
        "says": kind.says,
        "task": kind.task,
        "original": kind.original,
        "found_by": ", ".join(dict.fromkeys(verdicts)) or "-",
        "sick": len(sick),
        "right": len(right),
        "steps": statistics.median(record["findings"][0][1] - kind.onset for record in right) if right else None,
        "healthy": len(healthy),
        "false_alarms": sum(bool(record["findings"]) for record in healthy),
        "seconds": max(record["seconds"]["all"] for record in mine),
        "peers": {name: _peer(rule, sick, healthy) for name, rule in RULES.items()},
    }


def _peer(rule, sick, healthy):
    """How many runs a rule ends, and of how many whose curve it can look at: a project's own preset has no held-out loss on the way."""
    found = {}
    for name, records in (("sick", sick), ("healthy", healthy)):
        seen = [record for record in records if record["curves"][rule.curve]]
        found |= {name: sum(_in_time(rule.ends, record) for record in seen), f"of_{name}": len(seen)}
    return found


def _in_time(ends, record):
    """Whether a rule ends a run: a sick one after the onset and before half of the steps, a healthy one whenever."""
    step, kind = ends(record["curves"]), BY_NAME[record["kind"]]
    return step is not None and (not record["sick"] or kind.onset < step <= max(kind.last, kind.steps * (ends is loss_stayed)))


def _parts(peer, name):
    """ "2/5", or "-" where the rule had nothing to look at."""
    return f"{peer[name]}/{peer[f'of_{name}']}" if peer[f"of_{name}"] else "-"


def _missed(record):
    said = "nothing was found" if not record["findings"] else "{} at step {}".format(*record["findings"][0][:2])
    return [record["kind"], record["seed"], said]
