// What the pages do beyond HTML. Everything works without it.
import { initAll } from './govuk-frontend.js';

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
initAll();

/** A button that may be used only after a while: the seconds that are left are in a number of its text. */
for (const form of document.querySelectorAll('[data-wait-seconds]')) {
  const text = form.querySelector('[data-wait-text]');
  const button = form.querySelector('button');
  const endsAt = performance.now() + Number(form.dataset.waitSeconds) * 1000;
  const tick = () => {
    const seconds = Math.ceil((endsAt - performance.now()) / 1000);
    button.disabled = seconds > 0;
    if (seconds > 0) {
      if (text) text.textContent = text.textContent.replace(/\d+/, String(seconds));
      setTimeout(tick, 1000);
    } else text?.remove();
  };
  tick();
}
