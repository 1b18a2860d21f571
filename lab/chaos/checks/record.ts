/** What is on record of customers, by the verifier of `aor -- verify`: the runs have ended, so no email is under way. */
import { verifyRecords } from '../../../src/adapters/postgres/aor-verification';
import { findingInWords } from '../../../src/cli/aor/verify';
import { sayIn } from '../../../src/ports/texts';
import { brand } from '../../system/brand';
import type { Stack } from '../../system/stack';
import { count, type Findings } from '../findings';

const say = sayIn(brand.texts, 'en');

/** The emails that were due, and everything that is wrong. */
export async function verifiedRecords(database: Stack['database']) {
  const [due, wrong]: [string[], string[]] = [[], []];
  let versions = 0;
  await verifyRecords(database, { nowMs: Date.now(), pageSize: 500, isSettled: true }, (page) => {
    due.push(...page.due);
    wrong.push(...page.findings.map((finding) => findingInWords(finding, say)));
    versions += page.versions;
  });
  return { due, wrong, versions };
}

export async function checkRecords({ database }: Stack, findings: Findings): Promise<void> {
  const { wrong, versions } = await verifiedRecords(database);
  findings.violations.push(...wrong);
  count(findings, 'versions of customers verified', versions);
}
