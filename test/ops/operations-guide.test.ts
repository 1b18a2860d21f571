/** docs/operations.md, held against the alerts that send people there, and the places that it sends them to. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { projectRoot } from '../e2e/support/processes';
import { readProjectFile } from './image';

const guide = readProjectFile('docs/operations.md');

/** The anchors that GitHub makes of a document's headings. */
const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** What Markdown shows as it stands has no headings and no links. */
const withoutCode = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```/gm, '');

describe('docs/operations.md', () => {
  it('has a section for the runbook of every alert', () => {
    const runbooks = [...readProjectFile('ops/alerts.yml').matchAll(/runbook: docs\/operations\.md#(\S+)/g)];
    const anchors = anchorsOf(withoutCode(guide));

    expect(runbooks.length).toBeGreaterThan(5);
    expect(runbooks.map(([, anchor]) => anchor).filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual(
      [],
    );
  });

  it('names every alert', () => {
    const alerts = [...readProjectFile('ops/alerts.yml').matchAll(/alert: (\w+)/g)].map(
      ([, name = '']) => name,
    );

    expect(alerts.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  it('links to what is there', () => {
    const links = [...withoutCode(guide).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const local = links.filter((link) => !link.startsWith('https:'));

    expect(local.filter((link) => !leadsSomewhere(link))).toEqual([]);
  });
});

function leadsSomewhere(link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? 'docs/operations.md' : posix.join('docs', file);
  if (!existsSync(join(projectRoot, path))) return false;
  return anchor === undefined || anchorsOf(withoutCode(readProjectFile(path))).includes(anchor);
}
