/** Brokers: their registration, and their lookup for a reset or a username reminder. */
import type { Activity } from '../domain/plan-change/agent-standing';
import type { Language } from '../domain/portal';
import type { StretchedAnswer } from './keys';

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
  /** Whether this agent, or the same person under another number, already has an account. */
  readonly hasAccount: boolean;
}

export interface OpenInvitation {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Whether the invited person has already registered with it. */
  readonly used: boolean;
}

export interface BrokerDirectory {
  findAgent(agentKey: string): Promise<RegisteringAgent | null>;
  /** The newest, unexpired invitation with this code. Used ones count too, so that the person is told to sign in. */
  findInvitation(codeDigest: string, nowMs: number): Promise<OpenInvitation | null>;
  /** What a reset compares and asks; null if nobody has the username. */
  findForReset(username: string): Promise<BrokerForReset | null>;
  /** A secret that is constant for the lifetime of the database. */
  decoySeed(): Promise<string>;
  /** The username of the account whose names match (folded; previous last names too); null if none or several match. */
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

/** Of several, the first one. `invitation-over`: the invitation was replaced by a newer one, or has expired. */
export type RegistrationRefusal = 'invitation-over' | 'already-registered' | 'username-taken';

export interface BrokerRegistrations {
  /**
   * One transaction, which includes the audit event `registered`. The database enforces one account per agent, person, invitation
   * and username.
   */
  create(account: NewBrokerAccount): Promise<'created' | RegistrationRefusal>;
  /** What `create` would answer now; writes nothing. Null: nothing is in the way. */
  check(
    account: Pick<NewBrokerAccount, 'agentKey' | 'invitationId' | 'username' | 'atMs'>,
  ): Promise<RegistrationRefusal | null>;
}
