/** Prometheus's own program on ops/alerts.yml: the rules, and what ops/alerts.test.yml says of each. */
import { join } from 'node:path';
import { run } from '../stack/command-line';
import { projectRoot } from '../stack/project-root';
import { goProgram, type GoBuilds } from './go-program';

const folder = join(projectRoot, 'ops');

/** Checks and tests the rules; throws with what promtool says. Returns its version. */
export async function testAlertRules(prometheus: string, builds: GoBuilds): Promise<string> {
  const command = await findPromtool(prometheus, builds);
  const promtool = (...args: string[]): Promise<string> => run({ command, args, cwd: folder });
  await promtool('check', 'config', 'prometheus.yml');
  await promtool('test', 'rules', 'alerts.test.yml');
  return `promtool ${prometheus}`;
}

/** `3.15.1` of the program is `v0.315.1` of the module. */
export function moduleVersion(prometheus: string): string {
  const [major = 0, minor = 0, patch = 0] = prometheus.split('.').map(Number);
  return `v0.${major * 100 + minor}.${patch}`;
}

async function findPromtool(prometheus: string, builds: GoBuilds): Promise<string> {
  const said = await run({ command: 'promtool', args: ['--version'], env: builds.env }).catch(() => '');
  if (said.startsWith(`promtool, version ${prometheus} `)) return 'promtool';
  return goProgram(
    {
      module: 'github.com/prometheus/prometheus',
      version: moduleVersion(prometheus),
      package: 'cmd/promtool',
    },
    builds,
  );
}
