import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { deviceTopic } from '@infoscreen/shared-types';
import { connectMqtt, eventually, FIRST_ADMIN, logInAt } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BehindProxies, type StartedService, startBehindProxies } from './behind-proxies.ts';

/** Clears a terminal, forges a line, ends a line as Unicode does, turns the direction, and begins an escape in one byte. */
const EVIL =
  'forged\u001b[2J\u001b]0;title\u0007\r\nERROR server: forged\u2028\u202eegap\u2066\u009b31m\u0000';
const WITHOUT_NUL = EVIL.replaceAll('\u0000', '');
// biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left, which is the point
const UNCLEAN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;
const PRETTY_LINE = /^\d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO |WARN |ERROR) (server|listener): /;

describe.each(['json', 'pretty'] as const)(
  'strings from devices and users, in a log that is %s',
  (format) => {
    let behind: BehindProxies;
    let server: StartedService;
    let listener: StartedService;
    beforeEach(async () => {
      behind = await startBehindProxies();
      const settings = { LOG_LEVEL: 'debug', LOG_FORMAT: format, CLIENT_MESSAGE_BURST: '10' };
      server = await behind.start('server', settings);
      listener = await behind.start('listener', { ...settings, CLIENT_MESSAGES_PER_SECOND: '1' });
    }, 60_000);
    afterEach(() => behind.stop());

    /** A request as no client library writes it: bytes above ASCII stand in a path as they are. */
    const requestRaw = (path: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
        socket.on('close', () => resolve());
        socket.on('error', () => {});
        socket.resume();
        socket.end(
          Buffer.from(
            `POST ${path} HTTP/1.1\r\nHost: x\r\nUser-Agent: \u009b31m\r\nX-Request-Id: \u009b\r\nConnection: close\r\n\r\n`,
            'latin1',
          ),
        );
      });

    async function sayEvil(): Promise<string> {
      const admin = await logInAt(server.url, FIRST_ADMIN.username, FIRST_ADMIN.password);
      const { json } = await admin.call('POST', '/api/clients', {
        hostname: WITHOUT_NUL,
        description: WITHOUT_NUL,
        group: WITHOUT_NUL,
      });
      const { uuid } = json.client;
      await admin.call('POST', `/api/clients/${uuid}/restart`, { reason: WITHOUT_NUL });
      await admin.call('POST', '/api/auth/login', { username: EVIL, password: EVIL });
      await admin.call('POST', `/api/forged-${encodeURIComponent(WITHOUT_NUL)}`, {});
      await admin.call('POST', '/api/clients', {}, { 'idempotency-key': 'forged\u009b' });
      await requestRaw('/api/forged\u009b2J\u0085');
      const account = await behind.testBroker.addAccount({
        username: 'anything',
        access: { publish: ['infoscreen/#'], subscribe: [], receive: [] },
      });
      const device = await connectMqtt({ port: behind.testBroker.port, clientId: 'anything', ...account });
      await device.publish(deviceTopic(uuid, 'service_failed'), { unit: WITHOUT_NUL, reason: WITHOUT_NUL });
      await device.publish(deviceTopic(uuid, 'discovery'), {
        uuid,
        hostname: WITHOUT_NUL,
        boot_id: WITHOUT_NUL,
      });
      await device.publish(deviceTopic(uuid, 'service_failed'), `{"unit":"${EVIL}`);
      await device.publish(deviceTopic(uuid, 'command_ack'), {
        command_id: randomUUID(),
        status: 'failed',
        error_message: WITHOUT_NUL,
      });
      // A second level that no client has is a source of its own, and is named in the log when it floods.
      await Promise.all(
        Array.from({ length: 40 }, () => device.publish('infoscreen/forged\u202eegap/service_failed', {})),
      );
      await device.end();
      return uuid;
    }

    it('steer no terminal, forge no line and turn nothing', async () => {
      const uuid = await sayEvil();
      const told = (process: StartedService['process'], text: string) =>
        eventually(() => process.logs.some((line) => line.includes(text)), { what: `${text} is told` });
      await told(listener.process, 'service failure opened');
      await told(listener.process, 'messages come too fast');
      const { rows } = await behind.pool.query('SELECT hostname FROM clients WHERE uuid = $1', [uuid]);
      expect(rows[0].hostname).not.toMatch(UNCLEAN);
      for (const { process } of [server, listener]) {
        await process.stop();
        // They did get there, cleaned.
        expect(process.logs.join('\n')).toContain('forged');
        for (const line of process.logs) {
          expect(line).not.toMatch(UNCLEAN);
          if (format === 'pretty') expect(line).toMatch(PRETTY_LINE);
          else
            expect(JSON.parse(line)).toMatchObject({
              level: expect.stringMatching(/^(debug|info|warn|error)$/),
            });
          expect(line).not.toMatch(/^ERROR server: forged/);
        }
      }
    }, 60_000);
  },
);
