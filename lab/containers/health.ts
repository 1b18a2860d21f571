/** Runs containers' health checks where podman has no systemd to do it. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

interface Container {
  readonly Id: string;
}

interface Inspected {
  readonly Config: {
    readonly Healthcheck?: { readonly Test?: readonly string[]; readonly Interval?: number };
  };
}

/** Docker's own, in nanoseconds. */
const USUAL_INTERVAL_NS = 30e9;

/** Asks each running container at its own interval until it is stopped. */
export function startHealthChecks(socketPath: string): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const nextAt = new Map<string, number>();

  const ask = async (path: string): Promise<unknown> => {
    const answer = await new Promise<string>((resolve, reject) => {
      request({ socketPath, path: `/v4.0.0/libpod${path}`, signal: stopped.signal })
        .once('error', reject)
        .once('response', (incoming) => void text(incoming).then(resolve, reject))
        .end();
    });
    return JSON.parse(answer);
  };

  async function checkDue(id: string): Promise<void> {
    if ((nextAt.get(id) ?? 0) > performance.now()) return;
    const { Config } = (await ask(`/containers/${id}/json`)) as Inspected;
    const { Test: [kind = 'NONE'] = [], Interval = USUAL_INTERVAL_NS } = Config.Healthcheck ?? {};
    nextAt.set(id, kind === 'NONE' ? Infinity : performance.now() + (Interval || USUAL_INTERVAL_NS) / 1e6);
    if (kind !== 'NONE') await ask(`/containers/${id}/healthcheck`);
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      const running = await ask('/containers/json').catch(() => []);
      // One that ends meanwhile cannot be asked; the next round does without it.
      for (const { Id } of running as Container[]) await checkDue(Id).catch(() => undefined);
      await sleep(500, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const ended = loop();
  return {
    async stop() {
      stopped.abort();
      await ended;
    },
  };
}
