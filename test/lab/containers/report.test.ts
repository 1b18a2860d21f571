import { reportOf } from '../../../lab/containers/report';

const run = {
  versions: ['podman 5.0', 'Compose 2.40'],
  images: [
    { name: 'tenure:0.1.0', bytes: 401_600_000, origin: 'built' },
    { name: 'postgres:18.4', bytes: 99_400_000, origin: 'a stand-in' },
  ],
  steps: [
    { title: 'A reset', seconds: 2.4 },
    { title: 'A plan change', seconds: 0.2 },
  ],
  checks: 31,
};

describe('The report of a run in containers', () => {
  it('tells versions, sizes and times', () => {
    const report = reportOf(run);

    expect(report).toMatch(/^On \d{4}-\d\d-\d\d, with podman 5.0, Compose 2.40: all 31 checks passed/);
    expect(report).toContain('| `tenure:0.1.0` | 402 | built |');
    expect(report).toContain('| A reset | 2 |');
    expect(report).toContain('| A plan change | < 1 |');
  });
});
