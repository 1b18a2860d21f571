/** A bench's progress: one redrawn line on a terminal, plain lines elsewhere. */
export interface Progress {
  /** A new step begins. */
  step(title: string): void;
  /** The step's progress, in its own words; without a terminal only occasionally. */
  update(detail: string): void;
  end(): void;
}

const DRAW_EVERY_MS = 100;
const TELL_EVERY_MS = 15_000;
const CLEAR_LINE = '\r\x1b[K';

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const live = stream.isTTY;
  const startedAtMs = performance.now();
  let title = '';
  let toldAtMs = 0;

  const elapsed = () => `${Math.round((performance.now() - startedAtMs) / 1000)} s`.padStart(5);
  const tell = (detail: string) => {
    toldAtMs = performance.now();
    const text = `${elapsed()}  ${title}${detail && `: ${detail}`}`;
    if (live) stream.write(`${CLEAR_LINE}${text.slice(0, Math.max(20, stream.columns - 1))}`);
    else stream.write(`${text}\n`);
  };

  return {
    step(next) {
      title = next;
      tell('');
    },
    update(detail) {
      if (performance.now() - toldAtMs >= (live ? DRAW_EVERY_MS : TELL_EVERY_MS)) tell(detail);
    },
    end() {
      if (live) stream.write(CLEAR_LINE);
    },
  };
}
