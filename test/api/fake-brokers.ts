/** The broker rosters, invitations and registrations in memory. */
import type { Invitations, NewInvitation } from '../../src/ports/invitation';
import type {
  BrokerDirectory,
  BrokerForReset,
  BrokerRegistrations,
  NewBrokerAccount,
  RegisteringAgent,
} from '../../src/ports/registration';
import { foldAgentNumber, foldLastName, foldName, lastNameKeys } from '../../src/domain/accounts/names';
import { foldEmail, foldUsername } from '../../src/domain/accounts/text';
import type { FakeAccounts } from './fakes';

interface FakeInvitation extends NewInvitation {
  readonly used: boolean;
  readonly replaced: boolean;
}

export class FakeBrokers implements BrokerDirectory, BrokerRegistrations, Invitations {
  readonly agents = new Map<string, RegisteringAgent>();
  readonly issued = new Map<string, FakeInvitation>();
  readonly created: NewBrokerAccount[] = [];
  /** What was asked, in order. */
  readonly asked: string[] = [];

  constructor(private readonly accounts: FakeAccounts) {}

  /** Séamus O’Dwyer, number AB123, digits 445566, who is welcome. */
  addAgent(agent: Partial<RegisteringAgent> & { ssnLast6?: string; lastNames?: string[] } = {}): void {
    const { ssnLast6 = '445566', lastNames = ['O’Dwyer'], ...rest } = agent;
    const agentNumber = agent.agentNumber ?? 'AB123';
    this.agents.set(foldAgentNumber(agentNumber), {
      agentKey: foldAgentNumber(agentNumber),
      agentNumber,
      kind: 'agent',
      firstName: 'Séamus',
      lastName: lastNames[0] ?? '',
      email: 'seamus@example.com',
      lastNameKeys: lastNameKeys(lastNames),
      ssnDigest: `p1:${ssnLast6}`,
      pepperId: 'p1',
      wasWelcomed: true,
      terminatedOn: null,
      principalTerminatedOn: null,
      hasAccount: false,
      ...rest,
    });
  }

  findAgent: BrokerDirectory['findAgent'] = async (agentKey) => {
    this.asked.push('agent');
    return this.agents.get(agentKey) ?? null;
  };

  findInvitation: BrokerDirectory['findInvitation'] = async (codeDigest, nowMs) => {
    this.asked.push('invitation');
    const open = [...this.issued.values()].find(
      (invitation) =>
        invitation.codeDigest === codeDigest && !invitation.replaced && invitation.expiresAtMs > nowMs,
    );
    return open ?? null;
  };

  decoySeed = async (): Promise<string> => 'seed';

  findForReset = async (username: string): Promise<BrokerForReset | null> => {
    const account = this.created.find((made) => foldUsername(made.username) === foldUsername(username));
    if (!account) return null;
    const { accountId, firstName, answers } = account;
    return {
      accountId,
      username: account.username,
      firstNameKey: foldName(firstName),
      lastNameKeys: this.lastNameKeysOf(account),
      answers,
    };
  };

  findUsernameOfAgent: BrokerDirectory['findUsernameOfAgent'] = async (query) =>
    this.findUsername(query, (account) => account.agentKey === query.agentKey);

  findUsernameByEmail: BrokerDirectory['findUsernameByEmail'] = async (query) =>
    this.findUsername(query, ({ kind, email }) => kind === 'other' && foldEmail(email) === query.emailKey);

  check: BrokerRegistrations['check'] = async ({ agentKey, invitationId, username }) => {
    const agent = agentKey === null ? undefined : this.agents.get(agentKey);
    const invitation = invitationId === null ? undefined : this.issued.get(invitationId);
    if (agent?.hasAccount || invitation?.used) return 'already-registered';
    return (await this.accounts.findByUsername('broker', username)) ? 'username-taken' : null;
  };

  create: BrokerRegistrations['create'] = async (account) => {
    const refusal = await this.check(account);
    if (refusal !== null) return refusal;
    const { agentKey, invitationId } = account;
    const agent = agentKey === null ? undefined : this.agents.get(agentKey);
    const invitation = invitationId === null ? undefined : this.issued.get(invitationId);
    if (agent) this.agents.set(agent.agentKey, { ...agent, hasAccount: true });
    if (invitation) this.issued.set(invitation.id, { ...invitation, used: true });
    this.add(account);
    return 'created';
  };

  findExpiry: Invitations['findExpiry'] = async (id) => this.issued.get(id)?.expiresAtMs ?? null;

  issue: Invitations['issue'] = async (invitation) => {
    if (this.issued.has(invitation.id)) return;
    for (const [id, earlier] of this.issued) {
      if (foldEmail(earlier.email) === foldEmail(invitation.email)) {
        this.issued.set(id, { ...earlier, replaced: true });
      }
    }
    this.issued.set(invitation.id, { ...invitation, used: false, replaced: false });
  };

  /** An account as a registration makes it, without one. */
  add(account: NewBrokerAccount): void {
    this.created.push(account);
    const { accountId, credentialId, username, passwordHash, firstName, language, email, atMs } = account;
    const credential = { id: credentialId, hash: passwordHash, setAtMs: atMs };
    const history = [passwordHash];
    this.accounts.add({
      id: accountId,
      portal: 'broker',
      username,
      firstName,
      language,
      email,
      credential,
      history,
    });
  }

  private findUsername(
    { firstNameKey, lastNameKey }: { readonly firstNameKey: string; readonly lastNameKey: string },
    test: (account: NewBrokerAccount) => boolean,
  ): { accountId: string; username: string } | null {
    const found = this.created.find(
      (account) =>
        foldName(account.firstName) === firstNameKey &&
        this.lastNameKeysOf(account).includes(lastNameKey) &&
        test(account),
    );
    return found ? { accountId: found.accountId, username: found.username } : null;
  }

  private lastNameKeysOf({ agentKey, lastName }: NewBrokerAccount): readonly string[] {
    return (
      (agentKey === null ? undefined : this.agents.get(agentKey)?.lastNameKeys) ?? [foldLastName(lastName)]
    );
  }
}
