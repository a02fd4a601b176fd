const UNKNOWN_CA = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * What keeps a TLS connection to the broker from being made, with what to do about it.
 * @param failure as Node throws it
 * @returns part of a sentence, or `undefined` where it is no failure of TLS
 */
export function tlsFailure(
  failure: { readonly code?: string | undefined; readonly message: string },
  host: string,
): string | undefined {
  const code = failure.code ?? '';
  if (UNKNOWN_CA.has(code))
    return "the broker's certificate is from no CA that is known here: set MQTT_CA_FILE to the certificate of its CA";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the broker's certificate is not for the name "${host}": set MQTT_HOST to a name that it has, or give the broker one for this name`;
  if (code === 'CERT_HAS_EXPIRED') return "the broker's certificate has expired: give the broker a new one";
  if (code === 'CERT_NOT_YET_VALID')
    return "the broker's certificate is not valid yet: look at the clocks of both machines";
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return "no TLS is spoken there: set MQTT_PORT to the broker's port for TLS, or MQTT_TLS to false";
  const alert = /alert (certificate required|certificate \w+|unknown ca|bad certificate)/i.exec(
    failure.message,
  )?.[1];
  if (alert === undefined) return undefined;
  if (/required/i.test(alert))
    return 'the broker takes only clients with a certificate there: set MQTT_PORT to its port for passwords, or MQTT_CERT_FILE and MQTT_KEY_FILE';
  const refused = `the broker refuses this client's certificate (${alert.toLowerCase()})`;
  return /expired/i.test(alert)
    ? `${refused}: it has expired, or the broker's list of revoked ones has: make that anew, or give the screen a new certificate`
    : `${refused}: give the screen a new one from the CA that the broker trusts`;
}
