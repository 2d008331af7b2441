/* Work that goes on elsewhere: the stream knocks when there is news, and the part is
   asked for at once. While the stream is open the clock asks only now and then; without
   it, as often as the markup says. */
(() => {
  const part = () => document.querySelector('[data-stream]');
  if (!part() || !window.EventSource) return;
  const stream = new EventSource(part().dataset.stream);
  let asked = 0;
  stream.onmessage = () => { if (part()) htmx.trigger(part(), 'news'); else stream.close(); };
  addEventListener('htmx:beforeRequest', (event) => {
    if (event.target !== part()) return;
    const byClock = !event.detail.requestConfig.triggeringEvent;
    if (byClock && stream.readyState === 1 && Date.now() - asked < 30000) event.preventDefault();
    else asked = Date.now();
  });
})();
