/** What this browser remembers of its viewer's choices; `null` where it remembers nothing or may not. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`infoscreen.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`infoscreen.${name}`);
    else localStorage.setItem(`infoscreen.${name}`, value);
  } catch {
    // Without storage the choice holds until the page is left.
  }
}
