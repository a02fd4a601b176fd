import { setTimeout as pause } from 'node:timers/promises';
import type { Attack } from './attacks.ts';

/** Of a request; status 0 where there was no answer. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly retryAfter: string | null;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** Between two requests of the user who only looks. */
const USER_PAUSE_MS = 50;

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const startedAt = performance.now();
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await response.arrayBuffer();
    const { status, headers } = response;
    return { status, ms: performance.now() - startedAt, retryAfter: headers.get('retry-after') };
  } catch {
    return { status: 0, ms: performance.now() - startedAt, retryAfter: null };
  }
}

export interface AttackLoad {
  readonly urls: readonly string[];
  readonly attackers: number;
  readonly seconds: number;
}

/** Guesses without a pause, at all servers in turn; resolves with every answer. */
export async function runAttack(attack: Attack, { urls, attackers, seconds }: AttackLoad): Promise<Answer[]> {
  const answers: Answer[] = [];
  const endsAt = performance.now() + seconds * 1000;
  let nth = 0;
  const attacker = async () => {
    while (performance.now() < endsAt) {
      const { username, ip } = attack.guess(nth);
      const url = `${urls[nth % urls.length]}/api/auth/login`;
      nth += 1;
      answers.push(
        await ask(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': ip },
          body: JSON.stringify({ username, password: 'wrong password' }),
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: attackers }, attacker));
  return answers;
}

/** A user who is logged in and looks at the clients, at each server in turn, until `stop` is aborted. */
export async function runUser(urls: readonly string[], cookie: string, stop: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let nth = 0; !stop.aborted; nth += 1) {
    answers.push(await ask(`${urls[nth % urls.length]}/api/clients`, { headers: { cookie } }));
    await pause(USER_PAUSE_MS);
  }
  return answers;
}
