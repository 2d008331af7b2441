/* Where the eyes and the screen reader go after a part of the page was swapped:
   to the list of errors, else to where the answer asks (data-focus), else, when
   the thing that had focus is gone, to the new part's heading. */
addEventListener('htmx:afterSettle', (event) => {
  const part = event.detail.elt;
  const asked = part.querySelector('#errors, [data-focus]') || (part.matches('#errors, [data-focus]') && part);
  const lost = !document.activeElement || document.activeElement === document.body;
  const to = asked || (lost && (part.querySelector('h1, h2, h3') || part));
  if (!to) return;
  if (!to.matches('a, button, input, select, textarea, summary, [tabindex]')) to.tabIndex = -1;
  to.focus({ preventScroll: !asked });
});
