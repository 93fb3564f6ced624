"""SIGTERM and Ctrl-C: work is saved where there is something to save, and the process is gone within seconds."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GRACE = 8.0
"""Seconds after which a step, an evaluation or a compilation under way is given up. Schedulers kill some 30 s after the signal."""
AGAIN = 1.0
"""Seconds after which a save under way is looked at again."""
LEEWAY = 1.5
"""Seconds between giving up and the end of the process, should the work be deaf: inside a library, or swallowing what is raised."""


class Interrupted(BaseException):
    """A signal ended the work after what there was to save was saved; `exit_code` is 128 plus the signal's number.

    No Exception, as KeyboardInterrupt is none: what TensorFlow, or anybody, catches while it traces is an error, and this is not one.
    """

    def __init__(self, number: int, step: int | str):
        super().__init__(f"stopped by {signal.Signals(number).name} at {_named(step)}; the same command goes on from there")
        self.number, self.step, self.exit_code = number, step, 128 + number

    def __reduce__(self):
        return type(self), (self.number, self.step)


class Signals:
    """What SIGTERM and SIGINT do while a `with` block runs: they are raised as Interrupted, at once or at the next safe point.

        with Signals() as signals:
            signals.where = "step 12"            # for the message
            with signals.deferred():             # the first signal is noted here, so that work can be saved ...
                ...                              # ... but after GRACE seconds it is raised all the same
            signals.raise_noted()

    A second signal ends the process on the spot. So does the first one, LEEWAY seconds after it should have been raised, where
    Python code does not come to run: in a compilation, a linear programme. In another thread than the main one, and where there are no
    timers (Windows), nothing is caught.
    """

    def __init__(self):
        self.number: int | None = None
        self.where: int | str = "its start"
        """The step, or what is under way."""
        self._deferred = 0
        self._patient = 0
        self._previous: dict[int, object] = {}
        self._watch: _Watch | None = None

    def __enter__(self) -> "Signals":
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
            self._watch = _Watch(self)
            for number in (signal.SIGTERM, signal.SIGINT):
                self._previous[number] = signal.signal(number, self._note)
            self._previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._give_up)
        return self

    def __exit__(self, *_) -> None:
        if self._watch is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._watch.close()
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Work that ends by itself soon, at a place where it can be saved."""
        self._deferred += 1
        try:
            yield
        finally:
            self._deferred -= 1

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """A save: it is not given up, however long it takes."""
        self._patient += 1
        try:
            yield
        finally:
            self._patient -= 1

    @property
    def saving(self) -> bool:
        """Whether a save is under way."""
        return self._patient > 0

    def raise_noted(self, where: int | str | None = None) -> None:
        """Raise Interrupted if a signal has come. Call it after saving."""
        if self.number is not None:
            self._raise(self.where if where is None else where)

    def _raise(self, where):
        signal.setitimer(signal.ITIMER_REAL, 0)  # Once is enough: what is being left behind is not to be disturbed again.
        raise Interrupted(self.number, where)

    def _note(self, number, _frame):
        if self.number is not None:
            os._exit(128 + number)
        self.number = number
        if not (self._deferred or self._patient):
            self._raise(self.where)
        name = signal.Signals(number).name
        with contextlib.suppress(OSError):  # Nobody may be listening any more.
            print(f"{name}: saving at {_named(self.where)}; a second {name} ends at once", file=sys.stderr, flush=True)
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def _give_up(self, _number, _frame):
        if self._patient:
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
            return
        self._raise(f"{_named(self.where)}, given up after {GRACE:.0f} s; the last save is older")


class _Watch:
    """A thread that hears of signals while the main thread is deaf: the interpreter's C code writes each one's number to a pipe."""

    def __init__(self, signals: Signals):
        self._signals = signals
        self._heard, self._told = os.pipe()
        os.set_blocking(self._told, False)
        self._left = threading.Event()
        self._before = signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._listen, daemon=True, name="signals")
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        signal.set_wakeup_fd(self._before)
        self._left.set()
        os.close(self._told)
        self._thread.join()
        os.close(self._heard)

    def _listen(self):
        first = self._next()
        if first is None:
            return
        threading.Thread(target=self._end_in_time, args=(first,), daemon=True).start()
        if (second := self._next()) is not None:
            os._exit(128 + second)

    def _next(self):
        """The next signal to end by, None where the block has ended. SIGALRM and the like come by the same way."""
        while numbers := os.read(self._heard, 1):
            if numbers[0] in (signal.SIGTERM, signal.SIGINT):
                return numbers[0]
        return None

    def _end_in_time(self, number):
        patience = GRACE + LEEWAY
        while not self._left.wait(patience):
            if not self._signals.saving:
                break
            patience = AGAIN + LEEWAY
        else:
            return
        name = signal.Signals(number).name
        os.write(2, f"{name}: {_named(self._signals.where)}, given up after {GRACE + LEEWAY:.0f} s\n".encode())
        os._exit(128 + number)


def _named(where: int | str) -> str:
    return f"step {where}" if isinstance(where, int) else where
