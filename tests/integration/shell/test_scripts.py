"""The shell scripts, run for real: the supervisor with made-up commands, the installation with a made-up Python and pip."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.places import ROOT

SCRIPTS = ("train.sh", "test.sh", ".ci/run", "shell/environment.sh", "shell/resume.sh", "shell/tensorboard.sh")

# ---------------------------------------------------------------------------------------------------------------- resume.sh


@pytest.fixture
def exits_with(tmp_path):
    """Makes a command that exits with each of the given codes in turn, and notes every call in a file."""

    def make(*codes: int) -> list[str]:
        calls = tmp_path / "calls"
        script = f'echo "$@" >>"{calls}"; codes=({" ".join(map(str, codes))}); exit "${{codes[$(wc -l <"{calls}") - 1]}}"'
        return ["bash", "-c", script, "command"]

    return make


def resume(command, **variables) -> subprocess.CompletedProcess:
    environment = os.environ | {"RESUME_SLEEP": "true"} | variables
    return subprocess.run(
        [ROOT / "shell" / "resume.sh", *command], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


def waits(output: str) -> list[int]:
    return [int(seconds) for seconds in re.findall(r"again in (\d+) s", output)]


def test_resume_reruns_until_done(exits_with, tmp_path):
    result = resume([*exits_with(1, 137, 139, 0), "train", "two words"])
    assert result.returncode == 0
    assert (tmp_path / "calls").read_text() == "train two words\n" * 4
    assert waits(result.stdout) == [5, 10, 20]
    assert result.stderr == ""


@pytest.mark.parametrize("code", [0, 2, 3, 126, 127, 130, 143])
def test_resume_stops_at_once(exits_with, tmp_path, code):
    result = resume(exits_with(code, 0))
    assert result.returncode == code
    assert (tmp_path / "calls").read_text().count("\n") == 1
    assert waits(result.stdout) == []


def test_resume_waits_ever_longer_up_to_ten_minutes(exits_with):
    result = resume(exits_with(*[1] * 10, 3))
    assert result.returncode == 3
    assert waits(result.stdout) == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_resume_waits_the_shortest_time_after_a_healthy_stretch(exits_with):
    # With a healthy stretch of 0 s every run is one.
    assert waits(resume(exits_with(1, 1, 1, 0), RESUME_HEALTHY="0").stdout) == [5, 5, 5]


def test_resume_takes_its_times_from_the_environment(exits_with):
    result = resume(exits_with(1, 1, 1, 0), RESUME_FIRST_WAIT="2", RESUME_LONGEST_WAIT="3")
    assert waits(result.stdout) == [2, 3, 3]
    assert resume(["true"], RESUME_HEALTHY="10m").returncode == 2


def test_resume_really_waits(exits_with, tmp_path):
    waiter = tmp_path / "waiter"
    waiter.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/waited"\n')
    waiter.chmod(0o755)
    assert resume(exits_with(1, 1, 0), RESUME_SLEEP=str(waiter)).returncode == 0
    assert (tmp_path / "waited").read_text() == "5\n10\n"


def test_resume_without_a_command_or_with_a_missing_one():
    assert resume([]).returncode == 2
    assert resume(["/no/such/command"]).returncode == 127


def _hear_signals():
    """A suite started in the background, or by nohup, hands on that it ignores these, and no shell can trap them then."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(("sent", "code"), [("TERM", 143), ("INT", 130), ("HUP", 143)])
def test_resume_passes_a_signal_on_and_lets_the_command_save(tmp_path, sent, code):
    # The command takes its time to save, like a training, and leaves with the code that resume.sh must hand on.
    saved, ready = tmp_path / "saved", tmp_path / "ready"
    command = (
        f'save() {{ sleep 0.2; echo "$1" >>"{saved}"; exit "$1"; }}; trap "save 143" TERM; trap "save 130" INT; '
        f': >"{ready}"; while true; do sleep 0.02; done'
    )
    process = subprocess.Popen(
        [ROOT / "shell" / "resume.sh", "bash", "-c", command], stdout=subprocess.PIPE, text=True, preexec_fn=_hear_signals
    )
    _wait_for(ready.exists)
    process.send_signal(getattr(signal, f"SIG{sent}"))
    output, _ = process.communicate(timeout=30)
    assert saved.read_text() == f"{code}\n"
    assert process.returncode == {"TERM": 143, "INT": 130, "HUP": 129}[sent]
    assert waits(output) == []


