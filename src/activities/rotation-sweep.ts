import { Context } from '@temporalio/activity';
import pLimit from 'p-limit';
import type { PasswordRotationInput } from '../contracts/password-rotation';
import type { RotationSweepActivities } from '../contracts/rotation-sweep';
import { RUN_REVISION } from '../contracts/run-revision';
import type { PortalPolicies, PortalPolicy } from '../domain/portal';
import { rotationCalendar, rotationWindow } from '../domain/password-rotation/rotation-calendar';
import type { DueCredential, RotationRuns, Rotations } from '../ports/password-rotation';

export interface RotationSweepDeps {
  readonly rotations: Rotations;
  readonly rotationRuns: RotationRuns;
  readonly policies: PortalPolicies;
  readonly clock: () => number;
}

/** This many are read together; a crash repeats at most one page. */
const PAGE = 500;
/** This many are marked as started together, while the next ones are being started. */
const MARKED_TOGETHER = 100;
const STARTS_AT_ONCE = 20;

/** The step of the `rotationSweep` workflow. */
export function createRotationSweepActivities(deps: RotationSweepDeps): RotationSweepActivities {
  const { rotations, rotationRuns, policies, clock } = deps;

  return {
    /** A run is started once per credential, and a credential marked as started is not found again. */
    async startDueRotations({ limit }) {
      const counts = { started: 0, alreadyThere: 0 };
      for (const policy of Object.values(policies)) {
        let last: DueCredential | undefined;
        for (;;) {
          const left = limit - counts.started - counts.alreadyThere;
          if (left <= 0) return { ...counts, more: true };
          const page = await findDue(policy, last, Math.min(PAGE, left));
          if (page.length === 0) break;
          last = page.at(-1);
          const started = await startAll(policy, page);
          counts.started += started;
          counts.alreadyThere += page.length - started;
          Context.current().cancellationSignal.throwIfAborted();
        }
      }
      return { ...counts, more: false };
    },
  };

  /** From where the last page ended: what was marked stays in the index until it is vacuumed. */
  async function findDue(
    policy: PortalPolicy,
    last: DueCredential | undefined,
    limit: number,
  ): Promise<readonly DueCredential[]> {
    const window = rotationWindow(policy, clock());
    if (window === null) return [];
    const setAfterMs = last === undefined ? window.setAfterMs : last.setAtMs - 1;
    return rotations.findDue({ portal: policy.portal, ...window, setAfterMs, limit });
  }

  /** Returns how many of them had no run. */
  async function startAll(policy: PortalPolicy, page: readonly DueCredential[]): Promise<number> {
    const gate = pLimit(STARTS_AT_ONCE);
    const startGroup = async (group: readonly DueCredential[]): Promise<number> => {
      const started = await Promise.all(group.map((due) => gate(() => startOne(policy, due))));
      await mark(group);
      return started.filter(Boolean).length;
    };
    const groups: Promise<number>[] = [];
    for (let from = 0; from < page.length; from += MARKED_TOGETHER)
      groups.push(startGroup(page.slice(from, from + MARKED_TOGETHER)));
    return (await Promise.all(groups)).reduce((sum, started) => sum + started, 0);
  }

  async function mark(group: readonly DueCredential[]): Promise<void> {
    const ids = group.map(({ credentialId }) => credentialId);
    const changedMeanwhile = await rotations.markStarted(ids, clock());
    await Promise.all(changedMeanwhile.map((credential) => rotationRuns.passwordChanged(credential)));
  }

  async function startOne(policy: PortalPolicy, due: DueCredential): Promise<boolean> {
    const isNew = await rotationRuns.start(inputOf(policy, due));
    Context.current().heartbeat();
    return isNew;
  }

  function inputOf(
    policy: PortalPolicy,
    { accountId, credentialId, setAtMs }: DueCredential,
  ): PasswordRotationInput {
    const { portal } = policy;
    const calendar = rotationCalendar(policy, setAtMs);
    if (calendar === null) throw new Error(`passwords of the ${portal} portal do not expire`);
    return { portal, accountId, credentialId, ...calendar, revision: RUN_REVISION };
  }
}
