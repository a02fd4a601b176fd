import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateRules } from '@infoscreen/shared-types';
import { makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrokerDoors, commonLines, doorLines } from '../../src/broker/mosquitto-config.ts';
import { REPOSITORY_ROOT } from '../../src/repository-root.ts';

const DEPLOYED = join(REPOSITORY_ROOT, 'mosquitto');
const linesOf = (file: string) =>
  readFileSync(join(DEPLOYED, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

const FILES = {
  stateFolder: '/mosquitto/data',
  pluginPath: '/usr/lib/mosquitto_dynamic_security.so',
  accountsPath: '/mosquitto/data/dynamic-security.json',
};
const SERVER = { certfile: '/mosquitto/certs/server.crt', keyfile: '/mosquitto/certs/server.key' };

/** What is tested here has to be what is deployed: the tests' brokers are made from these lines. */
describe('the deployed broker', () => {
  it('keeps what the tests’ brokers keep, with the same limits', () => {
    expect(linesOf('common.conf').toSorted()).toEqual([...commonLines(FILES.stateFolder)].sort());
  });

  it.each([
    ['listen-plain.conf', { kind: 'passwords', plain: '1883' }],
    ['listen-tls.conf', { kind: 'passwords', plain: '1883', tls: { ...SERVER, endpoint: '8883' } }],
    [
      'listen-certificates.conf',
      {
        kind: 'certificates',
        server: SERVER,
        passwords: '8883',
        certificates: {
          endpoint: '8884',
          cafile: '/mosquitto/certs/client-ca.crt',
          crlfile: '/mosquitto/certs/crl.pem',
          aclFile: '/mosquitto/config/screens.acl',
        },
      },
    ],
  ] satisfies [string, BrokerDoors][])('has the tests’ listeners: %s', (file, doors) => {
    expect(linesOf(file)).toEqual(doorLines(doors, FILES));
  });

  it('has the rules of the code for screens with certificates', () => {
    expect(readFileSync(join(DEPLOYED, 'screens.acl'), 'utf8')).toBe(certificateRules());
  });
});

describe('the start of the deployed broker', () => {
  let folder: string;
  beforeAll(() => {
    folder = makeTemporaryFolder('entrypoint');
    mkdirSync(join(folder, 'bin'));
    // In the place of Mosquitto: the one shows what it was to run with, the other makes a file of accounts.
    program('mosquitto', 'cat "$2"');
    program('mosquitto_ctrl', 'echo "{}" >"$3"');
  });
  afterAll(() => removeTemporaryFolder(folder));

  function program(name: string, text: string): void {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }

  const startWith = (files: readonly string[]) => {
    const certificates = join(folder, `with-${files.join('-')}`);
    mkdirSync(certificates);
    for (const file of files) writeFileSync(join(certificates, file), '');
    return spawnSync('/bin/sh', [join(DEPLOYED, 'entrypoint.sh')], {
      encoding: 'utf8',
      env: {
        PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
        TMPDIR: folder,
        MOSQUITTO_DATA: folder,
        MOSQUITTO_CONFIG: DEPLOYED,
        MOSQUITTO_CERTS: certificates,
        MQTT_ADMIN_USER: 'admin',
        MQTT_ADMIN_PASSWORD: 'secret',
      },
    });
  };

  it('is looked after without the password in the arguments of a program', () => {
    const seen = join(folder, 'seen');
    program(
      'mosquitto_sub',
      `echo "$*" >${seen}; ls -l "$XDG_CONFIG_HOME" | cut -c 1-10 >>${seen}; cat "$XDG_CONFIG_HOME/mosquitto_sub" >>${seen}; echo "$XDG_CONFIG_HOME"`,
    );
    const { status, stdout } = spawnSync('/bin/sh', [join(DEPLOYED, 'healthcheck.sh')], {
      encoding: 'utf8',
      env: {
        PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
        TMPDIR: folder,
        MOSQUITTO_CERTS: join(folder, 'no-certificates'),
        MQTT_ADMIN_USER: 'admin',
        MQTT_ADMIN_PASSWORD: 'very secret',
      },
    });
    expect(status).toBe(0);
    const [commandLine, , mode, ...options] = readFileSync(seen, 'utf8').trim().split('\n');
    expect(commandLine).toBe(
      '-h 127.0.0.1 -p 1883 -E -W 3 -i healthcheck -t $CONTROL/dynamic-security/v1/response',
    );
    expect([mode, ...options]).toEqual(['-rw-------', '-u admin', '-P very secret']);
    expect(existsSync(stdout.trim())).toBe(false);
  });

  it.each([
    [[], 'listen-plain.conf'],
    [['server.crt', 'server.key'], 'listen-tls.conf'],
    [['server.crt', 'server.key', 'client-ca.crt', 'crl.pem'], 'listen-certificates.conf'],
  ])('with %j takes the listeners of %s', (files, listeners) => {
    const { stdout, status } = startWith(files);
    expect(status).toBe(0);
    const running = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(running).toEqual([...linesOf('common.conf'), ...linesOf(listeners)]);
  });

  it.each([
    [['server.crt'], 'without server.key'],
    [['server.key'], 'without server.crt'],
    [['client-ca.crt', 'crl.pem'], 'add server.crt and server.key'],
    [['server.crt', 'server.key', 'client-ca.crt'], 'without crl.pem'],
    [['server.crt', 'server.key', 'crl.pem'], 'without client-ca.crt'],
  ])('with %j alone is refused, rather than offering less than was meant', (files, sentence) => {
    const { stderr, status } = startWith(files);
    expect(status).toBe(1);
    expect(stderr).toContain(sentence);
  });
});

describe('the health check of the deployed broker', () => {
  let folder: string;
  beforeAll(() => {
    folder = makeTemporaryFolder('healthcheck');
    writeFileSync(join(folder, 'mosquitto_sub'), '#!/bin/sh\necho "$@"\n');
    chmodSync(join(folder, 'mosquitto_sub'), 0o755);
  });
  afterAll(() => removeTemporaryFolder(folder));

  const check = () =>
    spawnSync('/bin/sh', [join(DEPLOYED, 'healthcheck.sh')], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        TMPDIR: folder,
        MOSQUITTO_CERTS: folder,
        MOSQUITTO_TRUST: '/trust',
        MQTT_ADMIN_USER: 'admin',
        MQTT_ADMIN_PASSWORD: 'secret',
      },
    }).stdout;
  const logIn = '-t $CONTROL/dynamic-security/v1/response';

  it('logs in in clear while that is offered', () => {
    expect(check()).toContain('-h 127.0.0.1 -p 1883 -E');
    expect(check()).toContain(logIn);
  });

  it('logs in over TLS, to this broker’s CA alone, when nothing is offered in clear', () => {
    writeFileSync(join(folder, 'client-ca.crt'), '');
    expect(check()).toContain('-h 127.0.0.1 -p 8883 --cafile /trust/ca.crt --insecure -E');
    expect(check()).toContain(logIn);
  });
});
