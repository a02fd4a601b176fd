/**
 * How many of `laneCount` lanes `self` should hold while `instances` live. Pure: replicas that see the same list come to
 * shares that add up to all lanes.
 */
export function fairShare(instances: readonly string[], self: string, laneCount: number): number {
  const sorted = [...new Set([...instances, self])].sort();
  const extra = sorted.indexOf(self) < laneCount % sorted.length ? 1 : 0;
  return Math.floor(laneCount / sorted.length) + extra;
}
