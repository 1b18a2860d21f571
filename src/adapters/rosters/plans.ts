/** The plans roster: what customers are enrolled in and may change to, in which states and from when to when (spec.md 7). */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { date, optionalDate, planId, text, trimmedList, usState, word } from './fields';
import { sameRow, upsertRows, type KeyedTable } from './keyed-table';
import type { RosterKind, RosterStore } from './roster-kind';
import { createStaging } from './staging';

const types = ['medicare-advantage'] as const;

const planRow = z
  .object({
    planId: planId(),
    name: text(200),
    type: word(types),
    // In one order, each once: the same states in another order are no change.
    states: z
      .string()
      .transform((list) => [...new Set(trimmedList(list))].toSorted())
      .pipe(z.array(usState()).min(1, 'is empty')),
    offeredFrom: date(),
    offeredTo: optionalDate(),
  })
  .superRefine(({ offeredFrom, offeredTo }, context) => {
    if (offeredTo !== null && offeredTo < offeredFrom)
      context.addIssue({ code: 'custom', path: ['offeredTo'], message: 'is before offeredFrom' });
  });

export type PlanRow = z.output<typeof planRow>;

export const plansRoster: RosterKind<PlanRow> = {
  kind: 'plans',
  columns: ['planId', 'name', 'type', 'states', 'offeredFrom', 'offeredTo'],
  needsPeppers: false,
  schema: planRow,
  store: createPlanStore,
};

const PLANS: KeyedTable = {
  name: 'plans',
  staged: 'staged_plans',
  key: 'plan_id',
  columns: ['name', 'type', 'states', 'offered_from', 'offered_to'],
};

function createPlanStore(client: ClientBase): RosterStore<PlanRow> {
  const staging = createStaging<PlanRow>(client, PLANS.staged, {
    plan_id: { type: 'text', value: (row) => row.planId },
    name: { type: 'text', value: ({ name }) => name },
    type: { type: 'text', value: ({ type }) => type },
    states: { type: 'text[]', value: ({ states }) => states },
    offered_from: { type: 'date', value: ({ offeredFrom }) => offeredFrom },
    offered_to: { type: 'date', value: ({ offeredTo }) => offeredTo },
  });
  return {
    prepare: staging.prepare,
    stage: staging.stage,

    async settle() {
      await staging.index();
      await staging.refuseRepeats([PLANS.key], 'planId');
      const accepted = await staging.count();
      return { accepted, unchanged: await staging.dropUnchanged(PLANS.name, sameRow(PLANS)) };
    },

    write: (lastLine) => staging.write(upsertRows(PLANS), lastLine),
  };
}
