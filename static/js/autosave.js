/* Saves a form by itself a moment after the last key; the page says so. What could not
   be saved stays on this device until it is, or until the application is sent or
   thrown away. Without this script the same form is saved by its buttons. */
(() => {
  const call = `apply/${location.pathname.split('/')[2]}/`;
  const AWEEK = 7 * 24 * 3600e3;
  const shelves = [];
  try { shelves.push(localStorage, sessionStorage); } catch { /* none is allowed */ }
  const forget = (gone) => {
    for (const shelf of shelves) {
      for (const key of Object.keys(shelf)) if (key.startsWith('apply/') && gone(key, shelf)) shelf.removeItem(key);
    }
  };
  if (document.querySelector('[data-sent]')) forget((key) => key.startsWith(call));
  forget((key, shelf) => Date.now() - JSON.parse(shelf[key]).at > AWEEK);
  document.querySelectorAll('form[data-forgets]').forEach((one) => one.addEventListener('submit', () => forget((key) => key.startsWith(call))));

  const form = document.querySelector('form[data-autosave]');
  if (!form) return;
  const said = document.getElementById(form.dataset.autosave);
  const say = (text) => { if (said) said.textContent = text; };
  const WAIT = 1500, AGAIN = 15e3;
  let timer = 0;
  let running = null;
  let isDirty = false;

  // What few may read leaves with the window, as does all before the server knows who writes.
  const shelf = () => shelves[form.dataset.draft && !('background' in form.dataset) ? 0 : 1];
  const key = () => call + (form.dataset.draft || '') + location.pathname;
  const keep = (body) => {
    const data = [...body].filter(([name]) => !['csrfmiddlewaretoken', 'client_key'].includes(name));
    try { shelf().setItem(key(), JSON.stringify({ at: Date.now(), data })); } catch { return; }
    say(form.dataset.kept);
  };
  const putBack = (data) => {
    for (const field of form.elements) {
      if (!field.name || field.matches('button, [type=file]')) continue;
      const here = data.filter(([name]) => name === field.name).map(([, value]) => value);
      if (['checkbox', 'radio'].includes(field.type)) field.checked = here.includes(field.value);
      else if (here.length) field.value = here[0];
    }
  };

  const save = async () => {
    isDirty = false;
    clearTimeout(timer);
    const body = new FormData(form);
    // Recordings and files go with the button, once: not with every key.
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    try {
      const response = await fetch(form.action || location.href, {
        method: 'POST', body, headers: { 'X-Autosave': '1' }, credentials: 'same-origin', keepalive: true,
      });
      const told = await response.json();
      if (told.seen) {
        shelf()?.removeItem(key());
        form.elements.seen.value = told.seen;
        form.dataset.draft = told.draft;
      }
      say(told.said);
      return true;
    } catch {
      isDirty = true; // offline, or signed out
      keep(body);
      timer = setTimeout(go, AGAIN);
      return false;
    }
  };
  const go = () => {
    running = (running || Promise.resolve()).then(save).finally(() => { running = null; });
    return running;
  };
  const soon = (event) => {
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(go, event ? WAIT : 0);
  };
  form.addEventListener('input', soon);
  form.addEventListener('change', soon);
  addEventListener('online', () => { if (isDirty) soon(); });
  // A save on its way must be answered first, or the page looks stale to the server.
  // Without a connection the page stays, with all that is on it.
  form.addEventListener('submit', async (event) => {
    clearTimeout(timer);
    const isKept = shelf()?.getItem(key());
    if (!running && !isKept && navigator.onLine) return;
    event.preventDefault();
    const button = event.submitter;
    if (!await (running || go())) return;
    shelf()?.removeItem(key());
    form.requestSubmit(button);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && isDirty) { clearTimeout(timer); save(); }
  });

  const left = shelf()?.getItem(key());
  // An answer to what was sent shows that already.
  if (left && 'answers' in form.dataset) shelf().removeItem(key());
  else if (left) {
    putBack(JSON.parse(left).data);
    say(form.dataset.kept);
    soon();
  }
})();
