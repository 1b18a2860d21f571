/** docs/operations.md, held against the alerts that send people there. */
import { anchorsOf } from '../docs/headings';
import { readProjectFile } from './image';

const guide = readProjectFile('docs/operations.md');

describe('docs/operations.md', () => {
  it('docs/operations.md has a section for every alert’s runbook', () => {
    const runbooks = [...readProjectFile('ops/alerts.yml').matchAll(/runbook: docs\/operations\.md#(\S+)/g)];
    const anchors = anchorsOf('docs/operations.md');

    expect(runbooks.length).toBeGreaterThan(5);
    expect(runbooks.map(([, anchor]) => anchor).filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual(
      [],
    );
  });

  it('docs/operations.md names every alert', () => {
    const alerts = [...readProjectFile('ops/alerts.yml').matchAll(/alert: (\w+)/g)].map(
      ([, name = '']) => name,
    );

    expect(alerts.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });
});
