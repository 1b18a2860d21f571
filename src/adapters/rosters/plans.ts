/** The plans roster: the plans that customers are enrolled in and may change to, with their states and dates (spec.md 7). */
import { z } from 'zod';
import { date, optionalDate, planId, text, trimmedList, usState, word } from './fields';
import { createKeyedStore } from './keyed-table';
import type { RosterKind } from './roster-kind';
import { reason } from './reason';

const types = ['medicare-advantage'] as const;

const planRow = z
  .object({
    planId: planId(),
    name: text(200),
    type: word(types),
    // Sorted and unique: the same states in another order are no change.
    states: z
      .string()
      .transform((list) => [...new Set(trimmedList(list))].toSorted())
      .pipe(z.array(usState()).min(1, reason('empty'))),
    offeredFrom: date(),
    offeredTo: optionalDate(),
  })
  .superRefine(({ offeredFrom, offeredTo }, context) => {
    if (offeredTo !== null && offeredTo < offeredFrom)
      context.addIssue({
        code: 'custom',
        path: ['offeredTo'],
        message: reason('before', { column: 'offeredFrom' }),
      });
  });

export type PlanRow = z.output<typeof planRow>;

export const plansRoster: RosterKind<PlanRow> = {
  kind: 'plans',
  columns: Object.keys(planRow.shape),
  needsPeppers: false,
  schema: planRow,
  store: (client) =>
    createKeyedStore<PlanRow>(client, {
      name: 'plans',
      key: 'plan_id',
      keyField: 'planId',
      keyOf: (row) => row.planId,
      columns: {
        name: { type: 'text', value: ({ name }) => name },
        type: { type: 'text', value: ({ type }) => type },
        states: { type: 'text[]', value: ({ states }) => states },
        offered_from: { type: 'date', value: ({ offeredFrom }) => offeredFrom },
        offered_to: { type: 'date', value: ({ offeredTo }) => offeredTo },
      },
    }),
};
