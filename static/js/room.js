/* The room follows the host. A stream knocks when something changed; the page then
   asks for its part through its own guarded address. Without the stream it asks every
   ten seconds. What is being typed, and where, stays as it was. */
(() => {
  const box = () => document.getElementById('room');
  const said = document.getElementById('room-said');
  let tag = box()?.dataset.tag, skew = 0, told = '', streaming = false, asking = false, again = false, timer;

  const read = () => { skew = Date.parse(box().dataset.now) - Date.now(); };
  const dirty = (f) => f.type !== 'hidden' && (f.options ? !f.options[f.selectedIndex].defaultSelected && f.selectedIndex > 0 : f.value !== f.defaultValue || f.checked !== f.defaultChecked);

  /* Everything is new but the element in use and what it stands in: moving those
     would take the focus, and the letters just being composed. */
  function fill(old, next) {
    const at = document.activeElement, held = [...old.children].find((k) => k.contains(at));
    const twin = held && [...next.children].find((k) => k.tagName === held.tagName && k.id === held.id && (k.id || k.className === held.className));
    if (!twin) return old.replaceChildren(...next.childNodes);
    for (const kid of [...old.childNodes]) if (kid !== held) kid.remove();
    const kids = [...next.childNodes], i = kids.indexOf(twin);
    held.before(...kids.slice(0, i));
    held.after(...kids.slice(i + 1));
    if (held !== at) fill(held, twin);
    else if (held.matches('button, a, summary, h2')) {
      held.textContent = twin.textContent;
      for (const a of twin.attributes) held.setAttribute(a.name, a.value);
    }
  }

  function swap(html) {
    const next = new DOMParser().parseFromString(html, 'text/html').getElementById('room');
    if (!next) return location.reload();
    const old = box(), at = document.activeElement, inside = old.contains(at);
    for (const f of old.querySelectorAll('input, textarea, select')) {
      const twin = f.id && dirty(f) && next.querySelector('#' + f.id);
      if (twin) { twin.value = f.value; twin.checked = f.checked; }
    }
    for (const d of old.querySelectorAll('details[open][id]')) {
      const twin = next.querySelector('#' + d.id);
      if (twin) twin.open = true;
    }
    fill(old, next);
    Object.assign(old.dataset, next.dataset);
    if (inside && !old.contains(document.activeElement)) {
      (document.getElementById(at.id) || document.getElementById('h-round')).focus({ preventScroll: true });
    }
    read();
    tick();
  }

  function gone() {
    const text = box().dataset.gone, note = document.createElement('p');
    note.className = 'note warn';
    note.setAttribute('role', 'alert');
    note.textContent = text;
    box().replaceWith(note);
    clearTimeout(timer);
    if (stream) stream.close();
  }

  async function ask() {
    if (!box()) return;
    if (asking) { again = true; return; }
    asking = true;
    again = false;
    try {
      const answer = await fetch(location.pathname, { cache: 'no-store', headers: { 'HX-Request': 'true', 'If-None-Match': tag } });
      if (answer.status === 404) return gone();
      const to = answer.headers.get('HX-Redirect');
      if (to) { location = to; return; }
      if (answer.ok && answer.status === 200) {
        tag = answer.headers.get('ETag');
        swap(await answer.text());
      }
    } catch { /* the line is away: the next round asks again */ }
    asking = false;
    clearTimeout(timer);
    if (again) ask(); else timer = setTimeout(ask, streaming ? 30000 : 10000);
  }

  function tick() {
    const clock = document.querySelector('[data-ends]');
    if (!clock) return;
    const left = Math.floor((Date.parse(clock.dataset.ends) - Date.now() - skew) / 1000), s = Math.abs(left);
    clock.textContent = (left < 0 ? '+' : '') + Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
    if (left > 0 && left <= 30 && told !== clock.dataset.key) {
      told = clock.dataset.key;
      said.textContent = box().dataset.half;
    } else if (left > 30) said.textContent = '';
  }

  addEventListener('submit', async (event) => {
    const form = event.target, by = event.submitter;
    if (!form.closest('#room') || form.dataset.whole !== undefined) return;
    event.preventDefault();
    const body = new FormData(form);
    if (by && by.name) body.set(by.name, by.value);
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
      const to = answer.headers.get('HX-Redirect');
      if (to && new URL(to, location).pathname !== location.pathname) location = to;
      else if (answer.ok) {
        form.reset();
        said.textContent = new DOMParser().parseFromString(await answer.text(), 'text/html').body.textContent.trim();
        tag = '';
        ask();
      } else {
        // A refusal or a mistake: the whole page says it best.
        if (by && by.name) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: by.name, value: by.value }));
        form.submit();
      }
    } catch { said.textContent = box().dataset.away; }
  });

  if (!box()) return;
  const stream = box().dataset.stream && window.EventSource && new EventSource(box().dataset.stream);
  if (stream) {
    stream.onopen = () => { streaming = true; };
    stream.onerror = () => { streaming = false; clearTimeout(timer); timer = setTimeout(ask, 10000); };
    stream.onmessage = (event) => { if (event.data !== box()?.dataset.version) ask(); };
  }
  read();
  setInterval(tick, 1000);
  timer = setTimeout(ask, 10000);
})();
