# Shared by the scripts: finds Python, makes .venv, installs a lock file with hashes when it changed.
# POSIX sh; sourced, never run.

cd "$(dirname "$0")/.." || exit 1
PY=.venv/bin/python
# Python keeps what it compiled, whatever the shell says: each program that starts, and there are
# many in the tests, would compile the same modules again.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$name"
            return 0
        fi
    done
    fail "Python 3.11 or newer is missing: install the package python3 (on Debian: apt install python3 python3-venv)."
}

make_venv() {
    [ -x "$PY" ] && return 0
    python=$(find_python) || exit 1
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        command -v uv >/dev/null 2>&1 ||
        fail "Python's venv is missing: install the package python3-venv (on Debian: apt install python3-venv)."
    if command -v uv >/dev/null 2>&1; then
        uv venv -q --python "$python" .venv || exit 1
    else
        "$python" -m venv .venv || exit 1
    fi
}

# install_lock FILE: install exactly what FILE pins, once for each state of FILE. Nothing is compiled
# before somebody imports it: most of it nobody does, and pip compiles for as long as it installs.
install_lock() {
    stamp=".venv/$(basename "$1").installed"
    cmp -s "$1" "$stamp" && return 0
    say "Installing $1 ..."
    if command -v uv >/dev/null 2>&1; then
        VIRTUAL_ENV=.venv uv pip install -q --require-hashes -r "$1" || exit 1
    else
        "$PY" -m pip install -q --no-compile --disable-pip-version-check --no-input --require-hashes --no-deps --only-binary :all: -r "$1" ||
            "$PY" -m pip install -q --no-compile --disable-pip-version-check --no-input --require-hashes --no-deps -r "$1" || exit 1
    fi
    cp "$1" "$stamp"
}
