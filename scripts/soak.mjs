#!/usr/bin/env node
// `npm run soak`: the real system under a fleet of screens, and whether anything in it grows. What it runs is packages/chaos.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, RUNNING_PACKAGES, root } from './prepare.mjs';

prepare([...RUNNING_PACKAGES, 'packages/chaos']);
const entry = path.join(root, 'packages', 'chaos', 'dist', 'soak', 'soak-main.js');
const { status } = spawnSync(process.execPath, [entry, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
