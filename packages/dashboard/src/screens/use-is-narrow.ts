import { useSyncExternalStore } from 'react';

/** The width below which rows are cards; the style sheet says the same. */
const NARROW = '(max-width: 700px)';

function subscribe(listener: () => void): () => void {
  const media = matchMedia(NARROW);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
}
