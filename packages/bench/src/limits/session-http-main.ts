import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';

/** What `session-http-main` serves. */
interface HttpOrder {
  readonly databaseUrl: string;
  /** The body of every answer. */
  readonly answer: string;
}

// The least that any API behind a log-in does: one look whether the session stands, and an answer that lies ready.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as HttpOrder;
const pool = new pg.Pool({ connectionString: order.databaseUrl, max: 2 });
const SESSION_SQL = `SELECT u.role FROM user_sessions s JOIN users u ON u.id = (s.sess->'login'->>'userId')::uuid
  WHERE s.sid = $1 AND s.expire > now() AND u.disabled_at IS NULL`;

async function answer({ headers }: IncomingMessage, res: ServerResponse): Promise<void> {
  const sid = /infoscreen\.sid=s%3A([^.]+)\./.exec(headers.cookie ?? '')?.[1] ?? '';
  const { rows } = await pool.query({
    name: 'session',
    text: SESSION_SQL,
    values: [decodeURIComponent(sid)],
  });
  res.writeHead(rows.length === 1 ? 200 : 401, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(order.answer),
  });
  res.end(order.answer);
}

const server = createServer((req, res) => req.resume().once('end', () => void answer(req, res)));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object')
    console.log(JSON.stringify({ listening: { url: `http://127.0.0.1:${address.port}` } }));
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void pool.end();
});
