/** Whether `topic` is matched by the subscription filter `filter` (MQTT 3.1.1 section 4.7, `$` topics included). */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') !== filter.startsWith('$')) return false;
  return levelsMatch(
    filter.split('/'),
    topic.split('/'),
    (wanted, actual) => wanted === '+' || wanted === actual,
  );
}

/** Whether the filter `granted` covers every topic that the filter `requested` could match. */
export function filterCovers(granted: string, requested: string): boolean {
  if (requested.startsWith('$') !== granted.startsWith('$')) return false;
  return levelsMatch(granted.split('/'), requested.split('/'), (wanted, actual) =>
    wanted === '+' ? actual !== '#' : wanted === actual,
  );
}

function levelsMatch(
  filter: readonly string[],
  levels: readonly string[],
  levelMatches: (wanted: string, actual: string) => boolean,
): boolean {
  for (const [index, wanted] of filter.entries()) {
    if (wanted === '#') return true;
    const actual = levels[index];
    if (actual === undefined || !levelMatches(wanted, actual)) return false;
  }
  return filter.length === levels.length;
}
