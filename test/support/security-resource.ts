import type { Resource } from '../../src/resource/resource.ts';
import { deepFreeze } from '../../src/util/object.ts';

/** A security resource of a test: `namespace/name`, its spec, and what differs from a plain one. */
export function securityResource<Spec>(kind: string, id: string, spec: Spec, over: Partial<Resource<Spec>> = {}): Resource<Spec> {
  const [namespace = '', name = ''] = id.split('/');
  return deepFreeze({
    kind,
    group: kind === 'WasmPlugin' || kind === 'TrafficExtension' ? 'extensions.istio.io' : 'security.istio.io',
    version: 'v1',
    name,
    namespace,
    labels: {},
    annotations: {},
    document: {
      file: 'policies.yaml',
      index: 0,
      value: undefined,
      locate: () => ({ file: 'policies.yaml', line: 1, column: 1 }),
    },
    spec,
    ...over,
  });
}
