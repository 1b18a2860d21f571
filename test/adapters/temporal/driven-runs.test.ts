import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDrivenRuns } from '../../../src/adapters/temporal/driven-runs';

describe('Driven runs', () => {
  it('The runs that a request drives are noted for that request alone, however the requests interleave', async () => {
    const { follow, clientInterceptor } = createDrivenRuns();
    const query = async (workflowId: string): Promise<void> => {
      await nextTurn();
      const input = { workflowExecution: { workflowId }, queryType: 'q', args: [], headers: {} };
      await clientInterceptor.query?.(input, async () => undefined);
    };
    const done: Promise<void>[] = [];

    const first = follow(() => void done.push(query('one').then(() => query('two'))));
    const second = follow(() => void done.push(query('two').then(() => query('two'))));
    await Promise.all([...done, query('nobody’s')]);

    expect([[...first], [...second]]).toEqual([['one', 'two'], ['two']]);
  });
});
