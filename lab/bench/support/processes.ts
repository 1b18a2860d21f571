/** What processes cost. */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Linux counts in hundredths of a second. */
const TICKS_A_SECOND = 100;

interface ProcessStat {
  readonly parent: number;
  readonly ticks: number;
  /** For its children that have exited. */
  readonly endedTicks: number;
}

/** CPU seconds used by a process and its children; NaN if /proc is not available. */
export function cpuSeconds(pid: number): number {
  const all = new Map<number, ProcessStat>();
  for (const each of processIds()) {
    const stat = statOf(each);
    if (stat) all.set(each, stat);
  }
  const root = all.get(pid);
  if (!root) return Number.NaN;
  let ticks = root.endedTicks;
  const isOfTree = (each: number): boolean =>
    each === pid || (each > 1 && isOfTree(all.get(each)?.parent ?? 0));
  for (const [each, stat] of all) if (isOfTree(each)) ticks += stat.ticks;
  return ticks / TICKS_A_SECOND;
}

/** CPU seconds used by this machine in total. */
export function machineCpuSeconds(): number {
  const busyMs = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return busyMs.reduce((sum, each) => sum + each, 0) / 1000;
}

/** A process's resident memory, in MB; NaN if /proc is not available. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    // The second field is the program's name in brackets, which may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map(
      (at) => fields[at] ?? 0,
    ) as [number, number, number, number, number];
    return { parent, ticks: user + system, endedTicks: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}
