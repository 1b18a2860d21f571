import { stripVTControlCharacters, styleText } from 'node:util';

/** How a step reports progress. */
export interface StepProgress {
  /** A short progress text, replaced by the next one. */
  update(detail: string): void;
  /** A whole sentence that stays on the screen. */
  log(sentence: string): void;
}

/** Shows the steps of a start: a live list on a terminal, plain lines elsewhere. */
export interface Screen {
  /** Runs a step and shows its progress and result. Rethrows its error. */
  step<Result>(title: string, work: (progress: StepProgress) => Promise<Result>): Promise<Result>;
  /** Prints a separate line. */
  line(text: string): void;
  /** Ends the list of steps, which stays on the screen. */
  end(): void;
}

/** Where the screen writes: `process.stdout`, or a test's stand-in. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** False if the terminal does not support colours or NO_COLOR is set. */
  hasColors?(): boolean;
  write(text: string): unknown;
}

type StepState = 'pending' | 'working' | 'done' | 'failed';

interface StepView {
  readonly title: string;
  state: StepState;
  detail: string;
  startedAt: number;
  tookMs: number;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const redrawEveryMs = 100;
const plainUpdateEveryMs = 15_000;

/** `titles` are the steps, in the order of the list. */
export function createScreen(output: Output, titles: readonly string[]): Screen {
  return output.isTTY ? liveScreen(output, titles) : plainScreen(output);
}

function plainScreen(output: Output): Screen {
  const print = (text: string) => output.write(`${stripVTControlCharacters(text)}\n`);
  let ended = false;
  return {
    async step(title, work) {
      const startedAt = performance.now();
      let detail = '';
      const timer = setInterval(() => {
        print(
          `${title}: still at it after ${seconds(performance.now() - startedAt)}${detail && ` (${detail})`}`,
        );
      }, plainUpdateEveryMs);
      try {
        const result = await work({
          update: (text) => (detail = text),
          log: (sentence) => print(`${title}: ${sentence}`),
        });
        print(`${title}: ready after ${seconds(performance.now() - startedAt)}${detail && ` (${detail})`}`);
        return result;
      } catch (error) {
        // A step that ends because the whole start ends has not failed.
        if (!ended) print(`${title}: failed after ${seconds(performance.now() - startedAt)}`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
    line: print,
    end() {
      ended = true;
    },
  };
}

function liveScreen(output: Output, titles: readonly string[]): Screen {
  const paint = (text: string) => (output.hasColors?.() === false ? stripVTControlCharacters(text) : text);
  const steps: StepView[] = titles.map((title) => ({
    title,
    state: 'pending',
    detail: '',
    startedAt: 0,
    tookMs: 0,
  }));
  let drawnLines = 0;
  let frame = 0;
  let ended = false;

  const erase = () => {
    if (drawnLines > 0) output.write(`\u001b[${drawnLines}A\u001b[0J`);
    drawnLines = 0;
  };
  const draw = () => {
    if (ended) return;
    const width = (output.columns ?? 80) - 1;
    const rows = steps.map((step) => fit(row(step, frames[frame % frames.length] ?? ''), width));
    erase();
    output.write(paint(rows.map((text) => `${text}\n`).join('')));
    drawnLines = rows.length;
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, redrawEveryMs);
  timer.unref();
  draw();

  const line = (text: string) => {
    if (!ended) erase();
    output.write(`${paint(text)}\n`);
    draw();
  };

  return {
    async step(title, work) {
      let step = steps.find((known) => known.title === title);
      if (!step) steps.push((step = { title, state: 'pending', detail: '', startedAt: 0, tookMs: 0 }));
      const current = step;
      Object.assign(current, { state: 'working', startedAt: performance.now() });
      draw();
      try {
        const result = await work({
          update: (detail) => (current.detail = detail),
          log: (sentence) => line(`  ${title}: ${sentence}`),
        });
        current.state = 'done';
        return result;
      } catch (error) {
        current.state = 'failed';
        throw error;
      } finally {
        current.tookMs = performance.now() - current.startedAt;
        draw();
      }
    },
    line,
    end() {
      if (ended) return;
      draw();
      ended = true;
      clearInterval(timer);
    },
  };
}

function row({ title, state, detail, startedAt, tookMs }: StepView, spinner: string): string {
  const name = title.padEnd(16);
  switch (state) {
    case 'pending':
      return styleText('dim', `    ${name}`);
    case 'working':
      return `  ${styleText('cyan', spinner)} ${name} ${styleText('dim', `${seconds(performance.now() - startedAt).padStart(6)}  ${detail}`)}`;
    case 'done':
      return `  ${styleText('green', '✔')} ${name} ${styleText('dim', `${seconds(tookMs).padStart(6)}  ${detail}`)}`;
    case 'failed':
      return `  ${styleText('red', '✖')} ${name} ${seconds(tookMs).padStart(6)}  ${detail}`;
  }
}

function seconds(ms: number): string {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.floor((ms / 1000) % 60)} s`;
}

// oxlint-disable-next-line no-control-regex -- colours are control characters without width.
const colourCode = /(\u001b\[[0-9;]*m)/;

/** Cuts a coloured row to a width, so that no row wraps: the list is redrawn by counting rows. */
function fit(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  if (plain.length <= width) return text;
  let room = width - 1;
  let fitted = '';
  for (const piece of text.split(colourCode)) {
    if (piece.startsWith('\u001b')) {
      fitted += piece;
      continue;
    }
    fitted += piece.slice(0, room);
    room -= Math.min(room, piece.length);
  }
  return `${fitted}…`;
}
