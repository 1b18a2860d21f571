/** The audit log's entries about what people try: who (an opaque id), what, when, from where, and how it ended. No secrets. */
import type { AuditAction } from '../../contracts/audit';
import type { ApiDeps } from '../deps';
import { appErrorOf, problems, type AppError } from './problems';

/** Filled in by the work as it finds out whom it is about. */
export interface Subject {
  accountId?: string | undefined;
  /** Makes the entry of a success one that is written once. */
  key?: string;
}

interface Entry {
  /** What a success is called; absent where the write itself puts it into the log. */
  readonly accepted?: AuditAction;
  readonly refused: AuditAction;
  readonly address: string;
}

/**
 * Runs `work` and writes down how it ended: `success`, or the code of the problem it threw. One write whoever it is about, known or
 * not. What failed on our side (5xx) is no outcome and is not written.
 */
export async function audited<T>(
  { audit, clock }: Pick<ApiDeps, 'audit' | 'clock'>,
  { accepted, refused, address }: Entry,
  work: (subject: Subject) => Promise<T>,
): Promise<T> {
  const subject: Subject = {};
  // When it was asked for: what it sets going, such as an email, comes after it.
  const atMs = clock();
  const who = (): { accountId?: string } =>
    subject.accountId === undefined ? {} : { accountId: subject.accountId };
  let result: T;
  try {
    result = await work(subject);
  } catch (error) {
    const told = appErrorOf(error);
    if (told !== undefined && problems[told.code].status < 500) {
      const { code } = told;
      await audit.record({ atMs, action: refused, outcome: code, address, ...who(), ...brokenRules(told) });
    }
    throw error;
  }
  if (accepted !== undefined) {
    const key = subject.key === undefined ? {} : { key: subject.key };
    await audit.record({ atMs, action: accepted, outcome: 'success', address, ...who(), ...key });
  }
  return result;
}

/** Of a password that was refused: the codes of the rules that it breaks, never what was typed. */
function brokenRules({ code, more: { errors = [] } }: AppError): { about?: string } {
  return code === 'password_refused' ? { about: errors.map((error) => error.code).join(' ') } : {};
}
