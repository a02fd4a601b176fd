#!/usr/bin/env node
// `npm test`: types, lint and format, then all tests. Arguments go to jest, and then only it runs.
import { prepare, step } from './prepare.mjs';

prepare();
const jestArguments = process.argv.slice(2);
if (jestArguments.length === 0) {
  step('checking format and lint (biome)', 'npx', ['--no-install', 'biome', 'ci', '.'], { quiet: true });
  step(
    'checking lint with types (oxlint)',
    'npx',
    ['--no-install', 'oxlint', '--type-aware', '--deny-warnings'],
    { quiet: true },
  );
}
step('testing (jest)', process.execPath, [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  ...jestArguments,
]);
