/** The rules of the brand in the package, and folders of other brands. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { brand, portalPolicies } from '../../lab/system/brand';
import type { PortalPolicies } from '../../src/domain/portal';

export { brand, languages, planChangePolicy, portalPolicies } from '../../lab/system/brand';
export const { planChangeLine, reversibleDays } = brand;

/** The policies if members' passwords expire after `days`; null: they do not. */
export const withMemberPasswordDays = (days: number | null): PortalPolicies => ({
  ...portalPolicies,
  member: {
    ...portalPolicies.member,
    password: { ...portalPolicies.member.password, lifetimeDays: days },
  },
});

/** The policies if brokers may also prove who they are with an emailed PIN. */
export const withBrokerPins: PortalPolicies = {
  ...portalPolicies,
  broker: {
    ...portalPolicies.broker,
    recovery: 'either',
    pin: { digits: 4, validForMinutes: 20, resendAfterSeconds: 60 },
  },
};

/** An insurer's folder with these files, by name; an object is written as YAML. It is deleted after the tests of the file. */
export function brandFolder(files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-brand-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files))
    writeIn(folder, name, typeof content === 'string' ? content : stringify(content));
  return folder;
}

/** A file of a folder; `name` may have folders of its own. */
export function writeIn(folder: string, name: string, content: string): void {
  mkdirSync(join(folder, dirname(name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
