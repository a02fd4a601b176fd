import type { ReactNode } from 'react';
import { LanguageChoice } from '../ui/choices.tsx';

/** A page before the page: a narrow card. */
export function EntryPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="entry">
      <div className="card stack">
        <h1>
          <img src="/icon.svg" alt="" width="28" height="28" /> {title}
        </h1>
        {children}
      </div>
      <LanguageChoice />
    </main>
  );
}
