import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';

const FOLDER = fileURLToPath(new URL('../../dist/page/', import.meta.url));
const BUDGET_BYTES = 200_000;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

describe('the first load', () => {
  let manifest: Readonly<Record<string, Chunk>>;
  beforeAll(() => {
    if (!existsSync(`${FOLDER}manifest.json`)) throw new Error('The page is not built: run "npm run build".');
    manifest = JSON.parse(readFileSync(`${FOLDER}manifest.json`, 'utf8')) as typeof manifest;
  });

  /** What the entry needs before anything is shown, log-in and overview included. */
  function filesOf(name: string, seen = new Set<string>()): readonly string[] {
    const chunk = manifest[name];
    if (chunk === undefined || seen.has(name)) return [];
    seen.add(name);
    return [
      chunk.file,
      ...(chunk.css ?? []),
      ...(chunk.imports ?? []).flatMap((other) => filesOf(other, seen)),
    ];
  }

  it('is at most 200 kB of compressed script', () => {
    const scripts = [...filesOf('index.html').filter((file) => file.endsWith('.js')), 'theme.js'];
    const bytes = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(FOLDER + file)).byteLength, 0);
    expect(scripts.length).toBeGreaterThan(1);
    expect(bytes).toBeLessThanOrEqual(BUDGET_BYTES);
  });

  it('is without the charts', () => {
    const first = filesOf('index.html').join(' ');
    expect(Object.values(manifest).some(({ file }) => file.includes('health-charts'))).toBe(true);
    expect(first).not.toMatch('health-charts');
  });

  it('has no inline script and no inline style in its page', () => {
    const html = readFileSync(`${FOLDER}index.html`, 'utf8');
    expect(html).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\bstyle="|\bon\w+="/);
  });
});
