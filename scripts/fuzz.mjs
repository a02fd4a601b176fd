#!/usr/bin/env node
// `npm run fuzz`: generated messages and requests at the real listener and server, and whether any does harm. What it runs is packages/chaos.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, RUNNING_PACKAGES, root } from './prepare.mjs';

prepare([...RUNNING_PACKAGES, 'packages/chaos']);
const entry = path.join(root, 'packages', 'chaos', 'dist', 'fuzz', 'fuzz-main.js');
const { status } = spawnSync(process.execPath, [entry, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
