#!/usr/bin/env bash
# Makes the environment once, trains, and ends with the score beside its floor.
#
#     ./train.sh                                 StegaStamp on the photos inside the scikit-image wheel, some minutes
#     ./train.sh PROJECT [PRESET] [--flags]      what `python -m PROJECT train [PRESET] [--flags]` does
#     ./train.sh PROJECT [PRESET] --help         the flags of that training
#
# The same command again goes on where the last one stopped. Relative paths are taken from this folder, wherever it is
# called from, because the run folders lie in ./checkpoints. A working NVIDIA driver is found by itself;
# CUDA_VISIBLE_DEVICES=-1 trains on the CPU. Exit codes: 0 done, 2 bad input or no environment, 3 unhealthy run,
# 130 and 143 stopped by SIGINT and SIGTERM after saving.

# `sh train.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)"
cd -- "$root" || exit 2

if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "$root/train.sh"
    exit 0
fi

case "${1-}" in
    "" | -*) arguments=(stegastamp train quick "$@") ;;
    *) arguments=("$1" train "${@:2}") ;;
esac

# Asked before the installation, so that a typing error does not cost a download.
project="${arguments[0]}"
if [[ ! "$project" =~ ^[a-z_]+$ || ! -f "$project/__main__.py" ]]; then
    projects="$(printf '%s\n' */__main__.py | sed -n 's,/__main__\.py$,,p' | grep -v '^\*$' | paste -sd ' ' -)"
    printf "train.sh: no project '%s' in %s (there are: %s)\n" "$project" "$root" "${projects:-none}" >&2
    exit 2
fi

source "$root/shell/environment.sh" train || exit 2
exec "$longrun_python" -m "${arguments[@]}"
