#!/bin/sh
# Logs in and subscribes: the port, the accounts file and the plugin all work. Where nothing is offered in clear, over TLS; the
# name in the certificate isn't known here, so that it isn't looked at, and the password goes no further than this container.
set -eu

certificates=${MOSQUITTO_CERTS:-/mosquitto/certs}
trust=${MOSQUITTO_TRUST:-/mosquitto/trust}
set -- -p 1883
if [ -e "$certificates/client-ca.crt" ]; then
  set -- -p 8883 --cafile "$trust/ca.crt" --insecure
fi
# In a file, since the arguments of a program are shown to everybody on the machine.
umask 077
XDG_CONFIG_HOME=$(mktemp -d)
export XDG_CONFIG_HOME
trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT
printf '%s\n' "-u $MQTT_ADMIN_USER" "-P $MQTT_ADMIN_PASSWORD" >"$XDG_CONFIG_HOME/mosquitto_sub"
mosquitto_sub -h 127.0.0.1 "$@" -E -W 3 -i healthcheck -t '$CONTROL/dynamic-security/v1/response'
