import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { ScreenPage } from '../api/api-types.ts';
import { useTexts } from '../texts/texts.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import type { Selection } from './selection.tsx';

interface BulkBarProps {
  readonly selection: Selection;
  readonly matching: number | null;
  readonly list: Pick<
    UseInfiniteQueryResult<{ pages: ScreenPage[] }>,
    'fetchNextPage' | 'hasNextPage' | 'data'
  >;
}

/** What can be done with the chosen screens; only there while there are some. */
export function BulkBar({ selection, matching, list }: BulkBarProps) {
  const t = useTexts();
  const [action, setAction] = useState<'restart_app' | 'reboot_host' | null>(null);
  const [isLoading, setLoading] = useState(false);
  const count = selection.chosen.size;
  const chooseAll = async () => {
    setLoading(true);
    let { data, hasNextPage } = list;
    while (hasNextPage) {
      const next = await list.fetchNextPage();
      if (next.isError) break;
      ({ data, hasNextPage } = next);
    }
    selection.choose(data?.pages.flatMap(({ items }) => items) ?? []);
    setLoading(false);
  };
  return (
    <section className="bulk-bar" aria-label={t('bulk.title')}>
      <strong role="status">{t('bulk.chosen', { count })}</strong>
      {matching !== null && matching > count && (
        <button type="button" className="button" disabled={isLoading} onClick={() => void chooseAll()}>
          {isLoading ? t('app.loading') : t('bulk.chooseAll', { count: matching })}
        </button>
      )}
      <button type="button" className="button" onClick={() => setAction('restart_app')}>
        {t('action.restart_app')}
      </button>
      <button type="button" className="button" onClick={() => setAction('reboot_host')}>
        {t('action.reboot_host')}
      </button>
      <button type="button" className="button" onClick={selection.clear}>
        {t('bulk.clear')}
      </button>
      {action !== null && (
        <BulkDialog action={action} chosen={[...selection.chosen.values()]} onClose={() => setAction(null)} />
      )}
    </section>
  );
}
