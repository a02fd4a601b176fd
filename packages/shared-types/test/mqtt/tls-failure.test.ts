import { describe, expect, it } from '@jest/globals';
import { tlsFailure } from '../../src/index.ts';

const told = (code: string, message = '') => tlsFailure({ code, message }, 'broker.example');

describe('a failure of TLS', () => {
  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'MQTT_CA_FILE'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'MQTT_CA_FILE'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'MQTT_CA_FILE'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'broker.example'],
    ['CERT_HAS_EXPIRED', 'expired'],
    ['CERT_NOT_YET_VALID', 'clocks'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'MQTT_PORT'],
  ])('says what to do: %s', (code, advice) => {
    expect(told(code)).toContain(advice);
  });

  it.each([
    ['alert certificate revoked', 'certificate revoked'],
    ['sslv3 alert certificate expired', 'certificate expired'],
    ['tlsv1 alert unknown ca', 'unknown ca'],
    ['tlsv13 alert certificate required', 'MQTT_CERT_FILE'],
  ])("says what the broker thinks of the client's certificate: %s", (message, advice) => {
    expect(told('ERR_SSL_ALERT', `error:0A000414:SSL routines:ssl3_read_bytes:${message}`)).toContain(advice);
  });

  it('is none where the network or the broker failed', () => {
    expect(told('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:8883')).toBeUndefined();
    expect(tlsFailure({ message: 'Connection refused: Not authorized' }, 'x')).toBeUndefined();
  });
});
