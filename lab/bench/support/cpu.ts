/** CPU time of several processes, by name. */
import { cpuSeconds, machineCpuSeconds } from './processes';

export type CpuSeconds = Readonly<Record<string, number>>;

/** CPU seconds so far, including the bench's own; `together` is their sum, `others` everything else on this machine. */
export function readCpu(pids: Readonly<Record<string, number>>): CpuSeconds {
  const { user, system } = process.cpuUsage();
  const ours: Record<string, number> = { bench: (user + system) / 1e6 };
  for (const [name, pid] of Object.entries(pids)) ours[name] = cpuSeconds(pid);
  const together = Object.values(ours).reduce((total, each) => total + each, 0);
  return { ...ours, together, others: machineCpuSeconds() - together };
}

/** The difference between two readings. */
export function cpuUsed(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, Math.max(0, value - (before[name] ?? 0))]),
  );
}
