/** Audit entries for what people try: who (an opaque id), what, when, from where, and the outcome. No secrets. */
import type { AuditAction } from '../../contracts/audit';
import type { ApiDeps } from '../deps';
import { appErrorOf, problemStatuses, type AppError } from './problems';

/** Filled in by the work as it finds out the person concerned. */
export interface Subject {
  accountId?: string | undefined;
  /** The action of a success, where it depends on what was found. */
  accepted?: AuditAction;
  /** Makes the entry of a success a unique one. */
  key?: string;
}

interface Entry {
  /** The action of a success; absent if the write itself records it. */
  readonly accepted?: AuditAction;
  readonly refused: AuditAction;
  readonly address: string;
}

/**
 * Runs `work` and records the outcome: `success`, or the code of the problem it threw. One write whether or not the person is
 * known. Internal failures (5xx) are no outcome and are not recorded.
 */
export async function audited<T>(
  { audit, clock }: Pick<ApiDeps, 'audit' | 'clock'>,
  { accepted, refused, address }: Entry,
  work: (subject: Subject) => Promise<T>,
): Promise<T> {
  const subject: Subject = {};
  // The time of the request: what it starts, such as an email, comes after it.
  const atMs = clock();
  const who = (): { accountId?: string } =>
    subject.accountId === undefined ? {} : { accountId: subject.accountId };
  let result: T;
  try {
    result = await work(subject);
  } catch (error) {
    const told = appErrorOf(error);
    if (told !== undefined && problemStatuses[told.code] < 500) {
      const { code } = told;
      await audit.record({ atMs, action: refused, outcome: code, address, ...who(), ...brokenRules(told) });
    }
    throw error;
  }
  const action = subject.accepted ?? accepted;
  if (action !== undefined) {
    const key = subject.key === undefined ? {} : { key: subject.key };
    await audit.record({ atMs, action, outcome: 'success', address, ...who(), ...key });
  }
  return result;
}

/** For a refused password: the codes of the rules that it breaks, never the password. */
function brokenRules({ code, more: { errors = [] } }: AppError): { about?: string } {
  return code === 'password_refused' ? { about: errors.map((error) => error.code).join(' ') } : {};
}
