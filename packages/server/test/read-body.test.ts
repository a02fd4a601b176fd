import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { eventually } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createHttpServer, drain } from '../src/http/create-http-server.ts';
import { readBody } from '../src/http/read-body.ts';

describe('the body of a request', () => {
  const outcomes: unknown[] = [];
  const app = express();
  app.post('/at-once', async (req, res) => {
    res.json(await readBody(req, res));
  });
  app.post('/after-the-caller-has-gone', async (req, res) => {
    await once(res, 'close');
    outcomes.push(await readBody(req, res).catch((error: unknown) => error));
  });
  const http = createHttpServer(app);
  beforeAll(() => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)));
  afterAll(() => drain(http));
  const url = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  it.each([
    ['{"reason":"why"}', { reason: 'why' }],
    [undefined, {}],
  ])('is read: %s', async (body, expected) => {
    const response = await fetch(`${url()}/at-once`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    expect(await response.json()).toEqual(expected);
  });

  it('is not taken for empty when its caller has gone before it was read', async () => {
    const body = '{"reason":"why"}';
    const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      `POST /after-the-caller-has-gone HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      () => socket.destroy(),
    );
    await eventually(() => outcomes.length > 0);
    expect(outcomes).toEqual([expect.objectContaining({ code: 'invalid_json' })]);
  });
});
