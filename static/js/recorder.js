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
    let busy = false;
    box.hidden = false;
    start.addEventListener('click', async () => {
      if (busy) return;
      busy = true;
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch {
        said.textContent = refused;
        busy = false;
        return;
      }
      const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24000 });
      const parts = [];
      // What was heard comes once a second. Until the first of it is there, nothing
      // can be stopped: a recording of no length is a file that nobody can read.
      recorder.ondataavailable = (event) => {
        if (event.data.size) parts.push(event.data);
        if (!parts.length || !stop.hidden || recorder.state !== 'recording') return;
        [start.hidden, stop.hidden] = [true, false];
        stop.focus();
      };
      recorder.onstop = () => {
        stream.getTracks().forEach((track) => track.stop());
        const type = recorder.mimeType.split(';')[0];
        const held = new DataTransfer();
        held.items.add(new File(parts, `answer.${ENDINGS[type] || 'webm'}`, { type }));
        input.files = held.files;
        [start.hidden, stop.hidden] = [false, true];
        said.textContent = ended;
        busy = false;
        start.focus();
      };
      recorder.start(1000);
      const end = () => recorder.state === 'recording' && recorder.stop();
      setTimeout(end, longest * 1000);
      stop.onclick = end;
      said.textContent = running;
    });
  }
})();
