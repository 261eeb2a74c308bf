import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['web', 'tap']);
const outside = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: shop}
spec:
  hosts: [tap.example.com]
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: a.example.net, labels: {app: tap}}]
`;
const copying = (to: string, more = ''): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.shop.svc.cluster.local], http: [{route: [{destination: {host: web}}], mirrors: [${to}]${more}}]}
`;
const destination = (host: string, subset = 'copies'): string => `{destination: {host: ${host}, subset: ${subset}}}`;
/** A subset, to which nothing but copies goes. */
const subsetOf = (host: string, policy: string, name = 'copies'): string => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${host}.${name}, namespace: shop}
spec: {host: ${host}, subsets: [{name: ${name}, labels: {app: tap}, trafficPolicy: {${policy}}}]}
`;
const having = (...parts: readonly string[]): Files => ({ ...shop, 'parts.yaml': parts.join('') });
const edited = async (before: string, after: string, ...parts: readonly string[]) =>
  diffOf(having(before, ...parts), having(after, ...parts), ['--equal']);

const toPods = copying(destination('tap'));
const toOutside = outside + copying(destination('tap.example.com'));
const ofPods = (policy: string): string => subsetOf('tap', policy);
const ofOutside = (policy: string): string => subsetOf('tap.example.com', policy);

const USUAL = 'loadBalancer: {simple: LEAST_REQUEST}';
const PLAIN = 'tls: {mode: DISABLE}';
const guard = (app: string, kind: string, spec: string): string => `---
apiVersion: security.istio.io/v1
kind: ${kind}
metadata: {name: guard, namespace: shop}
spec: {selector: {matchLabels: {app: ${app}}}, ${spec}}
`;

describe('of copies of requests', () => {
  test('it is told how they get to their server: mutual TLS that is switched off', async () => {
    const { exitCode, requests } = await edited(ofPods(USUAL), ofPods(PLAIN), toPods);
    expect(requests).toEqual(['shop/tap, shop/web: GET http://web.shop/: copies shop/tap-0 (mutual TLS) -> shop/tap-0 (plain)']);
    expect(exitCode).toBe(1);
  });

  test.each([
    ['another server name', 'tls: {mode: SIMPLE, sni: a.example}', 'tls: {mode: SIMPLE, sni: b.example}', 'server name'],
    ['TLS', USUAL, 'tls: {mode: SIMPLE}', 'plain'],
    ['another protocol', USUAL, 'connectionPool: {http: {h2UpgradePolicy: UPGRADE}}', 'protocol HTTP/1.1'],
  ])('it is told how they get to a server outside of the mesh: %s', async (_, before, after, seen) => {
    const { exitCode, requests } = await edited(ofOutside(before), ofOutside(after), toOutside);
    expect(requests).toContainEqual(expect.stringContaining(`copies a.example.net:80 (${seen}`));
    expect(exitCode).toBe(1);
  });

  test('it is told that they come to another port', async () => {
    const more = (port: number): string => `---
apiVersion: v1
kind: Service
metadata: {name: more, namespace: shop}
spec: {selector: {app: tap}, ports: [{name: http, port: 80, targetPort: ${port}}]}
`;
    const { exitCode, requests } = await edited(more(8080), more(8081), copying('{destination: {host: more}}'));
    expect(requests.filter((one) => one.includes('web.shop')).join()).toContain('mirrors shop/tap-0 -> none');
    expect(exitCode).toBe(1);
  });

  test('it is told that their server refuses them where it did not, and the other way round', async () => {
    const strict = guard('tap', 'PeerAuthentication', 'mtls: {mode: STRICT}');
    const [plain, secured] = [having(ofPods(PLAIN), toPods, strict), having(ofPods(USUAL), toPods, strict)];
    expect((await diffOf(secured, plain, ['--equal'])).requests).toEqual([
      'shop/tap, shop/web: GET http://web.shop/: mirrors shop/tap-0 -> none',
    ]);
    expect((await diffOf(plain, secured, ['--equal'])).requests).toEqual([
      'shop/tap, shop/web: GET http://web.shop/: mirrors none -> shop/tap-0',
    ]);
    expect((await diffOf(plain, having(ofPods(PLAIN), toPods), ['--equal'])).requests.join('\n')).toContain(
      'shop/tap, shop/web: GET http://web.shop/: mirrors none -> shop/tap-0',
    );
  });

  test('it is told how many there are', async () => {
    const share = (value: number): string => copying(`{destination: {host: tap}, percentage: {value: ${value}}}`);
    const { exitCode, requests } = await edited(share(50), share(60));
    expect(requests.join()).toContain('mirrors none 50%, shop/tap-0 50% -> shop/tap-0 60%, none 40%');
    expect(exitCode).toBe(1);
  });

  test('it is not proven how they end where a server is judged by another authority', async () => {
    const by = (file: string): string => ofOutside(`tls: {mode: SIMPLE, caCertificates: /etc/${file}}`);
    const { exitCode, report } = await edited(by('a'), by('b'), toOutside);
    expect(report).toMatchObject({ requests: { changed: [], proof: { doubts: [{ what: ['certificates'] }, {}] } } });
    expect(exitCode).toBe(1);
  });

  test('it is not proven how they end under load where limits differ, nor where two of them have each other’s limits', async () => {
    const limited = (most: number): string => `connectionPool: {tcp: {maxConnections: ${most}}}`;
    const underLoad = { requests: { changed: [], proof: { doubts: [], underLoad: [{ what: ['limits'] }, {}] } } };
    const one = await edited(ofPods(USUAL), ofPods(limited(3)), toPods);
    expect(one.report).toMatchObject(underLoad);
    const both = (first: number, second: number): string =>
      subsetOf('tap', limited(first)) + subsetOf('tap.example.com', limited(second));
    const two = copying(`${destination('tap')}, ${destination('tap.example.com')}`) + outside;
    const swapped = await edited(both(3, 4), both(4, 3), two);
    expect(swapped.report).toMatchObject(underLoad);
    expect([one.exitCode, swapped.exitCode]).toEqual([1, 1]);
  });
});

describe('of copies of requests nothing is told, and all is proven,', () => {
  test.each([
    ['of another balance between hosts of which there is one', USUAL, 'loadBalancer: {simple: ROUND_ROBIN}'],
    ['of the mutual TLS that is there without a word', USUAL, 'tls: {mode: ISTIO_MUTUAL}'],
    ['of a host that requests stay with, since copies do not', USUAL, 'loadBalancer: {consistentHash: {httpHeaderName: x}}'],
  ])('%s', async (_, before, after) => {
    const { exitCode, requests } = await edited(ofPods(before), ofPods(after), toPods);
    expect([exitCode, requests]).toEqual([0, []]);
  });

  test('where a subset is called otherwise', async () => {
    const called = (name: string): string => subsetOf('tap', PLAIN, name) + copying(destination('tap', name));
    const { exitCode, requests } = await edited(called('one'), called('two'));
    expect([exitCode, requests]).toEqual([0, []]);
  });

  test('where two of them are written in another order', async () => {
    const [one, two] = [destination('tap'), destination('tap.example.com')];
    const limits = ofPods('connectionPool: {tcp: {maxConnections: 3}}') + ofOutside('tls: {mode: SIMPLE}') + outside;
    const { exitCode, requests } = await edited(copying(`${one}, ${two}`), copying(`${two}, ${one}`), limits);
    expect([exitCode, requests]).toEqual([0, []]);
  });

  test('where two of them to pods are written in another order, in another route', async () => {
    const both = (one: string, two: string, path: string): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.shop.svc.cluster.local], http: [{name: ${path}, route: [{destination: {host: web}}], mirrors: [${one}, ${two}]}]}
`;
    const [one, two] = ['{destination: {host: tap}}', '{destination: {host: web}}'];
    const { exitCode, requests } = await edited(both(one, two, 'a'), both(two, one, 'b'));
    expect([exitCode, requests]).toEqual([0, []]);
  });

  test('where they are refused before and after', async () => {
    const strict = guard('tap', 'PeerAuthentication', 'mtls: {mode: STRICT}');
    const balanced = `${PLAIN}, loadBalancer: {simple: ROUND_ROBIN}`;
    const { exitCode, requests } = await edited(ofPods(PLAIN), ofPods(balanced), toPods, strict);
    expect([exitCode, requests]).toEqual([0, []]);
  });
});
