import { findChromium } from '../../../lab/system/browser';

describe('findChromium', () => {
  it('gives the browser that is asked for, otherwise the first one there is', () => {
    expect(findChromium({ CHROMIUM_PATH: __filename }, [])).toBe(__filename);
    expect(findChromium({}, ['/nowhere/chromium', __filename, __dirname])).toBe(__filename);
  });

  it('says what to install where there is none, and takes no other one than the one that is asked for', () => {
    expect(() => findChromium({}, [])).toThrow('"apt install chromium"');
    expect(() => findChromium({ CHROMIUM_PATH: '/nowhere/chromium' }, [__filename])).toThrow(
      'not at CHROMIUM_PATH=/nowhere/chromium',
    );
  });
});
