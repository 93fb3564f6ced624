# shellcheck shell=bash
# Makes the Python environment .venv when it is missing or out of date, then sets what TensorFlow reads.
#
#     source shell/environment.sh train    # CPU or GPU TensorFlow, whichever this machine can use
#     source shell/environment.sh test     # CPU TensorFlow and the tools of the tests
#     source shell/environment.sh slow     # the same with the tools of the slow tests
#
# Returns 0, or 2 after one line that says what is wrong. Sourcing it again changes nothing.
# PYTHON=/path/to/python chooses the interpreter that the environment is made with.

longrun_root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
longrun_environment="$longrun_root/.venv"
longrun_python="$longrun_environment/bin/python"
longrun_malloc="glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=67108864"

longrun_complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# A driver alone is not enough: nvidia-smi must answer, and the user must not have hidden the devices.
longrun_has_gpu() {
    case "${CUDA_VISIBLE_DEVICES-all}" in "" | -1) return 1 ;; esac
    nvidia-smi -L 2>/dev/null | grep -q '^GPU '
}

# Prints the first interpreter that can make the environment.
longrun_find_python() {
    local candidate version found="" without_venv=""
    local candidates=(python3 python3.13 python3.12 python3.11 python)
    if [[ -n "${PYTHON-}" ]]; then candidates=("$PYTHON"); fi
    for candidate in "${candidates[@]}"; do
        # Runs it, because a name on the PATH may be a stub for a version that is not installed.
        version="$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" || continue
        if [[ ! "$version" =~ ^3\.1[123]$ ]]; then
            found="${found:+$found, }$candidate $version"
        elif "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return 0
        else
            without_venv="${without_venv:-$version}"
        fi
    done
    if [[ -n "$without_venv" ]]; then
        longrun_complain "Python $without_venv lacks its venv module (Debian, Ubuntu: sudo apt install python$without_venv-venv)"
    else
        longrun_complain "needs Python 3.11, 3.12 or 3.13, found ${found:-none} (PYTHON=/path/to/python chooses one)"
    fi
    return 2
}

longrun_free_megabytes() {
    LC_ALL=C df -Pk "$longrun_root" | awk 'NR == 2 { print int($4 / 1024) }'
}

# Whether what setup.cfg asks for with this extra (train, gpu, test) is installed; the others contain train.
longrun_is_current() {
    local extra="$1" stamp
    local stamps=("$longrun_environment/.installed-$extra")
    if [[ "$extra" == train ]]; then stamps=("$longrun_environment"/.installed-*); fi
    [[ -x "$longrun_python" ]] || return 1
    for stamp in "${stamps[@]}"; do
        [[ -f "$stamp" && "$(cat "$stamp")" == "$(cksum <"$longrun_root/setup.cfg")" ]] && return 0
    done
    return 1
}

longrun_create() {
    local python needed="$1" free
    python="$(longrun_find_python)" || return 2
    free="$(longrun_free_megabytes)"
    if [[ "$free" -lt "$needed" ]]; then
        longrun_complain "the environment needs $needed MB of disk, and $free MB are free at $longrun_root"
        return 2
    fi
    # The mark stays until everything is installed, so that an interrupted installation is begun afresh.
    if ! { mkdir -p "$longrun_environment" && : >"$longrun_environment/.unfinished"; }; then
        longrun_complain "cannot write to $longrun_environment"
        return 2
    fi
    if ! "$python" -m venv "$longrun_environment"; then
        longrun_complain "$python -m venv could not make $longrun_environment (its message is above)"
        return 2
    fi
}

