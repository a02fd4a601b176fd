import path from 'node:path';
import { localPlace } from '@infoscreen/local-stack';
import { z } from 'zod';
import { parseArguments } from '../run/parse-arguments.ts';
import { CONTROLS } from './control-list.ts';
import { proveControls } from './prove-controls.ts';
import { makeWorkingCopy } from './working-copy.ts';

const { only } = parseArguments(z.strictObject({ only: z.string().optional() }), process.argv.slice(2));
const names = only?.split(',');
const unknown = names?.filter((name) => !CONTROLS.some(({ id }) => id === name)) ?? [];
if (unknown.length > 0) throw new Error(`--only: there is no control ${unknown.join(', ')}`);
const controls = CONTROLS.filter(({ id }) => names?.includes(id) ?? true);

const copy = makeWorkingCopy(path.join(localPlace(), `controls-${process.pid}`));
try {
  console.log(`${controls.length} controls; first their tests as they are`);
  const results = await proveControls(copy, controls, ({ id, verdict, seconds }) =>
    console.log(`${id.padEnd(40)} ${verdict.padEnd(16)} ${seconds} s`),
  );
  const proven = results.filter(({ verdict }) => verdict === 'proven').length;
  console.log(`${proven} of ${results.length} controls are missed by their test when they are taken away`);
  process.exitCode = proven === results.length ? 0 : 1;
} finally {
  copy.remove();
}
