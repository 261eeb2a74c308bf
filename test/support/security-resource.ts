import type { Kind, SpecOf } from '../../src/api/kinds.ts';
import type { ResourceOf } from '../../src/resource/resource.ts';
import { deepFreeze } from '../../src/util/object.ts';

/** A security resource of a test: `namespace/name`, its spec, and what differs from a plain one. */
export function securityResource<K extends Kind>(
  kind: K,
  id: string,
  spec: SpecOf<K>,
  over: Partial<ResourceOf<K>> = {},
): ResourceOf<K> {
  const [namespace = '', name = ''] = id.split('/');
  const resource: unknown = deepFreeze({
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
  return resource as ResourceOf<K>;
}
