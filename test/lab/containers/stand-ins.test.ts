/** Where no image registry can be reached, every image has to have a stand-in. */
import { moduleVersion } from '../../../lab/containers/alert-rules';
import { baseImage, RECIPES } from '../../../lab/containers/stand-ins';
import { readComposeFile } from '../../ops/compose-file';

const pulled = Object.entries(readComposeFile().services).filter(
  ([, { image, profiles = [] }]) => profiles.length === 0 && !image.startsWith('tenure:'),
);

describe('Stand-ins for images', () => {
  it.each(pulled)('There is a recipe for the image of the service %s', (_name, { image }) => {
    expect(Object.keys(RECIPES)).toContain(image.split(':')[0]);
  });

  it('There is a recipe for what the Dockerfile starts from', async () => {
    expect(Object.keys(RECIPES)).toContain((await baseImage()).split(':')[0]);
  });

  it.each([
    ['3.15.1', 'v0.315.1'],
    ['3.0.0', 'v0.300.0'],
    ['2.53.4', 'v0.253.4'],
  ])('Prometheus %s is %s of its Go module', (program, module) => {
    expect(moduleVersion(program)).toBe(module);
  });
});
