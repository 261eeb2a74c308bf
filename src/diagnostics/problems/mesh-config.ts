import { defineProblem, type Problem } from '../problem.ts';

/** Problems of MeshConfig and MeshNetworks. */

export const meshConfigTwice: Problem<[]> = defineProblem({
  code: 'MESH0013',
  name: 'mesh-config-twice',
  severity: 'warning',
  about: 'MeshConfig is given by --mesh-config and by a ConfigMap; the flag wins.',
  cause: '--mesh-config together with a ConfigMap istio among the manifests.',
  fix: 'Give MeshConfig in one way.',
  message: () => 'the mesh of this ConfigMap is not used, because --mesh-config is given',
});

export const configRefused: Problem<[message: string, reason: string]> = defineProblem({
  code: 'MESH0015',
  name: 'config-refused',
  severity: 'warning',
  about:
    'istiod refuses MeshConfig, or MeshNetworks, as a whole because of one value, and goes on with its defaults; so does mesh.',
  cause: 'MeshConfig with one value that istiod refuses, such as connectTimeout: 0s',
  fix: 'Correct the value; until then every other setting beside it is lost too.',
  message: (message, reason) =>
    `nothing in this ${message} takes effect: istiod refuses it as a whole and goes on with its defaults (${reason})`,
});

export const configSpelling: Problem<[written: string, field: string]> = defineProblem({
  code: 'MESH0016',
  name: 'config-spelling',
  severity: 'warning',
  about: 'A field of MeshConfig has no effect as it is spelled: istiod looks for this one in camelCase only.',
  cause: 'MeshConfig with default_config or default_providers',
  fix: 'Write defaultConfig and defaultProviders.',
  message: (written, field) => `${written} has no effect: istiod reads this field only as ${field}`,
});
