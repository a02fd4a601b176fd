/** FNV-1a over the characters of the UUID: the same on every replica and in every version. */
export function laneOf(clientUuid: string, laneCount: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < clientUuid.length; index += 1) {
    hash = Math.imul(hash ^ clientUuid.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % laneCount;
}
