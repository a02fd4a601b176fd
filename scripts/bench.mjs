#!/usr/bin/env node
// The benchmarks: builds what they run, then runs them with the arguments given.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, RUNNING_PACKAGES, root } from './prepare.mjs';

prepare([...RUNNING_PACKAGES, 'packages/bench']);
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'packages', 'bench', 'dist', 'bench-main.js'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
