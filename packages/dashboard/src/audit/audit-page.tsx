import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { AuditEntry } from '../api/api-types.ts';
import { queryText } from '../api/call-api.ts';
import { useMay } from '../session/use-user.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { absoluteTime } from '../time/relative-time.ts';
import { Empty } from '../ui/empty.tsx';
import { Field } from '../ui/field.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { PagesView } from '../ui/pages-view.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { usePages } from '../ui/use-pages.ts';

const FILTERS = ['actor', 'action', 'target', 'outcome'] as const;
type AuditFilters = Readonly<Record<(typeof FILTERS)[number], string>>;

export function AuditPage() {
  const t = useTexts();
  usePageTitle(t('audit.title'));
  const isAllowed = useMay('superadmin');
  return (
    <>
      <h1>{t('audit.title')}</h1>
      {isAllowed ? <AuditLog /> : <Empty title={t('problem.forbidden')} />}
    </>
  );
}

function AuditLog() {
  const t = useTexts();
  const [parameters, setParameters] = useSearchParams();
  const filters = useMemo(
    () => Object.fromEntries(FILTERS.map((name) => [name, parameters.get(name) ?? ''])) as AuditFilters,
    [parameters],
  );
  const change = (part: Partial<AuditFilters>) =>
    setParameters(
      Object.fromEntries(Object.entries({ ...filters, ...part }).filter(([, value]) => value !== '')),
      { replace: true },
    );
  const list = usePages<AuditEntry>('/api/audit', ['audit'], { ...filters, limit: 50 });
  return (
    <>
      <search className="filter-bar">
        <Field
          label={t('audit.actor')}
          value={filters.actor}
          onChange={(actor) => change({ actor })}
          maxLength={200}
        />
        <Field
          label={t('audit.action')}
          value={filters.action}
          onChange={(action) => change({ action })}
          maxLength={100}
        />
        <Field
          label={t('audit.target')}
          value={filters.target}
          onChange={(target) => change({ target })}
          maxLength={200}
        />
        <SelectField
          label={t('audit.outcome')}
          value={filters.outcome}
          options={[
            ['', t('audit.anyOutcome')],
            ['success', t('audit.success')],
            ['refused', t('audit.refused')],
            ['unknown', t('audit.unknown')],
          ]}
          onChange={(outcome) => change({ outcome })}
        />
        <a className="button" href={`/api/audit${queryText({ ...filters, format: 'csv' })}`} download>
          {t('audit.export')}
        </a>
      </search>
      <PagesView list={list} empty={<Empty title={t('audit.none')} />}>
        {(entries) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          <section className="wide-table card-table" tabIndex={0} aria-label={t('audit.title')}>
            <AuditTable entries={entries} />
          </section>
        )}
      </PagesView>
    </>
  );
}

function AuditTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const t = useTexts();
  const locale = useLocale();
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t('audit.time')}</th>
          <th scope="col">{t('audit.actor')}</th>
          <th scope="col">{t('audit.action')}</th>
          <th scope="col">{t('audit.target')}</th>
          <th scope="col">{t('audit.outcome')}</th>
          <th scope="col">{t('audit.source')}</th>
          <th scope="col">{t('audit.detail')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td data-title={t('audit.time')}>
              <time dateTime={entry.last_at} className="whole">
                {absoluteTime(Date.parse(entry.last_at), locale)}
              </time>
              {entry.count > 1 && <span className="quiet"> ×{entry.count}</span>}
            </td>
            <td data-title={t('audit.actor')}>{entry.actor ?? '–'}</td>
            <td data-title={t('audit.action')}>
              <code>{entry.action}</code>
            </td>
            <td className="break" data-title={t('audit.target')}>
              {entry.target ?? '–'}
            </td>
            <td data-title={t('audit.outcome')}>
              <span className={`badge ${entry.outcome === 'success' ? 'good' : 'warn'}`}>
                <span aria-hidden="true" className="shape">
                  {entry.outcome === 'success' ? '✓' : '⊘'}
                </span>
                {t(`audit.${entry.outcome}`)}
              </span>{' '}
              {entry.error_code !== null && <code className="whole">{entry.error_code}</code>}
            </td>
            <td data-title={t('audit.source')}>{entry.ip ?? '–'}</td>
            <td className="break" data-title={t('audit.detail')}>
              {entry.detail === null ? '–' : <Detail detail={entry.detail} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The facts of an entry one below the other; what isn't plain stays JSON. */
function Detail({ detail }: { readonly detail: NonNullable<AuditEntry['detail']> }) {
  return (
    <ul>
      {Object.entries(detail).map(([name, value]) => (
        <li key={name}>
          <code className="quiet">{name}:</code> {typeof value === 'string' ? value : JSON.stringify(value)}
        </li>
      ))}
    </ul>
  );
}
