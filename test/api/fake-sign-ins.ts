/** Two-step verification in memory, over the real domain: the API is driven without Temporal. The n-th code of a sign-in is `n41785`. */
import { maskEmail } from '../../src/domain/accounts/text';
import {
  expiresAtMs,
  makeNextCode,
  openSignIn,
  signInTerms,
  signInView,
  submitCode,
  type SignInState,
} from '../../src/domain/sign-in/sign-in';
import { HOUR_MS } from '../../src/domain/time';
import type { Operation } from '../../src/ports/operation';
import type {
  LookedSignIn,
  SignInRecord,
  SignInRecords,
  SignIns,
  TwoStepSwitch,
  TwoStepTurnedOff,
} from '../../src/ports/sign-in';
import { portalPolicies } from '../support/brand';
import type { FakeAccounts } from './fakes';

interface FakeSignIn extends SignInRecord {
  readonly sessionDigest: string | null;
  state: SignInState;
}

const RULE = portalPolicies.member.twoStep!;
const CODES = Array.from({ length: RULE.codesPerHour }, (_, index) => `${index + 1}41785`);

export class FakeSignIns implements SignIns, Pick<SignInRecords, 'find' | 'findOfSession'>, TwoStepSwitch {
  readonly all: FakeSignIn[] = [];
  readonly codesAtMs: number[] = [];
  readonly turnedOff: TwoStepTurnedOff[] = [];
  private readonly answers = new Map<string, unknown>();

  constructor(
    private readonly accounts: FakeAccounts,
    private readonly clock: () => number,
  ) {}

  find = async (signInId: string): Promise<SignInRecord | null> =>
    this.withStanding(this.all.find((signIn) => signIn.signInId === signInId));

  findOfSession = async (digest: string): Promise<SignInRecord | null> =>
    this.withStanding(this.all.findLast(({ sessionDigest }) => sessionDigest === digest));

  open: SignIns['open'] = async (subject, operation) => {
    const signInId = operation.idFor('sign-in');
    const account = this.accounts.all.get(subject.accountId)!;
    const opened = await this.find(signInId);
    if (opened !== null) return this.look(opened);
    if (!this.takeCode()) return this.exhausted();
    const isSignIn = subject.purpose === 'sign-in';
    this.all.push({
      signInId,
      purpose: subject.purpose,
      accountId: account.id,
      credentialId: account.credential!.id,
      application: isSignIn ? subject.application : null,
      sessionDigest: isSignIn ? null : subject.sessionDigest,
      sentTo: maskEmail(account.email),
      pepperId: 'p1',
      codeDigits: RULE.digits,
      stands: true,
      state: openSignIn(signInTerms(RULE), this.clock()),
    });
    return this.look((await this.find(signInId))!);
  };

  look: SignIns['look'] = async (record) => {
    const { state } = this.run(record);
    if (state.ending === 'exhausted') return this.exhausted();
    return state.ending === undefined && this.clock() < expiresAtMs(state) && record.stands
      ? this.opened(record)
      : { kind: 'over' };
  };

  submitCode: SignIns['submitCode'] = async (record, code, operation) =>
    this.once(operation, async () => {
      if (!record.stands) return { kind: 'over' };
      const run = this.run(record);
      const [next, answer] = submitCode(run.state, CODES, code, this.clock());
      run.state = next;
      if (answer.kind !== 'exhausted') return answer;
      const { resendAvailableAtMs } = signInView(run.state);
      return resendAvailableAtMs === undefined
        ? this.exhausted()
        : { kind: 'exhausted', retryAfterMs: Math.max(0, resendAvailableAtMs - this.clock()) };
    });

  resend: SignIns['resend'] = async (record, operation) =>
    this.once(operation, async () => {
      if (!record.stands) return { kind: 'over' };
      const run = this.run(record);
      const [next, answer] = makeNextCode(run.state, this.clock());
      if (answer.kind === 'too-soon') {
        const opened = this.opened(record);
        return { ...opened, kind: 'too-soon', retryAfterMs: answer.availableAtMs - this.clock() };
      }
      if (answer.kind === 'over') return answer;
      if (answer.kind === 'exhausted' || !this.takeCode()) return this.exhausted();
      run.state = next;
      return this.opened(record);
    });

  turnOn: TwoStepSwitch['turnOn'] = async ({ signInId }) => {
    const record = await this.find(signInId);
    if (!record?.stands) return false;
    this.accounts.all.set(record.accountId, { ...this.accounts.all.get(record.accountId)!, twoStep: true });
    return true;
  };

  turnOff: TwoStepSwitch['turnOff'] = async (change) => {
    const account = this.accounts.all.get(change.accountId);
    if (account === undefined) return false;
    this.turnedOff.push(change);
    this.accounts.all.set(account.id, { ...account, twoStep: false });
    return true;
  };

  private takeCode(): boolean {
    const used = this.codesAtMs.filter((atMs) => atMs > this.clock() - HOUR_MS);
    if (used.length >= RULE.codesPerHour) return false;
    this.codesAtMs.push(this.clock());
    return true;
  }

  private exhausted() {
    const [first = this.clock()] = this.codesAtMs.slice(-RULE.codesPerHour);
    return { kind: 'exhausted', retryAfterMs: Math.max(0, first + HOUR_MS - this.clock()) } as const;
  }

  private run({ signInId }: SignInRecord): FakeSignIn {
    return this.all.find((signIn) => signIn.signInId === signInId)!;
  }

  private opened(record: SignInRecord): Extract<LookedSignIn, { kind: 'open' }> {
    const { signInId, sentTo } = record;
    return { kind: 'open', signIn: { signInId, sentTo, view: signInView(this.run(record).state) } };
  }

  private withStanding(signIn: FakeSignIn | undefined): SignInRecord | null {
    if (signIn === undefined) return null;
    const account = this.accounts.all.get(signIn.accountId);
    const isSame = account?.credential?.id === signIn.credentialId;
    return { ...signIn, stands: isSame && (signIn.application === null || account.twoStep) };
  }

  private async once<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const id = operation.idFor('update');
    if (!this.answers.has(id)) this.answers.set(id, await work());
    return this.answers.get(id) as T;
  }
}
