/**
 * Call it before `element` leaves the page, and what it gives after: the focus then is on the like of it in the next line of
 * the list, or on the view, instead of nowhere. Whoever has gone elsewhere meanwhile stays there.
 */
export function focusAfter(element: HTMLElement): () => void {
  const line = element.closest('li');
  const neighbour = line?.nextElementSibling ?? line?.previousElementSibling;
  return () => {
    requestAnimationFrame(() => {
      if (document.activeElement !== null && document.activeElement !== document.body) return;
      const next = neighbour?.isConnected === true ? neighbour.querySelector('button') : null;
      (next ?? document.querySelector<HTMLElement>('main'))?.focus();
    });
  };
}
