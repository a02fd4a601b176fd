import type { Control } from './control.ts';
import { runTests, type TestOutcome } from './run-tests.ts';
import type { WorkingCopy } from './working-copy.ts';

export type Verdict =
  /** Its test fails without it: the control is there and is tested. */
  | 'proven'
  /** Its test passes without it: nobody would notice. */
  | 'unnoticed'
  /** Its test fails, or doesn't run, while the control is there. */
  | 'test_is_broken'
  /** Without it the test does not even run, which proves nothing. */
  | 'proves_nothing';

export interface ControlResult {
  readonly id: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** Runs the test of each control as it is, then takes one control away at a time and runs its test again. */
export async function proveControls(
  copy: WorkingCopy,
  controls: readonly Control[],
  onResult: (result: ControlResult) => void,
): Promise<readonly ControlResult[]> {
  for (const control of controls) textWithout(copy, control);
  const before = await runTests(
    copy.folder,
    controls.map(({ test }) => test),
  );
  const results: ControlResult[] = [];
  for (const [index, control] of controls.entries()) {
    const startedAt = performance.now();
    const verdict =
      before[index] === 'passed' ? verdictOf(await withoutControl(copy, control)) : 'test_is_broken';
    const result = {
      id: control.id,
      verdict,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    } as const;
    results.push(result);
    onResult(result);
  }
  return results;
}

async function withoutControl(copy: WorkingCopy, control: Control): Promise<TestOutcome> {
  const { file, test } = control;
  const text = copy.read(file);
  copy.write(file, textWithout(copy, control));
  try {
    const [outcome = 'did_not_run'] = await runTests(copy.folder, [test]);
    return outcome;
  } finally {
    copy.write(file, text);
  }
}

function textWithout(copy: WorkingCopy, { id, file, find, replace }: Control): string {
  const [before = '', after, ...more] = copy.read(file).split(find);
  if (after === undefined || more.length > 0)
    throw new Error(`${id}: what is to be taken away doesn't stand exactly once in ${file}`);
  return `${before}${replace}${after}`;
}

function verdictOf(outcome: TestOutcome): Verdict {
  switch (outcome) {
    case 'failed':
      return 'proven';
    case 'passed':
      return 'unnoticed';
    case 'did_not_run':
      return 'proves_nothing';
  }
}
