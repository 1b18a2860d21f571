import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { projectRoot } from './project-root';

/** The members roster that the first start imports. */
export const demoMembersFile = join(projectRoot, 'prisma', 'demo', 'members.csv');

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
