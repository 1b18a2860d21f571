/** docs/operations.md, held against the alerts that send people there. */
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
});
