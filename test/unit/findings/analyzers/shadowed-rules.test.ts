import { describe, expect, test } from 'vitest';
import { mergedVirtualServices } from '../../../../src/findings/analyzers/merged-virtual-services.ts';
import { shadowedRules } from '../../../../src/findings/analyzers/shadowed-rules.ts';
import { briefly, findingsOf } from './support.ts';

/** A VirtualService whose rules have these lists of matches. */
function rules(matches: readonly string[], { name = 'a', more = '', created = '2026-01-01' } = {}): string {
  const http = matches.map((match) => `{match: [${match}], route: [{destination: {host: a}}]}`);
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop, creationTimestamp: "${created}T00:00:00Z"}
spec: {hosts: [a.example.com], ${more} http: [${http.join(', ')}]}
`;
}

const words = (yaml: string): readonly string[] => findingsOf(shadowedRules, yaml).map(({ message }) => message);

describe('a rule that one earlier rule hides', () => {
  test.each([
    ['{uri: {regex: "/.*"}}', '{uri: {prefix: /cat}}'],
    ['{uri: {regex: ".*"}}', '{uri: {prefix: /cat}}'],
    ['{uri: {regex: "^/.*$"}}', '{uri: {exact: /cat}}'],
    ['{uri: {regex: "(?s)^(/.*)$"}}', '{uri: {regex: "/[a-z]+"}}'],
    ['{uri: {regex: "^/.+$"}}', '{uri: {prefix: /cat}}'],
    ['{uri: {regex: "^/.+$"}}', '{uri: {exact: /cat}}'],
    ['{uri: {regex: "[^?]*"}}', '{uri: {prefix: /cat}}'],
    ['{uri: {regex: "^/api.*"}}', '{uri: {prefix: /api/v1}}'],
    ['{uri: {regex: "^/api.*"}}', '{uri: {regex: "/api/v[0-9]"}}'],
    ['{uri: {prefix: /api}}', '{uri: {regex: "/api/v1/.*"}}'],
    ['{uri: {regex: "/(a|b)/.*"}}', '{uri: {prefix: /b/c}}'],
    ['{uri: {regex: "/v\\\\d+/.*"}}', '{uri: {prefix: /v2/}}'],
    ['{uri: {regex: "(?i)/CAT.*"}}', '{uri: {prefix: /cat}, ignoreUriCase: true}'],
    ['{uri: {prefix: /CAT}, ignoreUriCase: true}', '{uri: {exact: /cat/a}}'],
    ['{uri: {prefix: /}}', '{headers: {end-user: {exact: jason}}}'],
    ['{uri: {}}', '{uri: {exact: /a}}'],
    ['{headers: {x: {}}}', '{headers: {X: {regex: "a|b"}}}'],
    ['{headers: {x: {regex: "a.*"}}}', '{headers: {x: {prefix: ab}}}'],
    ['{headers: {x: {regex: "*"}}}', '{headers: {x: {exact: a}}}'],
    ['{withoutHeaders: {x: {exact: a}}}', '{withoutHeaders: {x: {prefix: a}}}'],
    ['{withoutHeaders: {x: {exact: a}}}', '{headers: {x: {exact: b}}}'],
    ['{queryParams: {v: {prefix: a}}}', '{queryParams: {v: {exact: ab}}}'],
    ['{method: {regex: "GET|POST"}}', '{method: {exact: GET}}'],
    ['{port: 80}', '{port: 80, uri: {exact: /a}}'],
    ['{sourceLabels: {app: web}}', '{sourceLabels: {app: web, version: v1}}'],
    ['{headers: {"@request.auth.claims.group": {prefix: a}}}', '{headers: {"@request.auth.claims.group": {exact: ab}}}'],
    ['{gateways: [mesh]}', '{gateways: [mesh], uri: {exact: /a}}'],
  ])('%s takes all of %s', (first, second) => {
    expect(briefly(shadowedRules, rules([first, second]))).toEqual(['MESH2003 VirtualService/a spec.http.1']);
  });

  test.each([
    ['{uri: {regex: "/pet/[^/]+"}}', '{uri: {prefix: /pet/small}}'],
    ['{uri: {regex: "^/.+$"}}', '{uri: {exact: /}}'],
    ['{uri: {regex: "^/.+$"}}', '{uri: {prefix: /}}'],
    ['{uri: {regex: "^/api.*"}}', '{uri: {prefix: /ap}}'],
    ['{uri: {regex: "/(a|b)/.*"}}', '{uri: {prefix: /c}}'],
    ['{uri: {regex: "/API.*"}, ignoreUriCase: true}', '{uri: {prefix: /api}}'],
    ['{uri: {prefix: /cat}}', '{uri: {exact: /CAT}, ignoreUriCase: true}'],
    ['{headers: {x: {exact: a}}}', '{headers: {x: {}}}'],
    ['{withoutHeaders: {x: {}}}', '{headers: {x: {exact: a}}}'],
    ['{withoutHeaders: {x: {regex: "a*"}}}', '{withoutHeaders: {x: {}}}'],
    ['{port: 80}', '{uri: {exact: /a}}'],
    ['{sourceLabels: {app: web}}', '{sourceLabels: {app: web2}}'],
    ['{method: {exact: GET}}', '{method: {exact: get}}'],
    ['{headers: {"@request.auth.claims.group": {exact: a}}}', '{headers: {"@request.auth.claims.group": {exact: b}}}'],
    ['{uri: {exact: /a}}', '{uri: {exact: a}}'],
    ['{uri: {regex: "/[invalid"}}', '{uri: {regex: "/[invalid/"}}'],
  ])('%s leaves something of %s, or nothing would take it anyway', (first, second) => {
    expect(briefly(shadowedRules, rules([first, second]))).toEqual([]);
  });
});

describe('a rule that several earlier rules hide together', () => {
  test('is told with those that take its requests', () => {
    const yaml = rules([
      '{method: {exact: GET}}',
      '{uri: {exact: /b}}',
      '{withoutHeaders: {x: {}}, uri: {prefix: /a}}',
      '{headers: {x: {}}}',
      '{uri: {prefix: /a}}',
    ]);
    expect(words(yaml)).toEqual([
      'spec.http[4] is never reached: spec.http[0], spec.http[2] and spec.http[3] together take every request that it matches; put it before, or narrow the other',
    ]);
  });

  test('a presence and its absence leave nothing', () => {
    const yaml = rules(['{headers: {x: {}}}', '{withoutHeaders: {x: {}}}', '{uri: {exact: /a}}']);
    expect(briefly(shadowedRules, yaml)).toEqual(['MESH2003 VirtualService/a spec.http.2']);
  });

  test('a gap of one text is enough for it to be reached', () => {
    const yaml = rules([
      '{uri: {regex: "/a/[0-46-9]"}}',
      '{uri: {regex: "/a/\\\\d"}}',
      '{uri: {exact: /a/5}}',
      '{uri: {exact: /a/4}}',
    ]);
    expect(briefly(shadowedRules, yaml)).toEqual([
      'MESH2003 VirtualService/a spec.http.2',
      'MESH2003 VirtualService/a spec.http.3',
    ]);
  });

  test('one of its matches may be hidden alone', () => {
    const yaml = rules([
      '{method: {exact: GET}, uri: {prefix: /a}}',
      '{withoutHeaders: {":method": {exact: GET}}, uri: {prefix: /a}}',
      '{uri: {exact: /a/b}}, {uri: {exact: /c}}',
    ]);
    expect(briefly(shadowedRules, yaml)).toEqual(['MESH2004 VirtualService/a spec.http.2.match.0']);
  });

  test('gateways and sidecars may be taken by rules of their own', () => {
    const more = 'gateways: [mesh, web],';
    const parts = ['{gateways: [mesh]}', '{gateways: [web], uri: {prefix: /a}}'];
    expect(briefly(shadowedRules, rules([...parts, '{uri: {exact: /a}}'], { more }))).toEqual([
      'MESH2003 VirtualService/a spec.http.2',
    ]);
    expect(briefly(shadowedRules, rules([...parts, '{uri: {exact: /b}}'], { more }))).toEqual([]);
  });
});

test('a rule for a gateway that its VirtualService is not for is hidden by nobody', () => {
  const matches = ['{uri: {prefix: /a}}', '{gateways: [shop/other], uri: {prefix: /a}}'];
  expect(words(rules(matches, { more: 'gateways: [shop/mine],' }))).toEqual([]);
});

describe('VirtualServices that a gateway merges', () => {
  const more = 'gateways: [web],';
  const merged = (older: readonly string[], younger: readonly string[]): readonly string[] =>
    briefly(mergedVirtualServices, rules(older, { more }) + rules(younger, { name: 'b', more, created: '2026-02-01' }));

  test.each([
    [['{uri: {prefix: /api}}'], ['{uri: {exact: /api/v1}}']],
    [['{uri: {regex: "/.*"}}'], ['{uri: {exact: /api/v1}}']],
    [['{method: {exact: GET}}', '{withoutHeaders: {":method": {exact: GET}}}'], ['{uri: {exact: /api/v1}}']],
    [['{uri: {prefix: /}}'], ['{uri: {regex: ".*"}}']],
  ])('%s takes all of the younger %s', (older, younger) => {
    expect(merged(older, younger)).toEqual(['MESH2005 VirtualService/b spec.http.0']);
  });

  test.each([
    // What Istio takes for a catch-all goes last, and a rule behind one is not there.
    [['{uri: {prefix: /}}', '{uri: {prefix: /api}}'], ['{uri: {exact: /api/v1}}']],
    [['{uri: {regex: ".*"}}'], ['{uri: {exact: /api/v1}}']],
    [['{uri: {prefix: /api/}}'], ['{uri: {exact: /api}}']],
    [['{uri: {prefix: /api}, method: {exact: GET}}'], ['{uri: {prefix: /api/v1}, method: {exact: POST}}']],
    [['{uri: {regex: "/a/[0-9]+"}}'], ['{uri: {regex: "/a/[a-z]+"}}']],
    [['{headers: {x: {exact: a}}}'], ['{headers: {x: {exact: b}}}']],
  ])('the order of %s and %s decides nothing', (older, younger) => {
    expect(merged(older, younger)).toEqual([]);
  });

  test.each([
    [['{uri: {prefix: /api/v1}}'], ['{uri: {regex: "/[a-z]+/v1"}}']],
    [['{headers: {x: {exact: a}}}'], ['{uri: {prefix: /a}}']],
  ])('the order of %s and %s decides what becomes of some requests', (older, younger) => {
    expect(merged(older, younger)).toEqual(['MESH2002 VirtualService/b spec.hosts']);
  });
});
