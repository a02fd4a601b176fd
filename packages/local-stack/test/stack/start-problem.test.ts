import { readFileSync } from 'node:fs';
import { startProblem } from '@infoscreen/local-stack';
import { expect, test } from '@jest/globals';

test('a file that may not be read or written is named, with what to do', () => {
  const refusal = Object.assign(new Error("EACCES: permission denied, open '/clone/.local/stack.env'"), {
    code: 'EACCES',
    path: '/clone/.local/stack.env',
  });
  expect(startProblem(refusal)).toBe(
    "/clone/.local/stack.env can't be read or written (EACCES): run this as the owner of the clone, or give yourself the right to do so.",
  );
});

test('a full disk is named', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(startProblem(full)).toBe(
    'There is no space left on the disk of the clone: make some, then start again.',
  );
});

test('a sentence for people stays as it is, and a fault of the program shows where it is', () => {
  expect(startProblem(new Error('Port 8000 is in use: stop what listens there.'))).toBe(
    'Port 8000 is in use: stop what listens there.',
  );
  expect(startProblem(new TypeError('undefined is not a function'))).toContain('start-problem.test');
  expect(startProblem(thrownBy(() => readFileSync('/nothing/here')))).toContain('ENOENT');
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
