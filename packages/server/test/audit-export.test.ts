import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { useServer } from './server-fixture.ts';

const server = useServer();
const BOM = '\ufeff';
/** The answer as text, whatever its type. */
const exported = async (query: Record<string, string>) => {
  const { cookie = '' } = server.as('superadmin');
  const answer = await request(server.api.app)
    .get('/api/audit')
    .query(query)
    .set('cookie', cookie)
    .buffer(true);
  return { status: answer.status, headers: answer.headers as Record<string, string>, text: answer.text };
};
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const insert = (count: number, action: string) =>
  server.asOwner(
    `INSERT INTO audit_log (at, actor, action, outcome, status_code)
     SELECT now() - make_interval(secs => n % 100), 'anna', $2, 'success', 200 FROM generate_series(1, $1::int) n`,
    [count, action],
  );
const listed = async (action: string) => {
  const items: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const query = { action, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const { body } = await server.as('superadmin').get('/api/audit', { query });
    items.push(...body.items);
    cursor = body.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
};

describe('an export of the audit log', () => {
  it('as JSON lines has everything that fits, newest first, also beyond what is read at a time', async () => {
    await insert(2500, 'many');
    const { text, headers } = await exported({ format: 'jsonl', action: 'many', limit: '1' });
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(headers['content-disposition']).toMatch(/^attachment; filename=audit-\d{8}T\d{6}Z\.jsonl$/);
    const entries = lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toHaveLength(2500);
    expect(entries).toEqual(await listed('many'));
  });

  it('as CSV has a header, every entry once, and is known as UTF-8 by spreadsheets', async () => {
    await insert(1001, 'rows');
    const { text, headers } = await exported({ format: 'csv', action: 'rows' });
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toMatch(/^attachment; filename=audit-.*\.csv$/);
    const [header, ...rows] = text.split('\r\n');
    expect(header).toBe(
      `${BOM}id,at,last_at,count,actor,action,target,outcome,status_code,error_code,ip,request_id,detail`,
    );
    expect(rows.pop()).toBe('');
    const ids = rows.map((row) => row.split(',')[0]);
    expect(ids).toEqual((await listed('rows')).map(({ id }) => id));
  });

  it('as CSV has no formula that a spreadsheet would run, and keeps commas, quotes and line ends', async () => {
    const hyperlink = '=HYPERLINK("http://evil.example","click")';
    for (const target of [
      hyperlink,
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      'a "quoted", text\nof two lines',
    ])
      await server.asOwner(
        `INSERT INTO audit_log (action, target, actor, detail, outcome, status_code)
         VALUES ('formulas', $1, '=1', jsonb_build_object('reason', $1::text), 'success', 200)`,
        [target],
      );
    const { text } = await exported({ format: 'csv', action: 'formulas' });
    expect(text).toContain(`,"'=HYPERLINK(""http://evil.example"",""click"")",`);
    expect(text).toContain('"a ""quoted"", text\nof two lines"');
    for (const cell of ["'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1"]) expect(text).toContain(cell);
    // At the begin of a cell, quoted or not.
    expect(text).not.toMatch(/(\r\n|,)"?[=+@\t\r-]/);
  });

  it('of nothing is a header, or nothing', async () => {
    expect((await exported({ format: 'csv', action: 'none' })).text).toMatch(
      new RegExp(`^${BOM}id,.*,detail\r\n$`),
    );
    expect((await exported({ format: 'jsonl', action: 'none' })).text).toBe('');
  });

  it('goes on from a cursor, and refuses one that no page returned before it begins', async () => {
    await insert(5, 'cursors');
    const { body } = await server
      .as('superadmin')
      .get('/api/audit', { query: { action: 'cursors', limit: 2 } });
    const { text } = await exported({ format: 'jsonl', action: 'cursors', cursor: body.nextCursor });
    expect(lines(text)).toHaveLength(3);
    const refused = await exported({ format: 'csv', cursor: 'nonsense' });
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([400, 'invalid_request']);
  });

  it('is in the audit log itself, with who and which filters, before its first line', async () => {
    const { text } = await exported({ format: 'jsonl', action: 'exportAudit', from: '2026-01-01T00:00:00Z' });
    const [first] = lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({
      actor: 'superadmin',
      action: 'exportAudit',
      outcome: 'success',
      detail: { format: 'jsonl', action: 'exportAudit', from: '2026-01-01T00:00:00Z' },
    });
  });

  it('is not given where it can not be recorded', async () => {
    await server.asOwner('REVOKE EXECUTE ON FUNCTION record_write FROM infoscreen_service');
    try {
      const { status, text } = await exported({ format: 'jsonl' });
      expect([status, text.includes('exportAudit')]).toEqual([500, false]);
    } finally {
      await server.asOwner('GRANT EXECUTE ON FUNCTION record_write TO infoscreen_service');
    }
  });

  it('is described in the API’s document', async () => {
    const { body } = await server.anonymous.get('/api/openapi.json');
    expect(Object.keys(body.paths['/api/audit'].get.responses['200'].content)).toEqual([
      'application/json',
      'text/csv',
      'application/x-ndjson',
    ]);
  });
});
