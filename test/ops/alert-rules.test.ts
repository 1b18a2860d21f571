/** ops/alerts.test.yml, which promtool runs on ops/alerts.yml (`npm run containers`), has a case of each kind for every alert. */
import { parse } from 'yaml';
import { readProjectFile } from './image';
import { namesIn } from './promql';

interface Case {
  readonly name: string;
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }[];
}

const { groups } = parse(readProjectFile('ops/alerts.yml')) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};
const { tests } = parse(readProjectFile('ops/alerts.test.yml')) as { tests: Case[] };
const rules = groups.flatMap((group) => group.rules);

describe('The tests of alert rules', () => {
  it.each(rules)(
    '$alert has a series for which it fires and one for which it is silent',
    ({ alert, expr }) => {
      const cases = tests.filter((each) => each.alert_rule_test.some(({ alertname }) => alertname === alert));
      const alerts = cases.map((each) => each.alert_rule_test.map(({ exp_alerts }) => exp_alerts.length));
      const series = cases.flatMap((each) => each.input_series.map((one) => one.series.split('{')[0]));

      expect(alerts).toEqual(expect.arrayContaining([[1], [0]]));
      // A misspelt series would leave an alert silent for another reason.
      expect(namesIn(expr).metrics).toEqual(expect.arrayContaining(series));
      expect(cases.map((each) => each.input_series.length)).not.toContain(0);
    },
  );

  it('Every alert that is tested exists', () => {
    const tested = tests.flatMap((each) => each.alert_rule_test.map(({ alertname }) => alertname));

    expect([...new Set(tested)].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });
});
