/* Dragging on the composing board. It sets the select and presses the button that
   everybody has: what a drop does, the form does, and the server says so. */
(() => {
  const people = () => document.querySelectorAll('#board .person');
  const ready = () => people().forEach((one) => { one.draggable = !!one.querySelector('form'); });
  const circle = (event) => event.target.closest?.('#board [data-to]');
  const land = (on) => document.querySelectorAll('.lands').forEach((one) => { if (one !== on) one.classList.remove('lands'); });
  let lifted = null;
  addEventListener('dragstart', (event) => {
    lifted = event.target.closest?.('#board .person');
    if (!lifted) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', '');
    lifted.classList.add('lifted');
  });
  addEventListener('dragover', (event) => {
    const to = lifted && circle(event);
    land(to);
    if (!to || to.contains(lifted)) return;
    event.preventDefault();
    to.classList.add('lands');
  });
  addEventListener('drop', (event) => {
    const to = lifted && circle(event), form = lifted?.querySelector('form');
    if (!to || !form || to.contains(lifted)) return;
    event.preventDefault();
    form.elements.to.value = to.dataset.to;
    form.requestSubmit();
  });
  addEventListener('dragend', () => {
    land();
    lifted?.classList.remove('lifted');
    lifted = null;
  });
  addEventListener('htmx:afterSettle', ready);
  ready();
})();
