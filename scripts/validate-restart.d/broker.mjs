import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseJson } from './api.mjs';
import { NotMet } from './criteria.mjs';
import { until } from './polling.mjs';
import { hasProgram, runProgram } from './programs.mjs';

export const WATCHED = ['commands', 'command', 'commands/ack', 'command/ack'].map(
  (suffix) => `infoscreen/+/${suffix}`,
);

const READY_WITHIN_MS = 10_000;

/** `{topic, text, payload}` as it came; `payload` is undefined where it isn't JSON. */
function received(messages, topic, text) {
  messages.push({ topic, text, payload: parseJson(text) });
}

/**
 * The broker, watched and spoken to with mosquitto_sub and mosquitto_pub, or (without them) with own connections.
 * @param address `{host, port, tls?}`; `tls.caFile` names the CA's certificate, without it the system's CAs are trusted
 * @param folder a private folder: the programs read user name and password from a file in it, so that they are on no
 *   command line
 */
export function createBroker(address, folder) {
  return hasProgram('mosquitto_sub') && hasProgram('mosquitto_pub')
    ? mosquittoPrograms(address, folder)
    : ownConnections(address);
}

function mosquittoPrograms({ host, port, tls }, folder) {
  /** Environment in which `program` finds its account. */
  const withAccount = (program, { username, password }) => {
    const configHome = mkdtempSync(path.join(folder, `${program}-`));
    writeFileSync(path.join(configHome, program), `-u ${username}\n-P ${password}\n`, { mode: 0o600 });
    return { ...process.env, XDG_CONFIG_HOME: configHome };
  };
  const trust = tls?.caFile === undefined ? ['--tls-use-os-certs'] : ['--cafile', tls.caFile];
  const to = ['-h', host, '-p', String(port), ...(tls === undefined ? [] : trust)];
  return {
    how: 'mosquitto_sub',
    async watch(account) {
      const topics = WATCHED.flatMap((filter) => ['-t', filter]);
      const watching = ['mosquitto_sub', ...to, '-q', '1', '-d', '-F', '%j', ...topics];
      // Unbuffered, so that the broker's answer to the subscription is seen before the first message.
      const [command, ...args] = hasProgram('stdbuf') ? ['stdbuf', '-oL', ...watching] : watching;
      const child = spawn(command, args, {
        env: withAccount('mosquitto_sub', account),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const messages = [];
      let granted;
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      child.on('error', (error) => {
        said = error.message;
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        granted ??= /^Subscribed \(mid: \d+\): (.*)$/.exec(line)?.[1];
        const message = line.startsWith('{') ? parseJson(line) : undefined;
        if (message !== undefined) received(messages, message.topic, message.payload ?? '');
      });
      const answer = await until(() => granted ?? (child.exitCode === null ? undefined : ''), {
        withinMs: READY_WITHIN_MS,
      });
      const refused = (answer ?? '').split(', ').filter((qos) => Number(qos) >= 128).length;
      if (!answer || refused > 0) {
        child.kill();
        throw new NotMet(
          refused > 0
            ? `the broker refuses ${refused} of the topics`
            : `mosquitto_sub: ${said.trim() || 'no answer from the broker'}`,
        );
      }
      return { messages, isAlive: () => child.exitCode === null, stop: async () => void child.kill() };
    },
    async publishAs({ uuid, password }, topic, payload) {
      const { code, stderr } = await runProgram(
        'mosquitto_pub',
        [...to, '-i', uuid, '-q', '1', '-t', topic, '-m', JSON.stringify(payload)],
        { env: withAccount('mosquitto_pub', { username: uuid, password }), withinMs: READY_WITHIN_MS },
      );
      if (code !== 0) throw new NotMet(`mosquitto_pub as ${uuid}: ${stderr.trim()}`);
    },
  };
}

function ownConnections({ host, port, tls }) {
  const trust = tls?.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) };
  const connect = async (options) => {
    const { default: mqtt } = await import('mqtt').catch(() => {
      throw new NotMet(
        'there is neither mosquitto_sub nor the mqtt package: install mosquitto-clients, or run npm ci',
      );
    });
    return mqtt.connectAsync({
      host,
      port,
      ...(tls === undefined ? { protocol: 'mqtt' } : { protocol: 'mqtts', ...trust }),
      reconnectPeriod: 0,
      connectTimeout: READY_WITHIN_MS,
      ...options,
    });
  };
  return {
    how: 'an own MQTT connection, because there is no mosquitto_sub here',
    async watch(account) {
      const messages = [];
      const client = await connect(account);
      client.on('message', (topic, payload) => received(messages, topic, payload.toString('utf8')));
      client.on('error', () => {});
      const granted = await client.subscribeAsync(WATCHED, { qos: 1 });
      const refused = granted.filter(({ qos }) => qos >= 128).length;
      if (refused > 0) throw new NotMet(`the broker refuses ${refused} of the topics`);
      return { messages, isAlive: () => client.connected, stop: () => client.endAsync() };
    },
    async publishAs({ uuid, password }, topic, payload) {
      const client = await connect({ username: uuid, password, clientId: uuid });
      await client.publishAsync(topic, JSON.stringify(payload), { qos: 1 });
      await client.endAsync();
    },
  };
}
