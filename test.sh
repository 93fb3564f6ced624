#!/usr/bin/env bash
# Makes the environment once, lints, and runs the tests.
#
#     ./test.sh                                  unit and integration tests, minutes on two cores
#     ./test.sh slow                             the rest: soak, clusters, chaos, big generators, the documentation as a site
#     ./test.sh browser                          the page in a real browser; needs Node.js with npm, and Chromium
#     ./test.sh tests/unit/longrun -k schedule   whatever pytest is told

# `sh test.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)"
cd -- "$root" || exit 2
case "${1-}" in slow | browser) tools=slow ;; *) tools=test ;; esac
source "$root/shell/environment.sh" "$tools" || exit 2

# The tests ask for the same numbers on every machine, so they run on the CPU; each worker of pytest has one core of it.
export CUDA_VISIBLE_DEVICES=-1
"$longrun_python" -m ruff check . || exit 1
"$longrun_python" -m ruff format --check . || exit 1
case "${1-}" in
    "") exec "$longrun_python" -m pytest --numprocesses auto --dist loadfile --durations 30 tests/unit tests/integration ;;
    slow) exec "$longrun_python" -m pytest --durations 30 --ignore tests/slow/stegastamp/web tests/slow "${@:2}" ;;
    browser) exec "$longrun_python" -m pytest --durations 30 tests/slow/stegastamp/web "${@:2}" ;;
    *) exec "$longrun_python" -m pytest "$@" ;;
esac
