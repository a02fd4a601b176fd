import { useSyncExternalStore } from 'react';
import { remember, remembered } from '../state/remembered.ts';
import { createStore, useStore } from '../state/store.ts';

export type Theme = 'system' | 'light' | 'dark';

const stored = remembered('theme');
const themeStore = createStore<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

/** The next visit begins with it before anything is drawn: see public/theme.js. */
export function setTheme(theme: Theme): void {
  remember('theme', theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  themeStore.set(theme);
}

export function useTheme(): Theme {
  return useStore(themeStore);
}

const DARK = '(prefers-color-scheme: dark)';

function subscribe(listener: () => void): () => void {
  const media = matchMedia(DARK);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** Whether the page is dark now: a canvas has to be drawn again when that changes. */
export function useIsDark(): boolean {
  const isSystemDark = useSyncExternalStore(subscribe, () => matchMedia(DARK).matches);
  const theme = useTheme();
  return theme === 'system' ? isSystemDark : theme === 'dark';
}
