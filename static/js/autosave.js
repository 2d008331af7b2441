/* Saves a form by itself a moment after the last key; the page says so.
   Without this script the same form is saved by its buttons. */
(() => {
  const form = document.querySelector('form[data-autosave]');
  if (!form) return;
  const said = document.getElementById(form.dataset.autosave);
  const WAIT = 1500;
  let timer = 0;
  let running = null;
  let isDirty = false;

  const save = async () => {
    isDirty = false;
    const body = new FormData(form);
    // Recordings and files go with the button, once: not with every key.
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    try {
      const response = await fetch(form.action || location.href, {
        method: 'POST', body, headers: { 'X-Autosave': '1' }, credentials: 'same-origin', keepalive: true,
      });
      const told = await response.json();
      if (told.seen) form.elements.seen.value = told.seen;
      if (said) said.textContent = told.said;
    } catch {
      isDirty = true; // offline, or signed out: the buttons still save
    }
  };
  const soon = () => {
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => { running = (running || Promise.resolve()).then(save).finally(() => { running = null; }); }, WAIT);
  };
  form.addEventListener('input', soon);
  form.addEventListener('change', soon);
  // A save on its way must be answered first, or the page looks stale to the server.
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    if (!running) return;
    event.preventDefault();
    const button = event.submitter;
    running.finally(() => form.requestSubmit(button));
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && isDirty) { clearTimeout(timer); save(); }
  });
})();
