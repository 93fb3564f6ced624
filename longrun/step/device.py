"""The machine: memory, precision, determinism, and on how many devices a step runs."""

import os

import keras
import tensorflow as tf

from longrun.errors import UserError
from longrun.step.summation import fix_summation_order

PRECISIONS = ("float32", "mixed_bfloat16")
DEVICES = ("one", "mirrored", "multi_worker")


def configure(*, seed: int, precision: str = "float32", deterministic: bool = False, logical_cpus: int = 1) -> None:
    """Set up TensorFlow for a run; call once, before the first tensor.

    seed: of Keras' global generators (initial weights and Dropout start from it).
    precision: "float32", or "mixed_bfloat16" (20 to 30 % faster on CPUs with AVX512_BF16 or AMX and on recent GPUs).
    deterministic: forces deterministic kernels; costs speed on a GPU, changes nothing on one CPU.
    logical_cpus: splits the CPU into that many devices, to try MirroredStrategy without a GPU.
    """
    if precision not in PRECISIONS:
        raise UserError(f"precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
    if not 0 <= seed < 2**32:
        raise UserError(f"seed is between 0 and 2**32 - 1, not {seed}")
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    if logical_cpus > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * logical_cpus)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    fix_summation_order()
    _sum_in_one_pass()
    keras.mixed_precision.set_global_policy(precision)
    keras.utils.set_random_seed(seed)


def strategy(devices: str) -> tf.distribute.Strategy:
    """The tf.distribute strategy for "one", "mirrored" (all local GPUs, or all logical CPUs) or "multi_worker" (from TF_CONFIG)."""
    if devices == "one":
        return tf.distribute.get_strategy()
    if devices == "mirrored":
        gpus = tf.config.list_logical_devices("GPU")
        names = [device.name for device in gpus or tf.config.list_logical_devices("CPU")]
        return tf.distribute.MirroredStrategy(names)
    if devices == "multi_worker":
        if "TF_CONFIG" not in os.environ:
            raise UserError("devices multi_worker needs the environment variable TF_CONFIG with the cluster and this task")
        return tf.distribute.MultiWorkerMirroredStrategy()
    raise UserError(f"devices is one of {', '.join(DEVICES)}, not {devices!r}")


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes the run folder that others read (always, except on workers 1, 2, ... of a cluster)."""
    resolver = strategy.cluster_resolver
    if resolver is None or resolver.task_type is None:
        return True
    chief = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return resolver.task_type == chief and resolver.task_id == 0


def describe() -> dict[str, str]:
    """Versions and hardware, for versions.json."""
    gpus = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in _gpus()]
    return {
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "devices": ", ".join(gpus) or f"CPU, {os.cpu_count()} cores",
        "precision": keras.mixed_precision.global_policy().name,
    }


def _sum_in_one_pass() -> None:
    """Keep XLA from splitting a long sum on a CPU into nested windows, as it does for the last bits.

    The windows cost a tenth of a step of arc's and a third of its compilation. XLA reads the variable when it first compiles; flags that
    are set already stay.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_disable_hlo_passes" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_disable_hlo_passes=tree_reduction_rewriter".strip()


def _gpus():
    return tf.config.list_physical_devices("GPU")
