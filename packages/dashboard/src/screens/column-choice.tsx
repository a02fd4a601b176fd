import { useTexts } from '../texts/texts.ts';
import { COLUMNS } from './columns.tsx';
import { type ColumnId, OPTIONAL_COLUMNS, toggled } from './shown-columns.ts';

interface ColumnChoiceProps {
  readonly shown: readonly ColumnId[];
  readonly onChange: (shown: readonly ColumnId[]) => void;
}

export function ColumnChoice({ shown, onChange }: ColumnChoiceProps) {
  const t = useTexts();
  const optional = COLUMNS.filter(({ id }) => OPTIONAL_COLUMNS.includes(id));
  return (
    <details className="column-choice">
      <summary className="button">{t('screens.columns')}</summary>
      <fieldset>
        <legend className="unseen">{t('screens.columns')}</legend>
        {optional.map(({ id, title }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={shown.includes(id)}
              onChange={() => onChange(toggled(shown, id))}
            />{' '}
            {t(title)}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
