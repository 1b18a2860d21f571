/** Password resets in memory, over the real domain: the API is driven without Temporal. */
import type { Operation } from '../../src/ports/operation';
import type {
  ChooseResetResult,
  ResetForHolder,
  OpenResetResult,
  PasswordResets,
  ResendResult,
  SubmitProofResult,
} from '../../src/ports/password-reset';
import { AppError } from '../../src/api/http/problems';
import { foldLastName, foldName } from '../../src/domain/accounts/names';
import { ANSWER_FOLD_VERSION } from '../../src/domain/accounts/security-answers';
import {
  cancelReset,
  endReset,
  makeNextPin,
  mayChoose,
  openReset,
  resetTerms,
  submitProof,
  viewFor,
  type ProofKind,
  type ResetState,
} from '../../src/domain/password-reset/password-reset';
import type { Portal } from '../../src/domain/portal';
import { foldEmail, foldUsername, maskEmail } from '../../src/domain/accounts/text';
import type { FakeBrokers } from './fake-brokers';
import { fakeStretcher, type FakeAccounts, type FakeSessions } from './fakes';
import { withBrokerPins } from '../support/brand';

interface FakePerson {
  readonly portal: Portal;
  readonly proof: ProofKind;
  readonly identity: string;
  readonly accountId: string | null;
  readonly sentTo?: string;
  readonly questionIds?: readonly string[];
  /** What is compared with what is typed. */
  readonly proofs: readonly string[];
  readonly salts?: readonly string[];
}

interface FakeRun extends FakePerson {
  state: ResetState;
}

/** Answers of updates that a run takes: all others leave no event. */
const TAKEN = ['accepted', 'wrong', 'made', 'done', 'lost'];

/** The n-th PIN of every run that has PINs is `1785`, `2785`, `3785`. */
export class FakeResets implements PasswordResets {
  readonly runs = new Map<string, FakeRun>();
  readonly staged = new Map<string, string>();
  readonly calls: string[] = [];
  exhaustedForMs: number | null | undefined;
  losesStaged = false;
  private readonly holders = new Map<string, string>();
  private readonly answers = new Map<string, unknown>();

  constructor(
    private readonly accounts: FakeAccounts,
    private readonly sessions: FakeSessions,
    private readonly brokers: FakeBrokers,
    private readonly clock: () => number,
  ) {}

  openForMember: PasswordResets['openForMember'] = async (email) =>
    this.open({
      portal: 'member',
      proof: 'pin',
      identity: foldEmail(email),
      accountId: await this.accounts.findIdByEmail('member', email),
      sentTo: maskEmail(email),
      proofs: ['1785', '2785', '3785'],
    });

  openForBroker: PasswordResets['openForBroker'] = async ({ username, firstName, lastName }, proof) => {
    const account = await this.brokers.findForReset(username);
    const isOwner =
      account?.firstNameKey === foldName(firstName) && account.lastNameKeys.includes(foldLastName(lastName));
    const answers = account?.answers ?? ['first-pet', 'first-car'].map((questionId) => ({ questionId }));
    const person = {
      portal: 'broker' as const,
      proof,
      identity: [foldUsername(username), foldName(firstName), isOwner ? '' : foldLastName(lastName)].join(
        '/',
      ),
      accountId: isOwner ? account.accountId : null,
    };
    if (proof === 'pin')
      return this.open({ ...person, proofs: isOwner ? ['1785', '2785', '3785'] : [crypto.randomUUID()] });
    return this.open({
      ...person,
      questionIds: answers.map(({ questionId }) => questionId),
      proofs: [isOwner ? account.answers.map(({ stretched }) => stretched).join() : crypto.randomUUID()],
      salts: account?.answers.map(({ salt }) => salt) ?? ['s1', 's2'],
    });
  };

  readToken = (resetId: string, token: string): ResetForHolder => this.held(resetId, token);

  look = async (resetId: string, token: string): Promise<ResetForHolder> => this.held(resetId, token);

  submitPin: PasswordResets['submitPin'] = async (resetId, token, pin, operation) => {
    this.calls.push('pin');
    const run = this.run(resetId, token, { proof: 'pin' });
    return this.once(operation, () => this.submit(run, resetId, token, pin));
  };

  submitAnswers: PasswordResets['submitAnswers'] = async (resetId, token, answers, operation) => {
    this.calls.push('answers');
    const run = this.run(resetId, token, { proof: 'answers' });
    const stretched = (run.questionIds ?? []).map((questionId, index) =>
      fakeStretcher.stretch(
        answers.find((typed) => typed.questionId === questionId)?.answer ?? '',
        run.salts?.[index] ?? '',
        ANSWER_FOLD_VERSION,
      ),
    );
    const digest = (await Promise.all(stretched)).join();
    return this.once(operation, () => this.submit(run, resetId, token, digest));
  };

  resend: PasswordResets['resend'] = async (resetId, token, operation) => {
    const run = this.run(resetId, token, { proof: 'pin' });
    return this.once(operation, () => this.makePin(run, resetId, token));
  };

