/**
 * Valid and invalid requests generated from the OpenAPI document, against both processes on real servers. Whatever is sent, the
 * answer is a documented one, no secret is returned or recorded, and the service keeps running.
 *
 *     FUZZ_SEED=7 FUZZ_RUNS=500 FUZZ_ONLY='postPortalsSessions' npx jest test/e2e/fuzz
 *
 * FUZZ_SEED: another sequence of requests. FUZZ_RUNS: how many for each operation. FUZZ_ONLY: operationIds, a pattern.
 */
import fc from 'fast-check';
import type { Document, Operation } from '../api/document';
import { inTurn } from '../../lab/system/closing';
import { requestsOf, strayRequests, toOutgoing, type FuzzRequest } from './support/fuzz';
import { asText, check, checkHead, checkRepeated, createSender, pathOf } from './support/fuzz-checks';
import { createWorld, type World } from './support/fuzz-world';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 12);
const ONLY = new RegExp(`^(?:${process.env['FUZZ_ONLY'] ?? '.*'})$`);
/** For all requests of one test. */
const TIMEOUT_MS = 300_000 + RUNS * 30_000;
const SHRINKING_MS = 20_000;

let stack: Stack;
let world: World;
let document: Document;
let sender: ReturnType<typeof createSender>;
/** How often each answer occurred. */
const statuses = new Map<string, number>();

withStack(async (started) => {
  stack = started;
  document = (await stack.call('GET', '/openapi.json')).body;
  world = await createWorld(stack);
  sender = createSender(stack.url);
});

afterAll(() =>
  inTurn(
    () => tell(),
    () => sender.close(),
  ),
);

it(
  'Every operation answers as its documentation says, whatever is wrong with the request',
  async () => {
    const failures: string[] = [];
    for (const [path, method, operation] of operations()) {
      const requests = requestsOf(document, method, path, operation);
      failures.push(...(await failuresOf(operation.operationId, path, requests, RUNS)));
    }

    expect(failures.join('\n\n')).toBe('');
  },
  TIMEOUT_MS,
);

it(
  'Any method on any path is answered as documented, unknown paths included',
  async () => {
    if (!ONLY.test('stray')) return;

    expect((await failuresOf('stray', '', strayRequests(document), RUNS * 10)).join('\n\n')).toBe('');
  },
  TIMEOUT_MS,
);

it('The API has logged no unknown error and is still ready after all fuzzed requests', async () => {
  expect(await stack.call('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  expect(stack.api.output).not.toContain('"unknown error"');
  expect(stack.api.output).not.toMatch(/^(?!\{)\s*\S/m);
});

const operations = (): (readonly [string, string, Operation])[] =>
  Object.entries(document.paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [path, method, operation] as const),
    )
    .filter(([, , { operationId }]) => ONLY.test(operationId));

/**
 * Sends `runs` requests. Returns, for the first request that fails a check, its smallest failing variant and how
 * to send it again.
 */
async function failuresOf(
  name: string,
  path: string,
  requests: fc.Arbitrary<FuzzRequest>,
  runs: number,
): Promise<string[]> {
  let failedAt: number | undefined;
  let smallest = '';
  const property = fc.asyncProperty(requests, async (request) => {
    // Shrinking has a time limit: the last failure stands.
    if (failedAt !== undefined && Date.now() > failedAt + SHRINKING_MS) return;
    await world.use(path);
    try {
      await probe(name, request);
    } catch (error) {
      failedAt ??= Date.now();
      smallest = `${String(error)}\n\n${lastSent}\n\n${lastAnswer}`;
      throw error;
    }
  });
  const { failed } = await fc.check(property, { seed: SEED, numRuns: runs });
  if (!failed) return [];
  const again = `FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS} FUZZ_ONLY=${name} npx jest test/e2e/fuzz`;
  return [`${name}: ${smallest}\n\nAgain: ${again}`];
}

let lastSent = '';
let lastAnswer = '';

async function probe(name: string, request: FuzzRequest): Promise<void> {
  const outgoing = toOutgoing(request, (known) => world.resolve(known, request.pick));
  lastSent = asText(outgoing);
  lastAnswer = 'no answer';
  const answer = await sender.send(outgoing);
  lastAnswer = `${answer.status} ${answer.text.slice(0, 2000)}`;
  const seen = `${name} ${answer.status} ${/"code":"(\w+)"/.exec(answer.text)?.[1] ?? ''}`;
  statuses.set(seen, (statuses.get(seen) ?? 0) + 1);
  check(document, outgoing, answer);
  if (answer.status < 300 && answer.text.startsWith('{')) {
    world.learn(pathOf(outgoing.target), JSON.parse(answer.text));
  }
  if (request.twice && outgoing.method === 'GET') {
    const head = { ...outgoing, method: 'HEAD' };
    const headAnswer = await sender.send(head);
    check(document, head, headAnswer);
    checkHead(answer, headAnswer);
  }
  const hasKey = outgoing.headers.some((header) => header === 'Idempotency-Key');
  if (!request.twice || !hasKey) return;
  const second = await sender.send(outgoing);
  lastAnswer += `\n\nand again: ${second.status} ${second.text.slice(0, 2000)}`;
  check(document, outgoing, second);
  checkRepeated(answer, second);
}

/** With FUZZ_TELL=1: the number of requests and the answers. */
function tell(): void {
  if (process.env['FUZZ_TELL'] === undefined) return;
  const lines = [...statuses].map(([seen, times]) => `${seen} ${times}`).toSorted();
  const { sent, slowestMs } = sender.counted();
  console.log(`${sent} requests, the slowest took ${slowestMs} ms\n${lines.join('\n')}`);
}
