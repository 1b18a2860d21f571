/** What the HTTP face needs from the outside. Adapters and starters implement these. */
import type { Scope } from '../contracts/scopes';
import type { AuditAction, AuditEvent } from '../contracts/audit';
import type { RunStatus } from '../contracts/http/ops';
import type { RotationState } from '../contracts/http/rotation';
import type { DeliverNoticeInput, MailKind, MailOutcome } from '../contracts/notice';
import type { PlanChangeRecord } from '../activities/ports';
import type { CompletionRequest, CompletionResult, GatheredEvidence } from '../contracts/plan-change';
import type { AorDecision } from '../domain/agent-of-record';
import type { Activity, EffectiveDates } from '../domain/agent-standing';
import type { PlanChangeStage } from '../domain/plan-change';
import type { PlanChangeCaller, Visible } from '../domain/plan-change-rights';
import type { PlanChangeChannel, PlanChangeRoute } from '../domain/plan-change-routing';
import type { Application, Language, Portal, PortalPolicies } from '../domain/portal';
import type { ResetView } from '../domain/password-reset';
import type { TryAllowance, TryAnswer } from '../domain/password-tries';
import type { AnswerFoldVersion, SecurityAnswer } from '../domain/security-answers';
import type { Operation } from './operation';

export type { RotationState, Scope };

export interface Account {
  readonly id: string;
  readonly portal: Portal;
  readonly username: string;
  readonly firstName: string;
  readonly language: Language;
}

/** The account's current password hash and when it was set; absent while none was ever chosen. */
export interface AccountWithCredential extends Account {
  readonly credential: { readonly id: string; readonly hash: string; readonly setAtMs: number } | null;
}

export interface PastPassword {
  readonly credentialId: string;
  readonly hash: string;
  /** The reset that set it; null when it was changed by somebody who knew the one before. */
  readonly resetId: string | null;
}

export interface AccountStore {
  findById(accountId: string): Promise<Account | null>;
  /** By username without regard to case. */
  findByUsername(portal: Portal, username: string): Promise<AccountWithCredential | null>;
  /** By email address without regard to case and surrounding space; null when nobody has it, or several do (brokers may). */
  findIdByEmail(portal: Portal, email: string): Promise<string | null>;
  /** The `length` newest passwords, the current one first. */
  passwordHistory(accountId: string, length: number): Promise<readonly PastPassword[]>;
}

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
  /** Takes as long as a real comparison and is never true: for people we do not know. */
  verifyNobody(password: string): Promise<false>;
}

/** A request that is over. Small words only: nothing of it holds what somebody sent. */
export interface EndedRequest {
  readonly method: string;
  /** The route's pattern; `unknown` where no route has the path. */
  readonly route: string;
  /** 499: the caller went away before the answer. */
  readonly status: number;
  readonly ms: number;
  /** The code of the problem it was answered with. */
  readonly problem?: string | undefined;
}

/** Who measures or traces requests. */
export interface RequestObserver {
  /** Calls `handle`, the rest of the request, at once; what it gives is called when the request is over. */
  observe(requestId: string, handle: () => void): (ended: EndedRequest) => void;
}

/** Tells the runs that a request starts or drives. */
export interface DrivenRuns {
  /** Calls `handle` at once; the set grows while the request goes on. */
  follow(handle: () => void): ReadonlySet<string>;
}

export interface PasswordStaging {
  /** Keeps a hash until its reset commits it; `stagedId` is made by the caller. */
  stage(staged: {
    readonly stagedId: string;
    readonly resetId: string;
    readonly hash: string;
  }): Promise<void>;
}

export interface PasswordReplacement {
  readonly accountId: string;
  readonly credentialId: string;
  /** The credential that was checked; `false` comes back when another took its place meanwhile. */
  readonly previousCredentialId: string;
  readonly hash: string;
  readonly atMs: number;
  readonly address: string;
}

export interface PasswordReplacer {
  /** One transaction: new credential, old one to history, all sessions ended, audit event. */
  replace(replacement: PasswordReplacement): Promise<boolean>;
}

