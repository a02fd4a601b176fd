import { FIRST_ADMIN } from '@infoscreen/test-kit';

/** A log-in that somebody tries; `ip` is what a trusted proxy would tell. */
export interface Guess {
  readonly username: string;
  readonly ip: string;
}

export interface Attack {
  readonly name: string;
  /** Guesses that may be looked at within one window, as docs/configuration.md has it; null where each limit is evaded. */
  readonly limit: number | null;
  readonly guess: (nth: number) => Guess;
}

const ONE_ADDRESS = '203.0.113.1';
const manyAddresses = (nth: number) => `10.${(nth >> 16) & 255}.${(nth >> 8) & 255}.${nth & 255}`;

export const ATTACKS: readonly Attack[] = [
  {
    name: 'one account, one address',
    limit: 10,
    guess: () => ({ username: FIRST_ADMIN.username, ip: ONE_ADDRESS }),
  },
  {
    name: 'many accounts, one address',
    limit: 50,
    guess: (nth) => ({ username: `user-${nth}`, ip: ONE_ADDRESS }),
  },
  {
    name: 'one account, many addresses',
    limit: 100,
    guess: (nth) => ({ username: FIRST_ADMIN.username, ip: manyAddresses(nth) }),
  },
  // What stolen lists of names and passwords are tried with. Only the cost of a password's hash holds it up.
  {
    name: 'many accounts, many addresses',
    limit: null,
    guess: (nth) => ({ username: `user-${nth}`, ip: manyAddresses(nth) }),
  },
];
