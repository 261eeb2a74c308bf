import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Which tests hold the hostile inputs: a file and part of a test's name in it. */
const ofHostile: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  '01-outdir-path-traversal': [
    ['unit/cli/outside-world', 'stays in its folder, whatever the objects are called'],
    ['unit/cli/output-folder', 'takes no names that lead elsewhere, and none twice'],
    ['unit/cli/impossible-objects', 'path-in-namespace.yaml'],
  ],
  '02-diff-prints-secret-values': [
    ['unit/cli/secrets-in-output', "'what is wrong in a Secret is still told"],
    ['unit/cli/every-output', 'shows no value of a Secret and no private key'],
  ],
  '03-redos-valid-re2-regex': [['unit/cli/user-values', 'one that backtracking never ends']],
  '04-crash-unknown-enum-number': [['unit/resource/decode', 'spec.resolution: 7 is not one of']],
  '05-crash-regex-sampler': [
    ['unit/cli/user-values', 'a class by code points'],
    ['unit/cli/user-values', 'a repetition beyond what RE2 takes'],
    ['unit/cli/user-values', 'too many brackets'],
  ],
  '06-analyze-depends-on-file-order': [
    ['unit/findings/analyzers/order', 'a shared host is told of each VirtualService once'],
    ['order', 'the order of files, documents and fields has no influence'],
  ],
  '07-text-output-control-characters': [
    ['unit/cli/every-output', 'prints names from manifests so that nothing acts upon them'],
    ['unit/output/escape/escape', 'a name stays on its line, whatever it is'],
  ],
  '08-markdown-injection-in-diff': [
    ['unit/output/escape/escape', 'code is one span, also in a cell of a table'],
    ['unit/output/escape/escape', 'a block of code ends where it should'],
  ],
  '09-outdir-not-atomic': [
    ['unit/cli/outside-world', 'is nothing when a folder is in the way of one of the files'],
    ['unit/cli/output-folder', 'is left by what a signal undoes'],
    ['unit/cli/stale-files', 'are named once, and removed when asked to'],
  ],
  '10-discard-hides-the-error': [
    ['unit/cli/outside-world', 'has a name that fits, also for the longest name of a pod'],
    ['unit/cli/outside-world', 'leaves nothing behind when the disk takes no more'],
  ],
  '11-unwrapped-io-errors': [
    ['unit/cli/outside-world', 'a file that is no text is told with the place'],
    ['unit/cli/outside-world', 'to a full standard output is a failure that is told'],
    ['unit/cli/outside-world', 'is told once when it is the folder that one is in'],
  ],
  '12-fast-yaml-reader-and-positions-disagree': [
    ['unit/source/parse', 'a colon before a comma or bracket belongs to the text, as in addresses'],
    ['unit/source/positions', 'the text at the place of a scalar is that scalar, for any value'],
  ],
  '13-config-file-mistakes-swallowed': [
    ['cli', 'mesh.config.yaml has mistakes; nothing was read'],
    ['cli', 'absolute paths of mesh.config.yaml are taken as they are'],
  ],
  '14-validate-ignores-registry-and-analyze-ignores-meshconfig': [
    ['unit/cli/same-input', 'in the registry file: mesh'],
    ['unit/cli/same-input', 'MeshConfig that breaks a rule is an error of validate and analyze'],
  ],
  '15-npm-and-pre-commit-package-is-empty': [
    ['git-installations', 'npm pack in a fresh clone makes a package with the program in it'],
    ['unit/cli/packaging', 'runs no code but its own: no package by name'],
  ],
  '16-quadratic-expressions': [
    ['unit/cli/user-values', 'a duration of digits'],
    ['unit/cli/user-values', 'paths of slashes'],
    ['unit/cli/user-values', 'certificates that begin and never end'],
  ],
  '17-long-lines-are-quoted-whole': [['unit/output/quote', 'of many characters is cut on both sides of the place']],
  '18-symlinks-and-source-lines-leak-files': [
    ['unit/source/load', 'links that lead out of a folder are not followed, and told'],
    ['unit/cli/outside-world', 'a link out of the folder shows nothing of what it leads to'],
    ['unit/source/quotable', 'of a Secret, the values and comments are stars in their place'],
  ],
  '19-impossible-kubernetes-objects-are-valid': [
    ['unit/cli/impossible-objects', 'objects that no API server takes'],
    ['unit/cli/impossible-objects', 'dots-in-namespace.yaml'],
    ['unit/util/yaml/reader', 'half of a character'],
  ],
  '20-small-texts': [
    ['unit/source/parse', 'a byte order mark may begin any document'],
    ['unit/cli/trace-and-test', '--source-ip nobody is not an address'],
    ['unit/cli/outside-world', 'a revision where there is no repository'],
  ],
  '21-prototype-names-as-keys': [['unit/cli/user-values', 'as key of a condition is unknown, as any other']],
  '22-envoy-refuses-and-nobody-said-so': [['envoy-refuses', 'a stock Envoy refuses what mesh calls refused']],
  '23-cost-grows-with-the-square': [['unit/cli/graph', 'thousands of pods, ports and hosts do not take their squares']],
};

