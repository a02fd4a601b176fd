import { remember, remembered } from '../state/remembered.ts';
import { createStore, useStore } from '../state/store.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { formatText, type TextParameters } from './format-text.ts';

export const LANGUAGES = ['de', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type TextKey = keyof typeof de;
export type Translate = (key: TextKey, parameters?: TextParameters) => string;

const CATALOGS = { de, en } as const;

/** The viewer's choice, else the first of the browser's languages that there is, else English. */
export function chooseLanguage(chosen: string | null, preferred: readonly string[]): Language {
  const wanted = [chosen ?? '', ...preferred].map((tag) => tag.slice(0, 2).toLowerCase());
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => language === tag);
    if (found !== undefined) return found;
  }
  return 'en';
}

const languageStore = createStore<Language>(
  typeof navigator === 'undefined' ? 'en' : chooseLanguage(remembered('language'), navigator.languages),
);

export function setLanguage(language: Language): void {
  remember('language', language);
  languageStore.set(language);
}

export function useLanguage(): Language {
  return useStore(languageStore);
}

/** How the viewer's place writes times and numbers: of the browser's languages the first that is the page's, else the page's. */
export function chooseLocale(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.slice(0, 2).toLowerCase() === language) ?? language;
}

export function useLocale(): string {
  return chooseLocale(useLanguage(), navigator.languages);
}

export function translator(language: Language): Translate {
  return (key, parameters = {}) => formatText(CATALOGS[language][key], parameters, language);
}

const TRANSLATORS = { de: translator('de'), en: translator('en') } as const;

export function useTexts(): Translate {
  return TRANSLATORS[useLanguage()];
}
