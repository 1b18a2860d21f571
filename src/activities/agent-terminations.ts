import { agentTerminatedNotice } from '../contracts/notice';
import type { AgentTerminations, TerminatedAgentsPolicy } from '../ports/agent-terminations';
import type { NoticeStarter } from '../ports/mail';

const PAGE = 100;

export interface TerminationDeps {
  readonly terminations: Omit<AgentTerminations, 'findForMail'>;
  readonly notices: NoticeStarter;
  readonly policy: TerminatedAgentsPolicy;
  /** Whether compliance has an address. Without one the audit log has the termination, and no email is sent. */
  readonly tellsCompliance: boolean;
}

/**
 * Ends what agents whose last day is over may no longer use, and tells compliance, one email for each of them. A last day may come
 * after its import, so the worker looks again and again. Safe to repeat, and to run on several workers at once: a termination is
 * carried out once, and its email is one run.
 */
export async function endTerminatedAgents(
  { terminations, notices, policy, tellsCompliance }: TerminationDeps,
  today: string,
  clock: () => number,
): Promise<void> {
  while ((await terminations.carryOut({ today, policy, atMs: clock(), limit: PAGE })) === PAGE);
  for (let full = true; full;) {
    const page = await terminations.unannounced(PAGE);
    if (tellsCompliance) for (const id of page) await notices.start(agentTerminatedNotice(id, clock()));
    await terminations.markAnnounced(page, clock());
    full = page.length === PAGE;
  }
}
