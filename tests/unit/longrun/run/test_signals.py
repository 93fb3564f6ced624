"""What SIGTERM and SIGINT do while work is under way."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from longrun import Interrupted, Signals
from longrun.run import signals as module
from tests.places import ROOT


def wait(seconds=30.0):
    """In Python, where a handler comes to run."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.005)


def send(number=signal.SIGTERM):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_raised_where_nothing_is_to_be_saved(number):
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)]
    with pytest.raises(Interrupted) as caught, Signals() as signals:
        signals.where = "row 3"
        send(number)
        wait()
    assert str(caught.value) == f"stopped by {number.name} at row 3; the same command goes on from there"
    assert (caught.value.exit_code, caught.value.step) == (128 + number, "row 3")
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)] == before
    assert signal.set_wakeup_fd(-1) == -1


def test_a_deferred_signal_is_noted_and_raised_when_it_suits(capsys):
    with Signals() as signals:
        signals.where = 12
        signals.raise_noted()
        with signals.deferred():
            send()
            wait(0.05)
            assert signals.number == signal.SIGTERM
        with pytest.raises(Interrupted, match="^stopped by SIGTERM at step 12; "):
            signals.raise_noted()
    assert capsys.readouterr().err == "SIGTERM: saving at step 12; a second SIGTERM ends at once\n"


def test_what_is_deferred_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.1)
    sentence = "^stopped by SIGTERM at step 3, given up after 0 s; the last save is older; "
    with pytest.raises(Interrupted, match=sentence), Signals() as signals, signals.deferred():
        signals.where = 3
        send()
        wait()


def test_a_save_is_waited_for(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.05)
    monkeypatch.setattr(module, "AGAIN", 0.05)
    with pytest.raises(Interrupted), Signals() as signals, signals.deferred():
        with signals.uninterrupted():
            send()
            wait(0.4)
            saved = True
        wait()
    assert saved


def test_once_raised_it_is_not_raised_again(monkeypatch):
    """What follows, such as writing a report, is not disturbed."""
    monkeypatch.setattr(module, "GRACE", 0.1)
    with Signals() as signals:
        with signals.deferred():
            send()
        with pytest.raises(Interrupted):
            signals.raise_noted()
        wait(0.3)


def test_blocks_within_blocks_hear_for_themselves():
    with Signals() as outer:
        with pytest.raises(Interrupted), Signals() as inner:
            send()
            wait()
        assert (inner.number, outer.number) == (signal.SIGTERM, None)
        with pytest.raises(Interrupted):
            send()
            wait()


def test_another_thread_catches_nothing():
    def work():
        with Signals() as signals:
            signals.raise_noted()
            seen.append(signal.getsignal(signal.SIGTERM))

    seen, before = [], signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_it_can_be_sent_from_process_to_process():
    """As multiprocessing does with what is raised in a worker: a class and its arguments."""
    kind, arguments = Interrupted(15, "row 3").__reduce__()
    assert str(kind(*arguments)) == str(Interrupted(15, "row 3"))


# The end of the process.

DEAF = """
import hashlib, os, signal, sys, time
from longrun.run import signals as module
module.GRACE, module.LEEWAY = 0.2, 0.2
with module.Signals() as signals:
    signals.where = "a compilation"
    {block}
"""
SWALLOWING = """while True:
        try:
            print('go', flush=True)
            time.sleep(99)
        except BaseException:
            pass"""
NEVER_BACK = "hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)"


@pytest.mark.parametrize(
    ("block", "sent", "code", "said"),
    [
        # In a library's code, which Python does not interrupt.
        (f"print('go', flush=True); {NEVER_BACK}", [15], 143, "SIGTERM: a compilation, given up after 0 s"),
        (f"print('go', flush=True); {NEVER_BACK}", [2, 15], 143, ""),
        # The second ends at once.
        ("with signals.deferred():\n        print('go', flush=True); module.GRACE = 99; time.sleep(99)", [15, 2], 130, "saving at a comp"),
        # Whoever swallows what is raised is ended too.
        (SWALLOWING, [15], 143, "SIGTERM: a compilation, given up after 0 s"),
    ],
    ids=["library", "library twice", "twice", "swallowed"],
)
def test_the_deaf_are_ended(block, sent, code, said):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DEAF.format(block=block)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "go\n"
    for number in sent:
        time.sleep(0.05)
        process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert said in errors
