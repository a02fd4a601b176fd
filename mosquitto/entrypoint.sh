#!/bin/sh
# Starts the broker; before that, makes the accounts file where there is none, or where it was made for another
# administrator: then the old one is put aside, and the server makes all other accounts again from the database.
set -eu

data=${MOSQUITTO_DATA:-/mosquitto/data}
config=${MOSQUITTO_CONFIG:-/mosquitto/config/mosquitto.conf}
accounts=$data/dynamic-security.json
made_for=$data/dynamic-security.made-for

: "${MQTT_ADMIN_USER:?set MQTT_ADMIN_USER in .env: the account with which the server manages the broker}"
: "${MQTT_ADMIN_PASSWORD:?set MQTT_ADMIN_PASSWORD in .env: scripts/init-env makes one}"

umask 077
if [ ! -w "$data" ]; then
  echo "The broker can't write to its volume $data as user $(id -u): give the volume to that user." >&2
  exit 1
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
exec mosquitto -c "$config"
