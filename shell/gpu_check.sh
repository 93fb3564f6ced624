#!/usr/bin/env bash
# Checks and measures a machine with a GPU in one go of at most 12 minutes, before a long run.
#
#     shell/gpu_check.sh                     writes build/gpu_check/gpu_check.json and gpu_check.md
#     shell/gpu_check.sh --tiny --steps 3    tries the check itself, on a CPU too
#
# Flags: --out FOLDER; --seconds N for everything together (690); --steps N that are compared and timed (50); --tiny.

# `sh gpu_check.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
fi
source "$root/shell/environment.sh" train || exit 2
exec "$longrun_python" "$root/shell/gpu_check.py" "$@"
