/* Styles and scripts: cache first. A few pages: network first, and the last copy when there
   is no connection. Everything else is left to the browser. A page that names no person, as
   on a shared phone, is not kept; sign-out clears what is, and so does the door when it opens
   to somebody whose session ended elsewhere. A cohort that one left takes its pages along. */
const HOUSE = {{ house|safe }};
importScripts(HOUSE.script);
const SHELL = 'shell ' + HOUSE.version, PAGES = 'pages', MOST = 40, PATIENCE = 8000;
const KEPT = /^\/(today|c\/[^/]+\/(charter|check-ins\/new|sessions\/\d+|library\/[^/]+)|library\/[^/]+)\/$/;
const OFFLINE = '/offline/', OWNER = '/owner';

addEventListener('install', (e) => e.waitUntil(caches.open(SHELL)
  .then((c) => c.addAll([...HOUSE.shell, OFFLINE])).then(() => skipWaiting())));
addEventListener('activate', (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SHELL && name !== PAGES) await caches.delete(name);
  await clients.claim();
})()));
addEventListener('sync', (e) => {
  if (e.tag === 'outbox') e.waitUntil(flushOutbox().then(({ problem }) => { if (problem === 'later') throw new Error('later'); }));
});
addEventListener('fetch', (e) => {
  const { request } = e, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') e.respondWith(page(e, url.pathname));
  else if (url.pathname.startsWith(HOUSE.files) && /\.(css|js)$/.test(url.pathname)) e.respondWith(file(request));
});

async function file(request) {
  const shell = await caches.open(SHELL), hit = await shell.match(request);
  if (hit) return hit;
  const answer = await fetch(request);
  if (answer.ok) shell.put(request, answer.clone());
  return answer;
}

async function page(e, path) {
  const kept = KEPT.test(path), asked = fetch(e.request);
  e.waitUntil(asked.then((answer) => settle(path, kept, answer)).catch(() => 0));
  try {
    return await (kept ? Promise.race([asked, whenLate(path)]) : asked);
  } catch (error) {
    return await lastCopy(path) || await caches.match(OFFLINE) || Response.error();
  }
}

// What the server's answer says about the copies on this phone.
async function settle(path, kept, answer) {
  const { status } = answer, elsewhere = answer.redirected || answer.type === 'opaqueredirect';
  if (path === HOUSE.door && status === 200) await caches.delete(PAGES);  // nobody is signed in
  else if (elsewhere) await drop((at) => at === path);
  else if (status === 200 && kept) await keep(path, answer.clone());
  else if ([403, 404, 410].includes(status)) {
    const [within] = /^\/c\/[^/]+\//.exec(path) || [path];
    await drop((at) => at.startsWith(within));
  }
}

async function drop(goes) {
  const pages = await caches.open(PAGES);
  for (const { url } of await pages.keys()) if (goes(new URL(url).pathname)) await pages.delete(url);
}

// A line that neither carries nor breaks: after a while the last copy, if there is one.
async function whenLate(path) {
  await new Promise((pass) => setTimeout(pass, PATIENCE));
  return await lastCopy(path) || new Promise(() => 0);
}

async function keep(path, answer) {
  const text = await answer.text(), who = /data-who="(\w+)"/.exec(text)?.[1];
  if (!who) return;
  let pages = await caches.open(PAGES);
  const owner = await pages.match(OWNER);
  if (owner && await owner.text() !== who) {  // somebody else signed in on this phone
    await caches.delete(PAGES);
    pages = await caches.open(PAGES);
    await (await caches.open(SHELL)).add(OFFLINE).catch(() => 0);
  }
  await pages.put(OWNER, new Response(who));
  const headers = new Headers(answer.headers);
  headers.delete('Content-Encoding');
  headers.set('X-Kept-At', Date.now());
  await pages.put(path, new Response(text, { headers }));
  for (const old of (await pages.keys()).slice(0, -MOST)) await pages.delete(old);
  const places = / data-places="([\w -]*)"/.exec(text)?.[1].split(' ');
  if (!places) return;
  const left = (at) => at.startsWith('/c/') && !places.includes(at.split('/')[2]);
  if ((await pages.keys()).some(({ url }) => left(new URL(url).pathname)))
    await drop((at) => left(at) || at.startsWith('/library/'));  // the cohort's shelf was open with it
}

async function lastCopy(path) {
  const hit = await (await caches.open(PAGES)).match(path);
  if (!hit) return;
  const text = await hit.text(), at = +hit.headers.get('X-Kept-At');
  const day = Date.now() - at > 432e5 ? { weekday: 'long', day: 'numeric', month: 'long' } : {};
  const when = new Date(at).toLocaleString((/<html lang="([\w-]+)"/.exec(text)?.[1] || 'en') + '-u-hc-h23-nu-latn', { ...day, hour: '2-digit', minute: '2-digit' });
  const told = text.replace(/(id="as-of"[^>]*) hidden>([^<]*)/, (all, tag, words) => `${tag}>${words.replace('{t}', when)}`);
  return new Response(told, { headers: hit.headers });
}
