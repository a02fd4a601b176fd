import { COMMAND_ACTIONS, COMMAND_STATUSES } from '@infoscreen/shared-types';
import { type ReactNode, useMemo } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { FleetCommand } from '../api/api-types.ts';
import { queryText } from '../api/call-api.ts';
import { SystemNotice } from '../overview/system-notice.tsx';
import { useTexts } from '../texts/texts.ts';
import { Empty } from '../ui/empty.tsx';
import { Field } from '../ui/field.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { PagesView } from '../ui/pages-view.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { usePages } from '../ui/use-pages.ts';
import {
  type CommandFilters,
  commandFiltersOf,
  commandParametersOf,
  commandQueryOf,
} from './command-filters.ts';
import { CommandList } from './command-list.tsx';

export function CommandsPage() {
  const t = useTexts();
  usePageTitle(t('commands.title'));
  const [parameters, setParameters] = useSearchParams();
  const filters = useMemo(() => commandFiltersOf(parameters), [parameters]);
  const query = useMemo(() => commandQueryOf(filters), [filters]);
  const list = usePages<FleetCommand>('/api/commands', ['commands'], { ...query, limit: 50 });
  const change = (next: CommandFilters) => setParameters(commandParametersOf(next), { replace: true });
  const isFiltered = Object.values(filters).some((value) => value !== '');
  return (
    <>
      <h1>{t('commands.title')}</h1>
      <SystemNotice />
      <CommandFilterBar filters={filters} onChange={change}>
        {isFiltered && (
          <button type="button" className="button" onClick={() => setParameters({})}>
            {t('screens.resetFilters')}
          </button>
        )}
        <ExportLink query={query} />
      </CommandFilterBar>
      <PagesView
        list={list}
        empty={
          isFiltered ? (
            <Empty title={t('commands.noMatch')} />
          ) : (
            <Empty title={t('commands.none')}>
              <Link to="/screens">{t('screen.all')}</Link>
            </Empty>
          )
        }
      >
        {(commands) => <CommandList commands={commands} isScreenShown />}
      </PagesView>
    </>
  );
}

interface CommandFilterBarProps {
  readonly filters: CommandFilters;
  readonly onChange: (filters: CommandFilters) => void;
  readonly children: ReactNode;
}

function CommandFilterBar({ filters, onChange, children }: CommandFilterBarProps) {
  const t = useTexts();
  return (
    <search className="filter-bar">
      <SelectField
        label={t('commands.status')}
        value={filters.status}
        options={[
          ['', t('screens.anyStatus')],
          ...COMMAND_STATUSES.map((status) => [status, t(`commandStatus.${status}`)] as const),
        ]}
        onChange={(status) => onChange({ ...filters, status })}
      />
      <SelectField
        label={t('commands.action')}
        value={filters.action}
        options={[
          ['', t('commands.anyAction')],
          ...COMMAND_ACTIONS.map((action) => [action, t(`action.${action}`)] as const),
        ]}
        onChange={(action) => onChange({ ...filters, action })}
      />
      <Field
        label={t('commands.requestedBy')}
        value={filters.person}
        onChange={(person) => onChange({ ...filters, person })}
        maxLength={200}
      />
      <Field
        label={t('commands.fromDay')}
        type="date"
        value={filters.fromDay}
        onChange={(fromDay) => onChange({ ...filters, fromDay })}
      />
      <Field
        label={t('commands.toDay')}
        type="date"
        value={filters.toDay}
        onChange={(toDay) => onChange({ ...filters, toDay })}
      />
      {children}
    </search>
  );
}

function ExportLink({ query }: { readonly query: Readonly<Record<string, string | undefined>> }) {
  const t = useTexts();
  return (
    <a className="button" href={`/api/commands${queryText({ ...query, format: 'csv' })}`} download>
      {t('commands.export')}
    </a>
  );
}
