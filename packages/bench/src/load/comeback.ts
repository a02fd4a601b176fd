/** Told by the discovery alone; at each comeback another one. */
export function addressAfter(comeback: number): string {
  return comeback === 0 ? '192.0.2.17' : `198.51.100.${comeback}`;
}
