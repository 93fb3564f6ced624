#!/usr/bin/env bash
# One of the log's runs, 1 to 6 (6 is its best): 4.4 M parameters, 100,000 steps, until it is done, whatever happens to the machine in
# between. Made for a GPU. Further flags go to the training.
#
#     shell/collatz_log.sh 6 --fix-lr
#
# ./train.sh collatz run6 --help shows the flags of the training.

# `sh collatz_log.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
fi
if [[ ! "${1-}" =~ ^[1-6]$ ]]; then
    echo "usage: collatz_log.sh 1|2|3|4|5|6 [--flags of train]" >&2
    exit 2
fi
run="run$1"
shift
exec "$root/shell/resume.sh" "$root/train.sh" collatz "$run" "$@"
