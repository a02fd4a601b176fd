import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for the end of its input, which is the end of whoever holds the other side; then ends `$0`, gently first. */
const WATCH = [
  'read -r _',
  'kill -"$1" "$0" 2>/dev/null || exit 0',
  'i=0; while [ $i -lt 100 ] && kill -0 "$0" 2>/dev/null; do sleep 0.1; i=$((i+1)); done',
  'kill -9 "$0" 2>/dev/null',
].join('; ');

/**
 * Ends process `pid` when this process is gone, however it went (a kill -9 included): no server outlives the test run
 * or the supervisor that started it. Call the returned function once the process has ended by itself.
 */
export function endWithUs(pid: number, stopSignal: NodeJS.Signals): () => void {
  const watcher: ChildProcess = spawn('sh', ['-c', WATCH, String(pid), stopSignal.replace('SIG', '')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  });
  watcher.on('error', () => {});
  watcher.stdin?.on('error', () => {});
  watcher.unref();
  const hold = watcher.stdin;
  if (hold !== null && 'unref' in hold && typeof hold.unref === 'function') hold.unref();
  return () => watcher.kill('SIGKILL');
}
