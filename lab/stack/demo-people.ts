import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { projectRoot } from './project-root';

const demoFile = (kind: string): string => join(projectRoot, 'prisma', 'demo', `${kind}.csv`);

const demoMembersFile = demoFile('members');

/** The rosters that the first start imports, in this order: standing needs its agents, customers their plans and agents. */
export const demoRosters = [
  ...['members', 'agents', 'agent-standing'],
  ...['staff', 'call-centers', 'plans', 'customers'],
].map((kind) => ({ kind, file: demoFile(kind) }));

export interface DemoPerson {
  readonly email: string;
  readonly username: string;
  readonly name: string;
  readonly language: string;
}

export async function readDemoPeople(file = demoMembersFile): Promise<DemoPerson[]> {
  const rows: Record<string, string>[] = parse(await readFile(file), { columns: true, bom: true });
  return rows.map(({ email = '', username = '', firstName, lastName, language = 'en' }) => ({
    email,
    username,
    name: `${firstName} ${lastName}`,
    language,
  }));
}

export interface DemoAgent {
  readonly lastName: string;
  readonly accessCode: string;
}

/** Welcomed agents, with their access codes (spec.md 2). */
export async function readDemoAgents(file = demoFile('agents')): Promise<DemoAgent[]> {
  const rows: Record<string, string>[] = parse(await readFile(file), { columns: true, bom: true });
  return rows
    .filter(({ kind, welcomedOn }) => kind === 'agent' && welcomedOn !== '')
    .map(({ lastName = '', agentNumber, ssnLast6 }) => ({
      lastName,
      accessCode: `C${agentNumber}${ssnLast6}A`,
    }));
}
