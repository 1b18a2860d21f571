/** What a PromQL expression asks for, by Prometheus's own grammar. */
import { parser } from '@prometheus-io/lezer-promql';
import type { Sample } from '../support/exposition';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly word: string;
}

interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Labels that aggregations around it keep. */
  readonly grouped: readonly string[];
}

/** Prometheus makes these, not who is scraped. */
const OF_PROMETHEUS = new Set(['up', 'job', 'instance']);

/** What `expression` asks for and `samples` do not have. Throws when it is no PromQL. */
export function missing(expression: string, samples: readonly Sample[]): string[] {
  return selectorsOf(expression)
    .filter(({ metric }) => !OF_PROMETHEUS.has(metric))
    .flatMap(({ metric, matchers, grouped }) => {
      const own = matchers.filter(({ label }) => !OF_PROMETHEUS.has(label));
      const named = samples.filter(({ name }) => name === metric);
      if (named.length === 0) return [metric];
      const found = named.filter(({ labels }) => own.every((matcher) => fits(matcher, labels)));
      const wanted = [...own.map(({ label }) => label), ...grouped].filter(
        (label) => !OF_PROMETHEUS.has(label),
      );
      return [
        ...(found.length === 0 ? [`${metric} with ${own.map(written).join(', ')}`] : []),
        ...wanted
          .filter((label) => !named.some(({ labels }) => label in labels))
          .map((label) => `${metric}.${label}`),
      ];
    });
}

/** Metrics that the expression names, and the labels that its result has for certain. */
export function namesIn(expression: string): { metrics: string[]; kept: string[] } {
  const selectors = selectorsOf(expression);
  return {
    metrics: selectors.map(({ metric }) => metric),
    kept: [...new Set(selectors.flatMap(({ grouped }) => grouped))],
  };
}

function selectorsOf(expression: string): Selector[] {
  const source = expression.replaceAll('$__rate_interval', '5m');
  const textOf = (node: SyntaxNode | null): string => (node ? source.slice(node.from, node.to) : '');
  const selectors: Selector[] = [];

  parser.parse(source).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`this is no PromQL, at ${node.from}: ${source}`);
      if (type.name !== 'VectorSelector') return;
      const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(
        (matcher) => ({
          label: textOf(matcher.getChild('LabelName')),
          operator: textOf(matcher.getChild('MatchOp')),
          word: JSON.parse(textOf(matcher.getChild('StringLiteral'))) as string,
        }),
      );
      selectors.push({ metric: textOf(node.getChild('Identifier')), matchers, grouped: groupedAround(node) });
    },
  });
  return selectors;

  function groupedAround(node: SyntaxNode): string[] {
    const labels: string[] = [];
    for (let outer = node.parent; outer; outer = outer.parent) {
      const by = outer.type.name === 'AggregateExpr' ? outer.getChild('AggregateModifier') : null;
      labels.push(...(by?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map(textOf));
    }
    return labels;
  }
}

const written = ({ label, operator, word }: Matcher): string => `${label}${operator}"${word}"`;

function fits({ label, operator, word }: Matcher, labels: Sample['labels']): boolean {
  const value = labels[label] ?? '';
  switch (operator) {
    case '=':
      return value === word;
    case '!=':
      return value !== word;
    case '=~':
      return new RegExp(`^(?:${word})$`).test(value);
    default:
      return !new RegExp(`^(?:${word})$`).test(value);
  }
}
