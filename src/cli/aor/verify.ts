/** `aor -- verify`: whether what is on record of customers is whole and follows from how it was recorded, and everybody was told. */
import { verifyRecords, type Finding, type VerifiedPage } from '../../adapters/postgres/aor-verification';
import { CommandError, type Command } from '../command';

export function verify(pageSize: number): Command {
  return async (database, { out }, nowMs) => {
    const startedAtMs = performance.now();
    const pages: VerifiedPage[] = [];
    let findings = 0;
    await verifyRecords(database, { nowMs, pageSize }, (page) => {
      for (const finding of page.findings) out(`${findingInWords(finding)}\n`);
      findings += page.findings.length;
      pages.push({ ...page, due: [], findings: [] });
    });
    const summary = describeCounts(pages, findings, (performance.now() - startedAtMs) / 1000);
    if (findings > 0) throw new CommandError(summary);
    out(`${summary}\n`);
  };
}

/** Numbers, no names. */
export const findingInWords = ({ customerId, version, planChangeId, text }: Finding): string =>
  [
    `customer ${customerId}`,
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(planChangeId == null ? [] : [`plan change ${planChangeId}`]),
  ].join(', ') + `: ${text}`;

function describeCounts(pages: readonly VerifiedPage[], findings: number, seconds: number): string {
  const sum = (count: (page: VerifiedPage) => number): number =>
    pages.reduce((all, page) => all + count(page), 0);
  const customers = sum((page) => page.customers);
  const emails = (['delivered', 'refused', 'outdated', 'under way'] as const).map(
    (state) => `${sum((page) => page.emails[state])} ${state}`,
  );
  return (
    `${customers} customers with ${sum((page) => page.versions)} versions and ${sum((page) => page.decisions)} decisions verified; ` +
    `emails: ${emails.join(', ')}; ${findings} findings; ` +
    `${seconds.toFixed(1)} s, ${Math.round(customers / seconds)} customers a second.`
  );
}
