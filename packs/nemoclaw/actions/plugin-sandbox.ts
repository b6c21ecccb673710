// The sandbox of the scenario about plugins: made by openshell alone, from an image that holds the current
// agent, an old release of it beside, and plugins in every state that the scenario starts from.

import type { PackContext } from 'seatrial';
import { pluginSandbox } from '../checks/look-plugins.ts';

export type PluginPlaces = Pick<PackContext, 'product' | 'work' | 'name' | 'suffix' | 'ports'> & {
  readonly env: Readonly<Record<string, string>>;
};

/** Whether it is the run of a scenario that starts from it; begins with the contract's id. */
export const startsFromPlugins = ({ name }: Pick<PackContext, 'name'>): boolean =>
  name.startsWith('runtime-plugin-exdev-');

/**
 * In the image's own layers: `lower-layer` as an old release left it, which alone has to be moved away as a folder; the
 * others as the current one does. Newer versions lie beside.
 */
const plugins = [
  'across-mount',
  'lower-layer',
  'under-rules',
  'kill-first',
  'kill-second',
  'kill-third',
];

/**
 * Arguments: product, folder to build in, name of images, name of the sandbox. Policies of the sandbox allow its own
 * folder only; whatever else it may write to, a fixture adds.
 */
const script = String.raw`set -eu
product=$1 folder=$2 image=$3 sandbox=$4; shift 4
nemoclaw image --agent openclaw --tag "$image:base"
mkdir -p "$folder/installed" "$folder/newer"
for name in "$@"; do
  for state in installed newer; do
    mkdir "$folder/$state/$name"
    printf '{"name": "%s"}\n' "$name" > "$folder/$state/$name/plugin.json"
    printf '// %s %s\n' "$state" "$name" > "$folder/$state/$name/index.js"
  done
done
cp -R "$product/releases/openclaw-old" "$folder/old"
{
  echo "FROM $image:base"
  echo 'COPY installed /opt/installed'
  echo 'COPY newer /opt/plugins'
  for name in "$@"; do
    case $name in
      lower-layer) echo "COPY installed/$name /sandbox/.openclaw/extensions/$name" ;;
      *) echo "RUN HOME=/sandbox openclaw plugins install /opt/installed/$name" ;;
    esac
  done
  echo 'COPY old /opt/openclaw-old'
  echo 'RUN mkdir -p /sandbox/.openclaw-data/extensions && chown -R 998:998 /sandbox'
} > "$folder/Dockerfile"
docker build --quiet --network none --tag "$image:1" "$folder"
printf 'network_policies: {}\nfilesystem_policy: {read_only: [/usr], read_write: [/sandbox]}\n' > "$folder/policy.yaml"
openshell gateway start
openshell sandbox create --name "$sandbox" --from "$image:1" --policy "$folder/policy.yaml"`;

export async function makePluginSandbox(places: PluginPlaces): Promise<void> {
  const { product, work, suffix, env, ports } = places;
  const { exit, stdout, stderr } = await ports.run({
    argv: [
      ...(['/bin/sh', '-c', script, 'sandbox', product, `${work}/plugin-image`] as const),
      ...[`st-${suffix}/plugins`, pluginSandbox(places), ...plugins],
    ],
    env,
    timeoutMs: 240_000,
  });
  if (exit !== 0) throw new Error(`the sandbox cannot be made: ${stdout}${stderr}`);
}