longrun_install() {
    local extra="$1" needed=4000 message quiet="--quiet"
    local log="$longrun_environment/install.log" stamp="$longrun_environment/.installed-$extra"
    local unfinished="$longrun_environment/.unfinished" imports="import cv2, keras, matplotlib, skimage, tensorflow"
    if [[ "$extra" == gpu ]]; then needed=10000; fi
    if [[ -t 2 ]]; then quiet=""; fi

    # Deletes nothing but an environment that cannot work: one begun here and not finished, or one whose Python is gone.
    if [[ -f "$longrun_environment/pyvenv.cfg" ]] && ! "$longrun_python" -c "" 2>/dev/null; then : >"$unfinished"; fi
    if [[ -e "$unfinished" ]]; then rm -rf "$longrun_environment"; fi
    if [[ ! -x "$longrun_python" ]]; then longrun_create "$needed" || return 2; fi

    echo "installing TensorFlow and the rest into $longrun_environment (once; some minutes)" >&2
    rm -f "$log" "$stamp"
    # shellcheck disable=SC2086 # an empty $quiet is no argument
    if ! (cd "$longrun_root" && PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 "$longrun_python" -m pip install $quiet \
        --log "$log" --editable ".[$extra]"); then
        message="$(sed -n 's/^.*ERROR: //p' "$log" 2>/dev/null | tail -n 1)"
        if [[ "$(longrun_free_megabytes)" -lt 100 ]]; then message="the disk is full"; fi
        longrun_complain "pip could not install the project: ${message:-its message is above} (details: $log)"
        return 2
    fi
    if ! message="$(TF_CPP_MIN_LOG_LEVEL=3 "$longrun_python" -c "$imports" 2>&1)"; then
        longrun_complain "the packages in $longrun_environment cannot be imported: ${message##*$'\n'}"
        return 2
    fi
    rm -f "$unfinished" && cksum <"$longrun_root/setup.cfg" >"$stamp"
}

# One installation at a time: a second one would take the first, still under way, for an interrupted one.
longrun_install_alone() (
    if command -v flock >/dev/null; then
        exec 9<"$longrun_root"
        if ! flock -n 9; then
            echo "waiting for another installation into $longrun_environment" >&2
            flock 9
        fi
    fi
    longrun_is_current "$1" || longrun_install "$1"
)

# Prepends a folder to a colon-separated variable, once.
longrun_prepend() {
    case ":${!1-}:" in
        *":$2:"*) ;;
        *) export "$1=$2${!1:+:${!1}}" ;;
    esac
}

longrun_set_variables() {
    local folder
    longrun_prepend PATH "$longrun_environment/bin"
    # The tensors of a step are as large as those of the last. Memory that is kept, in large pages, costs no page faults: a tenth of the
    # time of an ARC step on a CPU.
    export GLIBC_TUNABLES="${GLIBC_TUNABLES-$longrun_malloc}"
    if [[ "$1" != gpu ]]; then
        # 2 would let through the error that TensorFlow logs when there is no GPU to be found.
        export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL-3}"
        return 0
    fi
    export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL-2}"
    export TF_FORCE_GPU_ALLOW_GROWTH="${TF_FORCE_GPU_ALLOW_GROWTH-true}"
    for folder in "$longrun_environment"/lib/python3*/site-packages/nvidia/*; do
        if [[ -d "$folder/lib" ]]; then longrun_prepend LD_LIBRARY_PATH "$folder/lib"; fi
        # XLA compiles with libdevice and ptxas, which pip puts where no CUDA toolkit would.
        if [[ -d "$folder/nvvm/libdevice" && "${XLA_FLAGS-}" != *xla_gpu_cuda_data_dir* ]]; then
            export XLA_FLAGS="${XLA_FLAGS:+$XLA_FLAGS }--xla_gpu_cuda_data_dir=$folder"
        fi
    done
}

longrun_main() {
    local extra
    case "${1-}" in
        test | slow) extra="$1" ;;
        train) if longrun_has_gpu; then extra=gpu; else extra=train; fi ;;
        *)
            longrun_complain "usage: source shell/environment.sh train|test|slow"
            return 2
            ;;
    esac
    longrun_is_current "$extra" || longrun_install_alone "$extra" || return 2
    longrun_set_variables "$extra"
}

longrun_main "$@"