/** Where the inputs are kept that Envoy would refuse, below `fixtures`. */
const ofRefused: Readonly<Record<string, string>> = {
  'cookie-ttl-neg': 'refused/cookie-ttl-negative',
  'ef-cluster-noname': 'refused/patch-cluster-nameless',
  'ef-eds-merge': 'refused/patch-cluster-type',
  'ef-lb-merge': 'refused/patch-cluster-ring',
  'ef-listener-noaddr': 'refused/patch-listener-without-address',
  'ef-lua-syntax': 'refused/patch-lua-syntax',
  'ef-outlier': 'refused/patch-cluster-outliers',
  'ef-pgv-hcm': 'refused/patch-header-limit',
  'ef-pgv-timeout': 'refused/patch-cluster-timeout',
  'ef-route-nocluster': 'refused/patch-route-cluster',
  'ef-router-removed': 'refused/patch-router-removed',
  'ef-statprefix': 'refused/patch-stat-prefix',
  'ef-vh-nodomains': 'refused/patch-virtual-host-without-domains',
  'gen-9015': 'refused/tracer-hidden',
  'gw-tls-spki': 'refused/gateway-tls-fingerprints',
  'hash-query-empty': 'refused/hash-query-empty',
  'header-format-unknown': 'refused/header-format-unknown',
  'jwks-empty-keys': 'refused/jwks-empty-keys',
  'lua-syntax': 'refused/lua-syntax',
  'mesh-alf-json-unknown': 'refused/mesh-log-json-unknown',
  'mesh-alf-unclosed': 'refused/mesh-log-unclosed',
  'mesh-alf-unknown': 'refused/mesh-log-unknown',
  'mesh-cipher': 'refused/mesh-cipher',
  'mesh-extauthz-body': 'refused/mesh-authorization-body',
  'mesh-protocol-timeout': 'refused/mesh-protocol-timeout',
  'mesh-retry': 'refused/mesh-retry-backoff',
  'redirect-newline': 'refused/redirect-line-break',
  'ring-huge': 'refused/ring-huge',
  'sc-egress-unix': 'refused/sidecar-egress-socket',
  'sc-ingress': 'refused/sidecar-ingress-socket',
  'se-unix': 'refused/service-entry-socket',
  'svc-dup-port': 'impossible/service-dup-port.yaml',
  'svc-ip-odd': 'impossible/service-ip-odd.yaml',
  'svc-port-70000': 'impossible/service-port-70000.yaml',
  'svc-port-neg': 'impossible/service-port-neg.yaml',
  'svc-target-70000': 'impossible/service-target-70000.yaml',
  'tel-cel-fn': 'refused/cel-function',
  'tls-sni-long': 'refused/tls-sni-long',
};

describe('each hostile input', () => {
  test.each(Object.entries(ofHostile))('is held by tests: %s', (_, tests) => {
    for (const [file, name] of tests) expect(readFileSync(join(root, 'test', `${file}.test.ts`), 'utf8')).toContain(name);
  });

  test.each(Object.entries(ofRefused))('that Envoy would refuse is kept: %s', (_, path) => {
    expect(existsSync(join(root, 'fixtures', path))).toBe(true);
  });
});

/** Inputs that were handed in beside the project; a clone alone has none. */
const given = resolve(root, '../shared');

describe.skipIf(!existsSync(given))('no input that was handed in is forgotten', () => {
  test.each([
    ['hostile', Object.keys(ofHostile)],
    ['hostile/22-envoy-refuses-and-nobody-said-so', Object.keys(ofRefused)],
    // Recorded cases are compared whole (istiod.test.ts).
    ['differences', foldersIn(join(root, 'fixtures/istiod'))],
  ])('in %s', (folder, held) => {
    expect(foldersIn(join(given, folder)).filter((name) => !held.includes(name))).toEqual([]);
  });
});

function foldersIn(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
