#!/usr/bin/env node
// Builds every package and checks every type, the tests' included; then the page, where it is older than its sources.
// Arguments are those of `tsc -b`: packages named there are all that is built, and the page with the server.
import { spawnSync } from 'node:child_process';
import { buildPageWhenStale } from './build-page.mjs';

const projects = process.argv.slice(2);
const { status } = spawnSync('npx', ['--no-install', 'tsc', '-b', ...projects], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(status ?? 1);
const named = projects.filter((name) => !name.startsWith('-'));
const isWanted = named.length === 0 || named.some((name) => /packages\/(server|dashboard)\/?$/.test(name));
process.exit(isWanted ? buildPageWhenStale() : 0);
