#!/bin/sh
# Logs in and subscribes: the port, the accounts file and the plugin all work. Where nothing is offered in clear, only that
# the ports for TLS are open, since the name in the certificate isn't known here.
set -eu

certificates=${MOSQUITTO_CERTS:-/mosquitto/certs}
if [ -e "$certificates/client-ca.crt" ]; then
  nc -z 127.0.0.1 8883 && nc -z 127.0.0.1 8884
else
  # In a file, since the arguments of a program are shown to everybody on the machine.
  umask 077
  XDG_CONFIG_HOME=$(mktemp -d)
  export XDG_CONFIG_HOME
  trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT
  printf '%s\n' "-u $MQTT_ADMIN_USER" "-P $MQTT_ADMIN_PASSWORD" >"$XDG_CONFIG_HOME/mosquitto_sub"
  mosquitto_sub -E -W 3 -i healthcheck -t '$CONTROL/dynamic-security/v1/response'
fi
