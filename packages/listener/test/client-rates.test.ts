import { randomUUID } from 'node:crypto';
import { createMetrics, type LogFields } from '@infoscreen/service-kit';
import { DISCOVERY_ALIAS_TOPIC, deviceTopic } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { laneOfMessage } from '../src/intake/lane-of-message.ts';
import { ClientRates } from '../src/rates/client-rates.ts';
import type { Flood } from '../src/rates/flood-watch.ts';
import { messageSource } from '../src/rates/message-source.ts';
import { RateEpisodes } from '../src/rates/rate-episodes.ts';

function recordingLogger() {
  const lines: ({ level: string; message: string } & LogFields)[] = [];
  const write = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, ...fields });
  };
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { lines, logger: { ...logger, child: () => ({ ...logger, child: () => logger as never }) } };
}

const fresh = { dup: false, retain: false };
const LARGE = 32 * 1024;
const live = { bytes: LARGE, isLive: true };

function ratesOf(burst: number) {
  const { logger, lines } = recordingLogger();
  const metrics = createMetrics({ service: 'listener', instance: 'a' });
  const floods: Flood[] = [];
  const onFlood = (flood: Flood) => void floods.push(flood);
  return {
    rates: new ClientRates({ perSecond: 1e-6, burst, onFlood, logger, metrics }),
    lines,
    floods,
    metrics,
  };
}

describe('what one client may send', () => {
  it('is limited by class: telemetry, reports and session news each leave the others through', () => {
    const { rates } = ratesOf(3);
    const uuid = randomUUID();
    const admitted = (kind: Parameters<typeof deviceTopic>[1]) =>
      rates.admits(messageSource(deviceTopic(uuid, kind)), fresh, live);
    for (let n = 0; n < 3; n += 1) expect(admitted('heartbeat')).toBe(true);
    expect([admitted('heartbeat'), admitted('health')]).toEqual([false, false]);
    expect([admitted('command_ack'), admitted('command_ack_legacy'), admitted('service_failed')]).toEqual([
      true,
      true,
      true,
    ]);
    expect(admitted('command_ack')).toBe(false);
    expect([admitted('presence'), admitted('discovery')]).toEqual([true, true]);
  });

  it('never counts what the broker sends again, nor what it had kept: an earlier copy may not be stored yet', () => {
    const { rates } = ratesOf(1);
    const source = messageSource(deviceTopic(randomUUID(), 'command_ack'));
    for (let n = 0; n < 100; n += 1)
      expect(rates.admits(source, { dup: true, retain: false }, live)).toBe(true);
    for (let n = 0; n < 100; n += 1)
      expect(rates.admits(source, { dup: false, retain: true }, live)).toBe(true);
    expect(rates.admits(source, fresh, live)).toBe(true);
    expect(rates.admits(source, fresh, live)).toBe(false);
  });

  it('takes topics of no client by their second level, and the alias as one source', () => {
    const { rates } = ratesOf(1);
    expect(rates.admits(messageSource('infoscreen/LOBBY/health'), fresh, live)).toBe(true);
    expect(rates.admits(messageSource('infoscreen/LOBBY/service_failed'), fresh, live)).toBe(false);
    expect(rates.admits(messageSource('infoscreen/HALL/health'), fresh, live)).toBe(true);
    for (let n = 0; n < 4; n += 1)
      expect(rates.admits(messageSource(DISCOVERY_ALIAS_TOPIC), fresh, live)).toBe(true);
    expect(rates.admits(messageSource(DISCOVERY_ALIAS_TOPIC), fresh, live)).toBe(false);
    expect(messageSource(`infoscreen/${'x'.repeat(60_000)}/health`).key.length).toBeLessThanOrEqual(64);
  });

  it('is told by one line at the beginning and one at the end, and by a figure', async () => {
    const { rates, lines, metrics } = ratesOf(1);
    const uuid = randomUUID();
    for (let n = 0; n < 1000; n += 1) rates.admits(messageSource(deviceTopic(uuid, 'health')), fresh, live);
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'messages come too fast, refusing the surplus',
        messages: 'telemetry',
        client_uuid: uuid,
      },
    ]);
    expect(rates.limitedClients).toEqual([uuid]);
    expect(await metrics.text()).toMatch(/^infoscreen_rate_limited_sources\{.*\} 1$/m);
  });

  it('is at a fit rate again when nothing was refused for half a minute', () => {
    const { logger, lines } = recordingLogger();
    const episodes = new RateEpisodes(logger);
    episodes.refused('report', 'a', 0);
    episodes.refused('report', 'a', 10_000);
    episodes.sweep(39_000);
    expect(episodes.size).toBe(1);
    episodes.sweep(40_000);
    expect(episodes.size).toBe(0);
    expect(lines.at(-1)).toEqual({
      level: 'info',
      message: 'messages come at a fit rate again',
      messages: 'report',
      source: 'a',
      refused: 2,
      seconds: 10,
    });
  });

  it('fills neither the log nor the memory with sources that are made up', () => {
    const { logger, lines } = recordingLogger();
    const episodes = new RateEpisodes(logger);
    for (let n = 0; n < 5000; n += 1) episodes.refused('unknown', `?${n}`, 0);
    expect([episodes.size, lines.length]).toEqual([1000, 1000]);
  });
});

