import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Whether `PATH` has a program of this name. */
export function hasProgram(name) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => folder !== '' && existsSync(path.join(folder, name)));
}

/**
 * Runs a program to its end.
 * @returns `{code, stdout, stderr}`; `code` is null where it couldn't be started or was stopped after `withinMs`
 */
export function runProgram(command, args, { input = '', env = process.env, cwd, withinMs = 60_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, cwd, timeout: withinMs });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text) => {
        output[stream] += text;
      });
    }
    child.on('error', (error) => resolve({ code: null, stdout: '', stderr: error.message }));
    child.on('close', (code) => resolve({ code, ...output }));
    // A program that ends before it has read its input isn't an error of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
