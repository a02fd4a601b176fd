/** Starts a process that would run for long, says its number, and waits to be killed. */
import { startManagedProcess } from '../../dist/index.js';

const child = await startManagedProcess({
  name: 'sleeper',
  command: 'sleep',
  args: ['600'],
  env: { PATH: '/usr/bin:/bin' },
});
console.log(`child ${child.pid}`);
setInterval(() => {}, 1000);
