/**
 * The staff roster: the company's staff, including the Dedicated Plan Change unit, whose people are licensed (spec.md 7). The key
 * is the staff number, folded like agent numbers.
 */
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import { STAFF_ROLES } from '../../domain/plan-change/plan-change';
import { optionalDate, personName, staffNumber, word } from './fields';
import { createKeyedStore } from './keyed-table';
import type { RosterKind } from './roster-kind';
import { reason, type Reason } from './reason';

const staffRow = z
  .object({
    staffNumber: staffNumber(),
    role: word(STAFF_ROLES),
    firstName: personName(),
    lastName: personName(),
    licensedFrom: optionalDate(),
    licensedTo: optionalDate(),
  })
  .superRefine(({ role, licensedFrom, licensedTo }, context) => {
    const refuse = (path: string, message: Reason): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (licensedFrom === null) {
      if (role === 'plan-change-representative') refuse('licensedFrom', reason('licence-needed'));
      else if (licensedTo !== null) refuse('licensedFrom', reason('empty-but', { column: 'licensedTo' }));
    } else if (licensedTo !== null && licensedTo < licensedFrom) {
      refuse('licensedTo', reason('before', { column: 'licensedFrom' }));
    }
  });

export type StaffRow = z.output<typeof staffRow>;

export const staffRoster: RosterKind<StaffRow> = {
  kind: 'staff',
  columns: Object.keys(staffRow.shape),
  needsPeppers: false,
  schema: staffRow,
  store: (client) =>
    createKeyedStore<StaffRow>(client, {
      name: 'staff',
      key: 'staff_key',
      keyField: 'staffNumber',
      keyOf: (row) => foldAgentNumber(row.staffNumber),
      columns: {
        staff_number: { type: 'text', value: (row) => row.staffNumber },
        role: { type: 'text', value: ({ role }) => role },
        first_name: { type: 'text', value: ({ firstName }) => firstName },
        last_name: { type: 'text', value: ({ lastName }) => lastName },
        licensed_from: { type: 'date', value: ({ licensedFrom }) => licensedFrom },
        licensed_to: { type: 'date', value: ({ licensedTo }) => licensedTo },
      },
    }),
};
