/** What a run leaves in the engine: found again by names and labels, and removed. */
import { PROJECT } from './compose';
import type { Engine } from './engine';
import { STAND_IN_LABEL } from './stand-ins';

/** By id, `<none>:<none>` without a name. */
type Images = ReadonlyMap<string, string>;

export interface Traces {
  /** What was there before the run. */
  readonly before: Images;
  /** Tenure's, which the run builds. */
  readonly ownImage: string;
  /** Those that the run may have pulled or made. */
  readonly images: readonly string[];
  /** Whether these stay for the next run. */
  readonly keep: boolean;
}

export async function listImages(engine: Engine, ...filter: string[]): Promise<Images> {
  const args = ['image', 'ls', '--all', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}'];
  return new Map(
    lines(await engine.run([...args, ...filter])).map((line) => line.split(' ') as [string, string]),
  );
}

/** The images that the run has to remove and that are still there. */
export async function imagesLeft(
  engine: Engine,
  { before, ownImage, images, keep }: Traces,
): Promise<[id: string, name: string][]> {
  const standIns = await listImages(engine, '--filter', `label=${STAND_IN_LABEL}`);
  return [...(await listImages(engine))].filter(([id, name]) => {
    // Podman writes names out, and has layers without one; its storage here is nobody else's.
    const short = name.replace(/^docker\.io\/(library\/)?/, '');
    const isNew = !before.has(id);
    const isOurs = engine.ownStorage || images.includes(short);
    if (short === ownImage || (name.startsWith('<none>') && isNew && engine.ownStorage)) return true;
    return !keep && (standIns.has(id) || (isNew && isOurs));
  });
}

/** Removes them. One that another is made from goes after it. */
export async function removeImages(engine: Engine, traces: Traces): Promise<void> {
  for (let removed = 1; removed > 0;) {
    removed = 0;
    for (const [id] of await imagesLeft(engine, traces))
      await engine.run(['image', 'rm', '--force', id]).then(
        () => (removed += 1),
        () => undefined,
      );
  }
}

/** Containers, volumes or networks of the project. */
export async function projectsLeft(
  engine: Engine,
  kind: 'container' | 'volume' | 'network',
): Promise<string[]> {
  const filter = ['--filter', `label=com.docker.compose.project=${PROJECT}`];
  const all = kind === 'container' ? ['--all'] : [];
  return lines(await engine.run([kind, 'ls', '--quiet', ...all, ...filter]));
}

const lines = (said: string): string[] => said.split('\n').filter(Boolean);
