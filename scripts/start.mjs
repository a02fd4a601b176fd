#!/usr/bin/env node
// `npm start`: the whole system on this machine. What it runs is packages/local-stack.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { prepare, RUNNING_PACKAGES, root } from './prepare.mjs';

prepare(RUNNING_PACKAGES);
const stack = spawn(process.execPath, [path.join(root, 'packages', 'local-stack', 'dist', 'main.js')], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal's Ctrl-C reaches both processes, and twice would mean "at once"; any other signal reaches only this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) stack.kill(signal);
  });
}
stack.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));
