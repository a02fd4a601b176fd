import { useEffect } from 'react';
import { LANGUAGES, setLanguage, useLanguage, useTexts } from '../texts/texts.ts';
import { SelectField } from './select-field.tsx';
import { setTheme, useTheme } from './theme.ts';

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

export function ThemeChoice() {
  const t = useTexts();
  const theme = useTheme();
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
      onChange={setTheme}
    />
  );
}
