import { Link } from 'react-router';
import { useTexts } from '../texts/texts.ts';
import { Empty } from '../ui/empty.tsx';
import { usePageTitle } from '../ui/page-title.ts';

export function NotFoundPage() {
  const t = useTexts();
  usePageTitle(t('notFound.title'));
  return (
    <>
      <h1>{t('notFound.title')}</h1>
      <Empty title={t('notFound.text')}>
        <Link to="/">{t('notFound.link')}</Link>
      </Empty>
    </>
  );
}
