#!/bin/sh
# Once, when the volume is empty: the role that Quarry connects as, with its password. The first migration gives it its rights.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set password="$LOGIN_PASSWORD" <<'SQL'
CREATE ROLE login LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
SQL
