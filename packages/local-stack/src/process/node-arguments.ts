/**
 * What Node is started with for a service, as docker-compose.yml does it. The listener's young objects live until the next
 * commit: with room for them most die before the garbage collector moves them, which is a third of its processor time.
 */
export const NODE_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  listener: ['--max-semi-space-size=32'],
};

/** The arguments of Node for the service that an entry begins, `packages/{service}/dist/main.js`. */
export function nodeArgumentsOf(entry: string): readonly string[] {
  const service = /packages[\\/](\w+)[\\/]dist[\\/]main\.js$/.exec(entry)?.[1] ?? '';
  return NODE_ARGUMENTS[service] ?? [];
}
