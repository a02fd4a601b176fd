import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Groups } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { STATUS_ORDER } from '../status/status-look.ts';
import { useTexts } from '../texts/texts.ts';
import { SelectField } from '../ui/select-field.tsx';
import { isFiltered, type ScreenFilters } from './screen-filters.ts';

const TYPING_PAUSE_MS = 250;

interface FilterBarProps {
  readonly filters: ScreenFilters;
  readonly onChange: (filters: ScreenFilters) => void;
  readonly children?: ReactNode;
}

export function FilterBar({ filters, onChange, children }: FilterBarProps) {
  const t = useTexts();
  const groups = useQuery({
    queryKey: ['groups'],
    queryFn: ({ signal }) => callApi<Groups>('/api/clients/groups', { signal }),
  });
  const names = groups.data?.items.map(({ group }) => group) ?? [];
  const choices = filters.group === '' || names.includes(filters.group) ? names : [filters.group, ...names];
  return (
    <search className="filter-bar">
      <SearchField text={filters.text} onChange={(text) => onChange({ ...filters, text })} />
      <SelectField
        label={t('screens.status')}
        value={filters.status}
        options={[
          ['', t('screens.anyStatus')],
          ...STATUS_ORDER.map((status) => [status, t(`status.${status}`)] as const),
        ]}
        onChange={(status) => onChange({ ...filters, status })}
      />
      {choices.length > 0 && (
        <SelectField
          label={t('screens.group')}
          value={filters.group}
          options={[['', t('screens.anyGroup')], ...choices.map((group) => [group, group] as const)]}
          onChange={(group) => onChange({ ...filters, group })}
        />
      )}
      {isFiltered(filters) && (
        <button
          type="button"
          className="button"
          onClick={() => onChange({ ...filters, text: '', status: '', group: '' })}
        >
          {t('screens.resetFilters')}
        </button>
      )}
      {children}
    </search>
  );
}

function SearchField({
  text,
  onChange,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
}) {
  const t = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => latest.current(typed), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, text]);
  useSlashKey(input);
  return (
    <div className="field search-field">
      <label htmlFor="screen-search">{t('screens.search')}</label>
      <input
        ref={input}
        id="screen-search"
        type="search"
        value={typed}
        maxLength={100}
        placeholder={t('screens.searchHint')}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}

/** `/` leads to the search, unless one is typing somewhere. */
function useSlashKey(input: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest('input, textarea, select, dialog') !== null) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [input]);
}
