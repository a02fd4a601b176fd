import { useTexts } from '../texts/texts.ts';
import { COLUMNS, FIXED_COLUMNS } from './columns.tsx';

interface ColumnChoiceProps {
  readonly shown: readonly string[];
  readonly onChange: (shown: readonly string[]) => void;
}

export function ColumnChoice({ shown, onChange }: ColumnChoiceProps) {
  const t = useTexts();
  const optional = COLUMNS.filter(({ id }) => !FIXED_COLUMNS.includes(id));
  const toggle = (id: string) =>
    onChange(COLUMNS.map((column) => column.id).filter((name) => (name === id) !== shown.includes(name)));
  return (
    <details className="column-choice">
      <summary className="button">{t('screens.columns')}</summary>
      <fieldset>
        <legend className="unseen">{t('screens.columns')}</legend>
        {optional.map(({ id, title }) => (
          <label key={id}>
            <input type="checkbox" checked={shown.includes(id)} onChange={() => toggle(id)} /> {t(title)}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
