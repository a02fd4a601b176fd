import { type ManagedProcess, startManagedProcess } from '@infoscreen/local-stack';
import { eventually } from '@infoscreen/test-kit';
import { describe, expect, test } from '@jest/globals';

const environment = { PATH: '/usr/local/bin:/usr/bin:/bin' };

function shell(script: string): Promise<ManagedProcess> {
  return startManagedProcess({ name: 'script', command: 'sh', args: ['-c', script], env: environment });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a managed process', () => {
  test('tells how it ended and what it wrote', async () => {
    const child = await shell('echo out; echo err >&2; exit 3');
    expect(await child.ended).toEqual({ code: 3, signal: null });
    expect([...child.output()].sort()).toEqual(['err', 'out']);
    expect(child.isRunning()).toBe(false);
  });

  test('is asked to stop, and killed when it does not', async () => {
    const stubborn = await shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await eventually(() => stubborn.output().includes('ready'));
    expect(await stubborn.stop({ graceMs: 100 })).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('that cannot be started is an error which names it', async () => {
    const missing = startManagedProcess({ name: 'ghost', command: '/nonexistent/program', env: environment });
    await expect(missing).rejects.toThrow("ghost can't be started");
  });

  test('ends when the process that started it is killed', async () => {
    const entry = new URL('./start-and-hang.mjs', import.meta.url).pathname;
    const parent = await startManagedProcess({
      name: 'parent',
      command: process.execPath,
      args: [entry],
      env: environment,
    });
    const line = await eventually(() => parent.output().find((text) => text.startsWith('child ')));
    const childPid = Number(line.split(' ')[1]);
    expect(isAlive(childPid)).toBe(true);
    await parent.kill('SIGKILL');
    await eventually(() => !isAlive(childPid));
  });
});
