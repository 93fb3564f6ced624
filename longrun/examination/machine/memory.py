"""Memory of a step: what it takes at most, and whether it grows."""

from pathlib import Path

import tensorflow as tf

from longrun.examination.subject import CannotCheck, Subject
from longrun.examination.verdict import Verdict, judged

STEPS, WARM = 12, 4
SHARE = 0.9
"""Of the memory there is, that may be in use at the peak."""
MIB = 2**20
GROWTH = 32 * MIB
"""Bytes that may be added over some steps: allocators keep what they had."""
FULL = "a smaller batch, gradient checkpointing, or a lower precision"
GROWING = "something is kept from step to step: tensors in a list, a new function or dataset in each step, a growing log"


def memory(subject: Subject) -> Verdict:
    """Sick where a step takes nearly all memory there is, or where memory grows from step to step.

    value: MiB of the process (of the GPU, where there is one) at the peak; limit: 0.9 of what there is. It cannot see growth of less
    than some megabytes a step.
    """
    read = on_gpu if tf.config.list_physical_devices("GPU") else on_host
    before = read()
    used = []
    with subject.kept():
        for number in range(STEPS):
            subject.step(subject.batches(number), number)
            used.append(read()["now"])
    after = read()
    peak, limit, more = after["peak"] / MIB, SHARE * after["all"] / MIB, (after["peak"] - before["now"]) / MIB
    said = f"{peak:,.0f} MiB at the peak, {more:,.0f} MiB more than before these steps"
    if peak > limit:
        return judged(False, said, peak, limit=limit, advice=FULL)
    grown = grows(used[WARM:])
    if grown:
        said = f"memory grows by {grown / MIB:,.1f} MiB a step; {said}"
    return judged(not grown, said, peak, limit=limit, advice=GROWING)


def grows(used: list[int]) -> float:
    """Bytes a step, where memory rises with nearly every step and by much in all; else nought."""
    rises = [later - earlier for earlier, later in zip(used, used[1:], strict=False)]
    steady = sum(rise > 0 for rise in rises) >= 0.8 * len(rises)
    return (used[-1] - used[0]) / len(rises) if steady and used[-1] - used[0] > GROWTH else 0.0


def on_gpu() -> dict[str, int]:
    """Bytes in use now, at the peak, and in all, of the first GPU."""
    info = tf.config.experimental.get_memory_info("GPU:0")
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return {"now": info["current"], "peak": info["peak"], "all": details.get("memory_limit", 2**63)}


def on_host(status: Path = Path("/proc/self/status"), machine: Path = Path("/proc/meminfo")) -> dict[str, int]:
    """Bytes of this process now, at the peak, and of the machine. Raises CannotCheck where the system does not say."""
    if not (status.exists() and machine.exists()):
        raise CannotCheck("this system does not say how much memory a process takes")
    own, whole = _fields(status), _fields(machine)
    if "VmRSS" not in own or "MemTotal" not in whole:
        raise CannotCheck("this system does not say how much memory a process takes")
    return {"now": own["VmRSS"], "peak": own.get("VmHWM", own["VmRSS"]), "all": whole["MemTotal"]}


def _fields(path):
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) == 3 and words[2] == "kB"}
