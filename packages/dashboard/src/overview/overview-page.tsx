import { useTexts } from '../texts/texts.ts';
import { usePageTitle } from '../ui/page-title.ts';
import { Counters } from './counters.tsx';
import { CrashedList } from './crashed-list.tsx';
import { FailurePanel } from './failure-panel.tsx';
import { SystemNotice } from './system-notice.tsx';

export function OverviewPage() {
  const t = useTexts();
  usePageTitle(t('overview.title'));
  return (
    <>
      <h1>{t('overview.title')}</h1>
      <SystemNotice />
      <div className="attention">
        <FailurePanel />
        <CrashedList />
      </div>
      <Counters />
    </>
  );
}
