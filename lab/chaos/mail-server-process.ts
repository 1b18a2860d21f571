/**
 * The mail server as a process of its own: `FILE PORT`. It writes down what it takes before it answers, so that nothing of it is lost
 * when it is killed in between. SIGUSR2: it takes the next email, says so to its parent, and never answers.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { startMailSink } from '../system/mail-sink';

const [file = '', port = ''] = process.argv.slice(2);
/** Killed while it writes, it leaves half a line: the next one begins anew. */
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
