"""`python -m longrun doctor module:factory`."""

import contextlib
import importlib
import inspect
import sys
from typing import TYPE_CHECKING

from longrun.errors import UserError

if TYPE_CHECKING:
    from longrun.examination.examined import Examined

UNHEALTHY = 3


def doctor(
    factory: str, /, *, only: tuple[str, ...] = (), seconds: float = 60.0, tensorboard: str = "", kill: bool = False, json: bool = False
) -> int:
    """Examine a training before its long run: a table of verdicts with value, floor, limit and what to do.

    The factory is a function without arguments that returns a `longrun.Examined`. Exit code 0 where no check found
    anything, 3 where one did.

    factory: module:function, the module found from the current folder.
    only: Checks to run, as the table names them; all where none is named.
    seconds: About how long it may take; compiling a large model is not cut short.
    tensorboard: Folder for the verdicts as text and the floors as lines; empty: none.
    kill: Restore in another process as well, as after a kill: half a minute more for a small model.
    json: Print one JSON object on stdout and nothing else there.

    Example:
        python -m longrun doctor my_training:examined --seconds 60
    """
    with contextlib.redirect_stdout(sys.stderr if json else sys.stdout):
        examined = made_by(factory)
        from longrun.examination.board import write_verdicts
        from longrun.examination.doctor import examine

        found = examine(examined, only, seconds, told=_tell, factory=factory if kill else "")
    if tensorboard:
        write_verdicts(tensorboard, found.verdicts)
    print(found.json() if json else found)
    return UNHEALTHY if found.sick else 0


def _tell(verdict):
    print(f"{verdict.check}: {verdict.status} ({verdict.seconds:.1f} s)", file=sys.stderr, flush=True)


def made_by(target: str) -> "Examined":
    """The `Examined` that "module:function" returns. Raises UserError where there is none."""
    module, _, name = target.partition(":")
    if not module or not name:
        raise UserError(f"{target!r} is not module:factory")
    if "" not in sys.path and "." not in sys.path:
        sys.path.insert(0, "")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        # One that the module itself asks for in vain is its author's to see with its traceback.
        if error.name is None or not (module == error.name or module.startswith(f"{error.name}.")):
            raise
        raise UserError(f"no module {error.name!r} is found from here") from error
    factory = getattr(found, name, None)
    if not callable(factory):
        raise UserError(f"{module} has no function {name!r}")
    needed = [
        p.name
        for p in inspect.signature(factory).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    if needed:
        raise UserError(f"{target} needs {', '.join(needed)}; a factory is called without arguments")
    examined = factory()
    from longrun.examination.examined import Examined

    if not isinstance(examined, Examined):
        raise UserError(f"{target} returns {type(examined).__name__}, not longrun.Examined")
    return examined
