import { readFileSync } from 'node:fs';
import { CLIENT_STATUSES, COMMAND_STATUSES } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { COMMAND_LOOK, SCREEN_LOOK, STATUS_ORDER } from '../../src/status/status-look.ts';

const css = readFileSync(new URL('../../src/styles/tokens.css', import.meta.url), 'utf8');

/** Both values of a token, light and dark. */
function token(name: string): readonly [string, string] {
  const [, light, dark] = css.match(new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`)) ?? [];
  const [, only] = css.match(new RegExp(`--${name}: (#\\w{6})`)) ?? [];
  const found = light ?? only;
  if (found === undefined) throw new Error(`tokens.css has no --${name}`);
  return [found, dark ?? found];
}

/** Relative luminance of WCAG 2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((left, right) => left - right);
  return (light + 0.05) / (dark + 0.05);
}

describe('a state', () => {
  it('of a screen has a shape of its own, for who sees no colours', () => {
    expect(new Set(CLIENT_STATUSES.map((status) => SCREEN_LOOK[status].shape)).size).toBe(
      CLIENT_STATUSES.length,
    );
    expect([...STATUS_ORDER].sort()).toEqual([...CLIENT_STATUSES].sort());
  });

  it('of a command has a look', () => {
    for (const status of COMMAND_STATUSES) expect(COMMAND_LOOK[status].shape).not.toBe('');
  });
});

describe('text', () => {
  const pairs: readonly (readonly [text: string, ground: string])[] = [
    ...['good', 'warn', 'bad', 'off', 'busy', 'panel'].map(
      (tone) => [`${tone}-text`, `${tone}-ground`] as const,
    ),
    ...['ground', 'card', 'raised'].flatMap((place) => [
      ['text', place] as const,
      ['text-quiet', place] as const,
    ]),
    ['link', 'card'],
    ['accent-text', 'accent'],
    ['accent-text', 'danger'],
    ['accent-text', 'orange'],
  ];

  it.each(pairs)('can be read: %s on %s', (text, ground) => {
    for (const theme of [0, 1] as const)
      expect(contrast(token(text)[theme], token(ground)[theme])).toBeGreaterThanOrEqual(4.5);
  });

  it('of a field stands in a border that can be seen', () => {
    for (const theme of [0, 1] as const)
      expect(contrast(token('border-strong')[theme], token('card')[theme])).toBeGreaterThanOrEqual(3);
  });
});
