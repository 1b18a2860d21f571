/** docs/operations.md, held against the alerts that send people there. */
import { anchorsOf } from '../docs/headings';
import { readProjectFile } from './image';

const guide = readProjectFile('docs/operations.md');

describe('docs/operations.md', () => {
  it('has a section for the runbook of every alert', () => {
    const runbooks = [...readProjectFile('ops/alerts.yml').matchAll(/runbook: docs\/operations\.md#(\S+)/g)];
    const anchors = anchorsOf('docs/operations.md');

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
