import { useEffect, useState } from 'react';
import { remember, remembered } from '../state/remembered.ts';
import { LANGUAGES, setLanguage, useLanguage, useTexts } from '../texts/texts.ts';
import { SelectField } from './select-field.tsx';

const NAMES = { de: 'Deutsch', en: 'English' } as const;

export function LanguageChoice() {
  const t = useTexts();
  const language = useLanguage();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <SelectField
      label={t('app.language')}
      isLabelHidden
      value={language}
      options={LANGUAGES.map((name) => [name, NAMES[name]] as const)}
      onChange={setLanguage}
    />
  );
}

type Theme = 'system' | 'light' | 'dark';

export function ThemeChoice() {
  const t = useTexts();
  const [theme, setTheme] = useState<Theme>(() => (remembered('theme') as Theme | null) ?? 'system');
  const choose = (next: Theme) => {
    setTheme(next);
    remember('theme', next === 'system' ? null : next);
    if (next === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
  };
  return (
    <SelectField
      label={t('app.theme')}
      isLabelHidden
      value={theme}
      options={[
        ['system', t('app.themeSystem')],
        ['light', t('app.themeLight')],
        ['dark', t('app.themeDark')],
      ]}
      onChange={choose}
    />
  );
}
