/** Stops and continues a process and all its children: PostgreSQL serves queries in child processes. */
import { execFileSync } from 'node:child_process';

/** SIGSTOP: they freeze, and their connections stay open. */
export const freezeTree = (pid: number): void => signalTree(pid, 'SIGSTOP');

/** SIGCONT: they continue. */
export const thawTree = (pid: number): void => signalTree(pid, 'SIGCONT');

/** Parents first, so that nothing new is started in between. Skips processes that have exited. */
function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const each of treeOf(pid)) {
    try {
      process.kill(each, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function treeOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const parent of tree) {
    tree.push(...processes.flatMap(([child = 0, ppid]) => (ppid === parent ? [child] : [])));
  }
  return tree;
}
