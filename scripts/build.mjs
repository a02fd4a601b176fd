#!/usr/bin/env node
// Builds every package and checks every type, the tests' included.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync('npx', ['--no-install', 'tsc', '-b', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
