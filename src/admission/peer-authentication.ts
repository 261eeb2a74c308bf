import type { Resource, ResourceOf } from '../resource/resource.ts';
import { isObject } from '../util/object.ts';
import { error, type Findings } from './finding.ts';
import { checkSelector } from './references.ts';

/** A PeerAuthentication; istio pkg/config/validation/validation.go ValidatePeerAuthentication. */
export function* checkPeerAuthentication(resource: ResourceOf<'PeerAuthentication'>): Findings {
  const { selector, portLevelMtls = {} } = resource.spec;
  const path = ['spec', 'portLevelMtls'];
  const ports = Object.keys(portLevelMtls);
  const selectsAll = Object.keys(selector?.matchLabels ?? {}).length === 0;
  if (selectsAll && ports.length > 0) yield error(path, 'mesh/namespace peer authentication cannot have port level mTLS');
  if (writesEmptyPorts(resource)) yield error(path, 'port level mTLS, if defined, must have at least one element');
  for (const port of ports)
    if (Number(port) <= 0 || Number(port) > 65535) yield error([...path, port], 'port must be in range 1..65535');
  yield* checkSelector(['spec', 'selector'], selector);
}

/** An empty map says the same as none everywhere but here, so it has to be looked for in the document. */
function writesEmptyPorts({ document }: Resource): boolean {
  const spec = isObject(document.value) && isObject(document.value.spec) ? document.value.spec : {};
  const written = spec.portLevelMtls ?? spec.port_level_mtls;
  return isObject(written) && Object.keys(written).length === 0;
}
