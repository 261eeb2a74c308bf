import { dns1123Label, dns1123Subdomain } from '../../../resource/api-server/formats.ts';
import type { ApiServerError } from '../errors.ts';
import { backstepProblems, pathProblems } from './paths.ts';
import type { FieldErrors, FieldPlace } from './place.ts';

/**
 * k8s.io/kubernetes pkg/apis/core/validation ValidateVolumes, of what a mesh has most: the rest is about storage. It gives the names of
 * those that can be mounted.
 */
export function* checkVolumes(volumes: FieldPlace): Generator<ApiServerError, ReadonlySet<string>> {
  const names = new Set<string>();
  for (const volume of volumes.items) {
    const name = volume.at('name');
    const found = [...checkSource(volume), ...checkName(name, dns1123Label), ...(names.has(name.text) ? [name.duplicate()] : [])];
    yield* found;
    if (found.length === 0) names.add(name.text);
  }
  return names;
}

/** The order in which the API server looks for them. */
const sources = [
  ...['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs'],
  ...['flocker', 'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap'],
  ...['azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO'],
  ...['csi', 'ephemeral', 'image'],
];

function* checkSource(volume: FieldPlace): FieldErrors {
  const [first, ...others] = sources
    .map((name) => volume.at(name, name === 'cephfs' ? 'cephFS' : name))
    .filter(({ isSet }) => isSet);
  for (const other of others) yield other.forbidden('may not specify more than 1 volume type');
  switch (first?.step) {
    case 'hostPath':
      return yield* checkHostPath(first);
    case 'secret':
      yield* checkName(first.at('secretName'));
      return yield* checkItems(first);
    case 'configMap':
      yield* checkName(first.at('name'));
      return yield* checkItems(first);
    case 'persistentVolumeClaim':
      return yield* checkName(first.at('claimName'));
    case 'nfs':
      if (first.at('server').text === '') yield first.at('server').required();
      if (first.at('path').text === '') yield first.at('path').required();
      return;
    case 'projected':
      return yield* checkProjected(first);
    case 'csi':
      return yield* checkName(first.at('driver'), () => []);
  }
}

function* checkName(name: FieldPlace, format: (text: string) => readonly string[] = () => []): FieldErrors {
  if (name.text === '') yield name.required();
  else yield* name.format(format);
}

function* checkHostPath(source: FieldPlace): FieldErrors {
  const path = source.at('path');
  if (path.text === '') yield path.required();
  else for (const rule of backstepProblems(path.text)) yield path.invalid(rule);
  const types = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];
  if (!types.includes(source.at('type').text)) yield source.at('type').notSupported(types);
}

/** validateKeyToPath there. */
function* checkItems(source: FieldPlace): FieldErrors {
  yield* checkMode(source.at('defaultMode'));
  for (const item of source.at('items').items) {
    yield* checkMode(item.at('mode'));
    if (item.at('key').text === '') yield item.at('key').required();
    const path = item.at('path');
    if (path.text === '') yield path.required();
    else for (const rule of pathProblems(path.text)) yield path.invalid(rule);
  }
}

function* checkMode(mode: FieldPlace): FieldErrors {
  if (mode.number < 0 || mode.number > 0o777) yield mode.invalid('must be a number between 0 and 0777 (octal), both inclusive');
}

/** validateProjectionSources there, of sources that have a name. */
function* checkProjected(source: FieldPlace): FieldErrors {
  for (const part of source.at('sources').items) {
    const kinds = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'];
    const [first, ...others] = kinds.map((kind) => part.at(kind)).filter(({ isSet }) => isSet);
    for (const other of others) yield other.forbidden('may not specify more than 1 volume type');
    const kind = first?.step;
    if (first !== undefined && (kind === 'secret' || kind === 'configMap')) {
      yield* checkName(first.at('name'), dns1123Subdomain);
      yield* checkItems(first);
    }
  }
}
