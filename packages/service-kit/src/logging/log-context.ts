import { AsyncLocalStorage } from 'node:async_hooks';

export type LogFields = Readonly<Record<string, unknown>>;

const storage = new AsyncLocalStorage<LogFields>();

/** Adds `fields` to every line logged by `work` and by what it calls, e.g. `{request_id}`. Nested contexts merge. */
export function withLogContext<T>(fields: LogFields, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

export function currentLogContext(): LogFields {
  return storage.getStore() ?? {};
}
