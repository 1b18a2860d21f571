/** `aor -- verify`: whether what is on record of customers is whole and follows from how it was recorded, and everybody was told. */
import { verifyRecords, type Finding, type VerifiedPage } from '../../adapters/postgres/aor-verification';
import type { Say } from '../../ports/texts';
import { wrongInWords } from './wrong-in-words';
import { CommandError, type Command } from '../command';
import { speed } from './since';

export function verify(pageSize: number): Command {
  return async (database, { out, say }, nowMs) => {
    const startedAtMs = performance.now();
    const pages: VerifiedPage[] = [];
    let findings = 0;
    await verifyRecords(database, { nowMs, pageSize }, (page) => {
      for (const finding of page.findings) out(`${findingInWords(finding, say)}\n`);
      findings += page.findings.length;
      pages.push({ ...page, due: [], findings: [] });
    });
    const summary = describeCounts(pages, findings, (performance.now() - startedAtMs) / 1000, say);
    if (findings > 0) throw new CommandError(summary);
    out(`${summary}\n`);
  };
}

/** Numbers, no names. */
export const findingInWords = ({ customerId, version, planChangeId, what }: Finding, say: Say): string =>
  [
    say('commands.aor.verify.customer', { customerId }),
    ...(version === undefined ? [] : [say('commands.aor.verify.version', { version })]),
    ...(planChangeId == null ? [] : [say('commands.aor.verify.plan-change', { planChangeId })]),
  ].join(', ') + `: ${wrongInWords(what, say)}`;

function describeCounts(pages: readonly VerifiedPage[], findings: number, seconds: number, say: Say): string {
  const sum = (count: (page: VerifiedPage) => number): number =>
    pages.reduce((all, page) => all + count(page), 0);
  const customers = sum((page) => page.customers);
  return say('commands.aor.verify.counts', {
    customers: say('commands.aor.verify.customers', { count: customers }),
    versions: say('commands.aor.verify.versions', { count: sum((page) => page.versions) }),
    decisions: say('commands.aor.verify.decisions', { count: sum((page) => page.decisions) }),
    delivered: sum((page) => page.emails.delivered),
    refused: sum((page) => page.emails.refused),
    outdated: sum((page) => page.emails.outdated),
    underWay: sum((page) => page.emails['under way']),
    findings: say('commands.aor.verify.findings', { count: findings }),
    ...speed(customers, seconds),
  });
}
