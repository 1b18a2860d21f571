/** An agent's commission statement for a month (spec.md 7, 7b). */
import { refuseFuture } from './answers';
import { agentParams, commissionsQuery, commissionStatement, customerParams } from './schemas';
import { foldAgentNumber } from '../../domain/accounts/names';
import {
  isFinal,
  statementMonth,
  statementOf,
  type CorrectedDays,
  type OwedDays,
  type Statement,
} from '../../domain/plan-change/commission-statement';
import { csvLine } from '../http/csv';
import { decodeCursor, pageOf } from '../http/cursor';
import type { ApiDeps } from '../deps';
import { isoTime } from '../http/fields';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

/** Customers a page, and customers read at a time for a CSV. */
const PAGE = 100;
const CSV_PAGE = 1000;

const CSV_COLUMNS = [
  ...(['agentNumber', 'month', 'kind', 'customerId', 'planId', 'from', 'to'] as const),
  ...(['cause', 'planChangeId', 'correctionId', 'reason', 'knownFrom'] as const),
];

interface Page {
  readonly agentNumber: string;
  readonly statements: readonly (Statement & { readonly customerId: string })[];
  readonly nextCursor: string | null;
}

type CommissionDeps = Pick<ApiDeps, 'commissionStatements' | 'planChangePolicy' | 'clock'>;

export function commissionRoutes({ commissionStatements, planChangePolicy, clock }: CommissionDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/agents/{agentNumber}/commissions',
      tag: 'Plan changes',
      summary: 'An agent’s commission statement for a month',
      auth: { apiKey: ['audit'] },
      params: agentParams,
      query: commissionsQuery,
      responses: { 200: commissionStatement },
      csv:
        `\`${CSV_COLUMNS.join()}\`, whatever the number of customers; \`kind\` is \`owed\`, \`taken-back\` or \`added-later\`. ` +
        'A value that a spreadsheet would run as a formula has an apostrophe in front.',
      problems: [],
      handle: async ({ params, query: { month, format, cursor } }) => {
        const agentKey = foldAgentNumber(params.agentNumber);
        const days = statementMonth(planChangePolicy, month);
        const nowMs = clock();
        refuseFuture('month', days.fromMs, nowMs);

        const pageFrom = async (position: string | undefined, size: number): Promise<Page> => {
          const after =
            position === undefined ? undefined : decodeCursor(position, customerParams.shape.id).id;
          const found = await commissionStatements.page({ agentKey, month: days, after, limit: size + 1 });
          if (found === null) throw new AppError('not_found');
          const { page, nextCursor } = pageOf(found.customers, size, inOrderOfCustomers);
          const statements = page.map(({ customerId, versions }) => ({
            customerId,
            ...statementOf(agentKey, versions, days),
          }));
          return { agentNumber: found.agentNumber, statements, nextCursor };
        };

        if (format === 'csv') {
          const first = await pageFrom(cursor, CSV_PAGE);
          const filename = `commissions-${agentKey}-${month}.csv`;
          return {
            status: 200,
            headers: { 'content-disposition': `attachment; filename="${filename}"` },
            csv: csvOf(month, first, (nextCursor) => pageFrom(nextCursor, CSV_PAGE)),
          };
        }
        const { agentNumber, statements, nextCursor } = await pageFrom(cursor, PAGE);
        const corrected = (list: 'takenBack' | 'addedLater') =>
          statements.flatMap(({ customerId, [list]: all }) =>
            all.map((each) => correctedView(customerId, each)),
          );
        return {
          status: 200,
          body: {
            agentNumber,
            month,
            isFinal: isFinal(days, nowMs),
            owed: statements.flatMap(({ customerId, owed }) =>
              owed.map((each) => owedView(customerId, each)),
            ),
            takenBack: corrected('takenBack'),
            addedLater: corrected('addedLater'),
            nextCursor,
          },
        };
      },
    }),
  ];
}

const inOrderOfCustomers = ({ customerId }: { readonly customerId: string }) => ({ atMs: 0, id: customerId });

const owedView = (customerId: string, days: OwedDays) => ({ customerId, ...days });

const correctedView = (customerId: string, { knownFromMs, ...days }: CorrectedDays) => ({
  customerId,
  ...days,
  knownFrom: isoTime(knownFromMs),
});

async function* csvOf(
  month: string,
  first: Page,
  pageFrom: (nextCursor: string) => Promise<Page>,
): AsyncGenerator<string> {
  yield csvLine(CSV_COLUMNS);
  for (let page: Page | null = first; page !== null;) {
    const { agentNumber, statements, nextCursor }: Page = page;
    yield statements
      .flatMap(csvRows)
      .map((row) => csvLine(CSV_COLUMNS.map((column) => ({ agentNumber, month, ...row })[column] ?? null)))
      .join('');
    page = nextCursor === null ? null : await pageFrom(nextCursor);
  }
}

type CsvRow = Partial<Record<(typeof CSV_COLUMNS)[number], string | null>>;

const csvRows = ({ customerId, owed, takenBack, addedLater }: Page['statements'][number]): CsvRow[] => [
  ...owed.map((each) => ({
    kind: 'owed',
    cause: each.planChangeId === null ? 'roster' : 'plan-change',
    ...owedView(customerId, each),
  })),
  ...takenBack.map((each) => ({ kind: 'taken-back', ...correctedView(customerId, each) })),
  ...addedLater.map((each) => ({ kind: 'added-later', ...correctedView(customerId, each) })),
];
