"""What every test stands on: TensorFlow's environment, set before anything imports it, and Hypothesis without chance or clock."""

import os

import hypothesis

# Subprocesses inherit these. A GPU, where there is one, would give other last bits: CUDA_VISIBLE_DEVICES=0 asks for it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# One thread a process: the workers of pytest stand side by side, and so do the trainings that a test starts.
for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
# No test has a display.
os.environ.setdefault("MPLBACKEND", "Agg")

# The same examples on every run, and no time limit on one: a slow machine is not a bug.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")
