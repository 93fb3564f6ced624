#!/usr/bin/env bash
# Makes the environment once, lints, and runs the tests. Arguments go to pytest: ./test.sh tests/longrun -k schedule

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)"
cd -- "$root" || exit 2
source "$root/shell/environment.sh" test || exit 2

# The tests ask for the same numbers on every machine, so they run on the CPU.
export CUDA_VISIBLE_DEVICES=-1
"$longrun_python" -m ruff check . || exit 1
"$longrun_python" -m ruff format --check . || exit 1
exec "$longrun_python" -m pytest "$@"
