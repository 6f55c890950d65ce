#!/bin/sh
# Writes the list of users where only this container can read it, and becomes PgBouncer.
set -eu
umask 077
run=${PGBOUNCER_RUN:-/run/pgbouncer}
printf '"login" "%s"\n' "$LOGIN_PASSWORD" > "$run/users.txt"
sed "s|@RUN@|$run|" "$(dirname "$0")/pgbouncer.ini" > "$run/pgbouncer.ini"
exec "${PGBOUNCER:-pgbouncer}" "$run/pgbouncer.ini"
