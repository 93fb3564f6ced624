"""train.sh, test.sh and the environment that they make, run for real with a made-up Python and pip; TensorBoard; bash's own opinion."""

import shutil
import subprocess

import pytest

from tests.fixtures.shell_clone import SCRIPTS, Clone
from tests.places import ROOT


@pytest.fixture
def clone(tmp_path) -> Clone:
    return Clone(tmp_path)


def test_train_installs_once_and_trains(clone):
    first = clone.run("train.sh")
    assert first.returncode == 0
    assert clone.environment()["PWD"] == str(clone.root)
    assert clone.environment()["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert clone.calls() == ["venv", "pip .[train]", "run stegastamp train quick"]
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
    assert clone.calls() == ["pip .[train]", "run stegastamp train quick"]


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
    assert clone.calls() == ["venv", "pip .[train]", "run stegastamp train quick"]
    assert not (clone.root / ".venv" / "half").exists()


def test_an_environment_whose_python_is_gone_is_made_again(clone):
    clone.run("train.sh")
    clone.calls()
    (clone.root / ".venv" / "bin" / "python").unlink()
    clone.run("train.sh")
    assert clone.calls() == ["venv", "pip .[train]", "run stegastamp train quick"]


def test_an_environment_of_the_users_own_is_kept(clone):
    (clone.root / ".venv" / "bin").mkdir(parents=True)
    (clone.root / ".venv" / "pyvenv.cfg").touch()
    (clone.root / ".venv" / "theirs").touch()
    shutil.copy2(clone.bin / "python3", clone.root / ".venv" / "bin" / "python")
    clone.run("train.sh", FAKE_PIP="1")
    clone.run("train.sh")
    assert clone.calls() == ["pip .[train]", "pip .[train]", "run stegastamp train quick"]
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
    assert clone.calls()[1] == "pip .[train]"
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
    assert sorted(clone.calls()) == ["pip .[train]", "run stegastamp train quick", "run stegastamp train quick", "venv"]


def test_tensorboard_shows_the_run_folders(clone):
    (clone.root / "checkpoints").mkdir()
    clone.run("shell/tensorboard.sh")
    assert clone.calls()[-1] == f"run tensorboard.main --logdir {clone.root}/checkpoints --port 6006"
    for words, port, folder, more in (
        (["7007", str(clone.bin)], 7007, clone.bin, ""),
        (["--bind_all"], 6006, f"{clone.root}/checkpoints", " --bind_all"),
        (["7007", "--load_fast", "false"], 7007, f"{clone.root}/checkpoints", " --load_fast false"),
        (["7007", str(clone.bin), "--bind_all"], 7007, clone.bin, " --bind_all"),
    ):
        clone.run("shell/tensorboard.sh", *words)
        assert clone.calls() == [f"run tensorboard.main --logdir {folder} --port {port}{more}"]
    assert clone.run("shell/tensorboard.sh", "port").returncode == 2
    assert clone.run("shell/tensorboard.sh", "6006", "/no/folder").returncode == 2
    assert clone.calls() == []


WRAPPERS = sorted({"train.sh", *(str(path.relative_to(ROOT)) for path in ROOT.glob("shell/*.sh"))} - {"shell/environment.sh"})


@pytest.mark.parametrize("name", WRAPPERS)
def test_every_wrapper_explains_itself_and_does_nothing_else(name):
    """With nothing installed, in every shell: the words at its head."""
    head = (ROOT / name).read_text().split("\n\n")[0].splitlines()[1:]
    expected = "".join(f"{line[2:]}\n" for line in head)
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": "/no/python"}
    for words in (["--help"], ["-h"]):
        done = subprocess.run(["sh", ROOT / name, *words], capture_output=True, text=True, env=environment, check=False)
        assert (done.returncode, done.stdout.rstrip("\n"), done.stderr) == (0, expected.rstrip("\n"), "")


def test_sh_does_what_bash_does(clone):
    for shell in (["sh"], ["bash"], []):
        done = clone.run("train.sh", "collatz", "paper", "--steps", "3 4", shell=shell[0] if shell else "", FAKE_RUN="3")
        assert (done.returncode, clone.calls()[-1]) == (3, "run collatz train paper --steps 3 4")
    assert clone.run("test.sh", "-k", "word", shell="sh").returncode == 0
    assert clone.calls()[-1] == "run pytest -k word"
    refused = clone.run("train.sh", "nothing", shell="sh")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", sorted({*SCRIPTS, *(str(path.relative_to(ROOT)) for path in ROOT.glob("shell/*.sh"))}))
def test_bash_can_parse_every_script(name):
    assert subprocess.run(["bash", "-n", ROOT / name], capture_output=True, text=True, check=True).stderr == ""
