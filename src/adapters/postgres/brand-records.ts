/**
 * What the database knows of brands: which one each kind of process was last started with, and what people have answered and
 * accepted.
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

/** A version of the terms in one language, by a digest of its file. */
export interface TermsText {
  readonly version: string;
  readonly language: string;
  readonly digest: string;
}

/** Of versions that somebody has accepted, the texts that were noted. */
export async function findAcceptedTexts(database: Queryable): Promise<TermsText[]> {
  const { rows } = await database.query<TermsText>(
    `SELECT version, language, digest FROM terms_texts t
     WHERE accepted_at IS NOT NULL OR ${IS_ACCEPTED} ORDER BY version, language`,
  );
  return rows;
}

/** Notes what people can accept from now on. What somebody has accepted stays as it was. */
export async function noteTermsTexts(database: Queryable, texts: readonly TermsText[]): Promise<void> {
  // Later nobody's account may have it: a person has the version that they accepted last.
  await database.query(
    `UPDATE terms_texts t SET accepted_at = now() WHERE accepted_at IS NULL AND ${IS_ACCEPTED}`,
  );
  await database.query(
    `INSERT INTO terms_texts (version, language, digest) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
     ON CONFLICT (version, language) DO UPDATE SET digest = excluded.digest WHERE terms_texts.accepted_at IS NULL`,
    [
      texts.map(({ version }) => version),
      texts.map(({ language }) => language),
      texts.map(({ digest }) => digest),
    ],
  );
}

const IS_ACCEPTED = 'EXISTS (SELECT FROM accounts a WHERE a.terms_version = t.version)';
