/** A database of plan changes, emptied before each test. */
import { randomUUID } from 'node:crypto';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import type { PlanChangeCaller } from '../../../src/domain/plan-change/rights';
import { HOUR_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS, insertPlanChange } from './records';

export const by = { apiKeyId: randomUUID(), address: '192.0.2.7', atMs: NOW_MS };
export const claim = { ...by, staffKey: 'S1', claimUntilMs: NOW_MS + HOUR_MS };
export const system: PlanChangeCaller = { role: 'system', staffKey: null };

/** Set before the tests, by `withPlanChanges`. */
export let database: TestDatabase;

export function withPlanChanges(): void {
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(() => database.prisma.planChange.deleteMany());
  afterAll(() => database.drop());
}

export const changes = () => createPlanChanges(database.prisma);
export const insert = (fields: Parameters<typeof insertPlanChange>[1] = {}) =>
  insertPlanChange(database.prisma, fields);
export const rowOf = (id: string) => database.prisma.planChange.findUniqueOrThrow({ where: { id } });
export const auditOf = (planChangeId: string) =>
  database.prisma.auditEvent.findMany({ where: { planChangeId }, orderBy: { at: 'asc' } });
