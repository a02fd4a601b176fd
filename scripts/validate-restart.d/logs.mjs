import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { NotMet } from './criteria.mjs';
import { runProgram } from './programs.mjs';

/** What the broker, the services or the database say when an account may not do what it tried. */
const AUTHORISATION_ERROR =
  /not authori[sz]ed|bad user ?name or password|password authentication failed|permission denied|denied (?:publish|subscribe)/i;

/**
 * The services' logs from the moment of this call on.
 * `listener()` and `all()` resolve to lines; they throw NotMet where there is no log to read.
 */
export function followLogs({ compose, listenerLog, repository }) {
  return compose ? composeLogs(repository) : fileLogs(path.resolve(repository, listenerLog));
}

export function authorisationErrors(lines) {
  return lines.filter((line) => AUTHORISATION_ERROR.test(line));
}

function fileLogs(pattern) {
  const folder = path.dirname(pattern);
  const matches = (glob) => {
    const expression = new RegExp(
      `^${glob
        .split('*')
        .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    );
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => expression.test(name)) : [];
    if (names.length === 0) {
      throw new NotMet(
        `there is no log ${path.join(folder, glob)}; set LISTENER_LOG, or run with --compose where the services run in containers`,
      );
    }
    return names.map((name) => path.join(folder, name));
  };
  const begin = new Map(
    (existsSync(folder) ? readdirSync(folder) : [])
      .map((name) => path.join(folder, name))
      .map((file) => [file, statSync(file).size]),
  );
  const linesSince = (file) => {
    const size = statSync(file).size;
    const from = begin.get(file) ?? 0;
    // A file that is shorter now was begun anew in the meantime.
    return readPart(file, from <= size ? from : 0, size).split('\n');
  };
  return {
    where: pattern,
    listener: async () => matches(path.basename(pattern)).flatMap(linesSince),
    all: async () =>
      [...new Set([...matches(path.basename(pattern)), ...matches('*.log')])].flatMap(linesSince),
  };
}

function readPart(file, from, to) {
  const buffer = Buffer.alloc(to - from);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, from);
  } finally {
    closeSync(descriptor);
  }
  return buffer.toString('utf8');
}

function composeLogs(repository) {
  const begin = new Date().toISOString();
  const read = async (...services) => {
    const isV2 = (await runProgram('docker', ['compose', 'version'])).code === 0;
    const [command, ...first] = isV2 ? ['docker', 'compose'] : ['docker-compose'];
    const { code, stdout, stderr } = await runProgram(
      command,
      [...first, 'logs', '--no-color', '--timestamps', '--tail', '20000', ...services],
      { cwd: repository },
    );
    if (code !== 0) throw new NotMet(`${[command, ...first].join(' ')} logs: ${stderr.trim()}`);
    return stdout.split('\n').filter((line) => {
      const [, at] = /\|\s*(\d{4}-\d\d-\d\dT[\d:.]+Z) /.exec(line) ?? [];
      return at !== undefined && at >= begin;
    });
  };
  return { where: 'docker compose logs', listener: () => read('listener'), all: () => read() };
}
