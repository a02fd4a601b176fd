// Simulated screens beside a system that runs already: asks the API for their accounts, keeps them in
// SIMULATED_SCREENS_FILE, then becomes the simulator of packages/device-agent.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const FIRST_NAMES = ['Foyer', 'Canteen', 'Staff room', 'Gym', 'Library', 'Workshop'];

/** A required setting, else the end of the process with a sentence. */
function setting(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set.`);
  process.exit(1);
}

const baseUrl = setting('BASE_URL');
const accountsFile = setting('SIMULATED_SCREENS_FILE');
const wanted = Number(process.env['SIMULATED_SCREENS'] || 3);
let cookie = '';

/** One call to the API; repeats while the server isn't there yet. @returns `{status, body}` */
async function call(method, path, body) {
  for (;;) {
    try {
      const response = await fetch(new URL(path, baseUrl), {
        method,
        headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      const [session] = response.headers.getSetCookie();
      if (session) cookie = session.split(';')[0];
      const text = await response.text();
      if (response.status < 500) return { status: response.status, body: text ? JSON.parse(text) : null };
      console.error(`${method} ${path} answered ${response.status}; trying again.`);
    } catch (error) {
      console.error(`The server at ${baseUrl} can't be reached (${error.message}); trying again.`);
    }
    await pause(3000);
  }
}

/** The answer's body, or the end of the process: what the API refuses now, it refuses again. */
async function callOrStop(method, path, body) {
  const answer = await call(method, path, body);
  if (answer.status < 300) return answer.body;
  console.error(
    `${method} ${path} answered ${answer.status}: ${answer.body?.title ?? ''} ${answer.body?.detail ?? ''}`,
  );
  process.exit(1);
}

function storedAccounts() {
  if (!existsSync(accountsFile)) return [];
  try {
    return JSON.parse(readFileSync(accountsFile, 'utf8'));
  } catch {
    return [];
  }
}

/** Whole or not at all, readable by its owner alone. */
function store(accounts) {
  const draft = `${accountsFile}.new`;
  writeFileSync(draft, JSON.stringify(accounts, null, 2), { mode: 0o600 });
  renameSync(draft, accountsFile);
}

await callOrStop('POST', '/api/auth/login', {
  username: setting('ADMIN_USERNAME'),
  password: setting('ADMIN_PASSWORD'),
});
const accounts = [];
for (const account of storedAccounts().slice(0, wanted)) {
  const { status } = await call('GET', `/api/clients/${account.uuid}`);
  if (status === 200) accounts.push(account);
}
while (accounts.length < wanted) {
  const place = FIRST_NAMES[accounts.length] ?? `Room ${accounts.length + 1}`;
  const { client, mqtt } = await callOrStop('POST', '/api/clients', {
    hostname: `demo-${place.toLowerCase().replaceAll(' ', '-')}`,
    description: `${place} (simulated)`,
    group: 'Demo',
  });
  accounts.push({ uuid: client.uuid, password: mqtt.password, hostname: client.hostname });
  store(accounts);
}
store(accounts);
await callOrStop('POST', '/api/auth/logout');
await import('../packages/device-agent/dist/main.js');
