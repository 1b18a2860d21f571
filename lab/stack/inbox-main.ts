import { parseArgs } from 'node:util';
import { exitWithParent, reportReady } from '../../src/compose/supervisor-channel';
import { startInbox } from './inbox';

/** The inbox as a separate process: `inbox-main.ts --folder DIR --smtp-port N --http-port N`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { folder: { type: 'string' }, 'smtp-port': { type: 'string' }, 'http-port': { type: 'string' } },
  });
  const inbox = await startInbox({
    folder: values.folder ?? 'inbox',
    smtpPort: Number(values['smtp-port'] ?? 0),
    httpPort: Number(values['http-port'] ?? 0),
  });
  console.log(`Mail to ${inbox.smtpUrl} is shown at ${inbox.httpUrl}`);
  const stop = () => {
    void inbox.stop().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  exitWithParent(stop);
  reportReady();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
