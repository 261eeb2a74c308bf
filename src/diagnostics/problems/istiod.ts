import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** Problems of the environment that istiod runs in. */

export const environmentUsed: Problem<[where: string, variables: string]> = defineProblem({
  code: 'MESH0060',
  name: 'environment-used',
  severity: 'info',
  about: 'The manifests hold the environment of istiod, and it changes what proxies are sent.',
  cause: 'A Deployment istiod among the manifests whose env sets `PILOT_HTTP10` to `true`.',
  fix: 'Nothing, if it is the istiod that runs; else leave it out, or say otherwise with --istiod-env.',
  message: (where, variables) => `istiod runs as ${where} says: ${variables}`,
});

export const variableUnknown: Problem<[name: string, isGone: boolean, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH0061',
  name: 'variable-unknown',
  severity: 'info',
  about: 'istiod does not know an environment variable, so that it changes nothing.',
  cause: '`--istiod-env PILOT_HTTP_10=true`',
  fix: 'Correct the name; docs/istiod-environment.md lists all.',
  message: (name, isGone, suggestions) => {
    if (isGone) return `${name} does nothing: releases of long ago had it, and no istiod reads it any more`;
    if (name.startsWith('ISTIO_META_')) {
      return `${name} does nothing in istiod: it is for proxies, among the proxyMetadata of a ProxyConfig`;
    }
    return `istiod knows no ${name}, so that it does nothing${didYouMean(suggestions)}`;
  },
});

export const variableUnreadable: Problem<[name: string, value: string, expected: string, standard: string]> = defineProblem({
  code: 'MESH0062',
  name: 'variable-unreadable',
  severity: 'warning',
  about: 'An environment variable of istiod has a value that it cannot read; it goes on with its default.',
  cause: '`--istiod-env PILOT_HTTP10=yes`',
  fix: 'Write a value of the kind that is asked for: true or false, 25, 15s.',
  message: (name, value, expected, standard) =>
    `${name} is ${value}; it must be ${expected}, so istiod goes on with its default${standard === '' ? '' : `, ${standard}`}`,
});

export const variableWithoutEffect: Problem<[name: string, reason: string]> = defineProblem({
  code: 'MESH0063',
  name: 'variable-without-effect',
  severity: 'info',
  about: 'An environment variable of istiod changes nothing in what proxies are sent.',
  cause: '`--istiod-env PILOT_PUSH_THROTTLE=10`, which is about how istiod works.',
  fix: 'Leave it out: mesh computes the same without.',
  message: (name, reason) => `${name} changes nothing: ${reason}`,
});

export const variableNotComputed: Problem<[name: string, about: string]> = defineProblem({
  code: 'MESH0064',
  name: 'variable-not-computed',
  severity: 'warning',
  about:
    'An environment variable of istiod changes what proxies are sent, and mesh does not compute how: its output is that of the default.',
  cause: '`--istiod-env ENABLE_MCS_SERVICE_DISCOVERY=true`',
  fix: 'Compare what depends on it with the istiod that runs (mesh drift).',
  message: (name, about) => `${name} (${about}) is not computed: the output is that of istiod without it`,
});

export const compatibilityUnknown: Problem<[version: string, release: string, known: string]> = defineProblem({
  code: 'MESH0065',
  name: 'compatibility-unknown',
  severity: 'warning',
  about:
    'The values of the chart of istiod name a compatibilityVersion that the release does not have: the chart cannot be installed.',
  cause: 'An IstioOperator with `compatibilityVersion: "1.20"`.',
  fix: 'Name a release before that of istiod, one that its charts have a profile for.',
  message: (version, release, known) =>
    `compatibilityVersion ${version} is none of Istio ${release}, which knows ${known}: its chart cannot be installed, and mesh passes it over`,
});

export const ambientMode: Problem<[why: string]> = defineProblem({
  code: 'MESH0066',
  name: 'ambient-mode',
  severity: 'info',
  about: 'The mesh is taken to be in ambient mode, which changes what every proxy is sent.',
  cause: 'A Namespace with the label `istio.io/dataplane-mode: ambient`.',
  fix: 'Nothing, if istiod runs with PILOT_ENABLE_AMBIENT; else --no-ambient, or `ambient: false` in mesh.config.yaml.',
  message: (why) => `ambient mode is on: ${why}`,
});

export const dualStackAssumed: Problem<[]> = defineProblem({
  code: 'MESH0067',
  name: 'dual-stack-assumed',
  severity: 'info',
  about: 'istiod is taken to serve both IP families, since MeshConfig tells the proxies to; nothing says how istiod itself runs.',
  cause: 'MeshConfig with `defaultConfig.proxyMetadata.ISTIO_DUAL_STACK: "true"`.',
  fix: 'Nothing, if istiod runs with ISTIO_DUAL_STACK; else --istiod-env ISTIO_DUAL_STACK=false, or `istiod.env` in mesh.config.yaml.',
  message: () => 'istiod is taken to serve both IP families (ISTIO_DUAL_STACK), as the proxies are told to',
});

const andOthers = (count: number): string => (count === 0 ? '' : ` and of ${count} other pod${count === 1 ? '' : 's'}`);

export const istiodServesBothAlone: Problem<[proxy: string, others: number]> = defineProblem({
  code: 'MESH0068',
  name: 'istiod-serves-both-families-alone',
  severity: 'warning',
  about:
    'istiod serves both IP families, and sidecars of pods of both are not told to: they redirect connections of the family of the first address of the pod alone, and those of the other one can pass the sidecar by, without mutual TLS and policies.',
  cause: 'An istiod with ISTIO_DUAL_STACK, and MeshConfig without `defaultConfig.proxyMetadata.ISTIO_DUAL_STACK`.',
  fix: 'Set `defaultConfig.proxyMetadata.ISTIO_DUAL_STACK: "true"` in MeshConfig, and start the pods anew; "false" says that it is meant.',
  message: (proxy, others) =>
    `istiod serves both IP families (ISTIO_DUAL_STACK), but proxyMetadata does not tell the sidecar of ${proxy}${andOthers(others)} to: connections of the family that is not that of the pod's first address can pass the sidecar by; set defaultConfig.proxyMetadata.ISTIO_DUAL_STACK to "true" in MeshConfig`,
});

export const agentsServeBothAlone: Problem<[proxy: string, others: number]> = defineProblem({
  code: 'MESH0069',
  name: 'sidecars-serve-both-families-alone',
  severity: 'warning',
  about:
    'Sidecars of pods of both IP families redirect connections of both, and istiod does not serve both: nothing listens for those over IPv6 that were redirected, and they are refused.',
  cause:
    'proxyMetadata with `ISTIO_DUAL_STACK: "true"`, and an istiod among the manifests without that variable in its environment.',
  fix: 'Set ISTIO_DUAL_STACK in the environment of istiod (`pilot.env` of its chart) too; if it is set, --istiod-env ISTIO_DUAL_STACK=true, or `istiod.env` in mesh.config.yaml.',
  message: (proxy, others) =>
    `proxyMetadata tells the sidecar of ${proxy}${andOthers(others)} to serve both IP families (ISTIO_DUAL_STACK), but istiod is not known to: IPv6 connections are redirected to ports at which nothing listens for IPv6, and are refused; set ISTIO_DUAL_STACK for istiod too, or tell mesh that it is set (--istiod-env)`,
});