def test_resume_can_be_stopped_while_it_waits(tmp_path):
    process = subprocess.Popen(
        [ROOT / "shell" / "resume.sh", "bash", "-c", f': >"{tmp_path}/ran"; exit 1'],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"RESUME_FIRST_WAIT": "50"},
    )
    _wait_for((tmp_path / "ran").exists)
    for line in process.stdout:
        if "again in 50 s" in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 30 s"
        time.sleep(0.01)


# --------------------------------------------------------------------------------------- train.sh, test.sh and environment.sh

# Stands for the interpreter of the machine and, copied there, for that of the environment. Notes every call that matters.
FAKE_PYTHON = r"""#!/usr/bin/env bash
case "$1 $2" in
    "-c import sys"*) echo "${FAKE_VERSION:-3.12}" ;;
    "-c import ensurepip"*) exit "${FAKE_ENSUREPIP:-0}" ;;
    "-c import cv2"*) echo "ImportError: libtensorflow"; exit "${FAKE_IMPORT:-0}" ;;
    "-m venv")
        echo "venv" >>"$FAKE_CALLS"
        mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && : >"$3/pyvenv.cfg" ;;
    "-m pip")
        echo "pip ${*: -1}" >>"$FAKE_CALLS"
        if [[ -n "${FAKE_PIP_KILLED-}" ]]; then kill -9 "$PPID"; fi
        while [[ "$1" != --log ]]; do shift; done
        echo "2026-01-01T00:00:00,000 ERROR: no matching distribution" >"$2"
        mkdir -p .venv/lib/python3.12/site-packages/nvidia/{cublas/lib,cuda_nvcc/nvvm/libdevice}
        exit "${FAKE_PIP:-0}" ;;
    "-m "*) echo "run ${*:2}" >>"$FAKE_CALLS"; env >"$FAKE_CALLS.env"; exit "${FAKE_RUN:-0}" ;;
esac
"""


