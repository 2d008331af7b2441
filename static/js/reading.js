/* Scoring by keys. A digit chooses a level only while the levels of a criterion have
   the focus, so that it never takes a key from anybody who types or dictates. */
addEventListener('keydown', (event) => {
  const form = document.getElementById('reading');
  if (!form?.contains(event.target)) return;
  if (event.target.type === 'radio' && /^[1-4]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const level = [...form.elements[event.target.name]].find((one) => one.value === event.key);
    level.checked = true;
    level.focus();
    event.preventDefault();
  }
  if (!event.ctrlKey && !event.metaKey) return;
  const button = event.key === 'Enter' ? form.querySelector('button:not([name])') : event.key === 's' ? form.querySelector('button[name="later"]') : null;
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});
