# Gives DATABASE_URL of a PostgreSQL that answers: the one named already, else a cluster of our own in a
# temporary folder, installed from Debian's packages when it is absent and we are root. Sourced by bash.

start_postgres() {
    if [ -n "${DATABASE_URL:-}" ] && command -v pg_isready >/dev/null && pg_isready -q -d "$DATABASE_URL"; then
        return 0
    fi
    if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        if [ "$(id -u)" != 0 ]; then
            echo "PostgreSQL is missing, and only root can install it: apt install postgresql" >&2
            return 1
        fi
        echo "Installing postgresql ..." >&2
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    fi
    local bin folder port=55433
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    folder=$(mktemp -d /tmp/noroshi-postgres.XXXXXX)
    local as=()
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$folder"
        as=(runuser -u postgres --)
    fi
    "${as[@]}" "$bin/initdb" -D "$folder/data" -U noroshi -A trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
        -o "-p $port -k $folder -c listen_addresses=127.0.0.1" start >/dev/null
    trap '"${as[@]}" "'"$bin"'/pg_ctl" -D "'"$folder"'/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "'"$folder"'"' EXIT
    as=("${as[@]}")
    export DATABASE_URL="postgresql://noroshi@127.0.0.1:$port/postgres"
}
