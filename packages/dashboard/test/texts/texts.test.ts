import { CLIENT_STATUSES, COMMAND_ERROR_CODES, COMMAND_STATUSES } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { de } from '../../src/texts/de.ts';
import { en } from '../../src/texts/en.ts';
import { formatText, type Text } from '../../src/texts/format-text.ts';
import { chooseLanguage, chooseLocale } from '../../src/texts/texts.ts';

const keys = Object.keys(de) as (keyof typeof de)[];
const forms = (text: Text) => (typeof text === 'string' ? [text] : [text.one, text.other]);
const places = (text: Text) =>
  [
    ...new Set(forms(text).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([place]) => place))),
  ].sort();

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });

  it.each(keys)('have the same parameters in both languages: %s', (key) => {
    expect(places(en[key])).toEqual(places(de[key]));
    for (const form of [...forms(de[key]), ...forms(en[key])]) expect(form.trim()).not.toBe('');
  });

  it('have a word for each state and each error of ours', () => {
    const wanted = [
      ...CLIENT_STATUSES.map((status) => `status.${status}`),
      ...COMMAND_STATUSES.map((status) => `commandStatus.${status}`),
      ...Object.keys(COMMAND_ERROR_CODES).map((code) => `commandError.${code}`),
    ];
    expect(wanted.filter((key) => !(key in de))).toEqual([]);
  });
});

describe('a sentence', () => {
  const text = { one: '{count} Bildschirm', other: '{count} Bildschirme' };

  it.each([
    [0, '0 Bildschirme'],
    [1, '1 Bildschirm'],
    [5000, '5.000 Bildschirme'],
  ])('has the form for %d', (count, expected) => {
    expect(formatText(text, { count }, 'de')).toBe(expected);
  });

  it('takes a parameter as it is, also one that looks like a place', () => {
    expect(formatText('{name}!', { name: '{count} $& <b>' }, 'en')).toBe('{count} $& <b>!');
  });
});

describe('times and numbers', () => {
  it.each([
    ['en', ['en-GB', 'en'], 'en-GB'],
    ['de', ['en-GB', 'de-AT'], 'de-AT'],
    ['de', ['en-GB'], 'de'],
    ['en', [], 'en'],
  ] as const)('in %s, in a browser that prefers %j, are written as in %s', (language, preferred, locale) => {
    expect(chooseLocale(language, preferred)).toBe(locale);
  });
});

describe('the language', () => {
  it.each([
    [null, ['de-AT', 'en'], 'de'],
    [null, ['fr', 'de'], 'de'],
    [null, ['fr'], 'en'],
    [null, [], 'en'],
    ['en', ['de'], 'en'],
    ['xx', ['de'], 'de'],
  ] as const)('chosen %s, of a browser that prefers %j, is %s', (chosen, preferred, expected) => {
    expect(chooseLanguage(chosen, preferred)).toBe(expected);
  });
});
