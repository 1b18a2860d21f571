import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import '../../lab/system/quiet-temporal';

const FOLDER = join(__dirname, '..', 'histories');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

interface StoredHistory {
  events: Record<string, { activityType?: { name: string } }>[];
}

const read = (file: string): StoredHistory =>
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as StoredHistory;

const replay = (history: StoredHistory): Promise<void> =>
  Worker.runReplayHistory(
    { workflowBundle: { codePath: process.env['TENURE_TEST_BUNDLE']! } },
    history,
    'stored',
  );

describe('stored histories', () => {
  it.each(files)('Today’s workflows replay %s, which an earlier build recorded', async (file) => {
    await expect(replay(read(file))).resolves.toBeUndefined();
  });

  it('A replay fails when a stored history differs from what the workflow does', async () => {
    const history = read('password-reset-completed.json');
    for (const event of history.events) {
      const scheduled = event['activityTaskScheduledEventAttributes'];
      if (scheduled?.activityType) scheduled.activityType.name = 'anotherActivity';
    }

    await expect(replay(history)).rejects.toThrow(/nondeterminism|determinism/i);
  });
});
