/* Records an answer in the page and puts it into the file field beside it.
   Without this script the same field opens the phone's own recorder. */
(() => {
  if (!navigator.mediaDevices || !self.MediaRecorder) return;
  const ENDINGS = { 'audio/mp4': 'm4a', 'audio/ogg': 'ogg', 'audio/webm': 'webm' };
  for (const box of document.querySelectorAll('[data-recorder]')) {
    const input = document.getElementById(box.dataset.recorder);
    const [start, stop] = box.querySelectorAll('button');
    const said = box.querySelector('[role=status]');
    const { longest, running, ended, refused } = box.dataset;
    box.hidden = false;
    start.addEventListener('click', async () => {
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch {
        said.textContent = refused;
        return;
      }
      const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24000 });
      const parts = [];
      recorder.ondataavailable = (event) => { box.dataset.heard = parts.push(event.data); };
      recorder.onstop = () => {
        stream.getTracks().forEach((track) => track.stop());
        const type = recorder.mimeType.split(';')[0];
        const held = new DataTransfer();
        held.items.add(new File(parts, `answer.${ENDINGS[type] || 'webm'}`, { type }));
        input.files = held.files;
        [start.hidden, stop.hidden] = [false, true];
        said.textContent = ended;
        start.focus();
      };
      recorder.start(500);
      const end = () => recorder.state === 'recording' && recorder.stop();
      setTimeout(end, longest * 1000);
      stop.onclick = end;
      [start.hidden, stop.hidden] = [true, false];
      said.textContent = running;
      stop.focus();
    });
  }
})();
