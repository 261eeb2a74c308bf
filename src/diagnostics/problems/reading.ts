import { defineProblem, type Problem } from '../problem.ts';

/** Problems of reading: files and folders that were named, and documents that are no YAML. */

export const unreadable: Problem<[path: string, reason: string]> = defineProblem({
  code: 'MESH0001',
  name: 'path-unreadable',
  severity: 'error',
  about: 'A file or folder that was named cannot be read: it does not exist, permission is missing, or it is not text.',
  cause: 'mesh analyze missing.yaml',
  fix: 'Correct the path, or the permissions of the file.',
  message: (path, reason) => `cannot read ${path}: ${reason}`,
});

export const nothingFound: Problem<[path: string, looked: string]> = defineProblem({
  code: 'MESH0002',
  name: 'nothing-found',
  severity: 'error',
  about: 'A folder or pattern that was named holds no manifests.',
  cause: 'mesh analyze folder, where the folder has no .yaml, .yml or .json file',
  fix: 'Name the folder of the manifests.',
  message: (path, looked) => `no manifests in ${path}: ${looked}`,
});

export const yamlSyntax: Problem<[reason: string]> = defineProblem({
  code: 'MESH0003',
  name: 'yaml-syntax',
  severity: 'error',
  about: 'A document is not YAML (or JSON). Other documents of the file are still read.',
  example: 'kind: [\n',
  fix: 'Correct the syntax at the place that is named; templates (Helm) must be rendered first.',
  message: (reason) => `not valid YAML: ${reason}`,
});

export const aliasBomb: Problem<[problem: 'recursive' | 'excessive']> = defineProblem({
  code: 'MESH0004',
  name: 'alias-bomb',
  severity: 'error',
  about: 'YAML aliases make a document contain itself or blow up when expanded; Kubernetes refuses it too.',
  example: 'a: &a [*a]\n',
  fix: 'Write the values out instead of referring to them.',
  message: (problem) =>
    problem === 'recursive'
      ? 'an anchor contains an alias of itself'
      : 'the document grows out of bounds when its aliases are expanded',
});

export const nestedTooDeep: Problem<[]> = defineProblem({
  code: 'MESH0113',
  name: 'nested-too-deep',
  severity: 'error',
  about: 'A document is YAML, but nests deeper than any object of Kubernetes. It is not read; other documents of the file are.',
  cause: 'A document with 300 lists within each other: [[[[ ... ]]]]',
  fix: 'Look at what wrote the document: mappings or lists are wrapped again and again.',
  message: () => 'nested deeper than 300 levels, which no object of Kubernetes is: not read',
});

export const linkLeadsOut: Problem<[path: string, target: string, named: string]> = defineProblem({
  code: 'MESH0040',
  name: 'link-leads-out',
  severity: 'warning',
  about:
    'A link in a folder of manifests leads out of it, and is not followed: whoever may write into the folder could make mesh read anything.',
  cause: 'mesh analyze folder, where folder/x.yaml is a link to a file outside of the folder',
  fix: 'Name the link itself, or the folder that it leads to, with -f; or put the file into the folder.',
  message: (path, target, named) =>
    `${path} is a link to ${target}, which is not in ${named}: not read; name the link itself to read it`,
});

export const configUnknown: Problem<[folder: string, reason: string]> = defineProblem({
  code: 'MESH0041',
  name: 'config-unknown',
  severity: 'warning',
  about:
    'A folder above the current one cannot be searched, so that nobody knows whether it has a mesh.config.yaml; the command goes on without.',
  cause: 'A folder above the current one that others may not search.',
  fix: 'Allow searching it (chmod +x), or work in another folder.',
  message: (folder, reason) => `whether ${folder} has a mesh.config.yaml cannot be known: ${reason}`,
});

export const releaseAssumed: Problem<[release: string, version: string, source: string]> = defineProblem({
  code: 'MESH0050',
  name: 'release-assumed',
  severity: 'info',
  about:
    'The release of Istio is taken from the manifests: of istiod, else of an IstioOperator or Istio resource, else of the newest proxy.',
  cause: 'A Deployment istiod with an image of another release than the default among the manifests.',
  fix: 'Nothing, if that istiod is the one that runs; else name the release: --istio-version, or istioVersion in mesh.config.yaml.',
  message: (release, version, source) =>
    `Istio ${release} is taken (${version}, from ${source}); --istio-version names another one`,
});

export const releaseUnknown: Problem<[version: string, source: string, release: string, known: string]> = defineProblem({
  code: 'MESH0051',
  name: 'release-unknown',
  severity: 'warning',
  about: 'The manifests are for a release of Istio that mesh does not know; the nearest one that it knows is taken.',
  cause: 'A Deployment istiod with an image of a release that mesh does not know.',
  fix: 'Name the release that is to be computed: --istio-version, or istioVersion in mesh.config.yaml.',
  message: (version, source, release, known) =>
    `${source} is for Istio ${version}, which mesh does not know (it knows ${known}): ${release} is taken; what it computes may differ`,
});
