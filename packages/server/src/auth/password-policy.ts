import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** Guesses, as a power of ten, that a password has to withstand: common ones with a year or a sign behind them don't. */
const MIN_GUESSES_LOG10 = 9;
/** Words that whoever attacks this product tries first. */
const OF_THE_PRODUCT = ['infoscreen', 'infoscreens', 'signage', 'fleet', 'fleetcontrol', 'screen', 'display'];
const ADVICE =
  'choose one that nobody else has, such as four or more unrelated words, or let a password manager make one';

const REASONS: Readonly<Record<string, string>> = {
  repeat: 'it repeats itself',
  sequence: 'it runs along the alphabet or the numbers',
  spatial: 'it runs along the keyboard',
  dictionary: 'it is a common password, or little more than one',
  date: 'it is little more than a date',
};

let estimator: ZxcvbnFactory | undefined;

/**
 * Judges a password that somebody chose: against 49,000 common ones, in any case, reversed or with digits for letters, and
 * against repetitions, runs, dates, the user's name and the product's. What is long enough is for the schema to say.
 * @returns null for a good one; else what is wrong and what to do, for the end of a sentence
 */
export function passwordWeakness(password: string, username: string): string | null {
  // Some megabytes, which a process that sets no password never needs.
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const parts = username.split(/[^a-z0-9]+/).filter((part) => part.length > 2);
  const { guessesLog10, sequence } = estimator.check(password, [username, ...parts, ...OF_THE_PRODUCT]);
  if (guessesLog10 >= MIN_GUESSES_LOG10) return null;
  const [longest] = sequence.toSorted((left, right) => right.token.length - left.token.length);
  const isName = longest?.dictionaryName === 'userInputs';
  const reason = isName
    ? 'it is little more than the name of the user or of the product'
    : REASONS[longest?.pattern ?? ''];
  return `is too easy to guess${reason === undefined ? '' : ` (${reason})`}: ${ADVICE}`;
}
