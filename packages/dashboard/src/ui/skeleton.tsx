import { useTexts } from '../texts/texts.ts';

/** Grey bars where something will be; screen readers hear that it loads. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  const t = useTexts();
  return (
    <div className="skeleton" role="status" aria-label={t('app.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars are all the same
        <span key={line} />
      ))}
    </div>
  );
}
