/* Where the eyes and the screen reader go after a part of the page was swapped:
   to the list of errors, else to where the answer asks (data-focus), else, when
   the thing that had focus is gone, to the new part's heading. */
addEventListener('htmx:afterSettle', (event) => {
  const part = event.detail.elt;
  const asked = part.querySelector('#errors, [data-focus]') || (part.matches('#errors, [data-focus]') && part);
  // What comes by itself, again and again, takes no focus.
  if (!asked && part.closest('[data-hx-trigger^="every"]')) return;
  const lost = !document.activeElement || document.activeElement === document.body;
  const to = asked || (lost && (part.querySelector('h1, h2, h3') || part));
  if (!to) return;
  if (!to.matches('a, button, input, select, textarea, summary, [tabindex]')) to.tabIndex = -1;
  to.focus({ preventScroll: !asked });
});

/* What is written offline stays on this phone and goes out by itself. */
(() => {
  const page = self.document, box = page?.getElementById('outbox');
  const tx = (act) => new Promise((ok, no) => {
    const open = indexedDB.open('cohortsite', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('outbox', { keyPath: 'key' });
    open.onerror = no;
    open.onsuccess = () => {
      const t = open.result.transaction('outbox', 'readwrite'), q = act(t.objectStore('outbox'));
      t.oncomplete = () => { open.result.close(); ok(q.result); };
      t.onabort = no;
    };
  });
  const all = async () => (await tx((s) => s.getAll())).sort((a, b) => a.at - b.at), put = (e) => tx((s) => s.put(e)), drop = (key) => tx((s) => s.delete(key));
  const token = () => ['csrfmiddlewaretoken', box.querySelector('input').value];

  const flush = () => navigator.locks ? navigator.locks.request('outbox', send) : send();
  async function send() {
    let problem = '';
    const gone = [];
    for (const e of await all()) {
      if (e.mend || box && e.who !== box.dataset.who) continue;
      const body = new URLSearchParams([...e.data, ['client_key', e.key], ['waited', (Date.now() - e.at) / 1000 | 0]]);
      if (box) body.append(...token());
      const r = await fetch(e.url, { method: 'POST', body, redirect: 'manual', headers: { 'X-Outbox': 1, 'X-Outbox-For': e.who } }).catch(() => 0);
      if (r.ok) {
        await drop(e.key);
        gone.push({ ...e, sent: Date.now(), to: r.headers.get('Location') });
      } else if (!r || r.status > 428) problem = 'later';
      else if ([0, 401, 403].includes(r.status)) problem = 'signin';
      else await put({ ...e, mend: 1 });
    }
    return { problem, gone };
  }
  if (!page) self.flushOutbox = flush;
  if (!box || !self.indexedDB || !crypto.randomUUID) return;

  const say = box.dataset, [note, list] = box.children, sent = [];
  const mine = async () => (await all()).filter((e) => e.who === say.who);
  const make = (tag, text, props) => Object.assign(page.createElement(tag), { textContent: text, ...props });
  const button = (text, className, onclick) => make('button', text, { className, onclick });
  const hour = (at) => new Date(at).toLocaleString(page.documentElement.lang + '-u-hc-h23-nu-latn', { weekday: 'short', hour: 'numeric', minute: 'numeric' });

  async function paint(problem) {
    const rows = await mine();
    if (box.hidden) page.querySelector('form[data-outbox]')?.closest('.card, .patch')?.before(box);
    box.hidden = !rows.length && !sent.length;
    note.textContent = rows.length ? say[rows.some((e) => e.mend) ? 'mend' : problem || 'later'].replace('{n}', rows.length) : say.sent;
    if (problem === 'signin') note.append(' ', make('a', say.door, { href: '/sign-in/?next=' + location.pathname }));
    list.replaceChildren(...rows.concat(sent).map((e) => {
      const li = make('li', '', { className: 'row apart' });
      li.append(make('bdi', e.label), make('span', (e.sent ? say.left : say.written).replace('{t}', hour(e.at)).replace('{s}', hour(e.sent)), { className: 'small muted' }));
      if (e.mend) li.append(button(say.open, 'small', () => mend(e)));
      if (!e.sent) li.append(button(say.drop, 'quiet small', () => drop(e.key).then(() => paint())));
      return li;
    }));
  }
  // The server shows what is wrong; the key stays the same.
  function mend(e) {
    const form = make('form', '', { method: 'post', action: e.url });
    [...e.data, ['client_key', e.key], token()].forEach(([name, value]) => form.append(make('input', '', { type: 'hidden', name, value })));
    page.body.append(form);
    form.submit();
  }
  async function go(key) {
    const { problem, gone } = await flush(), now = gone.find((e) => e.key === key);
    if (now?.to) return location.assign(now.to);
    sent.push(...gone);
    const stuck = (await mine()).find((e) => e.key === key && e.mend);
    return stuck ? mend(stuck) : paint(problem);
  }

  // A kept page carries a used key.
  const renew = (form) => { if (form.client_key) form.client_key.value = crypto.randomUUID(); };
  page.querySelectorAll('form[data-outbox]:not([data-mends])').forEach(renew);
  // A second tap sends nothing, until somebody types.
  addEventListener('input', (ev) => { if (ev.target.form) ev.target.form.under = 0; });
  addEventListener('submit', async (ev) => {
    const form = ev.target, kind = form.dataset.outbox;
    const leaves = form.matches('[data-signs-out]') && list.querySelector('button');
    if (ev.defaultPrevented || !kind && !leaves || leaves && form.under) return;
    ev.preventDefault();
    if (form.under) return;
    form.under = 1;
    if (leaves) {
      note.textContent = say.leave;
      return form.before(box);
    }
    const data = [...new FormData(form, ev.submitter)].filter(([n, v]) => v.trim && !/^(client_key|csrf|waited)/.test(n));
    const key = form.client_key?.value || crypto.randomUUID(), text = [...form].find((f) => /^text/.test(f.type) && f.value);
    try {
      await put({ key, who: say.who, url: form.action, data, at: Date.now(), label: text ? text.value.slice(0, 90) : kind });
    } catch { return form.submit(); }
    form.dataset.keeps ?? form.reset();
    renew(form);
    await paint();
    navigator.serviceWorker?.ready.then((r) => r.sync?.register('outbox')).catch(() => 0);
    go(key);
  });
  addEventListener('online', () => go());
  page.addEventListener('visibilitychange', () => page.hidden || go());
  navigator.serviceWorker?.register('/sw.js').catch(() => 0);
  go();
})();

/* The place of the device, so that the server can ask once whose time to show. */
try {
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (!document.cookie.includes(`zone=${zone}`)) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
} catch { /* then nobody asks */ }