  private makePin(run: FakeRun, resetId: string, token: string): ResendResult {
    const [state, answer] = makeNextPin(run.state, token, this.clock());
    run.state = state;
    if (answer.kind === 'made') return { kind: 'made', reset: this.held(resetId, token) };
    if (answer.kind === 'too-soon') {
      return { kind: 'too-soon', retryAfterMs: answer.availableAtMs - this.clock() };
    }
    return answer.kind === 'exhausted' ? { kind: 'exhausted', retryAfterMs: null } : { kind: answer.kind };
  }

  commitPassword: PasswordResets['commitPassword'] = async (resetId, token, stagedId, operation) => {
    const run = this.run(resetId, token);
    return this.once(operation, () => this.commit(run, resetId, token, stagedId));
  };

  findCommit: PasswordResets['findCommit'] = async (resetId, token, operation) => {
    this.run(resetId, token);
    return (this.answers.get(operation.idFor('update')) as ChooseResetResult | undefined) ?? null;
  };

  private commit(run: FakeRun, resetId: string, token: string, stagedId: string): ChooseResetResult {
    const answer = mayChoose(run.state, token, this.clock());
    if (answer !== 'may-choose') return { kind: answer };
    const hash = this.staged.get(stagedId);
    if (this.losesStaged || hash === undefined || run.accountId === null) return { kind: 'lost' };
    this.accounts.setHash(run.accountId, stagedId, hash, this.clock());
    void this.sessions.revokeAll(run.accountId);
    run.state = endReset(run.state, 'completed');
    return { kind: 'done', reset: this.held(resetId, token) };
  }

  showUsername: PasswordResets['showUsername'] = async (resetId, token, operation) => {
    const run = this.run(resetId, token, { portal: 'member' });
    return this.once(operation, () => this.show(run, resetId, token));
  };

  private show(run: FakeRun, resetId: string, token: string): ChooseResetResult {
    const answer = mayChoose(run.state, token, this.clock());
    if (answer !== 'may-choose') return { kind: answer };
    run.state = endReset(run.state, 'username-shown');
    return { kind: 'done', reset: this.held(resetId, token) };
  }

  cancel = async (resetId: string, token: string): Promise<void> => {
    const run = this.run(resetId, token);
    run.state = cancelReset(run.state, token);
  };

  private open(person: FakePerson): OpenResetResult {
    this.calls.push('open');
    const { portal, proof, identity, accountId } = person;
    const about = accountId === null ? {} : { accountId };
    if (this.exhaustedForMs !== undefined) {
      return { kind: 'exhausted', retryAfterMs: this.exhaustedForMs, ...about };
    }
    const token = crypto.randomUUID();
    const open = [...this.runs].find(
      ([, run]) =>
        run.portal === portal && run.proof === proof && run.identity === identity && !run.state.ending,
    );
    const resetId = open?.[0] ?? crypto.randomUUID();
    if (!open) {
      const terms = resetTerms(withBrokerPins[portal], proof);
      const state = openReset(terms, { pinsLeft: 3, guessesLeft: 9 }, token, this.clock());
      this.runs.set(resetId, { ...person, state });
    }
    this.holders.set(token, resetId);
    const { accountId: _id, username: _name, ...held } = this.held(resetId, token);
    return { kind: 'opened', reset: { ...held, token }, ...about };
  }

  /** As Temporal: what a run took under an id is answered as it was the first time; what it refused is looked at again. */
  private once<T extends { readonly kind: string }>(operation: Operation | undefined, ask: () => T): T {
    const id = operation?.idFor('update') ?? '';
    const answer = (this.answers.get(id) as T | undefined) ?? ask();
    if (operation && TAKEN.includes(answer.kind)) this.answers.set(id, answer);
    return answer;
  }

  private submit(run: FakeRun, resetId: string, token: string, digest: string): SubmitProofResult {
    const [state, answer] = submitProof(run.state, run.proofs, { token, digest }, this.clock());
    run.state = state;
    const accountId = run.accountId ?? undefined;
    if (answer.kind === 'accepted') return { kind: 'accepted', reset: this.held(resetId, token), accountId };
    const isExhausted =
      answer.kind === 'exhausted' || (answer.kind === 'over' && state.ending === 'exhausted');
    return isExhausted ? { kind: 'exhausted', retryAfterMs: 60_500, accountId } : { ...answer, accountId };
  }

  private run(
    resetId: string,
    token: string,
    only: { readonly portal?: Portal; readonly proof?: ProofKind } = {},
  ): FakeRun {
    const run = this.runs.get(resetId);
    if (!run || this.holders.get(token) !== resetId) throw new AppError('unauthorized');
    const { portal = run.portal, proof = run.proof } = only;
    if (run.portal !== portal || run.proof !== proof) throw new AppError('wrong_proof');
    return run;
  }

  private held(resetId: string, token: string): ResetForHolder {
    const { portal, proof, sentTo, questionIds, accountId, state } = this.run(resetId, token);
    const proved = state.proof?.token === token;
    return {
      resetId,
      portal,
      proof,
      sentTo,
      questionIds,
      pinDigits: state.terms.pinDigits,
      view: viewFor(state, token),
      ...(proved &&
        accountId !== null && { accountId, username: this.accounts.all.get(accountId)?.username ?? '' }),
    };
  }
}
