import type { FleetCommand, Page } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { csvLine } from './csv.ts';

/** A file of more is nothing for a browser; the API gives them all. */
export const MAX_EXPORTED = 20_000;

const COLUMNS = [
  'commandId',
  'createdAt',
  'action',
  'status',
  'clientUuid',
  'hostname',
  'requestedBy',
  'reason',
  'errorCode',
  'publishedAt',
  'ackReceivedAt',
  'executionStartedAt',
  'finishedAt',
  'effectObserved',
] as const satisfies readonly (keyof FleetCommand)[];

/** All commands that the filters let through, as a file that the browser keeps. */
export async function exportCommands(query: Readonly<Record<string, string | undefined>>): Promise<void> {
  // Spreadsheets know by this mark that it is UTF-8.
  const lines = [`\ufeff${csvLine(COLUMNS)}`];
  let cursor: string | null = null;
  do {
    const page: Page<FleetCommand> = await callApi<Page<FleetCommand>>('/api/commands', {
      query: { ...query, limit: 200, cursor },
    });
    lines.push(...page.items.map((command) => csvLine(COLUMNS.map((name) => command[name] ?? null))));
    cursor = page.nextCursor;
  } while (cursor !== null && lines.length <= MAX_EXPORTED);
  saveFile(`commands-${new Date().toISOString().slice(0, 10)}.csv`, lines.join(''));
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
