import { factsOf, SETTINGS_PAGE, settingsPage, settingTables } from '../../lab/docs/settings-page';
import { stackSettings } from '../../lab/stack/config';
import { commandSettings, settings, webSettings, workerSettings } from '../../src/settings';
import { readProjectFile } from '../ops/image';

const described = new Map(
  settingTables
    .flatMap(([, schema]) => Object.entries(schema.shape))
    .toReversed()
    .map(([name, one]) => [name, one]),
);

describe('docs/settings.md', () => {
  it('docs/settings.md is what "npm run docs:settings" writes from the schemas', () => {
    expect(readProjectFile(SETTINGS_PAGE)).toBe(settingsPage());
  });

  it.each([...described])(
    'docs/settings.md names as readers of %s the processes that parse it',
    (name, schema) => {
      const parsedBy = {
        API: name in settings.shape,
        worker: name in workerSettings.shape,
        web: name in webSettings.shape,
        commands:
          name in commandSettings.shape || ['DATABASE_URL', 'TENURE_BRAND', 'TENURE_PEPPERS'].includes(name),
        'npm start': name in stackSettings.shape,
      };
      const { readBy } = factsOf(name, schema);

      expect(readBy.filter((reader) => !parsedBy[reader])).toEqual([]);
      expect(readBy.includes('npm start')).toBe(parsedBy['npm start']);
    },
  );
});
