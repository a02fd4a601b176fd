#!/usr/bin/env node
// The commands of packages/chaos: builds what they run, then becomes the entry that the first argument names.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare, RUNNING_PACKAGES, root } from './prepare.mjs';

const [entry, ...args] = process.argv.slice(2);
prepare([...RUNNING_PACKAGES, 'packages/chaos']);
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'packages', 'chaos', 'dist', `${entry}.js`), ...args],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
