import { Component, type ReactNode } from 'react';
import { useTexts } from '../texts/texts.ts';

interface Props {
  readonly children: ReactNode;
}

/** A view that broke says so, instead of a white page. A part that can't be loaded is usually one of a newer version. */
export class ErrorBoundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? this.props.children : <BrokenView />;
  }
}

function BrokenView() {
  const t = useTexts();
  return (
    <div className="problem-box" role="alert">
      <p>{t('problem.broken')}</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        {t('problem.reload')}
      </button>
    </div>
  );
}
