import {
  annotationKey,
  configKey,
  dns1123Subdomain,
  environmentVariableName,
  labelKey,
} from '../../../resource/api-server/formats.ts';
import { pathProblems } from './paths.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { checkProbe, checkProbes } from './probes.ts';
import { checkResources } from './resources.ts';
import { checkContainerSecurity } from './security.ts';
import { protocols } from './service.ts';

/** What the containers of a pod share. */
export interface PodFacts {
  /** The names of its volumes. */
  readonly volumes: ReadonlySet<string>;
  readonly gracePeriod: number;
}

/** k8s.io/kubernetes pkg/apis/core/validation validateContainers and validateInitContainers, beside names and ports. */
export function* checkContainers(spec: FieldPlace, facts: PodFacts): FieldErrors {
  const containers = spec.at('containers');
  if (containers.items.length === 0) yield containers.required();
  const unnamed = containers.items.filter((container) => container.at('name').text === '');
  for (const container of unnamed.slice(1)) yield container.at('name').duplicate('');
  for (const container of containers.items) {
    yield* checkContainer(container, facts);
    yield* checkLifecycle(container, facts);
    yield* checkProbes(container);
    if (container.at('restartPolicy').isSet) yield* checkRestartPolicy(container);
  }
  for (const container of spec.at('initContainers').items) {
    yield* checkContainer(container, facts);
    const isSidecar = container.at('restartPolicy').text === 'Always';
    yield* checkRestartPolicy(container);
    if (isSidecar) {
      yield* checkLifecycle(container, facts);
      yield* checkProbes(container);
      continue;
    }
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
      const place = container.at(name);
      if (place.isSet) yield place.forbidden('may not be set for init containers without restartPolicy=Always');
    }
  }
  yield* checkHostPorts(containers);
}

function* checkRestartPolicy(container: FieldPlace): FieldErrors {
  const policy = container.at('restartPolicy');
  if (policy.isSet) yield* policy.oneOf(['Always', 'Never', 'OnFailure']);
}

/** validateContainerCommon there. */
function* checkContainer(container: FieldPlace, facts: PodFacts): FieldErrors {
  if (container.at('name').text === '') yield container.at('name').required();
  if (container.at('image').text === '') yield container.at('image').required();
  yield* container.at('terminationMessagePolicy').oneOf(['File', 'FallbackToLogsOnError']);
  for (const port of container.at('ports').items) yield* port.at('protocol').oneOf(protocols);
  for (const variable of container.at('env').items) yield* checkVariable(variable);
  for (const source of container.at('envFrom').items) yield* checkVariables(source, container.at('envFrom'));
  yield* checkMounts(container.at('volumeMounts'), facts);
  yield* container.at('imagePullPolicy').oneOf(['Always', 'IfNotPresent', 'Never']);
  yield* checkResources(container.at('resources'));
  yield* checkContainerSecurity(container.at('securityContext'));
}

const fieldsOfPods = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP'],
  ...['status.hostIPs', 'status.podIP', 'status.podIPs'],
];
const fieldsOfContainers = [
  ...['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'],
];

/** ValidateEnv there, of one variable. */
function* checkVariable(variable: FieldPlace): FieldErrors {
  if (variable.at('name').text === '') yield variable.at('name').required();
  const from = variable.at('valueFrom');
  if (!from.isSet) return;
  const [field, resource] = [from.at('fieldRef'), from.at('resourceFieldRef')];
  const keys = [from.at('configMapKeyRef'), from.at('secretKeyRef')].filter(({ isSet }) => isSet);
  if (field.isSet) yield* checkFieldReference(field);
  if (resource.isSet) {
    const name = resource.at('resource');
    if (!/^(?:requests|limits)\.hugepages-/.test(name.text)) yield* name.oneOf(fieldsOfContainers);
  }
  for (const key of keys) yield* checkKeyReference(key);
  const count = [field, resource, from.at('fileKeyRef')].filter(({ isSet }) => isSet).length + keys.length;
  if (count === 0) {
    const names = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    yield from.invalid(`must specify one of: ${names}`, '');
  } else if (variable.at('value').text !== '') yield from.invalid('may not be specified when `value` is not empty', '');
  else if (count > 1) yield from.invalid('may not have more than one field specified at a time', '');
}

