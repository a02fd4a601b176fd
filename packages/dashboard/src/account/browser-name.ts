const BROWSERS = [
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Firefox', /Firefox\//],
  ['Chrome', /Chrome\//],
  ['Safari', /Safari\//],
] as const;
const SYSTEMS = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
] as const;

/** `Firefox, Windows` of what a browser says of itself; a program's word as it is, its first 60 characters. Pure. */
export function browserName(userAgent: string): string {
  const first = (names: typeof BROWSERS | typeof SYSTEMS) =>
    names.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = first(BROWSERS);
  if (browser === undefined) return userAgent.slice(0, 60);
  const system = first(SYSTEMS);
  return system === undefined ? browser : `${browser}, ${system}`;
}
