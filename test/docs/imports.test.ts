import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../lab/stack/project-root';
import { readProjectFile } from '../ops/image';

it('docs/imports.md is what "npm run docs:imports" writes from the imports of src and lab', () => {
  const script = join(projectRoot, 'scripts/docs-imports.mjs');

  const page = execFileSync(process.execPath, [script], { cwd: projectRoot, encoding: 'utf8' });

  expect(readProjectFile('docs/imports.md')).toBe(page);
});
