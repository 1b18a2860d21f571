import type { StandingResets } from '../../src/ports/password-reset';
import type { ResetRecords } from '../../src/ports/password-reset';

/** Reset records in memory: resets stand until a test says that something changed. */
export class FakeResetRecords implements ResetRecords, StandingResets {
  readonly opened = new Map<string, string | null>();
  private readonly choices = new Map<string, number>();
  private readonly outlived = new Set<string>();

  /** Makes all resets opened so far no longer stand. */
  changeIdentity(): void {
    for (const resetId of this.opened.keys()) this.outlived.add(resetId);
  }

  open: ResetRecords['open'] = async ({ resetId, accountId }) => void this.opened.set(resetId, accountId);

  holder: ResetRecords['holder'] = async (resetId) => {
    const accountId = this.opened.get(resetId) ?? null;
    return accountId === null || this.outlived.has(resetId) ? null : { accountId, username: 'the.username' };
  };

  isFor: ResetRecords['isFor'] = async (resetId, accountId) =>
    this.opened.get(resetId) === accountId && (accountId === null || !this.outlived.has(resetId));

  takeChoice: ResetRecords['takeChoice'] = async (resetId, atMost) => {
    const taken = (this.choices.get(resetId) ?? 0) + 1;
    this.choices.set(resetId, taken);
    return taken <= atMost;
  };

  accountOf: StandingResets['accountOf'] = async (resetId) => (await this.holder(resetId))?.accountId ?? null;

  stands: StandingResets['stands'] = async (resetId) => (await this.holder(resetId)) !== null;
}
