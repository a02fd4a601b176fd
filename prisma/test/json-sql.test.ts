import {
  createDatabase,
  type Database,
  jsonArray,
  jsonObject,
  jsonPlain,
  jsonText,
  jsonTime,
  jsonWord,
} from '@infoscreen/prisma';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

let test: TestDatabase;
let database: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'prisma-test', poolSize: 2 });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

/** Values as they stand in `rows(text, word, number, truth, time)`, and the JSON that the database makes of them. */
async function made(rows: readonly (readonly unknown[])[]): Promise<unknown> {
  const item = jsonObject({
    text: jsonText('text'),
    word: jsonWord('word'),
    number: jsonPlain('number'),
    truth: jsonPlain('truth'),
    time: jsonTime('time'),
  });
  const { rows: result } = await database.pool.query<{ json: string }>(
    `SELECT ${jsonArray(item, 'place')} AS json FROM json_array_elements($1::json) WITH ORDINALITY e (v, place),
       LATERAL (SELECT v->>0 AS text, v->>1 AS word, (v->>2)::float8 AS number, (v->>3)::boolean AS truth, (v->>4)::timestamptz AS time) r`,
    [JSON.stringify(rows)],
  );
  return JSON.parse(result[0]?.json ?? '');
}

describe('JSON in SQL', () => {
  it('says what JSON.stringify would, whatever stands in a text', async () => {
    const texts = [
      '',
      'a "quoted" \\ text',
      'line\nfeed\ttab\r\b\f\u0001\u001f\u007f',
      'ü, 屏 and 🖥',
      '\u2028',
      '</script>',
    ];
    const time = '2026-11-25T00:00:00.000Z';
    const wanted = texts.map((text) => ({ text, word: 'word', number: 0.1, truth: true, time }));
    expect(await made(texts.map((text) => [text, 'word', 0.1, true, time]))).toEqual(wanted);
  });

  it('keeps numbers exact, and times to the millisecond', async () => {
    const rows = [
      [1e21, '1999-12-31T23:59:59.999Z'],
      [-0.30000000000000004, '2026-02-28T01:02:03.040Z'],
      [12345678.9, '9999-12-31T00:00:00.000Z'],
    ] as const;
    expect(await made(rows.map(([number, time]) => ['', '', number, false, time]))).toEqual(
      rows.map(([number, time]) => ({ text: '', word: '', number, truth: false, time })),
    );
  });

  it('has null for what is not there, and an empty array for no rows', async () => {
    const nothing = { text: null, word: null, number: null, truth: null, time: null };
    expect(await made([[null, null, null, null, null]])).toEqual([nothing]);
    expect(await made([])).toEqual([]);
  });
});