describe('a surplus far beyond the rate', () => {
  const send = ({ rates }: ReturnType<typeof ratesOf>, name: string, surplus = live) => {
    const source = messageSource(name);
    for (let n = 0; n < 600; n += 1) {
      if (rates.refuses(source, fresh)) rates.noteRefused(source, surplus);
      else rates.admits(source, fresh, surplus);
    }
  };

  it('is told of once, with the client whose topic it is', () => {
    const all = ratesOf(50);
    const uuid = randomUUID();
    send(all, deviceTopic(uuid, 'service_failed'));
    expect(all.floods).toEqual([{ clientUuid: uuid, refused: 257, refusedBytes: 257 * LARGE }]);
    send(all, deviceTopic(randomUUID(), 'heartbeat'));
    expect(all.floods).toHaveLength(2);
  });

  it('is no flood where the broker sends again, had kept it for a subscription, or kept it while nobody read', () => {
    const all = ratesOf(1);
    const name = deviceTopic(randomUUID(), 'command_ack');
    for (const again of [
      { dup: true, retain: false },
      { dup: false, retain: true },
    ])
      for (let n = 0; n < 3000; n += 1) all.rates.admits(messageSource(name), again, live);
    send(all, name, { ...live, isLive: false });
    expect(all.floods).toEqual([]);
    send(all, name);
    expect(all.floods).toHaveLength(1);
  });

  it('is no flood after a long time in which we had no room to read', () => {
    const all = ratesOf(1);
    all.rates.noteStall(30_000);
    send(all, deviceTopic(randomUUID(), 'command_ack'));
    expect(all.floods).toEqual([]);
  });

  it('is nobody’s on topics that name no client', () => {
    const all = ratesOf(1);
    for (const name of [DISCOVERY_ALIAS_TOPIC, 'infoscreen/LOBBY/health', 'infoscreen/_canary/x'])
      send(all, name);
    expect(all.floods).toEqual([]);
  });
});

describe('the lane of a message', () => {
  it('of the alias is found without a look for its UUID, and is the same for the same bytes', () => {
    const source = messageSource(DISCOVERY_ALIAS_TOPIC);
    const lane = (text: string) => laneOfMessage(source, Buffer.from(text), 64);
    expect(lane('{not json')).toBe(lane('{not json'));
    const lanes = Array.from({ length: 200 }, () => lane(`{"uuid":"${randomUUID()}"}`));
    expect(new Set(lanes).size).toBeGreaterThan(40);
  });
});
