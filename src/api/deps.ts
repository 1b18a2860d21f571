/** All that the HTTP face is built from; the composition root fills it in. */
import type { Logger } from 'pino';
import type { Portal, PortalPolicies, Terms } from '../domain/portal';
import type { PlanChangeFacts } from '../ports/plan-change';
import type { PlanChangePolicy } from '../domain/plan-change/deadlines';
import type { AccountStore, TermsAcceptances } from '../ports/accounts';
import type { AgentsOfRecord, AorReviews, CommissionStatements } from '../ports/agent-of-record';
import type { AorCorrectionRequests, AorCorrectionRuns } from '../ports/aor-correction';
import type { ApiKeys } from '../ports/api-key';
import type { AuditLog } from '../ports/audit';
import type { Invitations } from '../ports/invitation';
import type { AnswerStretcher, BrokerSecrets, PasswordHasher, TokenDigests } from '../ports/keys';
import type { NoticeAnnouncer } from '../ports/mail';
import type { LedgerEmails, OpsRuns, Timelines } from '../ports/ops';
import type {
  PasswordResets,
  PasswordStaging,
  RecoveryAllowances,
  ResetRecords,
} from '../ports/password-reset';
import type { RotationList } from '../ports/password-rotation';
import type { PlanChangeQueue, PlanChangeRuns } from '../ports/plan-change';
import type { BrokerDirectory, BrokerRegistrations } from '../ports/registration';
import type {
  DrivenRuns,
  IdempotencyStore,
  ReadinessChecks,
  RequestLimiter,
  RequestObserver,
} from '../ports/request';
import type { PasswordReplacer, PasswordTries, SessionStore } from '../ports/session';
import type { SignInRecords, SignIns, TwoStepSwitch } from '../ports/sign-in';
import type { Texts } from '../ports/texts';

export interface ApiDeps {
  readonly resets: PasswordResets;
  readonly resetRecords: Pick<ResetRecords, 'takeChoice'>;
  readonly accounts: AccountStore;
  readonly hasher: PasswordHasher;
  readonly staging: PasswordStaging;
  readonly replacer: PasswordReplacer;
  readonly sessions: SessionStore;
  readonly signIns: SignIns;
  readonly signInRecords: Pick<SignInRecords, 'find' | 'findOfSession'>;
  readonly twoStep: TwoStepSwitch;
  readonly termsAcceptances: TermsAcceptances;
  readonly notices: NoticeAnnouncer;
  readonly digests: TokenDigests & BrokerSecrets;
  readonly brokers: BrokerDirectory;
  readonly registrations: BrokerRegistrations;
  readonly invitations: Invitations;
  readonly stretcher: AnswerStretcher;
  readonly apiKeys: ApiKeys;
  readonly rotations: RotationList;
  readonly planChanges: PlanChangeQueue;
  readonly planChangeFacts: PlanChangeFacts;
  readonly planChangeRuns: PlanChangeRuns;
  readonly planChangePolicy: PlanChangePolicy;
  readonly agentsOfRecord: AgentsOfRecord;
  readonly commissionStatements: CommissionStatements;
  readonly aorCorrections: AorCorrectionRequests;
  readonly aorCorrectionRuns: AorCorrectionRuns;
  readonly aorReviews: AorReviews;
  readonly opsRuns: OpsRuns;
  readonly recovery: RecoveryAllowances;
  readonly timelines: Timelines;
  readonly emails: LedgerEmails;
  readonly audit: AuditLog;
  readonly readiness: ReadinessChecks;
  readonly limiter: RequestLimiter;
  readonly passwordTries: PasswordTries;
  readonly idempotency: IdempotencyStore;
  /** As this system has them: a setting may let members' passwords expire. */
  readonly policies: PortalPolicies;
  readonly texts: Texts;
  /** The current terms of each portal. */
  readonly terms: Readonly<Record<Portal, Terms>>;
  /** Lower-case passwords that a portal refuses as too common. */
  readonly commonPasswords: Readonly<Record<Portal, ReadonlySet<string>>>;
  /** As Express's "trust proxy" takes it. */
  readonly trustProxy: boolean | number | string;
  /** Version of the package, told in the OpenAPI document. */
  readonly version: string;
  readonly logger: Logger;
  /** Who is told of every request; absent: nobody. */
  readonly observers?: readonly RequestObserver[];
  /** Which runs a request drives; absent: its log line does not tell. */
  readonly drivenRuns?: DrivenRuns | undefined;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** A new UUID. */
  readonly newId: () => string;
  /** What an address is counted under: itself, or its /64 for IPv6. */
  readonly addressKey: (address: string) => string;
  /** The same, then the networks it is in, the narrowest first. */
  readonly networkKeys: (address: string) => readonly string[];
  /** Whether `error` says that the database cannot be reached. */
  readonly isDatabaseAway: (error: unknown) => boolean;
}
