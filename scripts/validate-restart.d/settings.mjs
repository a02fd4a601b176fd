import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Files that are asked after the environment, in this order. */
const FILES = ['.env', path.join('.local', 'stack.env')];

/**
 * Settings by name: from the environment, else `.env`, else `.local/stack.env` of the repository.
 * An empty value counts as not set. Containers know nothing of `.local/stack.env`, so neither does a check of them.
 */
export function readSettings(environment, repository, { compose }) {
  const sources = [
    { file: null, values: environment },
    ...(compose ? FILES.slice(0, 1) : FILES)
      .map((name) => path.join(repository, name))
      .map((file) => ({ file, values: readEnvFile(file) })),
  ];
  const find = (name) => sources.find(({ values }) => values[name]);
  return {
    get: (name, fallback) => find(name)?.values[name] ?? fallback,
    /** Where the API is: the first source that has BASE_URL or PORT decides, so that an old file beats no new setting. */
    baseUrl: () => {
      const { BASE_URL, PORT } = sources.find(({ values }) => values.BASE_URL || values.PORT)?.values ?? {};
      return (BASE_URL || `http://127.0.0.1:${PORT || 8000}`).replace(/\/+$/, '');
    },
    number: (name, fallback) => Number(find(name)?.values[name] ?? fallback),
    isOn: (name) => !['false', '0', 'no', 'off'].includes(find(name)?.values[name]?.toLowerCase()),
    /** The file that a setting came from; `null` = the environment, or nowhere. */
    fileOf: (name) => find(name)?.file ?? null,
  };
}

/** `NAME=value` lines of a file that a shell can read as well; none where there is no file. */
function readEnvFile(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const values = {};
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) values[name] = value.replace(/^(["'])(.*)\1$/, '$2');
  }
  return values;
}

/** Replaces the value of one name in a settings file; whole or not at all, and the file keeps its mode. */
export function replaceSetting(file, name, value) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const isThis = new RegExp(`^\\s*(?:export\\s+)?${name}=`);
  const draft = `${file}.new`;
  writeFileSync(draft, lines.map((line) => (isThis.test(line) ? `${name}=${value}` : line)).join('\n'), {
    mode: statSync(file).mode & 0o777,
  });
  renameSync(draft, file);
}
