import { COMMAND_ERROR_CODES, PROBLEM_CODES, REJECTION_REASONS } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { codeIn, sectionOf, tableRows } from './markdown.ts';
import { readText, repositoryFiles } from './repository-files.ts';

const PAGE = readText('docs/error-codes.md');
const rowsOf = (heading: string) => tableRows(sectionOf(PAGE, heading));
const codesOf = (heading: string) => rowsOf(heading).map(([code]) => codeIn(code));

describe('the page of error codes', () => {
  it('says of every HTTP problem what the code says, and of no other', () => {
    const documented = rowsOf('HTTP problems').map(([code, status, title]) => [
      codeIn(code),
      { status: Number(status), title },
    ]);
    expect(Object.fromEntries(documented)).toEqual(PROBLEM_CODES);
  });

  it('says of every error code of a command what the code says, and of no other', () => {
    const documented = rowsOf('Command error codes').map(([code, meaning]) => [codeIn(code), meaning]);
    expect(Object.fromEntries(documented)).toEqual(COMMAND_ERROR_CODES);
  });

  it('has every code that the reference agent reports by itself, and no other', () => {
    const reported = new Set(agentCodes().filter((code) => !(code in COMMAND_ERROR_CODES)));
    expect(codesOf('Codes of the reference agent').toSorted()).toEqual([...reported].sort());
  });

  it('has every reason for which a message is rejected, and no other', () => {
    expect(codesOf('Rejected messages').toSorted()).toEqual([...REJECTION_REASONS].sort());
  });

  it('leaves nothing empty', () => {
    expect(tableRows(PAGE).flat()).not.toContain('');
  });
});

/** Literal codes in the sources of the agent. */
function agentCodes(): readonly string[] {
  return repositoryFiles('packages/device-agent/src')
    .map(readText)
    .flatMap((source) => [
      ...source.matchAll(/(?:errorCode: |error\.errorCode : |new HostActionError\(\s*)'([a-z_]+)'/g),
    ])
    .map((match) => match[1] ?? '');
}
