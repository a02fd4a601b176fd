import { formatLogLine, type LogFields } from '@infoscreen/service-kit';
import { describe, expect, it } from '@jest/globals';

const entry = {
  time: new Date(0),
  level: 'info',
  service: 'server',
  instance: 'a',
  message: 'user logged in',
} as const;
const json = (fields: LogFields) =>
  JSON.parse(formatLogLine(entry, fields, 'json')) as Record<string, unknown>;

describe('a log line', () => {
  it('is one line, whatever its fields contain', () => {
    const fields = { reason: 'a\nERROR forged\r\u001b[2J\u2028\u202e\u009b', 'na\nme': 1 };
    expect(formatLogLine(entry, fields, 'json')).not.toMatch(/\p{Cc}|\p{Zl}|\u202e/u);
    expect(formatLogLine(entry, fields, 'pretty')).not.toMatch(/\p{Cc}|\p{Zl}|\u202e/u);
  });

  it('gives no text the look of further fields, for people neither', () => {
    const line = formatLogLine(entry, { unit: 'a  user=admin', path: '/api' }, 'pretty');
    expect(line).toContain('unit="a  user=admin" path=/api');
  });

  it('shows no secret by name, nor the credentials of a URL, nor what hangs on an error', () => {
    const error = Object.assign(new Error('connect postgresql://user:hunter2@db/x failed'), {
      code: 'ECONNREFUSED',
      options: { password: 'hunter2' },
      cause: new Error('mqtt://a:hunter2@b'),
    });
    const line = formatLogLine(
      entry,
      { error, password: 'hunter2', nested: { apiKey: 'hunter2', Cookie: ['hunter2'] } },
      'json',
    );
    expect(line).not.toContain('hunter2');
    expect(line).toContain('ECONNREFUSED');
  });

  it('keeps its own members, and is bounded', () => {
    expect(json({ level: 'error', message: 'forged', service: 'x' })).toMatchObject({
      level: 'info',
      service: 'server',
    });
    const long = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`field${index}`, 'x'.repeat(5000)]),
    );
    expect(formatLogLine(entry, long, 'json').length).toBeLessThan(20_000);
  });

  it('can show what JSON has no word for', () => {
    const circular: Record<string, unknown> = { big: 1n, date: new Date(0), bytes: new Uint8Array(3) };
    circular['self'] = circular;
    expect(json({ circular })).toMatchObject({
      circular: { big: '1', date: '1970-01-01T00:00:00.000Z', bytes: '3 bytes' },
    });
  });
});
