// What the pages do beyond HTML. Everything works without it.
import { initAll } from './govuk-frontend.js';

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
initAll();

// Reloading a page that says what is wrong, or going back to it, shows the form anew and does not send it again.
history.replaceState(null, '', location.href);

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

/** Two minutes before a session ends, the person is asked whether they are still there. What they typed stays. */
const WARN_BEFORE_SECONDS = 120;
const warning = document.getElementById('session-warning');
if (warning) {
  const { portal, secondsLeft } = warning.dataset;
  let timer;

  /** `how`: `left` looks without using the session, `stay` uses it. Another tab may have used it. */
  const ask = async (how) => {
    try {
      const answer = await fetch(`/${portal}/session/${how}`, { method: how === 'stay' ? 'POST' : 'GET' });
      if (answer.status === 401) return { over: true };
      return answer.ok ? await answer.json() : { seconds: WARN_BEFORE_SECONDS };
    } catch {
      return { seconds: WARN_BEFORE_SECONDS };
    }
  };
  const wait = (seconds) => {
    clearTimeout(timer);
    const isNear = seconds <= WARN_BEFORE_SECONDS;
    timer = setTimeout(
      () => void look(),
      (isNear ? Math.min(seconds + 1, 15) : seconds - WARN_BEFORE_SECONDS) * 1000,
    );
    if (isNear && !warning.open) warning.showModal();
    if (!isNear && warning.open) warning.close();
  };
  const look = async (how = 'left') => {
    const { over, seconds } = await ask(how);
    if (over) location.assign(`/${portal}/sign-in?ended=yes`);
    else if (seconds !== null) wait(seconds);
  };
  warning.querySelector('button').addEventListener('click', () => void look('stay'));
  // Escape means the same: nobody closes the question by leaving.
  warning.addEventListener('cancel', () => void look('stay'));
  document.addEventListener('visibilitychange', () => document.hidden || void look());
  wait(Number(secondsLeft));
}
