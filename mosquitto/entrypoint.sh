#!/bin/sh
# Starts the broker; before that, makes the accounts file where there is none, or where it was made for another
# administrator: then the old one is put aside, and the server makes all other accounts again from the database.
# Which listeners there are follows from the files in the folder of certificates.
set -eu

data=${MOSQUITTO_DATA:-/mosquitto/data}
config=${MOSQUITTO_CONFIG:-/mosquitto/config}
certificates=${MOSQUITTO_CERTS:-/mosquitto/certs}
accounts=$data/dynamic-security.json
made_for=$data/dynamic-security.made-for

: "${MQTT_ADMIN_USER:?set MQTT_ADMIN_USER in .env: the account with which the server manages the broker}"
: "${MQTT_ADMIN_PASSWORD:?set MQTT_ADMIN_PASSWORD in .env: scripts/init-env makes one}"

umask 077
if [ ! -w "$data" ]; then
  echo "The broker can't write to its volume $data as user $(id -u): give the volume to that user." >&2
  exit 1
fi

refuse() {
  echo "$1" >&2
  exit 1
}
has() {
  [ -e "$certificates/$1" ] || return 1
  [ -r "$certificates/$1" ] || refuse "The broker can't read $certificates/$1 as user $(id -u): give the file to that user."
}
# A folder that is only half filled must not make a broker that offers less protection than was meant.
listen=listen-plain.conf
if has server.crt || has server.key; then
  has server.crt || refuse "$certificates/server.key is there without server.crt: add the broker's certificate."
  has server.key || refuse "$certificates/server.crt is there without server.key: add the key of the broker's certificate."
  listen=listen-tls.conf
fi
if has client-ca.crt || has crl.pem; then
  [ "$listen" = listen-tls.conf ] || refuse "Certificates of screens need the broker's own: add server.crt and server.key to $certificates."
  has client-ca.crt || refuse "$certificates/crl.pem is there without client-ca.crt: add the certificate of the screens' CA."
  has crl.pem || refuse "$certificates/client-ca.crt is there without crl.pem: add the CA's list of revoked certificates, an empty one at first."
  listen=listen-certificates.conf
fi

administrator=$(printf '%s\n%s\n' "$MQTT_ADMIN_USER" "$MQTT_ADMIN_PASSWORD" | sha256sum | cut -d ' ' -f 1)
if [ -s "$accounts" ] && [ "$(cat "$made_for" 2>/dev/null)" != "$administrator" ]; then
  echo 'MQTT_ADMIN_USER or MQTT_ADMIN_PASSWORD has changed: making the accounts file anew.' >&2
  mv "$accounts" "$accounts.before"
fi
if [ ! -s "$accounts" ]; then
  # Whole or not at all: a start that is cut off here begins again next time.
  rm -f "$accounts.new"
  mosquitto_ctrl dynsec init "$accounts.new" "$MQTT_ADMIN_USER" "$MQTT_ADMIN_PASSWORD" >/dev/null
  printf '%s\n' "$administrator" >"$made_for"
  mv "$accounts.new" "$accounts"
  echo "Made $accounts for $MQTT_ADMIN_USER." >&2
fi

unset MQTT_ADMIN_USER MQTT_ADMIN_PASSWORD administrator
running=${TMPDIR:-/tmp}/mosquitto.conf
cat "$config/common.conf" "$config/$listen" >"$running"
exec mosquitto -c "$running"
