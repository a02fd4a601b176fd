import { describe, expect, it } from '@jest/globals';
import { COMMAND_ERROR_CODES, PROBLEM_CODES, problemSchema, problemType } from '../../src/index.ts';

describe('a problem code', () => {
  it.each(Object.entries(PROBLEM_CODES))(
    '%s has an error status and a sentence',
    (code, { status, title }) => {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z].*\.$/);
    },
  );

  it('makes a document that keeps members of its own', () => {
    const problem = {
      type: problemType('safety_lockout'),
      title: PROBLEM_CODES.safety_lockout.title,
      status: 429,
      code: 'safety_lockout',
      request_id: 'r-1',
      command: { status: 'blocked_safety' },
    };
    expect(problemSchema.parse(problem)).toEqual(problem);
    expect(problem.type).toBe('urn:infoscreen:problem:safety_lockout');
  });

  it('is one that the table names', () => {
    const unknown = { type: 'x', title: 'x', status: 400, code: 'teapot', request_id: 'r-1' };
    expect(problemSchema.safeParse(unknown).success).toBe(false);
  });
});

describe('an error code of a command', () => {
  it.each(Object.entries(COMMAND_ERROR_CODES))('%s has a sentence', (code, meaning) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    // They stand in SQL text.
    expect(meaning).not.toContain("'");
  });
});
