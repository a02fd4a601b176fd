/** UUIDs of made-up screens, the same in every run; `seedClients` makes them known. */
export function clientUuids(count: number): string[] {
  return Array.from({ length: count }, (_, n) => clientUuid(n));
}

function clientUuid(n: number): string {
  // Spread over the first digits as random ones are, and never twice: 0x9e3779b1 is odd.
  const head = (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${head}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** The boot that a made-up screen reports, and that the database knows of it; after its comeback it is another one. */
export function bootOf(clientUuid: string, comeback = 0): string {
  return `boot-${clientUuid.slice(-12)}${comeback === 0 ? '' : `-${comeback}`}`;
}
