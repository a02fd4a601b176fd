import { describe, expect, it } from '@jest/globals';
import {
  clientListQuerySchema,
  clientPathSchema,
  createClientBodySchema,
  issueCommandBodySchema,
  pageQuerySchema,
} from '../../src/index.ts';

const UUID = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';

describe('a request', () => {
  it('may write a UUID in upper case; it is lower case from then on', () => {
    expect(clientPathSchema.parse({ uuid: UUID.toUpperCase() })).toEqual({ uuid: UUID });
    expect(createClientBodySchema.parse({ uuid: UUID.toUpperCase() })).toMatchObject({ uuid: UUID });
  });

  it.each(['', 'x', `${UUID}0`, UUID.replaceAll('-', ''), `${UUID}\n; DROP TABLE clients`])(
    'names no client: %j',
    (uuid) => {
      expect(clientPathSchema.safeParse({ uuid }).success).toBe(false);
    },
  );

  it('for a page has 50 items unless it says how many', () => {
    expect(pageQuerySchema.parse({})).toEqual({ limit: 50 });
    expect(pageQuerySchema.parse({ limit: '200' })).toEqual({ limit: 200 });
  });

  it.each([
    { limit: '0' },
    { limit: '201' },
    { limit: 'all' },
    { cursor: '../x' },
    { cursor: 'a'.repeat(2049) },
  ])('for a page is refused: %j', (query) => {
    expect(pageQuerySchema.safeParse(query).success).toBe(false);
  });

  it('for clients of an unknown status is refused', () => {
    expect(clientListQuerySchema.safeParse({ status: 'broken' }).success).toBe(false);
  });
});

describe('the reason of a command', () => {
  it('may be left out', () => {
    expect(issueCommandBodySchema.parse({})).toEqual({});
  });

  it.each(['', '   ', '\u0007', 'a'.repeat(501)])('is refused: %j', (reason) => {
    expect(issueCommandBodySchema.safeParse({ reason }).success).toBe(false);
  });
});
