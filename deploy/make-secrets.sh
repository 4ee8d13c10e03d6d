#!/bin/sh
# Makes what docker-compose.yml needs, once, in deploy/secrets: random secrets, the addresses that hold passwords, and a certificate signed by
# nobody, to be replaced by a real one. Nothing that is there is touched. Keep handle_pepper and key_encryption_key elsewhere, too.
set -eu
umask 077
directory="$(cd "$(dirname "$0")" && pwd)/${SECRETS_DIRECTORY:-secrets}"
host="${1:-localhost}"
mkdir -p "$directory"
cd "$directory"
make() { [ -e "$1" ] || { cat >"$1.new" && mv "$1.new" "$1"; }; }
random() { openssl rand -base64 "$1" | tr -d '\n'; }
random 32 | make cookie_keys
printf '1:%s' "$(random 32)" | make handle_pepper
random 32 | make key_encryption_key
openssl rand -hex 24 | tr -d '\n' | make database_password
openssl rand -hex 24 | tr -d '\n' | make redis_password
printf 'postgres://sekisho:%s@postgres:5432/sekisho' "$(cat database_password)" | make database_url
printf 'redis://:%s@redis:6379' "$(cat redis_password)" | make redis_url
if [ ! -e tls_key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host" -keyout tls_key -out tls_certificate 2>/dev/null
fi
# the processes in the containers have ids of their own, and the directory above is closed
chmod 0444 ./*
echo "$directory"
