import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Escape asks for it; a dialog without it stays. */
  readonly onClose?: () => void;
}

/** A modal dialog of the browser's own: it keeps the focus, and gives it back where it came from. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    isOver.current = false;
    if (dialog !== null) show(dialog);
    return () => {
      isOver.current = true;
      dialog?.close();
    };
  }, []);
  // A browser closes a dialog at the third Escape, whatever the page says: what must stay comes back.
  const closedByBrowser = () => {
    if (isOver.current) return;
    if (onClose !== undefined) onClose();
    else if (ref.current !== null) show(ref.current);
  };
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={closedByBrowser}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

function show(dialog: HTMLDialogElement): void {
  dialog.showModal();
  dialog.querySelector<HTMLElement>('[data-first-focus]')?.focus();
}
