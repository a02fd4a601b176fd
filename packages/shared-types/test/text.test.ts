import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundedText, cleanText, deviceTimeSchema, isUuid, requiredText } from '../src/index.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left, which is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

describe('a text from outside', () => {
  it('holds nothing that breaks a line or steers a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const cleaned = cleanText(text);
        expect(cleaned).not.toMatch(CONTROL);
        expect(cleanText(cleaned)).toBe(cleaned);
        expect(cleaned.length).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('keeps what people write', () => {
    expect(cleanText('Eingang Süd – Bildschirm 2 🖥')).toBe('Eingang Süd – Bildschirm 2 🖥');
  });

  it('turns the direction of nothing beside it, and may be in any script', () => {
    expect(cleanText('hall\u202egpj.exe')).toBe('hall gpj.exe');
    expect(cleanText('a\u2066b\u2069')).toBe('a b');
    expect(cleanText('\u0627\u0644\u0645\u062f\u062e\u0644\u200f 2')).toBe(
      '\u0627\u0644\u0645\u062f\u062e\u0644\u200f 2',
    );
  });

  it('has no half of a surrogate pair, which nothing can store', () => {
    expect(cleanText('a\ud800b\udc00 🖥')).toBe('a\ufffdb\ufffd 🖥');
    expect(boundedText(10).parse('\udfff')).toBe('\ufffd');
  });

  it('is refused when it is too long, not cut', () => {
    expect(boundedText(3).safeParse('abcd').success).toBe(false);
    expect(boundedText(3).parse('abc')).toBe('abc');
  });

  it('that is required has something to read', () => {
    for (const empty of ['', '  ', '\u0000', ' \u001b '])
      expect(requiredText(10).safeParse(empty).success).toBe(false);
    expect(requiredText(10).parse(' a\tb ')).toBe('a b');
  });
});

describe('a UUID', () => {
  it('is canonical and in lower case', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(isUuid(uuid)).toBe(true);
        expect(isUuid(`${uuid}\n`)).toBe(false);
        expect(isUuid(`{${uuid}}`)).toBe(false);
      }),
    );
  });
});

describe('the time of a device', () => {
  it.each(['2026-11-24T09:30:00Z', '2026-11-24T09:30:00.123456Z', '2026-11-24T09:30:00+01:00'])(
    'may be %s',
    (time) => {
      expect(deviceTimeSchema.parse(time)).toBe(time);
    },
  );

  it.each(['2026-11-24', '24.11.2026 09:30', '2026-13-01T00:00:00Z', '2026-11-24T09:30:00', '1764000000'])(
    'may not be %s',
    (time) => {
      expect(deviceTimeSchema.safeParse(time).success).toBe(false);
    },
  );
});
