import { extended, type Fields, fieldsOf, isObject, listOf, own, setOwn } from '../../../util/object.ts';

/**
 * What the API server fills in before it checks an object, as far as checks look at it: k8s.io/kubernetes pkg/apis/core/v1/defaults.go
 * and its like for other groups.
 */

/** Fills in fields that are absent; an empty text is as good as none. */
export function fill(object: Fields, defaults: Fields): Fields {
  let filled: Record<string, unknown> | undefined;
  for (const name of Object.keys(defaults)) {
    const value = own(object, name);
    if (value !== undefined && value !== '') continue;
    filled ??= extended(object, {});
    setOwn(filled, name, own(defaults, name));
  }
  return filled ?? object;
}

/** Changes a field where it is there. */
function change(object: Fields, name: string, changed: (value: Fields) => Fields): Fields {
  const value = own(object, name);
  return isObject(value) ? { ...object, [name]: changed(value) } : object;
}

/** Changes every item of a list. */
function changeItems(object: Fields, name: string, changed: (value: Fields) => Fields): Fields {
  const list = own(object, name);
  return Array.isArray(list) ? { ...object, [name]: list.map((item: unknown) => changed(fieldsOf(item))) } : object;
}

/** SetDefaults_Service. */
export function fillService(object: Fields): Fields {
  const spec = fill(fieldsOf(object.spec), { sessionAffinity: 'None', type: 'ClusterIP', internalTrafficPolicy: 'Cluster' });
  const isExternal = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || listOf(spec.externalIPs).length > 0;
  const ports = changeItems(spec, 'ports', (port) => {
    const target = port.targetPort;
    const isOpen = target === undefined || target === 0 || target === '';
    return extended(fill(port, { protocol: 'TCP', port: 0 }), { targetPort: isOpen ? (port.port ?? 0) : target });
  });
  return { ...object, spec: isExternal ? fill(ports, { externalTrafficPolicy: 'Cluster' }) : ports };
}

/** SetDefaults_PodSpec, SetDefaults_Container and so on. */
export function fillPodSpec(written: Fields): Fields {
  const defaults = { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30 };
  // The field had another name once.
  const spec = fill(written, { ...defaults, serviceAccountName: written.serviceAccount });
  const fillOne = (container: Fields): Fields => fillContainer(container, spec.hostNetwork === true);
  const withVolumes = changeItems(spec, 'volumes', (volume) =>
    Object.keys(volume).some((name) => name !== 'name') ? volume : { ...volume, emptyDir: {} },
  );
  return ['containers', 'initContainers', 'ephemeralContainers'].reduce(
    (filled, list) => changeItems(filled, list, fillOne),
    withVolumes,
  );
}

function fillContainer(container: Fields, isOnHost: boolean): Fields {
  const filled = fill(container, { terminationMessagePolicy: 'File', imagePullPolicy: 'IfNotPresent' });
  const withPorts = changeItems(filled, 'ports', (port) => {
    const hostPort = isOnHost && !port.hostPort ? { hostPort: port.containerPort } : {};
    return extended(fill(port, { protocol: 'TCP', containerPort: 0 }), hostPort);
  });
  const withProbes = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (part, name) => change(part, name, (probe) => fillProbe(fill(probe, probeDefaults))),
    withPorts,
  );
  const withLifecycle = change(withProbes, 'lifecycle', (lifecycle) =>
    ['postStart', 'preStop'].reduce((part, name) => change(part, name, fillProbe), lifecycle),
  );
  return change(withLifecycle, 'resources', fillRequests);
}

const probeDefaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

/** What a container asks for is what it may have at most. */
function fillRequests(resources: Fields): Fields {
  return isObject(resources.limits)
    ? { ...resources, requests: fill(fieldsOf(resources.requests), resources.limits) }
    : resources;
}

function fillProbe(handler: Fields): Fields {
  const withPort = (action: Fields): Fields => fill(action, { port: 0 });
  const filled = change(handler, 'httpGet', (action) => fill(action, { path: '/', scheme: 'HTTP', port: 0 }));
  return change(change(filled, 'tcpSocket', withPort), 'grpc', withPort);
}

/** The template of pods in the spec of a workload, and what the workload has by itself. */
export function fillWorkload(object: Fields, defaults: Fields): Fields {
  const spec = fill(fieldsOf(object.spec), defaults);
  const template = fieldsOf(spec.template);
  return { ...object, spec: { ...spec, template: { ...template, spec: fillPodSpec(fieldsOf(template.spec)) } } };
}

/** SetDefaults_Deployment of its strategy. */
export function fillDeployment(object: Fields): Fields {
  const spec = fieldsOf(object.spec);
  const strategy = fill(fieldsOf(spec.strategy), { type: 'RollingUpdate' });
  const isRolling = strategy.type === 'RollingUpdate';
  const rollingUpdate = fill(fieldsOf(strategy.rollingUpdate), { maxUnavailable: '25%', maxSurge: '25%' });
  const filled = isRolling ? { ...strategy, rollingUpdate } : strategy;
  return fillWorkload(
    { ...object, spec: { ...spec, strategy: filled } },
    { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  );
}

/** SetDefaults_EndpointPort: pkg/apis/discovery/v1 there. */
export function fillEndpointSlice(object: Fields): Fields {
  return changeItems(object, 'ports', (port) => fill(port, { name: '', protocol: 'TCP' }));
}
