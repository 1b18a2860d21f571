import { main as bench } from '../../lab/bench/main';
import { main as chaos } from '../../lab/chaos/main';
import { main as containers } from '../../lab/containers/main';

/** What a command line prints on standard output, and its exit code. */
async function said(main: (args: readonly string[]) => Promise<number>, args: readonly string[]) {
  let text = '';
  const writing = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    return { code: await main(args), text };
  } finally {
    writing.mockRestore();
  }
}

describe('The usage of benches, chaos and containers', () => {
  it('is printed for --help, and nothing else', async () => {
    const all = await said(bench, ['--help']);
    const one = await said(bench, ['sweep', '--help']);
    const round = await said(chaos, ['--help']);
    const run = await said(containers, ['--help']);

    expect(all).toEqual({ code: 0, text: expect.stringMatching(/^ {2}npm run bench -- reset\n/) });
    expect(one).toEqual({ code: 0, text: expect.stringMatching(/^ {2}npm run bench -- sweep\n/) });
    expect(one.text).not.toContain('bench -- reset');
    expect(round).toEqual({ code: 0, text: expect.stringMatching(/^npm run chaos -- \[options]\n/) });
    expect(run).toEqual({ code: 0, text: expect.stringMatching(/^npm run containers -- \[options]\n/) });
  });
});
