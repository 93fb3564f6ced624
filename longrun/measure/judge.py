"""What `evaluate` and test_inference.py print of a checkpoint: a heading, its scores beside their floors, a verdict in words; or JSON."""

import json
from collections.abc import Mapping

from longrun.run.report import result_table


def show(outcome: Mapping, as_json: bool, heading: str, *paragraphs: str, table: Mapping | None = None) -> None:
    """Print a result (see longrun.run.report.result).

    as_json: one object and nothing else. heading: what was judged on what. paragraphs: below the table. table: a result to show in
    place of the whole one.
    """
    if as_json:
        print(json.dumps(outcome))
        return
    print("\n\n".join([heading, result_table(table or outcome), *paragraphs]))


def verdict(outcome: Mapping, name: str, above: str, below: str, words: str = "") -> str:
    """One score in a sentence: value, floor, interval, and `above` where the whole interval lies above the floor, else `below`."""
    low, high = outcome["intervals"][name]
    floor = outcome["floors"][name]
    return (
        f"{words or name.replace('_', ' ')} {outcome['metrics'][name]:.4f} (floor {floor:.4f}, 95 % interval {low:.4f}..{high:.4f}): "
        f"{above if low > floor else below}"
    )
