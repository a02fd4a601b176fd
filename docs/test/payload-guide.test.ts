import {
  COMMAND_TOPIC_SUFFIXES,
  commandMessageSchema,
  DEVICE_TOPIC_SUFFIXES,
  DISCOVERY_ALIAS_TOPIC,
  parseInboundMessage,
  TOPIC_ROOT,
} from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { codeBlocks, codeIn, sections, tableRows } from './markdown.ts';
import { readText } from './repository-files.ts';

const GUIDE = readText('docs/MQTT_EVENT_PAYLOAD_GUIDE.md');
const UUID = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';

const topicOf = (suffix: string) => `${TOPIC_ROOT}/{uuid}/${suffix}`;
const FROM_SCREENS = [...Object.values(DEVICE_TOPIC_SUFFIXES).map(topicOf), DISCOVERY_ALIAS_TOPIC];
const TO_SCREENS = Object.values(COMMAND_TOPIC_SUFFIXES).map(topicOf);

const documented = sections(GUIDE)
  .filter(({ heading }) => heading.startsWith('`'))
  .map(({ heading, text }) => ({ topic: codeIn(heading), examples: codeBlocks(text, 'json') }));
const examplesFor = (topics: readonly string[]) =>
  documented
    .filter(({ topic }) => topics.includes(topic))
    .flatMap(({ topic, examples }) => examples.map((example) => [topic, example] as const));

describe('the payload guide', () => {
  it('has a section with an example for each topic of the contract, and for no other', () => {
    expect(documented.map(({ topic }) => topic).sort()).toEqual([...FROM_SCREENS, ...TO_SCREENS].sort());
    for (const { examples } of documented) expect(examples.length).toBeGreaterThan(0);
  });

  it('lists each topic once, with presence as the only retained one', () => {
    const [overview] = sections(GUIDE);
    const rows = tableRows(overview?.text ?? '');
    expect(rows.map(([topic]) => codeIn(topic)).sort()).toEqual([...FROM_SCREENS, ...TO_SCREENS].sort());
    const retained = rows.filter(([, , , isRetained]) => isRetained !== 'no').map(([topic]) => codeIn(topic));
    expect(retained).toEqual([topicOf('presence')]);
  });

  it.each(examplesFor(FROM_SCREENS))('shows what a screen may send on %s', (topic, example) => {
    const payload = JSON.parse(example) as unknown;
    const parsed = parseInboundMessage(topic.replace('{uuid}', UUID), Buffer.from(example));
    // Unknown fields are dropped, so that a misspelt one would be missing.
    expect(parsed).toMatchObject({ ok: true, message: { clientUuid: UUID, payload } });
  });

  it.each(examplesFor(TO_SCREENS))('shows what a screen gets on %s', (_topic, example) => {
    const message = JSON.parse(example) as unknown;
    expect(commandMessageSchema.parse(message)).toEqual(message);
  });
});
