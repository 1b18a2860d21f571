/**
 * The mail server as a separate process: `FILE PORT`. It writes each email down before it answers, so that none is lost
 * when it is killed in between. SIGUSR2: it receives the next email, tells its parent, and never answers.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { startMailSink } from '../system/mail-sink';

const [file = '', port = ''] = process.argv.slice(2);
/** If it is killed while writing, it leaves a partial line: the next process starts a new one. */
const write = (line: object): void => appendFileSync(file, `\n${JSON.stringify(line)}\n`);

let holdsNext = false;
process.on('SIGUSR2', () => (holdsNext = true));
process.once('disconnect', () => process.exit(0));

void startMailSink({
  port: Number(port),
  take({ to, raw }) {
    const id = randomUUID();
    write({ id, atMs: Date.now(), to, raw });
    if (holdsNext) {
      process.send?.('holds');
      return new Promise(() => {});
    }
    // Once the answer is out.
    setImmediate(() => write({ answered: id }));
    return undefined;
  },
}).then(() => process.send?.('ready'));