export interface NewSession {
  readonly accountId: string;
  /** The credential that was checked: the session is good only while it is the current one. */
  readonly credentialId: string;
  readonly application: Application;
  /** What the address it was opened from is counted under. */
  readonly addressKey: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface SessionStore {
  create(tokenDigest: string, session: NewSession): Promise<void>;
  /** The session and its account, unless it was revoked or is over at `nowMs`. `passwordSetAtMs`: of the current password. */
  find(
    tokenDigest: string,
    nowMs: number,
  ): Promise<{
    readonly account: Account;
    readonly application: Application;
    readonly expiresAtMs: number;
    readonly passwordSetAtMs: number;
  } | null>;
  revoke(tokenDigest: string, nowMs: number): Promise<void>;
}

/** What each reset was opened for: an account as it was then, or nobody we know. It stands while nothing of that has changed. */
export interface ResetRecords {
  /** Before its run begins. Idempotent by id. */
  open(reset: {
    readonly resetId: string;
    readonly accountId: string | null;
    readonly atMs: number;
  }): Promise<void>;
  /** Whose reset it is; null once it no longer stands, and for somebody we do not know. */
  holder(resetId: string): Promise<{ readonly accountId: string; readonly username: string } | null>;
  /** Whether it was opened for this account and stands; for null, whether it was opened for somebody we do not know. */
  isFor(resetId: string, accountId: string | null): Promise<boolean>;
  /** Counts one more chosen password that is compared with earlier ones; false after `atMost`, however many ask at once. */
  takeChoice(resetId: string, atMost: number): Promise<boolean>;
}

/** A page's hold on a reset, as `openToken` gives it back. */
export interface OpenedReset extends HeldReset {
  readonly token: string;
}

/** A token's reset as its holder may see it. `accountId` and `username` only for the token that proved identity, while the reset stands. */
export interface HeldReset {
  readonly resetId: string;
  readonly portal: Portal;
  /** Members: the typed address, masked. */
  readonly sentTo?: string | undefined;
  /** Brokers: the ids of the two questions. */
  readonly questionIds?: readonly string[] | undefined;
  /** Members: how many digits its PINs have; the policy's of now where nothing is told. */
  readonly pinDigits?: number | undefined;
  readonly view: ResetView;
  readonly accountId?: string;
  readonly username?: string;
}

/** `accountId`: whose it is, where that is known; for the audit log, and for nobody outside. */
export type OpenResetResult = { readonly accountId?: string | undefined } & (
  | { readonly kind: 'opened'; readonly reset: OpenedReset }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
);

export type SubmitProofResult = (
  | { readonly kind: 'accepted'; readonly reset: HeldReset }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
  | { readonly kind: 'over' }
) & {
  /** Whose reset it is, for the audit log alone: it is known whether or not the proof was right. */
  readonly accountId?: string | undefined;
};

export type ResendResult =
  | { readonly kind: 'made'; readonly reset: HeldReset }
  | { readonly kind: 'too-soon'; readonly retryAfterMs: number }
  | { readonly kind: 'already-proved' }
  | { readonly kind: 'exhausted'; readonly retryAfterMs: number | null }
  | { readonly kind: 'over' };

export type ChooseResetResult =
  | { readonly kind: 'done'; readonly reset: HeldReset }
  | { readonly kind: 'not-proved' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'over' };

/**
 * Starts and drives `passwordReset` runs. What is asked for again by the same operation is done once, and answered as the first
 * time, also when the run is over by then; without one each call is its own. Throws `AppError`: `unauthorized` for a wrong or foreign token, `unavailable` when
 * Temporal cannot answer, and `wrong_proof` before anything is counted, for a PIN call (`submitPin`, `resend`, `showUsername`) on
 * a broker's reset and for answers on a member's.
 */
export interface PasswordResets {
  openForMember(email: string, operation?: Operation): Promise<OpenResetResult>;
  openForBroker(
    person: { readonly username: string; readonly firstName: string; readonly lastName: string },
    operation?: Operation,
  ): Promise<OpenResetResult>;
  /** What the token itself tells, without asking the run. */
  asked(resetId: string, token: string): Pick<HeldReset, 'portal' | 'questionIds' | 'pinDigits'>;
  look(resetId: string, token: string): Promise<HeldReset>;
  submitPin(resetId: string, token: string, pin: string, operation?: Operation): Promise<SubmitProofResult>;
  /** Two answers, in whatever order. */
  submitAnswers(
    resetId: string,
    token: string,
    answers: readonly SecurityAnswer[],
    operation?: Operation,
  ): Promise<SubmitProofResult>;
  resend(resetId: string, token: string, operation?: Operation): Promise<ResendResult>;
  commitPassword(
    resetId: string,
    token: string,
    stagedId: string,
    operation?: Operation,
  ): Promise<ChooseResetResult>;
  /** How the commit that this operation asked for earlier ended; null when the run has none of it. */
  findCommit(resetId: string, token: string, operation: Operation): Promise<ChooseResetResult | null>;
  showUsername(resetId: string, token: string, operation?: Operation): Promise<ChooseResetResult>;
  cancel(resetId: string, token: string): Promise<void>;
}

/** Starts the run that delivers an email of the ledger. */
export interface NoticeAnnouncer {
  // Call each before the write it tells of: the run waits for that, and ends as outdated when it never happens.
  // `isRepeated`: an earlier run may have ended before the write; another takes its place, and sends what was not sent.
  announcePasswordChanged(notice: {
    readonly accountId: string;
    readonly credentialId: string;
    readonly atMs: number;
    readonly isRepeated: boolean;
  }): Promise<void>;
  announceUsernameReminded(notice: {
    readonly accountId: string;
    readonly reminderId: string;
    readonly atMs: number;
  }): Promise<void>;
  announceRegistered(notice: {
    readonly accountId: string;
    readonly atMs: number;
    readonly isRepeated: boolean;
  }): Promise<void>;
  announceInvitation(notice: {
    readonly invitationId: string;
    readonly atMs: number;
    readonly expiresAtMs: number;
    readonly isRepeated: boolean;
  }): Promise<void>;
}

export interface TokenDigests {
  /** Digest of a random bearer token of 256 bits, which needs no key; the token itself is kept nowhere. */
  tokenDigest(token: string): string;
  /** Digest under the current pepper, for what could be guessed: usernames, bodies of requests. */
  keyedDigest(text: string): string;
  /** AES-GCM under the current pepper; `null` from `open` when it was not sealed here for that purpose. */
  seal(purpose: string, plain: string): string;
  open(purpose: string, sealed: string): string | null;
}

/** What `/readyz` asks; each resolves to true or false within its own time limit. */
export interface ReadinessChecks {
  database(): Promise<boolean>;
  temporal(): Promise<boolean>;
  worker(): Promise<boolean>;
}

export interface RequestLimiter {
  /** Takes `points` (default 1) from `budget` for `key`; milliseconds until the next try when it is empty, else null. */
  take(budget: LimitName, key: string, points?: number): Promise<number | null>;
  /** Returns one point that turned out not to be due: it was taken before a password that was right. */
  giveBack(budget: LimitName, key: string): Promise<void>;
}

/** The helpdesk's help for somebody whose recovery budget is used up. */
export interface RecoveryAllowances {
  /** From `atMs` on nothing counts that the account's person used before; false: no such account. Twice forgives nothing more. */
  allow(accountId: string, atMs: number): Promise<boolean>;
}

/** Wrong passwords in a row of an account, or of a username that nobody has, over all addresses. */
export interface PasswordTries {
  /** Whether somebody signed in with this password from this address after `sinceMs`. */
  isKnownAddress(credentialId: string | null, addressKey: string, sinceMs: number): Promise<boolean>;
  /**
   * Counts a try of `who` unless the allowance says no, before anything is compared; parallel tries cannot exceed it. A row whose
   * last wrong password is older than `countsFromMs` begins again.
   */
  take(
    who: string,
    allowance: TryAllowance,
    time: { readonly countsFromMs: number; readonly nowMs: number },
  ): Promise<TryAnswer>;
  /** The password was right: ends the row. */
  endRow(who: string): Promise<void>;
}

export interface ApiKeyHolder {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly staffNumber: string | null;
}

export interface ApiKeys {
  /** Whose key this is, unless it was revoked. Audits that it was used, from where, and whether it had any of the scopes. */
  findByDigest(
    tokenDigest: string,
    nowMs: number,
    use: { readonly scopes: readonly Scope[]; readonly address: string },
  ): Promise<ApiKeyHolder | null>;
}

/** A roster's agent or corporation, as registration compares it. Names are folded. */
export interface RegisteringAgent extends Activity {
  readonly agentKey: string;
  readonly agentNumber: string;
  readonly kind: 'agent' | 'corporation';
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** Of the person who registers: the agent, or the corporation's licensed principal. The current last name first. */
  readonly lastNameKeys: readonly string[];
  readonly ssnDigest: string;
  /** The pepper that `ssnDigest` was made with. */
  readonly pepperId: string;
  readonly wasWelcomed: boolean;
  /** Whether this agent, or the same person under another number, has an account already. */
  readonly hasAccount: boolean;
}

export interface OpenInvitation {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Whether its person registered with it already. */
  readonly used: boolean;
}

export interface BrokerDirectory {
  findAgent(agentKey: string): Promise<RegisteringAgent | null>;
  /** The newest, unexpired invitation with this code; used ones too, so that their person is sent to sign in. */
  findInvitation(codeDigest: string, nowMs: number): Promise<OpenInvitation | null>;
  /** What a reset compares and asks; null for a username that nobody has. */
  findForReset(username: string): Promise<BrokerForReset | null>;
  /** A secret that stays the same for as long as the database does. */
  decoySeed(): Promise<string>;
  /** The username of the account whose names match (folded; previous last names too); null when none or more than one does. */
  findUsernameOfAgent(query: {
    readonly firstNameKey: string;
    readonly lastNameKey: string;
    readonly agentKey: string;
  }): Promise<FoundUsername | null>;
  findUsernameByEmail(query: {
    readonly firstNameKey: string;
    readonly lastNameKey: string;
    readonly emailKey: string;
  }): Promise<FoundUsername | null>;
}

export interface FoundUsername {
  readonly accountId: string;
  readonly username: string;
}

export interface BrokerForReset {
  readonly accountId: string;
  readonly username: string;
  readonly firstNameKey: string;
  readonly lastNameKeys: readonly string[];
  readonly answers: readonly StretchedAnswer[];
}

/** A security answer, folded by its version, after argon2id under `salt`; both base64url. */
export interface StretchedAnswer {
  readonly questionId: string;
  readonly salt: string;
  readonly stretched: string;
  readonly foldVersion: AnswerFoldVersion;
}

export interface AnswerStretcher {
  /** Folds and stretches an answer: as slow as a password's hash, and the same for the same salt. */
  stretch(answer: string, salt: string, foldVersion: AnswerFoldVersion): Promise<string>;
  newSalt(): string;
}

export interface NewBrokerAccount {
  readonly accountId: string;
  readonly credentialId: string;
  readonly kind: 'agent' | 'corporation' | 'other';
  readonly agentKey: string | null;
  readonly invitationId: string | null;
  readonly username: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** E.164. */
  readonly phone: string;
  readonly language: Language;
  readonly answers: readonly StretchedAnswer[];
  readonly termsVersion: string;
  readonly atMs: number;
  readonly address: string;
}

export interface BrokerRegistrations {
  /**
   * One transaction, the audit event `registered` in it; the database sees to it that one agent, one person, one invitation and
   * one username make one account. Where both are so, `already-registered` is answered rather than `username-taken`. `invitation-over`: a newer one replaced it, or it has expired.
   */
  create(
    account: NewBrokerAccount,
  ): Promise<'created' | 'username-taken' | 'already-registered' | 'invitation-over'>;
}

/** What registration compares secrets by. */
export interface BrokerSecrets {
  /** The pepper that new things are made with. */
  readonly currentId: string;
  /** Ids of all peppers. */
  readonly ids: readonly string[];
  /** Keyed digest of the last six digits of an SSN: all that is kept of it. */
  ssnDigest(pepperId: string, ssnLast6: string): string;
  /** The access code of an invitation, as it is compared; derived, never stored. */
  invitationCode(pepperId: string, invitationId: string): string;
  /** What an invitation's code is looked up by. The code has 76 random bits, so it needs no key. */
  invitationCodeDigest(code: string): string;
}

export interface NewInvitation {
  readonly id: string;
  readonly pepperId: string;
  readonly codeDigest: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Id of the API key, and where it was used from. */
  readonly createdBy: string;
  readonly address: string;
}

export interface Invitations {
  /** When the invitation of that id ends; null when there is none. */
  findExpiry(id: string): Promise<number | null>;
  /** Writes it, ends every earlier open one for the same address, and audits; idempotent by id. */
  issue(invitation: NewInvitation): Promise<void>;
}

export interface ListedRotation {
  readonly credentialId: string;
  readonly accountId: string;
  readonly username: string;
  readonly portal: Portal;
  readonly state: RotationState;
  readonly setAtMs: number;
  readonly expiresAtMs: number;
  readonly remindedAtMs: number | null;
}

export interface RotationList {
  /** Current passwords of open accounts in their last days or past their end, in the order of (`expiresAtMs`, `credentialId`). */
  list(query: {
    readonly policies: PortalPolicies;
    readonly state?: RotationState | undefined;
    /** Those behind this place of the order. */
    readonly after?: { readonly atMs: number; readonly id: string } | undefined;
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<readonly ListedRotation[]>;
}

export interface AuditLog {
  /** Appends an event; one with a `key` that is there already is left as it is. */
  record(event: AuditEvent): Promise<void>;
}

/** What is guessed at: passwords, PINs and security answers, access codes, whose username it is. */
export type GuessKind = 'passwords' | 'proofs' | 'access-codes' | 'usernames';
/** Whose wrong guesses are counted together: those of an address, of its networks, of everybody. */
export type GuessLevel = 'address' | 'network' | 'site' | 'global';

/** Budgets of requests; their sizes stand in one table beside the limiter. */
export type LimitName =
  | 'requests'
  | 'reset-openings'
  | 'proofs'
  | 'sign-ins'
  /** Wrong passwords for one username from one address. */
  | 'wrong-passwords'
  | `wrong-${GuessKind}-${GuessLevel}`
  /** Wrong access codes for one writing number (spec.md 2). */
  | 'access-codes'
  | 'username-reminders';

export interface IdempotencyStore {
  /**
   * Claims the key for this body, or tells what is there. A claim without an answer lapses after a minute. `operationId` is the same
   * each time the key is claimed again, which `isRepeated` tells.
   */
  begin(
    keyDigest: string,
    bodyDigest: string,
  ): Promise<
    | { readonly kind: 'claimed'; readonly operationId: string; readonly isRepeated: boolean }
    | { readonly kind: 'running' | 'other-body' }
    | { readonly kind: 'answered'; readonly status: number; readonly answer: string }
  >;
  /** Keeps the answer (sealed by the caller) for 24 hours. */
  finish(keyDigest: string, status: number, answer: string): Promise<void>;
  /** Ends the claim: nobody knows whether what was asked for is done, and the same body may ask again. */
  release(keyDigest: string): Promise<void>;
  /** Gives the key back: nothing was done, and the next try is another operation. */
  forget(keyDigest: string): Promise<void>;
}

/** Which key something was done with, from where, and when. */
interface DoneBy {
  /** What is asked for again under the same id was done the first time, and is answered as it was then. */
  readonly moveId?: string;
  readonly apiKeyId: string;
  readonly address: string;
  readonly atMs: number;
}

export interface NewPlanChange extends Omit<DoneBy, 'moveId'> {
  readonly planChangeId: string;
  readonly customerId: string;
  readonly channel: PlanChangeChannel;
  readonly route: PlanChangeRoute;
  readonly stage: PlanChangeStage;
  readonly facilitatorKey: string | null;
  readonly planId: string | null;
  readonly effectiveOn: string | null;
}

/** A plan change as staff see it. Numbers as the rosters write them. */
export interface ListedPlanChange extends PlanChangeRecord {
  readonly facilitatorNumber: string | null;
  readonly claimedByNumber: string | null;
  readonly endedFor: string | null;
  /** Of the decision, once there is one; and which API key it was completed with. */
  readonly reason: AorDecision['reason'] | null;
  readonly completedWith: string | null;
  readonly agentNumber: string | null;
  readonly commissionContinues: boolean;
}

export interface PlanChangeQuery {
  /** What the caller may look at. */
  readonly visible: Visible;
  readonly stage?: PlanChangeStage | undefined;
  readonly route?: PlanChangeRoute | undefined;
  /** Those behind this place of the order. */
  readonly after?: { readonly atMs: number; readonly id: string } | undefined;
  readonly nowMs: number;
  readonly limit: number;
}

/** Where staff take plan changes in and pass them on. Each move happens once, and is in the audit log; false: it was not possible (any more). */
export interface PlanChangeDesk {
  /** False when the customer has an open one, which the database sees to. */
  open(change: NewPlanChange): Promise<boolean>;
  openChangeOf(customerId: string): Promise<string | null>;
  look(planChangeId: string): Promise<ListedPlanChange | null>;
  /** In the order of `waitingSinceMs`, then of ids. */
  list(query: PlanChangeQuery): Promise<readonly ListedPlanChange[]>;
  /** The oldest waiting one, to exactly one of those who ask at once; null when none waits. */
  claimNext(claim: Claim): Promise<string | null>;
  claim(planChangeId: string, claim: Claim): Promise<boolean>;
  release(planChangeId: string, release: DoneBy & { readonly staffKey: string }): Promise<boolean>;
  /** To the unit's queue, from an internal agent; not when it is none of the caller's. */
  refer(planChangeId: string, referral: DoneBy & { readonly caller: PlanChangeCaller }): Promise<boolean>;
  /** Of a held one, which goes on with it. */
  replaceFacilitator(
    planChangeId: string,
    replacement: DoneBy & { readonly facilitatorKey: string },
  ): Promise<boolean>;
  /** Not when it is none of the caller's. */
  withdraw(
    planChangeId: string,
    withdrawal: DoneBy & { readonly reason: string; readonly caller: PlanChangeCaller },
  ): Promise<boolean>;
}

interface Claim extends DoneBy {
  readonly staffKey: string;
  readonly claimUntilMs: number;
}

/** Starts and drives `planChange` runs. */
export interface PlanChangeRuns {
  /** Before the change is taken in: a run that finds none ends by itself. Throws `AppError('unavailable')`. */
  start(change: NewPlanChange & { readonly agentKey: string | null }): Promise<void>;
  /** That something was done about it. Never fails: a run that was not told finds out by itself. */
  tell(planChangeId: string): Promise<void>;
  /** Throws `AppError('unavailable')` when Temporal or the worker cannot answer; whether it was completed then shows later. */
  complete(
    planChangeId: string,
    request: CompletionRequest,
    operation?: Operation,
  ): Promise<CompletionResult>;
}

/** Who is, was and will be agent of record. Days are `YYYY-MM-DD`; numbers as the roster writes them. */
export interface AgentsOfRecord {
  /** Null when there is no such customer. */
  ofCustomer(customerId: string): Promise<CustomersAgentOfRecord | null>;
  /** Whose agent of record this agent is on `day`, in the order of (since, id); null when there is no such agent. */
  customersOf(query: {
    readonly agentKey: string;
    readonly day: string;
    readonly after?: { readonly atMs: number; readonly id: string } | undefined;
    readonly limit: number;
  }): Promise<AgentsCustomers | null>;
}

export interface CustomersAgentOfRecord {
  readonly history: readonly (EffectiveDates & { readonly agentNumber: string | null })[];
  readonly decisions: readonly RecordedDecision[];
}

export interface RecordedDecision {
  readonly planChangeId: string;
  readonly decidedAtMs: number;
  readonly effectiveOn: string;
  readonly outcome: AorDecision['outcome'];
  readonly reason: AorDecision['reason'];
  readonly ruleVersion: number;
  readonly commissionContinues: boolean;
  readonly evidence: GatheredEvidence;
  /** From then on, until then, and who facilitated. */
  readonly agentNumber: string | null;
  readonly originalNumber: string | null;
  readonly facilitatorNumber: string | null;
}

export interface AgentsCustomers {
  readonly agentNumber: string;
  readonly customers: readonly {
    readonly id: string;
    readonly customerId: string;
    readonly since: string;
    readonly sinceMs: number;
    readonly planId: string | null;
  }[];
}

/** What operators look for runs by: all of what is given. */
export interface RunFilter {
  readonly portal?: Portal | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  readonly account?: string | undefined;
  readonly customer?: string | undefined;
  readonly outcome?: string | undefined;
}

/** A run as lists show it, with its search attributes. */
export interface OpsRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly closedAtMs: number | null;
  readonly portal: string | null;
  readonly stage: string | null;
  readonly account: string | null;
  readonly customer: string | null;
  readonly agent: string | null;
  readonly route: string | null;
  readonly outcome: string | null;
}

/** Runs of this system as Temporal lists them, and what operators do with them. Throws `AppError('unavailable')`, unless told otherwise. */
export interface OpsRuns {
  /** Open ones first, then closed ones, each the newest first. `page` and `nextPage` are Temporal's own. */
  list(
    filter: RunFilter,
    page: string | undefined,
  ): Promise<{ readonly runs: readonly OpsRun[]; readonly nextPage: string | null }>;
  /** The newest that concern somebody, but for emails that were settled; null when Temporal cannot answer. */
  concerning(whom: Pick<RunFilter, 'account' | 'customer'>): Promise<readonly OpsRun[] | null>;
  findOpen(workflowId: string): Promise<OpsRun | null>;
  /** The newest run of that id, when it ended as cancelled. */
  findCancelled(workflowId: string): Promise<OpsRun | null>;
  /** False when there is no such run (any more); of one that has just ended Temporal may say so or not. */
  requestCancel(workflowId: string): Promise<boolean>;
  /** Whether a run has the email in its hands just now. */
  isBeingSent(email: LedgerEmail): Promise<boolean>;
  /** Starts a run that sends the email once more, and gives its id; null when one does already. `resendId`: whose request it is. */
  resend(email: ResendableEmail, resendId: string): Promise<string | null>;
  /** The id of the run that `resend` started for this request; null when it started none. */
  findResend(email: LedgerEmail, resendId: string): Promise<string | null>;
}

/** Starts a notice's run once more. */
export interface AgainStarter {
  /** By its number, for the request `resendId`; false when there is, or was, one. */
  startAgain(notice: DeliverNoticeInput, resendId: string): Promise<boolean>;
  /** Where the run is over: one that ended before what it tells of was written has sent nothing. */
  restart(notice: DeliverNoticeInput): Promise<void>;
}

/** A row of the ledger of emails. */
export interface LedgerEmail {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId: string | null;
  readonly reference: string;
  readonly status: MailOutcome | 'pending';
  /** How often an operator had it sent again. */
  readonly resends: number;
  readonly firstTriedAtMs: number;
  readonly validUntilMs: number;
}

export interface ResendableEmail extends LedgerEmail {
  readonly kind: DeliverNoticeInput['kind'];
}

export interface LedgerEmails {
  find(messageId: string): Promise<LedgerEmail | null>;
}

/** What is on record of somebody, in one order: the newest first, and of the same moment the highest `id` first. */
export interface Timelines {
  /** Audit log, emails, and decisions that concern the agent whose account it is; null when there is no such account. */
  ofAccount(accountId: string, page: TimelinePage): Promise<readonly TimelineRecord[] | null>;
  /** Plan changes: audit log, emails and decisions; null when there is no such customer. */
  ofCustomer(customerId: string, page: TimelinePage): Promise<readonly TimelineRecord[] | null>;
}

export interface TimelinePage {
  /** Those behind this place of the order. */
  readonly after?: { readonly atMs: number; readonly id: string } | undefined;
  readonly limit: number;
}

export interface TimelineRecord {
  readonly atMs: number;
  readonly id: string;
  readonly fact: AuditFact | EmailFact | DecisionFact;
}

export interface AuditFact {
  readonly source: 'audit';
  readonly action: AuditAction;
  readonly outcome: string;
  readonly planChangeId: string | null;
  readonly apiKeyId: string | null;
  readonly about: string | null;
  readonly reason: string | null;
  readonly operator: string | null;
}

/** An email at its end, or, while it is pending, at its first attempt. */
export interface EmailFact extends Omit<LedgerEmail, 'accountId' | 'reference'> {
  readonly source: 'email';
  readonly attempts: number;
  readonly smtpCode: number | null;
  /** A PIN's that was pending when a newer PIN took its place. */
  readonly replaced: boolean;
}

export interface DecisionFact extends Pick<
  RecordedDecision,
  'planChangeId' | 'outcome' | 'reason' | 'effectiveOn' | 'commissionContinues' | 'agentNumber'
> {
  readonly source: 'decision';
  readonly customerId: string;
  readonly previousNumber: string | null;
  /** What it did to the agent whose timeline it is; null in a customer's. */
  readonly role: 'kept' | 'gained' | 'lost' | null;
}