function* checkFieldReference(reference: FieldPlace): FieldErrors {
  const path = reference.at('fieldPath');
  if (path.text === '') {
    yield path.required();
    return;
  }
  const [, map, key = ''] = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path.text) ?? [];
  if (map === undefined) yield* checkFieldPath(path);
  else
    yield* reference.format(
      map === 'metadata.labels' ? labelKey : annotationKey,
      map === 'metadata.labels' ? key : key.toLowerCase(),
    );
}

const convertibleFields = [
  ...fieldsOfPods,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'spec.host',
];

function* checkFieldPath(path: FieldPlace): FieldErrors {
  if (fieldsOfPods.includes(path.text)) return;
  if (convertibleFields.includes(path.text)) yield path.notSupported([...fieldsOfPods].sort());
  else yield path.invalid(`error converting fieldPath: field label not supported: ${path.text}`);
}

/** validateConfigMapKeySelector and validateSecretKeySelector there. */
function* checkKeyReference(reference: FieldPlace): FieldErrors {
  yield* reference.at('name').format(dns1123Subdomain);
  const key = reference.at('key');
  if (key.text === '') yield key.required();
  else yield* key.format(configKey);
}

/** ValidateEnvFrom there. */
function* checkVariables(source: FieldPlace, list: FieldPlace): FieldErrors {
  const prefix = source.at('prefix');
  if (prefix.text !== '') yield* prefix.format(environmentVariableName);
  const references = [source.at('configMapRef'), source.at('secretRef')].filter(({ isSet }) => isSet);
  for (const reference of references) {
    const name = reference.at('name');
    if (name.text === '') yield name.required();
    else yield* name.format(dns1123Subdomain);
  }
  if (references.length === 0) yield list.invalid('must specify one of: `configMapRef` or `secretRef`', '');
  else if (references.length > 1) yield list.invalid('may not have more than one field specified at a time', '');
}

/** ValidateVolumeMounts there. */
function* checkMounts(mounts: FieldPlace, { volumes }: PodFacts): FieldErrors {
  const seen = new Set<string>();
  for (const mount of mounts.items) {
    const [name, path] = [mount.at('name'), mount.at('mountPath')];
    if (name.text === '') yield name.required();
    if (!volumes.has(name.text)) yield name.notFound();
    if (path.text === '') yield path.required();
    if (seen.has(path.text)) yield path.invalid('must be unique', path.text);
    seen.add(path.text);
    for (const part of ['subPath', 'subPathExpr']) {
      const place = mount.at(part);
      // The API server leaves the index out.
      for (const rule of place.text === '' ? [] : pathProblems(place.text)) yield mounts.at(part).invalid(rule, place.text);
    }
    if (mount.at('subPath').text !== '' && mount.at('subPathExpr').text !== '') {
      yield mount.at('subPathExpr').invalid('subPathExpr and subPath are mutually exclusive');
    }
  }
}

function* checkLifecycle(container: FieldPlace, { gracePeriod }: PodFacts): FieldErrors {
  for (const name of ['postStart', 'preStop']) {
    const handler = container.at('lifecycle').at(name);
    if (handler.isSet) yield* checkProbe(handler, gracePeriod);
  }
}

/** checkHostPortConflicts there. */
function* checkHostPorts(containers: FieldPlace): FieldErrors {
  const seen = new Set<string>();
  for (const port of containers.items.flatMap((container) => container.at('ports').items)) {
    const hostPort = port.at('hostPort');
    if (hostPort.number === 0) continue;
    const text = `${port.at('protocol').text}/${port.at('hostIP').text}/${hostPort.number}`;
    if (seen.has(text)) yield hostPort.duplicate(text);
    seen.add(text);
  }
}

/** What only the containers of pods are asked, not those of templates. */
export function* checkImages(spec: FieldPlace): FieldErrors {
  for (const container of [...spec.at('containers').items, ...spec.at('initContainers').items]) {
    const image = container.at('image');
    if (image.text !== image.text.trim()) yield image.invalid('must not have leading or trailing whitespace');
  }
}
