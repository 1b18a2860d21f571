/**
 * The mail server as a process of its own: `FILE PORT`. It writes down what it takes before it answers, so that nothing of it is lost
 * when it is killed in between. SIGUSR2: it takes the next email, says so to its parent, and never answers.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const [file = '', port = ''] = process.argv.slice(2);
/** Killed while it writes, it leaves half a line: the next one begins anew. */
const write = (line: object): void => appendFileSync(file, `\n${JSON.stringify(line)}\n`);

let holdsNext = false;
process.on('SIGUSR2', () => (holdsNext = true));
process.once('disconnect', () => process.exit(0));

const server = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  authOptional: true,
  disableReverseLookup: true,
  onData(stream, { envelope }, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const id = randomUUID();
      const to = envelope.rcptTo.map(({ address }) => address);
      write({ id, atMs: Date.now(), to, raw: Buffer.concat(chunks).toString('utf8') });
      if (holdsNext) {
        process.send?.('holds');
        return;
      }
      done();
      write({ answered: id });
    });
  },
});
server.on('error', () => {});
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
