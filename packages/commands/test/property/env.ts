const RUNS = 'INFOSCREEN_PROPERTY_RUNS';
const DEFAULT_RUNS = 200;

/** How many random stories a property is tried with. @throws when the setting isn't a whole number above 0 */
export function propertyRuns(): number {
  const runs = Number(process.env[RUNS] ?? DEFAULT_RUNS);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`${RUNS} must be a whole number above 0.`);
  return runs;
}
