/**
 * How a client of the broker connects: in clear, or over TLS with the broker's certificate checked in full. Said outright,
 * so that no environment variable and no later default can weaken it. The same for services and screens. Pure.
 */
export function brokerSecurity<Tls extends object>(tls: Tls | undefined) {
  if (tls === undefined) return { protocol: 'mqtt' } as const;
  return { protocol: 'mqtts', ...tls, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
}