class Clone:
    """A copy of the scripts in a folder whose name has a space, on a machine with the made-up Python and no GPU."""

    def __init__(self, folder: Path):
        self.root = folder / "a clone"
        self.bin = folder / "bin"
        self.calls_file = folder / "calls"
        for name in (*SCRIPTS, "setup.cfg"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.root / name)
        for name in ("stegastamp", "collatz"):
            (self.root / name).mkdir()
            (self.root / name / "__main__.py").touch()
        self.write_program("python3", FAKE_PYTHON)
        # Other interpreters of the real machine must not step in.
        for name in ("python", "python3.11", "python3.12", "python3.13"):
            self.write_program(name, "#!/bin/sh\nexit 1\n")
        self.write_program("nvidia-smi", "#!/bin/sh\nexit 9\n")

    def write_program(self, name: str, text: str) -> None:
        self.bin.mkdir(exist_ok=True)
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run(self, script: str, *arguments: str, **variables) -> subprocess.CompletedProcess:
        """Runs a script of the clone, as always from another folder."""
        kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
        environment = kept | {"PATH": f"{self.bin}:/usr/bin:/bin", "FAKE_CALLS": str(self.calls_file)} | variables
        return subprocess.run(
            [self.root / script, *arguments],
            capture_output=True,
            text=True,
            cwd=self.bin,
            env=environment,
            timeout=60,
            check=False,
        )

    def calls(self) -> list[str]:
        """What was called since the last time this was asked."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return lines

    def environment(self) -> dict[str, str]:
        """Variables that the last training saw."""
        lines = Path(f"{self.calls_file}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def clone(tmp_path) -> Clone:
    return Clone(tmp_path)


def test_train_installs_once_and_trains(clone):
    first = clone.run("train.sh")
    assert first.returncode == 0
    assert clone.environment()["PWD"] == str(clone.root)
    assert clone.environment()["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert clone.calls() == ["venv", "pip .", "run stegastamp train quick"]
    assert clone.run("train.sh", "collatz", "paper", "--steps", "3 4").returncode == 0
    assert clone.calls() == ["run collatz train paper --steps 3 4"]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["--steps", "5"], "stegastamp train quick --steps 5"),
        (["stegastamp"], "stegastamp train"),
        (["collatz", "--help"], "collatz train --help"),
    ],
)
def test_train_passes_its_arguments_on(clone, arguments, command):
    clone.run("train.sh", *arguments)
    assert clone.calls()[-1] == f"run {command}"


def test_train_hands_on_the_exit_code(clone):
    assert clone.run("train.sh", FAKE_RUN="3").returncode == 3


def test_train_explains_itself(clone):
    result = clone.run("train.sh", "--help")
    assert result.returncode == 0
    assert "./train.sh PROJECT [PRESET]" in result.stdout
    assert clone.calls() == []


@pytest.mark.parametrize("project", ["tiny", "shell", "../bin", "longrun"])
def test_train_refuses_an_unknown_project_before_it_installs(clone, project):
    result = clone.run("train.sh", project)
    assert result.returncode == 2
    assert result.stderr == f"train.sh: no project '{project}' in {clone.root} (there are: collatz stegastamp)\n"
    assert clone.calls() == []


def test_train_says_when_the_training_is_missing(clone):
    (clone.root / "stegastamp" / "__main__.py").unlink()
    result = clone.run("train.sh")
    assert result.returncode == 2
    assert result.stderr == f"train.sh: no project 'stegastamp' in {clone.root} (there are: collatz)\n"


def test_a_changed_setup_is_installed_again(clone):
    clone.run("train.sh")
    clone.calls()
    with (clone.root / "setup.cfg").open("a") as setup:
        setup.write("# one more\n")
    clone.run("train.sh")
    assert clone.calls() == ["pip .", "run stegastamp train quick"]


def test_the_tests_install_their_tools_and_lint_first(clone):
    clone.run("train.sh")
    clone.calls()
    assert clone.run("test.sh", "-k", "word").returncode == 0
    assert clone.calls() == ["pip .[test]", "run ruff check .", "run ruff format --check .", "run pytest -k word"]
    assert clone.environment()["CUDA_VISIBLE_DEVICES"] == "-1"
    assert clone.run("test.sh", FAKE_RUN="1").returncode == 1
    assert clone.calls() == ["run ruff check ."]


def test_the_environment_of_the_tests_is_enough_to_train(clone):
    clone.run(".ci/run")
    assert clone.calls()[:2] == ["venv", "pip .[test]"]
    clone.run("train.sh")
    assert clone.calls() == ["run stegastamp train quick"]


def test_an_interrupted_installation_is_begun_afresh(clone):
    assert clone.run("train.sh", FAKE_PIP_KILLED="1").returncode != 0
    (clone.root / ".venv" / "half").touch()
    clone.calls()
    assert clone.run("train.sh").returncode == 0
    assert clone.calls() == ["venv", "pip .", "run stegastamp train quick"]
    assert not (clone.root / ".venv" / "half").exists()


def test_an_environment_whose_python_is_gone_is_made_again(clone):
    clone.run("train.sh")
    clone.calls()
    (clone.root / ".venv" / "bin" / "python").unlink()
    clone.run("train.sh")
    assert clone.calls() == ["venv", "pip .", "run stegastamp train quick"]


def test_an_environment_of_the_users_own_is_kept(clone):
    (clone.root / ".venv" / "bin").mkdir(parents=True)
    (clone.root / ".venv" / "pyvenv.cfg").touch()
    (clone.root / ".venv" / "theirs").touch()
    shutil.copy2(clone.bin / "python3", clone.root / ".venv" / "bin" / "python")
    clone.run("train.sh", FAKE_PIP="1")
    clone.run("train.sh")
    assert clone.calls() == ["pip .", "pip .", "run stegastamp train quick"]
    assert (clone.root / ".venv" / "theirs").exists()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"FAKE_VERSION": "3.10"}, "needs Python 3.11, 3.12 or 3.13, found python3 3.10"),
        ({"FAKE_VERSION": "3.14"}, "found python3 3.14"),
        ({"PYTHON": "/no/python"}, "found none"),
        ({"FAKE_ENSUREPIP": "1"}, "sudo apt install python3.12-venv"),
        ({"FAKE_PIP": "1"}, "pip could not install the project: no matching distribution"),
        ({"FAKE_IMPORT": "1"}, "cannot be imported: ImportError: libtensorflow"),
    ],
)
def test_what_is_wrong_with_the_machine_is_one_line(clone, variables, words):
    result = clone.run("train.sh", **variables)
    assert result.returncode == 2
    complaints = [line for line in result.stderr.splitlines() if line.startswith("train.sh: ")]
    assert len(complaints) == 1
    assert words in complaints[0]
    assert not any(call.startswith("run") for call in clone.calls())


def test_a_full_disk_is_one_line(clone):
    clone.write_program("df", "#!/bin/sh\necho Filesystem; echo disk 9 9 2048000 9 /\n")
    result = clone.run("train.sh")
    assert result.returncode == 2
    assert "MB of disk, and 2000 MB are free at" in result.stderr
    assert not (clone.root / ".venv").exists()


def test_a_disk_that_fills_up_during_the_installation_is_one_line(clone):
    clone.run("train.sh")
    clone.write_program("df", "#!/bin/sh\necho Filesystem; echo disk 9 9 20480 9 /\n")
    result = clone.run("test.sh", FAKE_PIP="1")
    assert result.returncode == 2
    assert "test.sh: pip could not install the project: the disk is full" in result.stderr


def test_a_gpu_gets_its_tensorflow_and_its_libraries(clone):
    clone.write_program("nvidia-smi", '#!/bin/sh\necho "GPU 0: NVIDIA (UUID: x)"\n')
    clone.run("train.sh", LD_LIBRARY_PATH="/opt/lib", XLA_FLAGS="--xla_dump_to=x")
    assert clone.calls() == ["venv", "pip .[gpu]", "run stegastamp train quick"]
    nvidia = clone.root / ".venv/lib/python3.12/site-packages/nvidia"
    seen = clone.environment()
    assert seen["LD_LIBRARY_PATH"] == f"{nvidia}/cublas/lib:/opt/lib"
    assert seen["XLA_FLAGS"] == f"--xla_dump_to=x --xla_gpu_cuda_data_dir={nvidia}/cuda_nvcc"
    assert seen["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert seen["TF_CPP_MIN_LOG_LEVEL"] == "2"


@pytest.mark.parametrize("hidden", ["-1", ""])
def test_a_hidden_gpu_is_left_alone(clone, hidden):
    clone.write_program("nvidia-smi", '#!/bin/sh\necho "GPU 0: NVIDIA (UUID: x)"\n')
    clone.run("train.sh", CUDA_VISIBLE_DEVICES=hidden)
    assert clone.calls()[1] == "pip ."
    assert "LD_LIBRARY_PATH" not in clone.environment()
    assert "TF_FORCE_GPU_ALLOW_GROWTH" not in clone.environment()


def test_sourcing_the_environment_twice_changes_nothing(clone):
    clone.write_program("nvidia-smi", '#!/bin/sh\necho "GPU 0: NVIDIA (UUID: x)"\n')
    script = clone.root / "twice.sh"
    script.write_text(
        '#!/usr/bin/env bash\nfor _ in 1 2; do source "${0%/*}/shell/environment.sh" train\n'
        'echo "$PATH|$LD_LIBRARY_PATH|$XLA_FLAGS|$TF_CPP_MIN_LOG_LEVEL"; done\n'
    )
    script.chmod(0o755)
    once, twice = clone.run("twice.sh").stdout.splitlines()
    assert once == twice
    assert once.startswith(f"{clone.root}/.venv/bin:")


def test_two_installations_at_once_become_one(clone):
    environment = {"PATH": f"{clone.bin}:/usr/bin:/bin", "FAKE_CALLS": str(clone.calls_file)}
    processes = [subprocess.Popen([clone.root / "train.sh"], env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert sorted(clone.calls()) == ["pip .", "run stegastamp train quick", "run stegastamp train quick", "venv"]


def test_tensorboard_shows_the_run_folders(clone):
    (clone.root / "checkpoints").mkdir()
    clone.run("shell/tensorboard.sh")
    assert clone.calls()[-1] == f"run tensorboard.main --logdir {clone.root}/checkpoints --port 6006"
    clone.run("shell/tensorboard.sh", "7007", str(clone.bin))
    assert clone.calls() == [f"run tensorboard.main --logdir {clone.bin} --port 7007"]
    assert clone.run("shell/tensorboard.sh", "port").returncode == 2
    assert clone.run("shell/tensorboard.sh", "6006", "/no/folder").returncode == 2
    assert clone.calls() == []


@pytest.mark.parametrize("name", sorted({*SCRIPTS, *(str(path.relative_to(ROOT)) for path in ROOT.glob("shell/*.sh"))}))
def test_bash_can_parse_every_script(name):
    assert subprocess.run(["bash", "-n", ROOT / name], capture_output=True, text=True, check=True).stderr == ""
