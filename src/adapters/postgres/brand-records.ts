/**
 * What the database knows of brands: which one each kind of process was last started with, and which questions people have answered.
 */
import type { ClientBase } from 'pg';

type Queryable = Pick<ClientBase, 'query'>;

export type BrandedProcess = 'api' | 'worker' | 'web';

export interface StartedBrand {
  readonly process: BrandedProcess;
  readonly fingerprint: string;
}

async function noteBrand(database: Queryable, { process, fingerprint }: StartedBrand): Promise<void> {
  await database.query(
    `INSERT INTO brand_fingerprints (process, fingerprint) VALUES ($1, $2)
     ON CONFLICT (process) DO UPDATE SET fingerprint = excluded.fingerprint, noted_at = now()`,
    [process, fingerprint],
  );
}

/** The kinds of processes whose latest start was with another brand. */
export async function findOtherBrands(
  database: Queryable,
  { fingerprint }: Pick<StartedBrand, 'fingerprint'>,
): Promise<BrandedProcess[]> {
  const { rows } = await database.query<{ process: BrandedProcess }>(
    'SELECT process FROM brand_fingerprints WHERE fingerprint <> $1 ORDER BY process',
    [fingerprint],
  );
  return rows.map(({ process }) => process);
}

export interface BrandWatch {
  /** Called with the kinds of processes that have another brand, whenever these change; not at first if there are none. */
  readonly onChange: (others: readonly BrandedProcess[]) => void;
  readonly everyMs?: number;
}

/**
 * Notes this process's brand, then looks for others every minute: people would be told one rule and held to another. While the
 * database is away, it tries again. Returns how to stop.
 */
export function watchBrand(
  database: Queryable,
  started: StartedBrand,
  { onChange, everyMs = 60_000 }: BrandWatch,
): () => void {
  let isNoted = false;
  let told = '';
  const look = async (): Promise<void> => {
    if (!isNoted) await noteBrand(database, started);
    isNoted = true;
    const others = await findOtherBrands(database, started);
    if (others.join() !== told) onChange(others);
    told = others.join();
  };
  const tryToLook = (): void => void look().catch(() => undefined);
  tryToLook();
  const timer = setInterval(tryToLook, everyMs);
  return () => clearInterval(timer);
}

/** Questions that somebody's account has answers to, and that are not among `questionIds`. */
export async function findAnsweredBesides(
  database: Queryable,
  questionIds: readonly string[],
): Promise<string[]> {
  const { rows } = await database.query<{ question_id: string }>(
    'SELECT DISTINCT question_id FROM security_answers WHERE NOT question_id = ANY ($1) ORDER BY question_id',
    [questionIds],
  );
  return rows.map(({ question_id: id }) => id);
}
