import { stripVTControlCharacters } from 'node:util';
import { createScreen } from '../../../lab/stack/screen';

/** Collects what is written, as a pipe or a file would get it. */
function recorder(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return {
    output: { isTTY, columns, write: (text: string) => written.push(text) },
    text: () => written.join(''),
  };
}

describe('screen', () => {
  it('The screen prints plain lines without a terminal', async () => {
    const { output, text } = recorder(false);
    const screen = createScreen(output, ['Database']);

    await screen.step('Database', async ({ update }) => update('PostgreSQL 18'));
    screen.line('\u001b[32mdone\u001b[39m');

    expect(text()).toMatch(/^Database: ready after 0\.\d s \(PostgreSQL 18\)\ndone\n$/);
  });

  it('The screen reports a failed step, but not one that broke off because the start ended', async () => {
    const { output, text } = recorder(false);
    const screen = createScreen(output, []);
    const fail = () => screen.step('API', () => Promise.reject(new Error('no')));

    await expect(fail()).rejects.toThrow('no');
    screen.end();
    await expect(fail()).rejects.toThrow('no');

    expect(text().match(/API: failed/g)).toHaveLength(1);
  });

  it('On a terminal the screen lists the steps to come and cuts long details to its width', async () => {
    const { output, text } = recorder(true, 40);
    const screen = createScreen(output, ['Database', 'Worker']);

    await screen.step('Database', async ({ update }) => update('x'.repeat(200)));
    screen.end();

    const lastFrame = text().split('\u001b[0J').at(-1) ?? '';
    const rows = stripVTControlCharacters(lastFrame).trimEnd().split('\n');
    expect(rows[0]).toMatch(/^ {2}✔ Database .* x+…$/);
    expect(rows[1]?.trim()).toBe('Worker');
    expect(rows.every((row) => row.length < 40)).toBe(true);
  });
});
