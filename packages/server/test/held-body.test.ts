import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { eventually } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpServer } from '../src/http/create-http-server.ts';
import { addUser, logIn, useServer } from './server-fixture.ts';
import { makeToken } from './token-caller.ts';

const server = useServer();
const sql = (text: string, values: unknown[]) => server.database.pool.query(text, values);

/** After so many answers, one request after the other, what was sent before them has been let in. */
const LOOKS = 20;

describe('a write whose body is held back', () => {
  let http: Server;
  beforeAll(async () => {
    http = createHttpServer(server.api.app);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => http.close(resolve)));

  /** Makes a client; the last byte of the request is sent when `end` is called, which tells the answer. */
  function hold(credential: string) {
    const body = '{"hostname":"held"}';
    const head = ['POST /api/clients HTTP/1.1', 'host: x', 'connection: close', credential];
    const fields = [...head, 'content-type: application/json', `content-length: ${body.length}`];
    const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`${fields.join('\r\n')}\r\n\r\n${body.slice(0, -1)}`);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('utf8');
    });
    const heard = new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });
    return {
      end: () => {
        socket.write(body.slice(-1));
        return heard;
      },
    };
  }

  it('runs when it is whole', async () => {
    const { end } = hold(`cookie: ${server.as('admin').cookie}`);
    await server.as('admin').get('/api/auth/me');
    expect(await end()).toMatch(/^HTTP\/1\.1 201 /);
  });

  it.each([
    [
      'was disabled',
      'UPDATE users SET disabled_at = now(), session_epoch = session_epoch + 1 WHERE id = $1',
      401,
    ],
    ['has another role', "UPDATE users SET role = 'viewer' WHERE id = $1", 403],
    ['ended the session', "DELETE FROM user_sessions WHERE sess -> 'login' ->> 'userId' = $1", 401],
  ])('is refused when its user %s meanwhile', async (how, change, status) => {
    const username = how.replaceAll(' ', '-');
    const { id } = await addUser(server.database, { username, role: 'admin' });
    const { cookie } = await logIn(server.api, username);
    const { end } = hold(`cookie: ${cookie}`);
    for (let look = 0; look < LOOKS; look += 1) await server.as('viewer').get('/api/auth/me');
    await sql(change, [id]);
    expect(await end()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('is refused when its token was revoked meanwhile', async () => {
    const { id, secret } = await makeToken(server.as('admin'), 'admin');
    const { end } = hold(`authorization: Bearer ${secret}`);
    await eventually(async () => {
      const { rows } = await sql('SELECT last_used_at FROM api_tokens WHERE id = $1', [id]);
      return rows[0]?.last_used_at !== null;
    });
    await sql("UPDATE api_tokens SET revoked_at = now(), revoked_by = 'x' WHERE id = $1", [id]);
    expect(await end()).toMatch(/^HTTP\/1\.1 401 /);
  });
});
