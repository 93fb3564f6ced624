#!/usr/bin/env bash
# Runs a command again and again until it is done, for runs that outlast the machine's patience.
#
#     shell/resume.sh ./train.sh stegastamp paper
#
# A training goes on from its last checkpoint when its command is rerun, so this is all a long run needs.
#
# | the command exits with           | what happens                                        |
# |----------------------------------|-----------------------------------------------------|
# | 0                                | done                                                |
# | 2 bad input                      | stop: the same input would be as bad again          |
# | 3 unhealthy                      | stop: somebody should look at the run               |
# | 126, 127 cannot be run           | stop                                                |
# | 130, 143 SIGINT, SIGTERM, saved  | stop: somebody asked for it                         |
# | anything else (crash, killed)    | wait, then run it again                             |
#
# Its own exit code is that of the command. The waits double from 5 s to 10 min, and begin at 5 s again after a stretch
# of 10 min without a crash. SIGINT, SIGTERM and a closed terminal are passed on to the command, which saves and leaves.
#
# RESUME_FIRST_WAIT, RESUME_LONGEST_WAIT, RESUME_HEALTHY: those three times, in seconds (5, 600, 600).
# RESUME_SLEEP: the command that waits (sleep).

# `sh resume.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
fi
if [[ $# -eq 0 || "$1" == -* ]]; then
    echo "usage: shell/resume.sh COMMAND [ARGUMENTS]" >&2
    exit 2
fi

first_wait="${RESUME_FIRST_WAIT:-5}"
longest_wait="${RESUME_LONGEST_WAIT:-600}"
healthy="${RESUME_HEALTHY:-600}"
for seconds in "$first_wait" "$longest_wait" "$healthy"; do
    if [[ ! "$seconds" =~ ^(0|[1-9][0-9]*)$ ]]; then
        echo "resume.sh: RESUME_FIRST_WAIT, RESUME_LONGEST_WAIT and RESUME_HEALTHY are whole seconds, not '$seconds'" >&2
        exit 2
    fi
done

say() {
    printf '%s resume.sh: %s\n' "$(date '+%Y-%m-%d %H:%M:%S')" "$*"
}

child=""
stopped=0

pass_on() {
    stopped="$2"
    if [[ -n "$child" ]]; then kill -s "$1" -- "-$child" 2>/dev/null; fi
}

# Job control gives the command a process group of its own: a signal reaches all of it, and exactly once.
set -m
trap 'pass_on INT 130' INT
trap 'pass_on TERM 143' TERM
# A closed terminal ends the run like SIGTERM, which a training answers by saving. (Under nohup, SIGHUP stays ignored.)
trap 'pass_on TERM 129' HUP

# Runs a command in the background, because bash would hold a signal back until a foreground command ends.
attend() {
    "$@" </dev/null &
    child=$!
    # A signal that came before `child` was known has not been passed on.
    if [[ "$stopped" -ne 0 ]]; then kill -s TERM -- "-$child" 2>/dev/null; fi
    while true; do
        wait "$child"
        code=$?
        # A signal interrupts `wait`; the command itself may still be saving.
        kill -0 "$child" 2>/dev/null || break
    done
    child=""
}

wait_next="$first_wait"
attempt=0
while true; do
    attempt=$((attempt + 1))
    say "attempt $attempt: $*"
    started="$SECONDS"
    attend "$@"
    if [[ "$stopped" -ne 0 && "$code" -ne 0 ]]; then
        say "stopped by a signal after attempt $attempt"
        exit "$stopped"
    fi
    case "$code" in
        0) say "done after attempt $attempt" ;;
        2) say "exit code 2, bad input: not run again" ;;
        3) say "exit code 3, unhealthy: not run again" ;;
        126 | 127) say "exit code $code, the command cannot be run: not run again" ;;
        130 | 143) say "exit code $code, stopped by a signal: not run again" ;;
        *)
            if [[ $((SECONDS - started)) -ge "$healthy" ]]; then wait_next="$first_wait"; fi
            say "exit code $code: again in $wait_next s"
            attend "${RESUME_SLEEP:-sleep}" "$wait_next"
            if [[ "$stopped" -ne 0 ]]; then
                say "stopped by a signal while waiting"
                exit "$stopped"
            fi
            wait_next=$((wait_next * 2 < longest_wait ? wait_next * 2 : longest_wait))
            continue
            ;;
    esac
    exit "$code"
done
