# Gives DATABASE_URL of a PostgreSQL that answers: the one named already, else a cluster of our own,
# installed from Debian's packages when PostgreSQL is absent and we are root. Sourced by bash.
#   start_postgres          for tests: in memory where that has room, a sync costs nothing there
#   start_postgres durable  for figures: on the disk, where a sync costs what it costs
# Both run with PostgreSQL's own durable settings; an instance refuses to start on others.

start_postgres() {
    if [ -n "${DATABASE_URL:-}" ]; then
        .venv/bin/python -c 'import os, sys, psycopg
try: psycopg.connect(os.environ["DATABASE_URL"]).close()
except psycopg.Error as error: sys.exit(str(error))' && return 0
        echo "The PostgreSQL in DATABASE_URL does not answer." >&2
        return 1
    fi
    _postgres_programs || return 1
    local folder port said as=()
    folder=$(mktemp -d "$(_postgres_place "${1:-}")/noroshi-postgres.XXXXXX")
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$folder"
        as=(runuser -u postgres --)
    fi
    # shellcheck disable=SC2064  # the folder of now
    trap "_postgres_stop '$folder'" EXIT
    if ! said=$("${as[@]}" "$_postgres_bin/initdb" -D "$folder/data" -U noroshi -A trust --no-sync \
        --encoding=UTF8 --locale=C.UTF-8 2>&1); then
        printf 'PostgreSQL could not make a cluster in %s:\n%s\n' "$folder" "$said" >&2
        return 1
    fi
    # A port that is free now may be taken when the server opens it: then the next one.
    for _ in 1 2 3 4 5; do
        port=$(_postgres_free_port)
        if "${as[@]}" "$_postgres_bin/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/log" \
            -o "-p $port -k $folder -c listen_addresses=127.0.0.1" start >/dev/null 2>&1; then
            export DATABASE_URL="postgresql://noroshi@127.0.0.1:$port/postgres"
            return 0
        fi
    done
    printf 'PostgreSQL did not start in %s:\n%s\n' "$folder" "$(tail -n 20 "$folder/log" 2>&1)" >&2
    return 1
}

# Finds the newest server's programs, installs them where they are missing.
_postgres_programs() {
    if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
            echo "PostgreSQL is missing, and only root can install it: apt install postgresql" >&2
            return 1
        fi
        echo "Installing postgresql ..." >&2
        local said
        if ! said=$({ apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } 2>&1); then
            printf '%s\nPostgreSQL could not be installed.\n' "$said" >&2
            return 1
        fi
    fi
    _postgres_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
}

# Memory that has 2 GB of room, unless the disk is asked for.
_postgres_place() {
    local free
    free=$(df --output=avail -B 1M /dev/shm 2>/dev/null | tail -n 1)
    if [ "$1" != durable ] && [ -w /dev/shm ] && [ "${free:-0}" -ge 2048 ]; then
        echo /dev/shm
    else
        echo /tmp
    fi
}

_postgres_free_port() {
    .venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

_postgres_stop() {
    local as=()
    [ "$(id -u)" = 0 ] && as=(runuser -u postgres --)
    "${as[@]}" "$_postgres_bin/pg_ctl" -D "$1/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$1"
}
